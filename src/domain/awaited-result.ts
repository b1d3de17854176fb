import { stepsUnderWay } from './checks.js';
import type { JourneyFacts } from './customer.js';
import { type Instant, later, latest } from './instant.js';
import { isOpen, type JourneySnapshot } from './journey.js';
import type { Policy } from './policy.js';
import { userPart } from './user-part.js';
import { asksAgain, verdictState } from './verdict.js';

/**
 * What IDWise still owes, and since when: the decision of a journey that it called finished, its AML part, the result
 * over newer steps. Or only a hint that a fetch does not show (yet): newer steps, a manual decision.
 */
export interface AwaitedResult {
  readonly what:
    | 'decision'
    | 'overdue_decision'
    | 'aml'
    | 'result_over_newer_steps'
    | 'hint_of_newer_steps'
    | 'hint_of_renewal'
    | 'hint_of_decision';
  readonly since: Instant;
}

/** Takes a journey and the policy; returns what a second look is for, or null when nothing is awaited or it was given up. */
export function awaitedResult(journey: JourneyFacts, policy: Policy): AwaitedResult | null {
  const awaited = whatIsAwaited(journey, policy);
  return awaited && { ...awaited, since: latest(awaited.since, journey.resultTakenUpAt) };
}

function whatIsAwaited(journey: JourneyFacts, { look }: Policy): AwaitedResult | null {
  const { snapshot, verdict, finishedHeardAt, amlPendingSince, heardManualDecision } = journey;
  if (snapshot === null || journey.resultGivenUpAt !== null) return null;
  if (finishedHeardAt !== null && isOpen(snapshot)) return { what: 'decision', since: finishedHeardAt };
  const submittedAt = isOpen(snapshot) && userPart(journey) === 'submitted' ? lastHandedInAt(journey) : null;
  if (submittedAt !== null)
    return { what: 'overdue_decision', since: later(submittedAt, look.resultOverdueAfterMs) };
  if (amlPendingSince !== null) return { what: 'aml', since: amlPendingSince };
  if (verdict?.newerStepsAt != null) {
    const state = verdictState(journey);
    if (state === 'newer_steps_in') return { what: 'result_over_newer_steps', since: verdict.newerStepsAt };
    if (state === 'stands' && asksAgain(verdict))
      return { what: 'hint_of_newer_steps', since: verdict.newerStepsAt };
  }
  const renewal = resultOfRenewal(journey, snapshot);
  if (renewal !== null) return renewal;
  return heardManualDecision === null ? null : { what: 'hint_of_decision', since: heardManualDecision.at };
}

/** Newer steps of an approved journey whose result is still the one that was approved, or not there yet. */
function resultOfRenewal(journey: JourneyFacts, snapshot: JourneySnapshot): AwaitedResult | null {
  const { renewal, approvedResult, lastStepAt } = journey;
  if (renewal === null || approvedResult === null || approvedResult.stepsDigest === snapshot.stepsDigest)
    return null;
  if (approvedResult.resultDigest !== snapshot.resultDigest && stepsUnderWay(snapshot).length === 0)
    return null;
  if (renewal.stepsInAt !== null)
    return { what: 'result_over_newer_steps', since: latest(renewal.stepsInAt, lastStepAt) };
  return { what: 'hint_of_renewal', since: lastStepAt ?? renewal.askedAt };
}

/** The latest sign that the user has handed something in; that all is in, or judged, is a word that may have been lost. */
function lastHandedInAt({
  submittedReportedAt,
  userStepsFinishedAt,
  lastStepAt,
  firstSeenAt,
}: JourneyFacts): Instant {
  return [submittedReportedAt, userStepsFinishedAt, lastStepAt].reduce<Instant>(latest, firstSeenAt);
}

/**
 * Takes what is awaited; returns true when it may never come: only a body or the app mentioned it, or only a part of the
 * steps may have been handed in.
 */
export function isHint({ what }: AwaitedResult): boolean {
  return what.startsWith('hint_of_');
}
