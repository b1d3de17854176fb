import { amlAfterLook, amlEffect } from './aml-changes.js';
import {
  type CustomerFacts,
  type JourneyFacts,
  knownJourney,
  newJourney,
  type Verdict,
  withJourney,
} from './customer.js';
import type { Effect } from './effects.js';
import { isBroughtAlong, matchesKnownBefore } from './imported.js';
import { type Instant, latest } from './instant.js';
import {
  type IdentityDigests,
  isAmlNotReady,
  isOpen,
  type JourneySnapshot,
  type LookOutcome,
} from './journey.js';
import { isForSilence, newCustomStep, resolveDoubts } from './journey-calls.js';
import { oweLook } from './owed-look.js';
import type { DecisionContext } from './policy.js';
import { pauseAfter } from './trouble.js';
import { asksAgain, isBeingRead, overridingDecision } from './verdict.js';

export interface Looked {
  readonly facts: CustomerFacts;
  /** Inbox rows whose look is done. */
  readonly settledCauses: readonly string[];
  /** What the look shows of AML: a change to tell, or matches that are known from before. */
  readonly amlEffects: readonly Effect[];
}

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
      amlEffects: [],
    };
  }
  const before = knownJourney(facts, journeyId) ?? newJourney(journeyId, at);
  const isOfImport = isBroughtAlong(facts, journeyId);
  const { aml, change } = amlAfterLook(before.aml, outcome.snapshot, at, isOfImport);
  const known = isOfImport ? matchesKnownBefore(aml, outcome.snapshot) : [];
  return {
    facts: withJourney(facts, journeyId, at, (journey) => ({
      ...resolveDoubts(withSnapshot(journey, outcome.snapshot, at, context)),
      aml,
    })),
    settledCauses: before.owedLook?.causes ?? [],
    amlEffects: change === null ? known : [amlEffect(change)],
  };
}

function fruitless(
  journey: JourneyFacts,
  outcome: Exclude<LookOutcome, { kind: 'journey' }>,
  at: Instant,
): JourneyFacts {
  const owed = journey.owedLook ?? oweLook(null, at, null);
  return {
    ...journey,
    lastLookAt: at,
    owedLook: {
      ...owed,
      attempts: owed.attempts + 1,
      lastAttemptAt: at,
      trouble: 'code' in outcome ? `${outcome.kind}:${outcome.code}` : outcome.kind,
      notBefore: pauseAfter(outcome, at),
    },
  };
}

function withSnapshot(
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  context: DecisionContext,
): JourneyFacts {
  const judged = verdictAfter(journey, snapshot, at, context);
  const verdict = judged && withLatestResult(judged, snapshot);
  const isRequest = judged?.decision === 'Resubmission Requested';
  const isUnheardRequest = isRequest && judged !== journey.verdict && !journey.requestHeardEarly;
  const isAskedAgain =
    verdict !== null && asksAgain(verdict) && verdict.stepsDigest !== journey.askedAgainOver;
  const hasOtherSteps = journey.snapshot !== null && journey.snapshot.stepsDigest !== snapshot.stepsDigest;
  // The word that the user's part is done may have been lost; that every step is completed says so as well.
  const isForCustomStep = context.customStepConfigured && isOpen(snapshot) && snapshot.userStepsIn === true;
  const isNews = journey.snapshot?.answerDigest !== snapshot.answerDigest;
  return {
    ...journey,
    snapshot,
    snapshotAt: at,
    lastLookAt: at,
    // The user is at it, though no event told of it.
    lastStepAt: hasOtherSteps ? latest(at, journey.lastStepAt) : journey.lastStepAt,
    fetchedSinceSubmission: true,
    customStep: journey.customStep ?? (isForCustomStep ? newCustomStep(at) : null),
    // It is no silence; and as it is open still, nothing has closed it.
    completion:
      hasOtherSteps && isOpen(snapshot) && isForSilence(journey.completion) ? null : journey.completion,
    owedLook: null,
    ...(isNews && journey.resultGivenUpAt !== null ? { resultGivenUpAt: null, resultTakenUpAt: at } : {}),
    amlPendingSince: isAmlNotReady(snapshot) ? (journey.amlPendingSince ?? at) : null,
    heardManualDecision:
      journey.heardManualDecision?.value === snapshot.manualDecision ? null : journey.heardManualDecision,
    finishedHeardAt: isOpen(snapshot) ? journey.finishedHeardAt : null,
    requestHeardEarly: isRequest && !isBeingRead(judged, snapshot) ? false : journey.requestHeardEarly,
    // Steps that an earlier request named are not those of this one.
    requiredSteps: isUnheardRequest ? [] : journey.requiredSteps,
    verdict,
    redoRounds: isAskedAgain ? journey.redoRounds + 1 : journey.redoRounds,
    askedAgainOver: isAskedAgain ? verdict.stepsDigest : journey.askedAgainOver,
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
 * A verdict is kept with the steps that it was passed on and their result, so that a later look can tell whether newer
 * steps are in. The same word again is the same verdict; a further request to resubmit that was heard of only begins its
 * time anew. Over newer steps and their result it is another one where it is such a request, or a failed capture rule,
 * which is judged anew on each new result.
 */
function verdictAfter(
  journey: JourneyFacts,
  snapshot: JourneySnapshot,
  at: Instant,
  context: DecisionContext,
): Verdict | null {
  const known = journey.verdict;
  const { stepsDigest, resultDigest, endTime } = snapshot;
  // While the newer steps are being read, what could not be used before has not been judged anew.
  const isOfCapture = known?.decision === 'capture_failed' && snapshot.manualDecision === null;
  if (isOfCapture && !isOpen(snapshot) && isBeingRead(known, snapshot)) return known;
  const decision = overridingDecision(snapshot, context);
  if (decision === null) return null;
  if (known?.decision === decision) {
    const isFurther = decision === 'Resubmission Requested' && journey.requestHeardEarly;
    if (known.stepsDigest === stepsDigest) return isFurther ? { ...known, seenAt: at } : known;
    const isAnotherResult = known.resultDigest !== resultDigest && !isBeingRead(known, snapshot);
    if (!isAnotherResult || !(isFurther || decision === 'capture_failed')) return known;
  }
  return {
    decision,
    seenAt: at,
    stepsDigest,
    resultDigest,
    endTime,
    requestHeard: journey.requestHeardEarly,
    newerStepsAt: null,
  };
}

/** Another result over the same steps (AML, say) is the one that newer steps will find there. */
function withLatestResult(
  verdict: Verdict,
  { stepsDigest, resultDigest, endTime }: JourneySnapshot,
): Verdict {
  return verdict.stepsDigest === stepsDigest ? { ...verdict, resultDigest, endTime } : verdict;
}
