import { inZone } from '../domain/cases/time-zone.js';
import { studioLink } from '../idwise/studio-link.js';
import type { CaseInMail, CaseMail } from '../store/outbox-records.js';
import { type MailContent, type MailFact, mailHtml } from './mail-html.js';
import { mailText, messageIdOf, withoutControls } from './mail-parts.js';
import type { Mail, Mailer } from './mailer.js';
import type { SendOutcome } from './send-outcome.js';

export interface CaseMailOptions {
  /** The sender, as in MAIL_FROM: an address, or `Name <address>`. */
  readonly from: string;
  /** Address of the compliance desk; null: mails carry no link. */
  readonly deskUrl: string | null;
  /** Address of a journey in IDWise's Studio, with `{journeyId}`; null: mails name none. */
  readonly studioUrlTemplate: string | null;
  /** Whom to turn to when the desk or the mails do not work; null: mails name nobody. */
  readonly systemOwner: string | null;
}

/** Sends compliance its mails. */
export interface ComplianceMailer {
  /** Takes the stored message; makes one attempt and returns what came of it. Never rejects. */
  send(message: CaseMail): Promise<SendOutcome>;
}

/** Takes the mailer and the sender's settings; returns the sender of compliance's mails. */
export function createComplianceMailer(
  options: CaseMailOptions & { readonly mailer: Mailer },
): ComplianceMailer {
  return { send: (message) => options.mailer.send(composeCaseMail(message, options)) };
}

/**
 * The bell for compliance: which case, how heavy, by when, and where to answer it. Mails lie in inboxes, indexes and on
 * lock screens, and scanners follow their links: so nothing in them is personal, no list and no match is named, nothing
 * is done by a click, and the link is of no use without a login. Text and HTML say the same.
 *
 * Takes the stored message and the sender's settings; returns the mail. The same message yields the same Message-ID, and
 * all mails of a case stand in one thread.
 */
export function composeCaseMail(message: CaseMail, options: CaseMailOptions): Mail {
  const content =
    message.template === 'case_digest' ? digestContent(message, options) : caseContent(message, options);
  const thread = message.template === 'case_digest' ? `digest:${message.to}` : message.case.caseId;
  return {
    to: message.to,
    subject: subjectOf(message),
    text: mailText(content),
    html: mailHtml(content),
    messageId: messageIdOf(options.from, `${message.messageKey}:${message.to}`),
    threadId: messageIdOf(options.from, `thread:${thread}`),
  };
}

type SingleMail = Extract<CaseMail, { readonly case: CaseInMail }>;
type DigestMail = Extract<CaseMail, { readonly template: 'case_digest' }>;

/** What each occasion is called, in the subject and at the top. */
const OCCASIONS: Readonly<Record<SingleMail['template'], string>> = {
  case_opened: 'opened',
  case_version_added: 'changed again',
  case_reminder: 'due soon',
  case_escalated: 'not acknowledged',
  case_overdue: 'overdue',
};

const LEADS: Readonly<Record<SingleMail['template'], string>> = {
  case_opened: 'A new case waits for somebody to acknowledge it.',
  case_version_added:
    'There is something new in a case. What was decided or proposed before did not know of it.',
  case_reminder: 'A case is not concluded yet, and its due time is near.',
  case_escalated: 'Nobody has acknowledged a case in the time that there is for it. Please see to it.',
  case_overdue: 'A case was to be concluded by now, and is not.',
};

function subjectOf(message: CaseMail): string {
  if (message.template === 'case_digest') {
    const count = message.cases.length;
    return `[CASES] Digest: ${count} ${count === 1 ? 'case' : 'cases'} of low urgency`;
  }
  const { kind, severity, caseId } = message.case;
  const group = kind === 'aml' ? 'AML' : 'REVIEW';
  return `[${group}][${severity.toUpperCase()}] Case ${caseId}: ${OCCASIONS[message.template]}`;
}

function caseContent(message: SingleMail, options: CaseMailOptions): MailContent {
  const { case: about, template, timeZone } = message;
  const { caseId, referenceNo, severity, detectedAt, dueAt } = about;
  return {
    title: `Case ${caseId}: ${OCCASIONS[template]}`,
    lead: leadOf(message, LEADS[template]),
    facts: [
      { name: 'Case', value: `${caseId}, version ${about.version}` },
      { name: 'Reference', value: withoutControls(referenceNo) },
      { name: 'Severity', value: severity },
      ...matterOf(about),
      { name: 'Detected at', value: inZone(detectedAt, timeZone) },
      { name: template === 'case_overdue' ? 'Was due at' : 'Due at', value: inZone(dueAt, timeZone) },
      { name: 'Also mailed', value: namesOf(message.toldToo) },
      ...inTheStudio(about, options),
    ],
    action: deskAction(options.deskUrl, caseId),
    notes: [...ifNobodyAnswers(message), ...NEVER_FORWARD, ...whomToAsk(options)],
  };
}

