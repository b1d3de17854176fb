import { describe, expect, test } from '@jest/globals';
import { WORDS_NOT_FOR_CUSTOMERS } from '../../../test/builders/words-not-for-customers.js';
import { BUILT_IN_TEXTS, canonicalTag, createTextCatalogue } from './catalogue.js';
import { TEXT_CODES } from './codes.js';

const LANGUAGES = Object.keys(BUILT_IN_TEXTS);
const catalogue = createTextCatalogue();

describe.each(LANGUAGES)('the texts in %s', (tag) => {
  const texts = BUILT_IN_TEXTS[tag];

  test('are complete: each code has one sentence or more, and no other code is there', () => {
    expect(Object.keys(texts ?? {}).sort()).toEqual([...TEXT_CODES].sort());
    for (const text of Object.values(texts ?? {})) expect(text).toMatch(/^\p{L}.*[^ ]\.$/u);
  });

  test('say something else for each code, so that a customer can tell them apart', () => {
    expect(new Set(Object.values(texts ?? {})).size).toBe(TEXT_CODES.length);
  });

  test('tell nothing of AML, compliance or fraud, in whichever of the languages one looks for it', () => {
    const told = Object.values(texts ?? {}).join('\n');
    expect(Object.values(WORDS_NOT_FOR_CUSTOMERS).map((words) => told.match(words)?.[0])).toEqual(
      LANGUAGES.map(() => undefined),
    );
    expect(WORDS_NOT_FOR_CUSTOMERS).toHaveProperty(tag);
  });

  test('are in that language, not left in English', () => {
    const same = TEXT_CODES.filter((code) => texts?.[code] === BUILT_IN_TEXTS['en']?.[code]);
    expect(same).toHaveLength(tag === 'en' ? TEXT_CODES.length : 0);
  });
});

describe('the language of an answer (RFC 4647 lookup)', () => {
  test.each([
    [['de'], 'de'],
    [['DE'], 'de'],
    [['de-AT'], 'de'],
    [['de-Latn-AT-1996'], 'de'],
    [['de-x-own'], 'de'],
    [['nl', 'fr-CA', 'de'], 'fr'],
    [['nl'], 'en'],
    [['*'], 'en'],
    [['nl', '*'], 'en'],
    [[], 'en'],
    [['e'], 'en'],
    [['', '-', 'de_AT', '__proto__', 'constructor', '<script>'], 'en'],
    [['dev'], 'en'],
  ])('for readers of %j is %s', (wanted, tag) => {
    expect(catalogue.lookup(wanted).tag).toBe(tag);
  });

  test('is found under its old name too: Android still sends iw for Hebrew', () => {
    expect(createTextCatalogue({ he: { verified: 'הזהות אומתה.' } }).lookup(['iw-IL']).tag).toBe('he');
  });
});

describe('the company’s own texts', () => {
  const own = createTextCatalogue({
    'de-AT': { verified: 'Passt.' },
    de: { verified: 'Alles klar.', closed: 'Zu.' },
    en: { closed: 'Closed for good.' },
    'pt-BR': { verified: 'Sua identidade foi verificada.' },
  });
  const told = (wanted: string) => own.lookup([wanted]).texts;

  test('come before ours, from the language that was asked for to the more general ones and to English', () => {
    expect(told('de-AT')).toMatchObject({
      verified: 'Passt.',
      closed: 'Zu.',
      expired: BUILT_IN_TEXTS['de']?.expired,
    });
    expect(told('de')).toMatchObject({ verified: 'Alles klar.', closed: 'Zu.' });
    expect(told('pt-BR')).toMatchObject({
      verified: 'Sua identidade foi verificada.',
      closed: 'Closed for good.',
      expired: BUILT_IN_TEXTS['en']?.expired,
    });
    expect(told('fr').closed).toBe(BUILT_IN_TEXTS['fr']?.closed);
  });

  test('do not make a language out of a part of the world: pt is not answered in pt-BR', () => {
    expect(own.lookup(['pt']).tag).toBe('en');
  });

  test('leave no text out and no other one in, whatever language it is', () => {
    for (const { texts } of own.languages) expect(Object.keys(texts).sort()).toEqual([...TEXT_CODES].sort());
  });
});

test.each([
  ['de-at', 'de-AT'],
  ['iw', 'he'],
  ['zh-hant-tw', 'zh-Hant-TW'],
  ['', null],
  ['de_AT', null],
  ['d', null],
])('the tag %j is %j in canonical form', (tag, canonical) => {
  expect(canonicalTag(tag)).toBe(canonical);
});
