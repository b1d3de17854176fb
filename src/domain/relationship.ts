import { type Change, only } from './change.js';
import { isFrozen } from './compliance-hold.js';
import { type CustomerFacts, withJourney } from './customer.js';
import { imagesWantedAnew } from './images.js';
import type { Instant } from './instant.js';
import { lookedForAnew, type Report } from './reports.js';

/** Who asks for something, and why; the actor comes from the credential. */
export interface Asked {
  readonly actor: string;
  readonly reason: string;
}

/** That a case has frozen the customer may not have reached the facts yet. */
interface Closing extends Asked {
  readonly isFrozenByCase?: boolean;
}

/**
 * Takes the facts, who asks and the time; returns the customer off-boarded. What waited for a look is done with, since no
 * look is made any more. Closing what is closed changes nothing, and a customer whom a case has frozen stays until it has
 * released them.
 */
export function close(
  facts: CustomerFacts,
  { actor, reason, isFrozenByCase = false }: Closing,
  at: Instant,
): Change {
  if (facts.closedAt !== null) return only(facts, []);
  if (isFrozen(facts) || isFrozenByCase) return only(facts, [{ kind: 'close_refused', actor, reason }]);
  const journeys = Object.values(facts.journeys);
  return {
    facts: {
      ...facts,
      closedAt: at,
      journeys: Object.fromEntries(journeys.map((each) => [each.journeyId, { ...each, owedLook: null }])),
    },
    effects: [{ kind: 'closed', actor, reason }],
    processed: [...new Set(journeys.flatMap(({ owedLook }) => owedLook?.causes ?? []))],
    parked: null,
  };
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
      withJourney(all, journeyId, at, (journey) => lookedForAnew(imagesWantedAnew(journey), at, null)),
    facts,
  );
}

/**
 * Takes the facts of a closed customer and what came in all the same; it is on record, is noticed, and changes nothing.
 * That we ourselves wanted a look is no news.
 */
export function lateReports(facts: CustomerFacts, reports: readonly Report[]): Change {
  const fromOutside = reports.filter(({ source }) => source === 'app' || source === 'idwise');
  const processed = reports.map(({ cause }) => cause);
  if (fromOutside.length === 0) return { facts, effects: [], processed, parked: null };
  return {
    facts,
    effects: [
      { kind: 'late_events', causes: fromOutside.map(({ cause }) => cause) },
      { kind: 'alarm', code: 'event_after_close', journeyId: null },
    ],
    processed,
    parked: null,
  };
}
