import { createHash } from 'node:crypto';
import type { MailContent } from './mail-html.js';

/** What the mails to compliance have in common, whatever they say. */

/** Takes a mail's content; returns it as plain text, which says what its HTML says. */
export function mailText({ title, lead, facts, action, notes }: MailContent): string {
  const width = Math.max(0, ...facts.map(({ name }) => name.length)) + 2;
  return [
    title,
    '',
    lead,
    '',
    ...facts.map(({ name, value }) => `${`${name}:`.padEnd(width)}${value}`),
    '',
    ...(action.url === null ? [action.text] : [`${action.text}:`, action.url]),
    '',
    '--',
    ...notes,
    '',
  ].join('\n');
}

/** Takes a text, such as a reference, that may hold whatever IDWise allows; returns it unable to break a header or a line. */
export function withoutControls(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Takes a sender (`MAIL_FROM`) and what a message is about; returns its Message-ID, the same on each attempt. */
export function messageIdOf(from: string, about: string): string {
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';
  return `<${createHash('sha256').update(about).digest('hex').slice(0, 32)}@${domain}>`;
}
