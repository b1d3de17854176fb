import { ARABIC } from './ar.js';
import { TEXT_CODES, type TextOverrides, type Texts } from './codes.js';
import { GERMAN } from './de.js';
import { ENGLISH } from './en.js';
import { SPANISH } from './es.js';
import { FRENCH } from './fr.js';

/** The language of whoever asks for none that there is. */
export const DEFAULT_LANGUAGE = 'en';

/** The languages that come with the service, each with every text. */
export const BUILT_IN_TEXTS: Readonly<Record<string, Texts>> = {
  ar: ARABIC,
  de: GERMAN,
  en: ENGLISH,
  es: SPANISH,
  fr: FRENCH,
};

/** One language with every text of the list. */
export interface Language {
  /** BCP 47, in canonical form. */
  readonly tag: string;
  readonly texts: Texts;
}

export interface TextCatalogue {
  readonly languages: readonly Language[];
  /** Takes the language ranges that a reader wants, the best first; returns the language to answer in. */
  lookup(wanted: readonly string[]): Language;
}

/**
 * Takes the company's own texts, by canonical tag; returns every language with every text: the company's words come
 * first, then ours, then those of the more general language (`de-AT`, `de`), and English last.
 */
export function createTextCatalogue(overrides: TextOverrides = {}): TextCatalogue {
  const own = new Map(Object.entries(overrides));
  const builtIn = new Map(Object.entries(BUILT_IN_TEXTS));
  const languages = [...new Set([...builtIn.keys(), ...own.keys()])].sort().map((tag): Language => {
    const sources = [...moreAndMoreGeneral(tag), DEFAULT_LANGUAGE].flatMap((each) => [
      own.get(each) ?? {},
      builtIn.get(each) ?? {},
    ]);
    const texts = TEXT_CODES.map((code) => [code, sources.find((source) => source[code])?.[code]] as const);
    return { tag, texts: { ...ENGLISH, ...Object.fromEntries(texts) } };
  });
  const byTag = new Map(languages.map((language) => [language.tag, language]));
  const byDefault = byTag.get(DEFAULT_LANGUAGE) ?? { tag: DEFAULT_LANGUAGE, texts: ENGLISH };
  return {
    languages,
    lookup: (wanted) => {
      for (const range of wanted) {
        for (const tag of moreAndMoreGeneral(canonicalTag(range) ?? '')) {
          const language = byTag.get(tag);
          if (language !== undefined) return language;
        }
      }
      return byDefault;
    },
  };
}

/** Longer ones name no language that anybody has texts in, and take time to be taken apart. */
const LONGEST_TAG = 100;

/** Takes a language tag; returns its canonical form (BCP 47; `iw` becomes `he`), or null where it is malformed. */
export function canonicalTag(tag: string): string | null {
  if (tag.length > LONGEST_TAG) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

/** RFC 4647 §3.4: the tag itself, then without its last subtag, and so on; a single letter never stands last. */
function moreAndMoreGeneral(tag: string): readonly string[] {
  const tags: string[] = [];
  const subtags = tag.split('-').filter((subtag) => subtag !== '');
  while (subtags.length > 0) {
    tags.push(subtags.join('-'));
    subtags.pop();
    if (subtags.at(-1)?.length === 1) subtags.pop();
  }
  return tags;
}
