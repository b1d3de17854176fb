import { type ComplianceCase, latestVersion } from '../../domain/cases/case.js';
import { type CaseContext, nextEscalation } from '../../domain/cases/case-clock.js';
import type { CaseEffect } from '../../domain/cases/case-effects.js';
import { type CaseNotice, caseNotices } from '../../domain/cases/case-notices.js';
import type { Instant } from '../../domain/instant.js';
import type { CaseInMail, OutboxRow } from '../../store/outbox-records.js';
import { outboxId, outboxRow } from '../owed-messages.js';

/**
 * Who is told, in order of escalation (`COMPLIANCE_EMAIL_TO`); empty where no mail is configured. **No address stands in
 * it twice**, which the configuration sees to: a mail's id is made of its recipient, so a second one to the same address
 * would have the id of the first, and the case could not be written.
 */
export interface CaseMailRules {
  readonly recipients: readonly string[];
}

/**
 * Takes a case after its turn, the turn's effects, the context, the recipients and the time; returns the mails owed for
 * them, but for the digest, which is about several cases (`digestMailRow`). Their ids are made of case, notice and
 * recipient, so that one notice is one mail to each, however often it is written.
 */
export function caseMailRows(
  of: ComplianceCase,
  effects: readonly CaseEffect[],
  context: CaseContext,
  rules: CaseMailRules,
  at: Instant,
): OutboxRow[] {
  return caseNotices(of, effects, context).flatMap((notice) =>
    notice.template === 'case_digest' ? [] : rowsOf(of, notice, context, rules, at),
  );
}

function rowsOf(
  of: ComplianceCase,
  { template, recipients: places, name }: CaseNotice,
  context: CaseContext,
  { recipients }: CaseMailRules,
  at: Instant,
): OutboxRow[] {
  if (template === 'case_digest') return [];
  const knowing = recipients.slice(0, Math.max(of.told.recipients, ...places.map((place) => place + 1)));
  const next = nextEscalation(of, context)?.recipient ?? null;
  return places.flatMap((place) => {
    const to = recipients[place];
    if (to === undefined) return [];
    const message = {
      channel: 'compliance_mail' as const,
      template,
      messageKey: `${of.caseId}:${name}`,
      to,
      toldToo: knowing.filter((other) => other !== to),
      next: next === null ? null : (recipients[next] ?? null),
      timeZone: context.policy.calendar.timeZone,
      case: inMail(of, context),
    };
    return [outboxRow(of.referenceNo, at, `case-mail:${of.caseId}:${name}:${to}`, message)];
  });
}

/** Which digest: when it was due, to whom it goes, and the how many-th it is of that time, from 1. */
export interface DigestIdentity {
  readonly digestAt: Instant;
  readonly to: string;
  readonly number: number;
}

/** Takes which digest; returns the id of its row, which no case and no customer has a part in: it is about several. */
export function digestMailId(of: DigestIdentity): string {
  return outboxId(`case-digest:${digestKey(of)}:${of.to}`);
}

function digestKey({ digestAt, number }: DigestIdentity): string {
  return number === 1 ? digestAt : `${digestAt}:${number}`;
}

/** Takes which digest, the cases that it is about, at least one, and the context; returns its mail. */
export function digestMailRow(
  of: DigestIdentity,
  [first, ...others]: readonly [ComplianceCase, ...ComplianceCase[]],
  context: CaseContext,
): OutboxRow {
  const row = outboxRow(first.referenceNo, of.digestAt, 'case-digest', {
    channel: 'compliance_mail',
    template: 'case_digest',
    messageKey: `digest:${digestKey(of)}`,
    to: of.to,
    toldToo: [],
    next: null,
    timeZone: context.policy.calendar.timeZone,
    cases: [first, ...others].map((each) => inMail(each, context)),
  });
  return { ...row, _id: digestMailId(of) };
}

/** What a mail may say of a case: counts and times, nothing of anybody. */
function inMail(of: ComplianceCase, context: CaseContext): CaseInMail {
  const { caseId, referenceNo, journeyId, kind, severity, due } = of;
  const { because, number, detectedAt } = latestVersion(of);
  return {
    caseId,
    referenceNo,
    journeyId,
    kind,
    severity,
    version: number,
    change:
      because.kind === 'aml'
        ? {
            added: because.summary.added.matches,
            removed: because.summary.removed.matches,
            changed: because.summary.changed.matches,
            amlVersionFrom: because.fromVersion,
            amlVersionTo: because.toVersion,
          }
        : null,
    detectedAt,
    dueAt: due.at,
    acknowledgeBy: nextEscalation(of, context)?.at ?? null,
  };
}
