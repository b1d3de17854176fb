import type { MatchRef } from './cases/aml-summary.js';
import { type Change, only } from './change.js';
import { type CustomerFacts, type JourneyFacts, knownJourney, withJourney } from './customer.js';
import type { Instant } from './instant.js';
import { oweLook } from './owed-look.js';
import { pauseAfter, troubleEffects } from './trouble.js';

/** What one attempt to whitelist matches at IDWise brought. */
export type WhitelistOutcome =
  | {
      readonly kind: 'done';
      /** Those that were sent. */
      readonly matches: readonly MatchRef[];
      /** Those that count no more: there is nothing to whitelist. */
      readonly gone: readonly MatchRef[];
    }
  | {
      readonly kind: 'unavailable' | 'refused' | 'rejected';
      readonly code: string;
      readonly retryAfterMs?: number | null;
    };

/**
 * Takes the facts, a journey, what the attempt brought and the time; returns the facts with it. On record stands what was
 * really whitelisted; what could not be, or has been wanted since the attempt began, is tried on. What is whitelisted
 * counts no more: the journey is looked at, unless the customer is closed, of whom no look is made.
 */
export function recordWhitelisting(
  facts: CustomerFacts,
  journeyId: string,
  outcome: WhitelistOutcome,
  at: Instant,
): Change {
  const wanted = knownJourney(facts, journeyId)?.whitelisting ?? null;
  if (wanted === null) return only(facts, []);
  const put = (change: (journey: JourneyFacts) => Partial<JourneyFacts>) =>
    withJourney(facts, journeyId, at, (journey) => ({ ...journey, ...change(journey) }));
  if (outcome.kind !== 'done') {
    const trouble = `${outcome.kind}:${outcome.code}`;
    return only(
      put(() => ({
        whitelisting: { ...wanted, lastAttemptAt: at, notBefore: pauseAfter(outcome, at), trouble },
      })),
      troubleEffects(wanted.trouble, trouble, journeyId),
    );
  }
  const isOf = (matches: readonly MatchRef[]) => (match: MatchRef) => matches.includes(match);
  const matches = wanted.matches.filter(isOf(outcome.matches));
  const left = wanted.matches.filter((match) => !isOf([...outcome.matches, ...outcome.gone])(match));
  const whitelisting =
    left.length === 0 ? null : { ...wanted, matches: left, lastAttemptAt: at, trouble: null };
  const next = put(({ owedLook }) => ({
    whitelisting,
    owedLook: facts.closedAt === null ? oweLook(owedLook, at, null) : owedLook,
  }));
  const { caseId } = wanted;
  return only(next, matches.length > 0 ? [{ kind: 'matches_whitelisted', journeyId, caseId, matches }] : []);
}
