import { type Change, only } from './change.js';
import { type CustomerFacts, withJourney } from './customer.js';
import { imagesWantedAnew } from './images.js';
import type { Instant } from './instant.js';
import { oweLook } from './owed-look.js';
import type { Report } from './reports.js';

/** Who asks for something, and why; the actor comes from the credential. */
export interface Asked {
  readonly actor: string;
  readonly reason: string;
}

/** Takes the facts, who asks and the time; returns the customer off-boarded. Closing what is closed changes nothing. */
export function close(facts: CustomerFacts, { actor, reason }: Asked, at: Instant): Change {
  if (facts.closedAt !== null) return only(facts, []);
  return only({ ...facts, closedAt: at }, [{ kind: 'closed', actor, reason }]);
}

/**
 * Takes the facts, who asks and the time; returns the customer taken back. What happened at IDWise meanwhile was not
 * taken in, so every journey is looked at.
 */
export function reopen(facts: CustomerFacts, { actor, reason }: Asked, at: Instant): Change {
  if (facts.closedAt === null) return only(facts, []);
  const back = { ...facts, closedAt: null, reopenedAt: at };
  return only(lookAtEveryJourney(back, at), [{ kind: 'reopened', actor, reason }]);
}

/** Takes the facts, who asks and the time; returns the facts with a look owed at every journey, given up or not. */
export function reprocess(facts: CustomerFacts, { actor, reason }: Asked, at: Instant): Change {
  return only(lookAtEveryJourney(facts, at), [{ kind: 'reprocess_requested', actor, reason }]);
}

function lookAtEveryJourney(facts: CustomerFacts, at: Instant): CustomerFacts {
  return Object.keys(facts.journeys).reduce(
    (all, journeyId) =>
      withJourney(all, journeyId, at, (journey) => ({
        ...imagesWantedAnew(journey),
        resultGivenUpAt: null,
        resultTakenUpAt: journey.resultGivenUpAt === null ? journey.resultTakenUpAt : at,
        owedLook: oweLook(journey.owedLook, at, null),
      })),
    facts,
  );
}

/** Takes the facts of a closed customer and what came in all the same; it is on record, is noticed, and changes nothing. */
export function lateReports(facts: CustomerFacts, reports: readonly Report[]): Change {
  const causes = reports.map((report) => report.cause);
  const effects =
    causes.length === 0
      ? []
      : [
          { kind: 'late_events' as const, causes },
          { kind: 'alarm' as const, code: 'event_after_close' as const, journeyId: null },
        ];
  return { facts, effects, processed: causes, parked: null };
}
