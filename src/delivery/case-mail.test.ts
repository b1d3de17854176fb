import { describe, expect, test } from '@jest/globals';
import type { CaseTemplate } from '../domain/cases/case-notices.js';
import { composeCaseMail } from './case-mail.js';
import { SAMPLE_MAILS } from './sample-mails.js';

const options = {
  from: 'Verification <no-reply@bank.example>',
  deskUrl: 'https://desk.bank.example/',
  studioUrlTemplate: 'https://studio.example/journeys/{journeyId}',
  systemOwner: 'it-desk@bank.example, +49 30 1234',
};
const samples = Object.values(SAMPLE_MAILS);
const named = samples.map((message) => [message.template, message] as const);
const compose = (template: CaseTemplate) => composeCaseMail(SAMPLE_MAILS[template], options);

/** What a reader sees of the HTML, one piece of text per line. */
function visibleText(html: string): string[] {
  return html
    .replace(/<head>[\s\S]*<\/head>/, '')
    .replace(/<[^>]+>/g, '\n')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What a reader sees of the text, without the layout of its table. */
const flat = (text: string) => text.replace(/\s+/g, ' ');

describe.each(named)('the mail %s', (template, message) => {
  const mail = composeCaseMail(message, options);

  test('reads like this', () => {
    expect(`${mail.subject}\n\n${mail.text}`).toMatchSnapshot('text');
    expect(mail.html).toMatchSnapshot('HTML');
  });

  test('says the same in both parts, neither more in the one nor in the other', () => {
    const pieces = visibleText(mail.html);
    for (const piece of pieces) expect(flat(mail.text)).toContain(piece);
    const link = /href="([^"]*)"/.exec(mail.html)?.[1] ?? '';
    const left = [...pieces, link]
      .sort((a, b) => b.length - a.length)
      .reduce((text, piece) => text.replace(piece, ''), flat(mail.text));
    expect(left.replace(/[\s:-]/g, '')).toBe('');
  });

  test('fetches nothing and tracks nobody: the one address in it is that of the desk, behind its login', () => {
    expect(mail.html).not.toMatch(/<(img|script|link|iframe|object|form)\b/i);
    expect(mail.html).not.toMatch(/url\(|@import|\bsrc=/i);
    const address = template === 'case_digest' ? '' : 'cases/4F2C-91B7';
    for (const part of [mail.html, mail.text]) {
      expect(part.match(/https?:/g)).toHaveLength(1);
      expect(part).toContain(`https://desk.bank.example/${address}`);
    }
  });

  test('uses no word that accuses, and names no kind of list', () => {
    for (const part of [mail.subject, mail.text, ...visibleText(mail.html)])
      expect(part).not.toMatch(/suspicious|sanction|terror|crime|media|politic|\bPEP\b|\bSAR\b|fraud/i);
  });

  test('is the same message on each attempt, and another for each recipient', () => {
    expect(mail.messageId).toMatch(/^<[0-9a-f]{32}@bank\.example>$/);
    expect(composeCaseMail(message, options)).toEqual(mail);
    const other = composeCaseMail({ ...message, to: 'other@bank.example' }, options);
    expect(other.messageId).not.toBe(mail.messageId);
  });

  test('says in whose place it comes where a mailbox did not take it, in both parts', () => {
    const insteadOf = ['gone@bank.example', 'full@bank.example'];
    const handedOver = composeCaseMail({ ...message, insteadOf }, options);
    for (const part of [handedOver.text, handedOver.html])
      expect(part).toContain('could not be delivered to gone@bank.example, full@bank.example.');
    expect(mail.text).not.toContain('could not be delivered');
  });

  test('tells what to do where the desk has no address, and nobody to ask where none is configured', () => {
    const bare = composeCaseMail(message, { ...options, deskUrl: null, systemOwner: null });
    for (const part of [bare.text, bare.html]) {
      expect(part).toContain('Log in to the compliance desk');
      expect(part).not.toMatch(/https?:/);
      expect(part).not.toContain('cannot be reached');
    }
  });
});

