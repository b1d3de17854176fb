import type { CustomerFacts, JourneyFacts } from './customer.js';
import { type Instant, later, latest, toMs } from './instant.js';
import type { Policy, Status } from './policy.js';
import { isTheirs } from './ruling-journey.js';
import { isHandedIn } from './user-part.js';

/** Something that only the customer can go on with. */
export interface AwaitedCustomer {
  /** Names it; reminders are counted for each. */
  readonly matter: string;
  /** The last sign that they are at it; reminders count from here, so that nobody is nagged in the middle of it. */
  readonly since: Instant;
}

/** What the status says of whose move it is: the finding of the ruling journey, without what we lay over it. */
export interface Found {
  readonly status: Status;
  readonly isAwaitingResult: boolean;
}

/**
 * Takes the facts, the finding and the ruling journey (null: none); returns what the customer is waited for with, or
 * null where it is not their move.
 */
export function awaitedCustomer(
  facts: CustomerFacts,
  { status }: Found,
  journey: JourneyFacts | null,
): AwaitedCustomer | null {
  switch (status) {
    case 'created':
      // Whoever stands in nothing but an import was verified before; that it was not found is no duty of theirs.
      if (facts.imported != null) return null;
      return { matter: 'start', since: latest(facts.registeredAt, facts.reopenedAt) };
    case 'in_progress':
      return journey && { matter: `continue:${journey.journeyId}`, since: lastSign(facts, journey) };
    case 'resubmission_required':
      return (
        journey && {
          matter: `redo:${journey.journeyId}:${journey.redoRounds}`,
          since: latest(askedAgainAt(journey), lastSign(facts, journey)),
        }
      );
    default:
      return null;
  }
}

/**
 * Takes the facts, the finding, the ruling journey (null: none) and the policy; returns when the wait for the customer,
 * or for a result that never comes, is over and the verification expires; null where it never does. A sign of life
 * after that begins a new wait: a later start revives what has expired.
 */
export function waitEndsAt(
  facts: CustomerFacts,
  found: Found,
  journey: JourneyFacts | null,
  { expiry, redo }: Policy,
): Instant | null {
  if (found.status === 'resubmission_required' && journey !== null) {
    // Whoever has done a newer journey instead waits for its result.
    const hasDoneAnother = Object.values(facts.journeys).some((each) => isTheirs(each) && isHandedIn(each));
    return redo.dueAfterMs === null || hasDoneAnother ? null : redoDueAt(facts, journey, redo.dueAfterMs);
  }
  if (expiry.afterMs === null) return null;
  const awaited = awaitedCustomer(facts, found, journey);
  if (awaited !== null) return later(awaited.since, expiry.afterMs);
  return found.isAwaitingResult && journey !== null ? later(lastSign(facts, journey), expiry.afterMs) : null;
}

/** A request stands for its time from when it was seen; whoever comes back later than that gets the time once more. */
function redoDueAt(facts: CustomerFacts, journey: JourneyFacts, dueAfterMs: number): Instant {
  const dueAt = later(askedAgainAt(journey), dueAfterMs);
  const sign = lastSign(facts, journey);
  return toMs(sign) > toMs(dueAt) ? later(sign, dueAfterMs) : dueAt;
}

function askedAgainAt({ verdict, snapshotAt, firstSeenAt }: JourneyFacts): Instant {
  return verdict?.seenAt ?? snapshotAt ?? firstSeenAt;
}

/** The latest sign that the customer is at it, in whichever journey of theirs. */
function lastSign(facts: CustomerFacts, journey: JourneyFacts): Instant {
  const since = latest(journey.snapshot?.startTime ?? journey.firstSeenAt, facts.reopenedAt);
  return Object.values(facts.journeys)
    .filter(isTheirs)
    .flatMap((each) => signsOfLife(each))
    .reduce(latest, since);
}

/** Takes a journey; returns when its user showed that they are at it, as far as that is known. */
export function signsOfLife(journey: JourneyFacts): Instant[] {
  const { startReportedAt, submittedReportedAt, cancelledReportedAt, lastStepAt, userStepsFinishedAt } =
    journey;
  return [
    startReportedAt,
    submittedReportedAt,
    cancelledReportedAt,
    lastStepAt,
    userStepsFinishedAt,
    journey.snapshot?.startTime ?? null,
  ].filter((sign) => sign !== null);
}
