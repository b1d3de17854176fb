import { composeCaseMail } from './case-mail.js';
import { type MailContent, type MailFact, mailHtml } from './mail-html.js';
import { mailText, messageIdOf, withoutControls } from './mail-parts.js';
import type { Mail, Mailer } from './mailer.js';
import type { MessageOf, SendOutcome } from './send-outcome.js';

export interface ComplianceMailOptions {
  /** The sender, as in MAIL_FROM: an address, or `Name <address>`. */
  readonly from: string;
  /** `{journeyId}` is replaced; null: mails carry no link. */
  readonly studioUrlTemplate: string | null;
  /** Address of the compliance desk; null: mails about cases carry no link. */
  readonly deskUrl: string | null;
  /** Whom to turn to when the desk or the mails do not work; null: mails name nobody. */
  readonly systemOwner: string | null;
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

/** Takes the stored message and the sender's settings; returns the mail. The same message yields the same Message-ID. */
export function composeComplianceMail(
  message: MessageOf<'compliance_mail'>,
  options: ComplianceMailOptions,
): Mail {
  return message.template === 'aml_changed'
    ? composeAmlChanged(message, options)
    : composeCaseMail(message, options);
}

/**
 * The bell for compliance: that screening changed, for which reference, by how much, and where to look. Mails lie in
 * inboxes, indexes and on lock screens, so there is nothing personal in them, no list, no match, and the link is of
 * no use without a login. Text and HTML say the same.
 */
function composeAmlChanged(
  message: Extract<MessageOf<'compliance_mail'>, { readonly template: 'aml_changed' }>,
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
  return {
    to: message.to,
    subject: `[AML] Screening changed: ${referenceNo}`,
    text: mailText(content),
    html: mailHtml(content),
    messageId: messageIdOf(options.from, `${message.messageKey}:${message.to}`),
    threadId: messageIdOf(options.from, `thread:${message.journeyId}`),
  };
}

/** Takes the template and a journey id; returns the link, with the id percent-encoded wherever the template names it. */
export function studioLink(template: string | null, journeyId: string): string | null {
  return template === null ? null : template.replaceAll('{journeyId}', () => encodeURIComponent(journeyId));
}

/** Not every change comes with a new version (contract §1.3 E). */
function versions(from: number, to: number): string {
  return from === to ? `${to} (as before)` : `${from} to ${to}`;
}

function utcMinute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}
