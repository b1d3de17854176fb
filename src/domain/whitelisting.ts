import { type Change, only } from './change.js';
import { type CustomerFacts, knownJourney, withJourney } from './customer.js';
import type { Instant } from './instant.js';
import { oweLook } from './owed-look.js';

/** What one attempt to whitelist matches at IDWise brought. */
export type WhitelistOutcome =
  | { readonly kind: 'done' }
  /** None of them is there any more: there is nothing to whitelist. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unavailable' | 'refused' | 'rejected'; readonly code: string };

/**
 * Takes the facts, a journey, what the attempt brought and the time; returns the facts with it. Once done, the journey is
 * looked at, so that what is whitelisted counts no more.
 */
export function recordWhitelisting(
  facts: CustomerFacts,
  journeyId: string,
  outcome: WhitelistOutcome,
  at: Instant,
): Change {
  const wanted = knownJourney(facts, journeyId)?.whitelisting ?? null;
  if (wanted === null) return only(facts, []);
  const isOver = outcome.kind === 'done' || outcome.kind === 'gone';
  const next = withJourney(facts, journeyId, at, (journey) =>
    isOver
      ? { ...journey, whitelisting: null, owedLook: oweLook(journey.owedLook, at, null) }
      : {
          ...journey,
          whitelisting: { ...wanted, lastAttemptAt: at, trouble: `${outcome.kind}:${outcome.code}` },
        },
  );
  const { caseId, matches } = wanted;
  return only(
    next,
    outcome.kind === 'done' ? [{ kind: 'matches_whitelisted', journeyId, caseId, matches }] : [],
  );
}
