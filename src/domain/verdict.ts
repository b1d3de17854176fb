import { failedCaptureRules } from './checks.js';
import type { JourneyFacts, Verdict } from './customer.js';
import { isOpen, type JourneySnapshot } from './journey.js';
import type { DecisionContext } from './policy.js';

const KNOWN_MANUAL = ['Approved', 'Rejected', 'Resubmission Requested'] as const;

/** Takes a manual decision; returns true for those of the contract (§1.5, §3.8). The set is open: others may come. */
export function isKnownManual(decision: string): decision is (typeof KNOWN_MANUAL)[number] {
  return KNOWN_MANUAL.some((known) => known === decision);
}

/** Takes a fetched journey and the context; returns what overrides its system decision, or null. */
export function overridingDecision(
  snapshot: JourneySnapshot,
  context: DecisionContext,
): Verdict['decision'] | null {
  const { manualDecision } = snapshot;
  if (manualDecision !== null) return isKnownManual(manualDecision) ? manualDecision : null;
  return !isOpen(snapshot) && failedCaptureRules(snapshot, context.policy).length > 0
    ? 'capture_failed'
    : null;
}

/**
 * Takes a journey; returns its verdict while it is in force: until the result that it was passed on has been replaced
 * by one over newer steps. A new result over the same steps (AML, say) leaves it in force.
 */
export function verdictInForce({ verdict, snapshot }: JourneyFacts): Verdict | null {
  if (verdict === null || snapshot === null) return null;
  const isReplaced =
    verdict.resultDigest !== snapshot.resultDigest && verdict.stepsDigest !== snapshot.stepsDigest;
  return isReplaced ? null : verdict;
}

/**
 * Takes a journey; returns true when steps newer than its verdict are in: the app or an event said that the user's part
 * is done, and the fetched steps are other ones. The word alone may be a late one about the steps before; other steps
 * alone may be half of what was asked for.
 */
export function newerStepsAreIn({ verdict, snapshot }: JourneyFacts): boolean {
  return (
    verdict !== null &&
    snapshot !== null &&
    verdict.newerStepsAt !== null &&
    verdict.stepsDigest !== snapshot.stepsDigest
  );
}

/** Takes a verdict; returns true when it asks the customer to do steps again. */
export function asksAgain({ decision }: Verdict): boolean {
  return decision === 'Resubmission Requested' || decision === 'capture_failed';
}
