import type { CustomerFacts, JourneyFacts } from './customer.js';
import { type Instant, later, latest, toMs } from './instant.js';
import type { Policy } from './policy.js';
import { renewalDueAt, renewalToDo } from './renewal.js';
import { awaitedCustomer, waitEndsAt } from './silence.js';
import type { Judgement } from './status.js';
import { isHandedIn } from './user-part.js';

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
  if (facts.closedAt !== null || facts.holds.length > 0 || isIdwisesMove(facts)) return null;
  return nextOfRenewal(facts, judgement, journey, policy) ?? nextOfSilence(facts, judgement, journey, policy);
}

/** While IDWise owes us an answer, a customer who looks idle may have done all that there was to do. */
function isIdwisesMove(facts: CustomerFacts): boolean {
  return Object.values(facts.journeys).some(
    (journey) => journey.owedLook !== null || journey.finishedHeardAt !== null || isHandedIn(journey),
  );
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
  const { reminded } = facts;
  const isSameMatter = reminded?.matter === matter;
  // Whoever has come back since is waited for anew.
  const count = isSameMatter && toMs(reminded.lastAt) >= toMs(awaited.since) ? reminded.count : 0;
  const { most, firstAfterMs, everyMs } = policy.reminders;
  if (count >= most) return null;
  const gapMs = isSameMatter ? everyMs : firstAfterMs;
  const dueAt = latest(
    later(awaited.since, firstAfterMs),
    reminded === null ? null : later(reminded.lastAt, gapMs),
  );
  const endsAt = waitEndsAt(facts, found, journey, policy);
  if (endsAt !== null && toMs(dueAt) >= toMs(endsAt)) return null;
  return { matter, number: count + 1, of: most, dueAt };
}

/** A ladder of reminders before the deadline; rungs that lie before the request have passed already. */
function nextOfRenewal(
  facts: CustomerFacts,
  { finding }: Judgement,
  journey: JourneyFacts | null,
  policy: Policy,
): Reminder | null {
  const renewal = renewalToDo(journey, finding);
  if (journey === null || renewal === null) return null;
  const deadline = renewalDueAt(renewal, policy);
  const rungs = policy.renewal.remindBeforeMs
    .map((beforeMs) => later(deadline, -beforeMs))
    .filter((rung) => toMs(rung) > toMs(renewal.askedAt))
    .sort((a, b) => toMs(a) - toMs(b));
  const matter = `renew:${journey.journeyId}:${renewal.askedAt}`;
  const last = facts.reminded?.matter === matter ? facts.reminded : null;
  const dueAt = rungs.find((rung) => last === null || toMs(rung) > toMs(last.lastAt));
  if (dueAt === undefined) return null;
  const number = (last?.count ?? 0) + 1;
  return { matter, number, of: Math.max(rungs.length, number), dueAt };
}

/** Takes the facts, a reminder and the time; returns the facts with it. */
export function recordReminder(
  facts: CustomerFacts,
  { matter, number }: Reminder,
  at: Instant,
): CustomerFacts {
  return { ...facts, reminded: { matter, count: number, lastAt: at } };
}
