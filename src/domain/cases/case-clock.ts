import { type Instant, later, latest, toMs } from '../instant.js';
import type { ComplianceCase } from './case.js';
import type { CaseClock, CasePolicy } from './case-policy.js';
import { laterInWorkingHours } from './working-calendar.js';

/** What the rules of cases need to know beside the case. */
export interface CaseContext {
  readonly policy: CasePolicy;
  /** How many there are to tell, in order of escalation (`COMPLIANCE_EMAIL_TO`); at least one. */
  readonly recipients: number;
}

/** What the clock alone will do to a case, and when. */
export interface CaseAgendaItem {
  readonly what: 'escalate' | 'unanswered' | 'remind' | 'overdue' | 'digest';
  readonly at: Instant;
}

/**
 * Takes an instant, milliseconds, a clock and the policy; returns the instant by which so much has passed of what that
 * clock counts.
 */
export function laterBy(from: Instant, byMs: number, { counts }: CaseClock, policy: CasePolicy): Instant {
  return counts === 'always' ? later(from, byMs) : laterInWorkingHours(from, byMs, policy.calendar);
}

/**
 * Takes a case, the context and the time; returns all that must wait, the soonest first. What was due while nobody was
 * there to do it is due now. It is derived from the case alone, so that a workflow which lost its state finds it again.
 */
export function caseAgenda(
  of: ComplianceCase,
  context: CaseContext,
  now: Instant,
): readonly CaseAgendaItem[] {
  if (of.state === 'closed') return [];
  const items = [
    answerAwaited(of, context),
    conclusionAwaited(of, context.policy, now),
    of.told.digestAt === null ? null : { what: 'digest' as const, at: of.told.digestAt },
  ];
  return items.filter((item) => item !== null).sort((a, b) => toMs(a.at) - toMs(b.at));
}

/** What happens where nobody has acknowledged by then. */
export interface Escalation {
  readonly number: number;
  /** The place in the list, from 0, of the one who is told; null: nobody is left there, and an operator is alarmed. */
  readonly recipient: number | null;
  readonly at: Instant;
}

/**
 * While nobody acknowledges, the next recipient is told each time the policy's time has passed; after the last one an
 * operator is, and then nobody any more. Each is counted from the beginning, so that a late one does not put off those
 * that follow. The clock goes by it, and mails announce it.
 *
 * Takes a case and the context; returns what is next, or null where no acknowledgement is awaited or nobody is left.
 */
export function nextEscalation(
  { awaitingSince, severity, told }: ComplianceCase,
  { policy, recipients }: CaseContext,
): Escalation | null {
  const clock = policy.clocks[severity];
  if (awaitingSince === null || clock.acknowledgeWithinMs === null) return null;
  const number = told.escalations + 1;
  if (number > recipients) return null;
  return {
    number,
    recipient: number < recipients ? number : null,
    at: laterBy(awaitingSince, number * clock.acknowledgeWithinMs, clock, policy),
  };
}

function answerAwaited(of: ComplianceCase, context: CaseContext): CaseAgendaItem | null {
  const next = nextEscalation(of, context);
  return next && { what: next.recipient === null ? 'unanswered' : 'escalate', at: next.at };
}

/** Reminders up to the due time; from then on it is told again and again that the case is overdue. */
function conclusionAwaited(
  { due, told, severity }: ComplianceCase,
  policy: CasePolicy,
  now: Instant,
): CaseAgendaItem | null {
  if (told.overdueAt !== null)
    return {
      what: 'overdue',
      at: laterBy(told.overdueAt, policy.overdueEveryMs, policy.clocks[severity], policy),
    };
  const clock = policy.clocks[due.severity];
  const rungs = clock.remindBeforeMs
    .filter((beforeMs) => beforeMs < clock.dueAfterMs)
    .map((beforeMs) => laterBy(due.since, clock.dueAfterMs - beforeMs, clock, policy))
    .filter((rung) => toMs(rung) < toMs(due.at))
    .filter((rung) => toMs(rung) > toMs(latest(due.since, told.remindedAt)))
    .sort((a, b) => toMs(a) - toMs(b));
  // Of several that were missed the last one says all that the others would; past the due time, none is needed.
  const missed = rungs.filter((rung) => toMs(rung) <= toMs(now));
  const next = missed.at(-1) ?? rungs[0];
  const isPast = toMs(due.at) <= toMs(now);
  return next === undefined || isPast ? { what: 'overdue', at: due.at } : { what: 'remind', at: next };
}
