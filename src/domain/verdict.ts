import { failedCaptureRules, stepsUnderWay } from './checks.js';
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

/** What has become of a journey's verdict by what is fetched now. */
export type VerdictState = 'none' | 'stands' | 'newer_steps_in' | 'replaced';

/**
 * Takes a journey; returns what has become of its verdict. It stands as long as the fetched steps are those that it was
 * passed on; a new result over the same steps (AML, say) changes nothing of it. Other steps with the old result are
 * newer steps in once the app or an event has said that the user's part is done: the word alone may be a late one about
 * the steps before, and other steps alone may be half of what was asked for. A result over other steps replaces it.
 *
 * Only `Rejected` stands as long as IDWise says it: no steps are taken after a rejection but on a request, which would
 * have taken its place, and that we missed a request and a second rejection cannot be seen.
 */
export function verdictState({ verdict, snapshot }: JourneyFacts): VerdictState {
  if (verdict === null || snapshot === null) return 'none';
  if (verdict.stepsDigest === snapshot.stepsDigest) return 'stands';
  if (verdict.resultDigest !== snapshot.resultDigest && !isBeingRead(verdict, snapshot))
    return verdict.decision === 'Rejected' ? 'stands' : 'replaced';
  return verdict.newerStepsAt === null ? 'stands' : 'newer_steps_in';
}

/**
 * Takes a verdict and a fetched journey; returns true while IDWise still reads the newer steps: what the steps before had
 * shown is gone from the answer, but the decision in it is the one about them.
 */
export function isBeingRead({ stepsDigest, endTime }: Verdict, snapshot: JourneySnapshot): boolean {
  const isOldResult = snapshot.systemDecision !== 'Incomplete' && snapshot.endTime === endTime;
  return isOldResult && stepsDigest !== snapshot.stepsDigest && stepsUnderWay(snapshot).length > 0;
}

/** Takes a verdict; returns true when it asks the customer to do steps again. */
export function asksAgain({ decision }: Verdict): boolean {
  return decision === 'Resubmission Requested' || decision === 'capture_failed';
}
