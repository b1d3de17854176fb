import { createHash } from 'node:crypto';
import { type MailContent, type MailFact, mailHtml } from './mail-html.js';
import type { Mail, Mailer } from './mailer.js';
import type { MessageOf, SendOutcome } from './send-outcome.js';

export interface ComplianceMailOptions {
  /** The sender, as in MAIL_FROM: an address, or `Name <address>`. */
  readonly from: string;
  /** `{journeyId}` is replaced; null: mails carry no link. */
  readonly studioUrlTemplate: string | null;
}

/** Sends compliance its mails. */
export interface ComplianceMailer {
  /** Takes the stored message; makes one attempt and returns what came of it. Never rejects. */
  send(message: MessageOf<'compliance_mail'>): Promise<SendOutcome>;
}

/** Takes the mailer, the sender's address and the template of links; returns the sender of compliance's mails. */
export function createComplianceMailer(
  options: ComplianceMailOptions & { readonly mailer: Mailer },
): ComplianceMailer {
  return { send: (message) => options.mailer.send(composeComplianceMail(message, options)) };
}

/**
 * The bell for compliance: that screening changed, for which reference, by how much, and where to look. Mails lie in
 * inboxes, indexes and on lock screens, so there is nothing personal in them, no list, no match, and the link is of
 * no use without a login. Text and HTML say the same.
 *
 * Takes the stored message and the sender's settings; returns the mail. The same message yields the same Message-ID.
 */
export function composeComplianceMail(
  message: MessageOf<'compliance_mail'>,
  options: ComplianceMailOptions,
): Mail {
  const referenceNo = withoutControls(message.referenceNo);
  const facts: readonly MailFact[] = [
    { name: 'Reference', value: referenceNo },
    { name: 'Journey', value: withoutControls(message.journeyId) },
    { name: 'Screening matches on file', value: String(message.openMatches) },
    { name: 'Screening version', value: versions(message.amlVersionFrom, message.amlVersionTo) },
    { name: 'Detected at', value: utcMinute(message.detectedAt) },
  ];
  const url = studioLink(options.studioUrlTemplate, message.journeyId);
  const content: MailContent = {
    title: 'AML screening changed',
    lead: 'The ongoing AML screening of a customer has a new version. Please review it.',
    facts,
    action:
      url === null
        ? { text: 'Open IDWise Studio and look for the journey named above.', url: null }
        : { text: 'Open the journey in IDWise Studio', url },
    notes: [
      'The customer has not been told of this change, and sees none. Please do not forward this message.',
      'This message holds no personal data. The details are in IDWise Studio, after you log in.',
    ],
  };
  const domain = senderDomain(options.from);
  return {
    to: message.to,
    subject: `[AML] Screening changed: ${referenceNo}`,
    text: mailText(content),
    html: mailHtml(content),
    messageId: `<${digest(`${message.messageKey}:${message.to}`)}@${domain}>`,
    threadId: `<${digest(`thread:${message.journeyId}`)}@${domain}>`,
  };
}

function mailText({ title, lead, facts, action, notes }: MailContent): string {
  const width = Math.max(...facts.map(({ name }) => name.length)) + 2;
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

/** Takes the template and a journey id; returns the link, with the id percent-encoded wherever the template names it. */
export function studioLink(template: string | null, journeyId: string): string | null {
  return template === null ? null : template.replaceAll('{journeyId}', () => encodeURIComponent(journeyId));
}

/** A reference may hold whatever IDWise allows; what could break a header or a line is replaced. */
function withoutControls(value: string): string {
  return value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Not every change comes with a new version (contract §1.3 E). */
function versions(from: number, to: number): string {
  return from === to ? `${to} (as before)` : `${from} to ${to}`;
}

function utcMinute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

function senderDomain(from: string): string {
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1];
  return domain ?? 'localhost';
}

function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}
