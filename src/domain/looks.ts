import { type AmlChange, amlAfterLook } from './aml-changes.js';
import {
  type CustomerFacts,
  type JourneyFacts,
  knownJourney,
  newJourney,
  type Verdict,
  withJourney,
} from './customer.js';
import { type Instant, later } from './instant.js';
import {
  type IdentityDigests,
  isAmlNotReady,
  isOpen,
  type JourneySnapshot,
  type LookOutcome,
} from './journey.js';
import { newCustomStep, resolveDoubts } from './journey-calls.js';
import { oweLook } from './owed-look.js';
import type { DecisionContext } from './policy.js';
import { asksAgain, overridingDecision } from './verdict.js';

export interface Looked {
  readonly facts: CustomerFacts;
  /** Inbox rows whose look is done. */
  readonly settledCauses: readonly string[];
  readonly amlChange: AmlChange | null;
}

/** Credentials do not mend themselves within seconds; asking again sooner only fills IDWise's log. */
const REFUSED_PAUSE_MS = 5 * 60_000;
const LONGEST_RETRY_AFTER_MS = 60 * 60_000;

/**
 * Takes the facts and what a look at a journey brought; returns the facts with it. Only a journey that IDWise gave,
 * that could be read and that bears our reference number changes anything but the list of what is owed.
 */
export function recordLook(
  facts: CustomerFacts,
  journeyId: string,
  outcome: LookOutcome,
  at: Instant,
  context: DecisionContext,
): Looked {
  if (outcome.kind !== 'journey') {
    return {
      facts: withJourney(facts, journeyId, at, (journey) => fruitless(journey, outcome, at)),
      settledCauses: [],
      amlChange: null,
    };
  }
  const before = knownJourney(facts, journeyId) ?? newJourney(journeyId, at);
  const { aml, change } = amlAfterLook(before.aml, outcome.snapshot, at);
  return {
    facts: withJourney(facts, journeyId, at, (journey) => ({
      ...resolveDoubts(withSnapshot(journey, outcome.snapshot, at, context)),
      aml,
    })),
    settledCauses: before.owedLook?.causes ?? [],
    amlChange: change,
  };
}

function fruitless(
  journey: JourneyFacts,
  outcome: Exclude<LookOutcome, { kind: 'journey' }>,
  at: Instant,
): JourneyFacts {
  const owed = journey.owedLook ?? oweLook(null, at, null);
  const pauseMs =
    outcome.kind === 'refused'
      ? REFUSED_PAUSE_MS
      : outcome.kind === 'unavailable'
        ? Math.min(outcome.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS)
        : 0;
  return {
    ...journey,
    lastLookAt: at,
    owedLook: {
      ...owed,
      attempts: owed.attempts + 1,
      lastAttemptAt: at,
      trouble: 'code' in outcome ? `${outcome.kind}:${outcome.code}` : outcome.kind,
      notBefore: pauseMs > 0 ? later(at, pauseMs) : null,
    },
  };
}

function withSnapshot(
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  context: DecisionContext,
): JourneyFacts {
  const verdict = verdictAfter(journey, snapshot, at, context);
  const isUnheardRequest =
    verdict !== journey.verdict &&
    verdict?.decision === 'Resubmission Requested' &&
    !journey.requestHeardEarly;
  const isAskedAgain = verdict !== null && verdict !== journey.verdict && asksAgain(verdict);
  // The word that the user's part is done may have been lost; that every step is completed says so as well.
  const isForCustomStep = context.customStepConfigured && isOpen(snapshot) && snapshot.userStepsIn === true;
  const isNews = journey.snapshot?.answerDigest !== snapshot.answerDigest;
  return {
    ...journey,
    snapshot,
    snapshotAt: at,
    lastLookAt: at,
    fetchedSinceSubmission: true,
    customStep: journey.customStep ?? (isForCustomStep ? newCustomStep(at) : null),
    owedLook: null,
    ...(isNews && journey.resultGivenUpAt !== null ? { resultGivenUpAt: null, resultTakenUpAt: at } : {}),
    amlPendingSince: isAmlNotReady(snapshot) ? (journey.amlPendingSince ?? at) : null,
    heardManualDecision:
      journey.heardManualDecision?.value === snapshot.manualDecision ? null : journey.heardManualDecision,
    finishedHeardAt: isOpen(snapshot) ? journey.finishedHeardAt : null,
    requestHeardEarly: verdict?.decision === 'Resubmission Requested' ? false : journey.requestHeardEarly,
    // Steps that an earlier request named are not those of this one.
    requiredSteps: isUnheardRequest ? [] : journey.requiredSteps,
    verdict,
    redoRounds: isAskedAgain ? journey.redoRounds + 1 : journey.redoRounds,
    personBefore: isAskedAgain ? personSoFar(journey.personBefore, snapshot.identity) : journey.personBefore,
  };
}

/** Who the journey has shown so far: what a picture that could not be used did not show, a later one may. */
function personSoFar(before: IdentityDigests | null, shown: IdentityDigests): IdentityDigests {
  return {
    birthDate: before?.birthDate ?? shown.birthDate,
    personalNumber: before?.personalNumber ?? shown.personalNumber,
    fullName: before?.fullName ?? shown.fullName,
    documentNumber: before?.documentNumber ?? shown.documentNumber,
    documentExpiry: before?.documentExpiry ?? shown.documentExpiry,
  };
}

/**
 * A verdict is kept with the result that it was passed on, so that a later look can tell whether newer steps are in.
 * The same word again is the same verdict, save a failed capture rule, which is judged anew on each new result, and a
 * further request to resubmit that was heard of and can be about the result that is there now.
 */
function verdictAfter(
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  context: DecisionContext,
): Verdict | null {
  const decision = overridingDecision(snapshot, context);
  if (decision === null) return null;
  const known = journey.verdict;
  const sameResult = known?.resultDigest === snapshot.resultDigest;
  const isJudgedAnew =
    decision === 'capture_failed' || (decision === 'Resubmission Requested' && journey.requestHeardEarly);
  if (known !== null && known.decision === decision && (sameResult || !isJudgedAnew)) return known;
  return {
    decision,
    seenAt: at,
    stepsDigest: snapshot.stepsDigest,
    resultDigest: snapshot.resultDigest,
    requestHeard: journey.requestHeardEarly,
    newerStepsAt: null,
  };
}