describe('the journey in IDWise’s Studio', () => {
  const opened = SAMPLE_MAILS.case_opened;
  const textOf = (changes: object, deskUrl: string | null) =>
    'case' in opened
      ? composeCaseMail({ ...opened, case: { ...opened.case, ...changes } }, { ...options, deskUrl }).text
      : '';
  const link = 'https://studio.example/journeys/j%2F1';
  const ofJourney = { journeyId: 'j/1' };

  test('is named where the case is decided there, and where there is no desk', () => {
    expect(textOf({ ...ofJourney, kind: 'review', change: null }, options.deskUrl)).toContain(link);
    expect(textOf(ofJourney, null)).toContain(link);
  });

  test('is not where the desk has the case, nor in a mail that an earlier release wrote', () => {
    expect(textOf(ofJourney, options.deskUrl)).not.toContain('studio.example');
    expect(textOf({}, null)).not.toContain('studio.example');
  });
});

describe('the mails of one case', () => {
  const ofTheCase = samples
    .filter(({ template }) => template !== 'case_digest')
    .map(({ template }) => compose(template));

  test('stand in one thread, each under an id of its own, apart from those of another case', () => {
    expect(new Set(ofTheCase.map(({ threadId }) => threadId)).size).toBe(1);
    expect(new Set(ofTheCase.map(({ messageId }) => messageId)).size).toBe(ofTheCase.length);
    const opened = SAMPLE_MAILS.case_opened;
    if (!('case' in opened)) throw new Error('The sample is of a case.');
    const elsewhere = composeCaseMail({ ...opened, case: { ...opened.case, caseId: 'another' } }, options);
    expect(elsewhere.threadId).not.toBe(ofTheCase[0]?.threadId);
    expect(compose('case_digest').threadId).not.toBe(ofTheCase[0]?.threadId);
  });

  test('say in the subject how heavy it is, which case, and what happened, and nothing else', () => {
    expect(ofTheCase.map(({ subject }) => subject)).toEqual([
      '[AML][HIGH] Case 4F2C-91B7: opened',
      '[AML][CRITICAL] Case 4F2C-91B7: changed again',
      '[AML][HIGH] Case 4F2C-91B7: due soon',
      '[AML][HIGH] Case 4F2C-91B7: not acknowledged',
      '[AML][HIGH] Case 4F2C-91B7: overdue',
    ]);
  });

  test('show times in the company’s zone, and name it', () => {
    expect(compose('case_opened').text).toContain('Tue 2026-11-24 11:05 (Europe/Berlin, UTC+01:00)');
  });

  test('say who is told next, or that nobody is left, while an answer is awaited', () => {
    expect(compose('case_opened').text).toMatch(/If nobody acknowledges .* deputy@bank\.example is told\./);
    expect(compose('case_escalated').text).toContain('Nobody else is on the list.');
    const again = composeCaseMail({ ...SAMPLE_MAILS.case_opened, to: 'deputy@bank.example' }, options);
    expect(again.text).toMatch(/If nobody acknowledges .* you are told again\./);
    expect(again.text).not.toContain('deputy@bank.example');
    expect(compose('case_reminder').text).not.toContain('If nobody acknowledges');
  });
});

test('the digests to one person stand in one thread, apart from those to another', () => {
  const digest = SAMPLE_MAILS.case_digest;
  const thread = (changes: { to?: string; messageKey?: string }) =>
    composeCaseMail({ ...digest, ...changes }, options).threadId;
  expect(thread({ messageKey: 'digest:2026-11-25T08:00:00.000Z' })).toBe(thread({}));
  expect(thread({ to: 'other@bank.example' })).not.toBe(thread({}));
});

describe('no reference and no case id breaks out of its place', () => {
  const hostile = {
    referenceNo: '<b onclick="x">&\'\r\nBcc: other@evil.example\u202e',
    caseId: 'a/../b?c=$&"><script>',
  };

  test.each(named)('in the mail %s', (_, message) => {
    const mail = composeCaseMail(
      'case' in message
        ? { ...message, case: { ...message.case, ...hostile } }
        : { ...message, cases: message.cases.map((about) => ({ ...about, ...hostile })) },
      options,
    );
    for (const part of [mail.subject, mail.text, mail.html]) expect(part).not.toMatch(/\r|\u202e|^Bcc/m);
    expect(mail.subject).not.toContain('\n');
    expect(mail.html).not.toMatch(/<(b onclick|script)/);
    expect(mail.text).toContain('<b onclick="x">&\'  Bcc: other@evil.example');
    if ('case' in message) expect(mail.text).toContain('/cases/a%2F..%2Fb%3Fc%3D%24%26%22%3E%3Cscript%3E');
  });
});