function digestContent(message: DigestMail, options: CaseMailOptions): MailContent {
  const { cases, timeZone, toldToo } = message;
  return {
    title: 'Cases of low urgency',
    lead: leadOf(
      message,
      'These cases are new or have changed since the last digest. None of them has to be acknowledged at once.',
    ),
    facts: [
      ...cases.map((about) => ({
        name: `Case ${about.caseId}`,
        value: `${withoutControls(about.referenceNo)}; ${whatHappened(about)}; due at ${inZone(about.dueAt, timeZone)}`,
      })),
      { name: 'Also mailed', value: namesOf(toldToo) },
    ],
    action: deskAction(options.deskUrl, null),
    notes: [...NEVER_FORWARD, ...whomToAsk(options)],
  };
}

function leadOf({ insteadOf = [] }: CaseMail, lead: string): string {
  if (insteadOf.length === 0) return lead;
  return `${lead} This mail comes to you because it could not be delivered to ${namesOf(insteadOf)}.`;
}

/** What the case is about, in words that say nothing of anybody. */
function matterOf(about: CaseInMail): MailFact[] {
  const { change } = about;
  const what: MailFact = { name: 'What happened', value: whatHappened(about) };
  if (change === null) return [what];
  const { amlVersionFrom: from, amlVersionTo: to } = change;
  return [what, { name: 'Screening version', value: from === to ? `${to} (as before)` : `${from} to ${to}` }];
}

function whatHappened({ kind, change }: CaseInMail): string {
  if (kind === 'review') return 'a verification waits for a decision in IDWise Studio';
  if (change === null) return 'taken up again';
  const counts = (['added', 'removed', 'changed'] as const)
    .filter((each) => change[each] > 0)
    .map((each) => `${change[each]} ${each}`);
  return counts.length === 0 ? 'screening changed' : `screening changed (matches: ${counts.join(', ')})`;
}

function deskAction(deskUrl: string | null, caseId: string | null): MailContent['action'] {
  if (deskUrl === null)
    return {
      text:
        caseId === null
          ? 'Log in to the compliance desk.'
          : `Log in to the compliance desk and open case ${caseId}.`,
      url: null,
    };
  const path = caseId === null ? '' : `cases/${encodeURIComponent(caseId)}`;
  return {
    text: caseId === null ? 'Open the cases, after you log in' : 'Open the case, after you log in',
    url: `${deskUrl.replace(/\/+$/, '')}/${path}`,
  };
}

/** Where the journey is seen: what is decided there, and all where there is no desk. Behind IDWise's own login. */
function inTheStudio({ kind, journeyId }: CaseInMail, options: CaseMailOptions): MailFact[] {
  if (journeyId === undefined || (kind !== 'review' && options.deskUrl !== null)) return [];
  const url = studioLink(options.studioUrlTemplate, journeyId);
  return url === null ? [] : [{ name: 'In IDWise Studio', value: url }];
}

function ifNobodyAnswers({ case: { acknowledgeBy }, to, next, timeZone }: SingleMail): string[] {
  if (acknowledgeBy === null) return [];
  const then =
    next === null
      ? 'the operators of this system are alarmed. Nobody else is on the list.'
      : `${next === to ? 'you are told again' : `${next} is told`}.`;
  return [`If nobody acknowledges the case by ${inZone(acknowledgeBy, timeZone)}, ${then}`];
}

const NEVER_FORWARD = [
  'Nothing of this case is told to the customer. Please do not forward this message, and do not answer it with details.',
  'This message holds no personal data, and nothing is done by opening its link. The details are behind the login.',
];

function whomToAsk({ systemOwner }: CaseMailOptions): string[] {
  return systemOwner === null ? [] : [`If the desk cannot be reached: ${withoutControls(systemOwner)}.`];
}

function namesOf(addresses: readonly string[]): string {
  return addresses.length === 0 ? 'nobody' : addresses.join(', ');
}
