import type { CustomerFacts, JourneyFacts } from './customer.js';
import { type Instant, later, latest, toMs } from './instant.js';
import type { Policy } from './policy.js';
import { renewalDueAt, renewedStepsAreIn } from './renewal.js';
import { awaitedCustomer, waitEndsAt } from './silence.js';
import type { Judgement } from './status.js';

/** A reminder that is due at a time: of what, the how manyth, of how many. */
export interface Reminder {
  readonly matter: string;
  readonly number: number;
  readonly of: number;
  readonly dueAt: Instant;
}

/**
 * Takes the facts, their judgement, the ruling journey (null: none) and the policy; returns the next reminder of what
 * the customer has to do, or null where they have nothing to do, have been reminded often enough, or are held or gone.
 */
export function nextReminder(
  facts: CustomerFacts,
  judgement: Judgement,
  journey: JourneyFacts | null,
  policy: Policy,
): Reminder | null {
  if (facts.closedAt !== null || facts.holds.length > 0) return null;
  const renewal =
    judgement.finding === 'approved' && journey !== null ? nextOfRenewal(facts, journey, policy) : null;
  return renewal ?? nextOfSilence(facts, judgement, journey, policy);
}

function nextOfSilence(
  facts: CustomerFacts,
  { finding, findingGround }: Judgement,
  journey: JourneyFacts | null,
  policy: Policy,
): Reminder | null {
  const found = { status: finding, isAwaitingResult: findingGround === 'awaiting_result' };
  const awaited = awaitedCustomer(facts, found, journey);
  if (awaited === null) return null;
  const { matter } = awaited;
  const { count, lastAt } = remindedOf(facts, matter);
  const { most, firstAfterMs, everyMs } = policy.reminders;
  if (count >= most) return null;
  const firstAt = later(awaited.since, firstAfterMs);
  const dueAt = lastAt === null ? firstAt : latest(firstAt, later(lastAt, everyMs));
  const endsAt = waitEndsAt(facts, found, journey, policy);
  if (endsAt !== null && toMs(dueAt) >= toMs(endsAt)) return null;
  return { matter, number: count + 1, of: most, dueAt };
}

/** A ladder of reminders before the deadline; rungs that lie before the request have passed already. */
function nextOfRenewal(facts: CustomerFacts, journey: JourneyFacts, policy: Policy): Reminder | null {
  const { renewal } = journey;
  if (renewal === null || renewedStepsAreIn(journey)) return null;
  const deadline = renewalDueAt(renewal, policy);
  const rungs = policy.renewal.remindBeforeMs
    .map((beforeMs) => later(deadline, -beforeMs))
    .filter((rung) => toMs(rung) > toMs(renewal.askedAt))
    .sort((a, b) => toMs(a) - toMs(b));
  const matter = `renew:${journey.journeyId}:${renewal.askedAt}`;
  const { count, lastAt } = remindedOf(facts, matter);
  const dueAt = rungs.find((rung) => lastAt === null || toMs(rung) > toMs(lastAt));
  return dueAt === undefined
    ? null
    : { matter, number: count + 1, of: Math.max(rungs.length, count + 1), dueAt };
}

function remindedOf(facts: CustomerFacts, matter: string): { count: number; lastAt: Instant | null } {
  return facts.reminded?.matter === matter ? facts.reminded : { count: 0, lastAt: null };
}

/** Takes the facts, a reminder and the time; returns the facts with it. */
export function recordReminder(
  facts: CustomerFacts,
  { matter, number }: Reminder,
  at: Instant,
): CustomerFacts {
  return { ...facts, reminded: { matter, count: number, lastAt: at } };
}
