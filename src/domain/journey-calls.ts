import {
  type CompletionFacts,
  type CustomerFacts,
  type CustomStepFacts,
  type Doubt,
  type JourneyFacts,
  withJourney,
} from './customer.js';
import { type Instant, later, toMs } from './instant.js';
import { isOpen } from './journey.js';
import { oweLook } from './owed-look.js';
import type { DecisionContext, Policy } from './policy.js';

/** What one attempt at a call that must not be made twice brought. */
export type CallOutcome =
  | {
      readonly kind:
        | 'done'
        | 'already_done'
        | 'no_face'
        | 'uncertain'
        | 'user_steps_open'
        | 'user_steps_concluded';
    }
  /** Nothing was done: not reachable, IDWise's or the provider's fault, or our credentials. */
  | { readonly kind: 'provider_unavailable' | 'unavailable' | 'refused'; readonly code: string }
  /** IDWise will not do it: the journey is closed already, say. */
  | { readonly kind: 'rejected'; readonly code: string };

/** The custom step's next move. */
export type CustomStepStage = 'await_user_steps' | 'send_face' | 'complete';

/** Takes when the user's steps were reported in; returns a custom step at its beginning. */
export function newCustomStep(at: Instant): CustomStepFacts {
  return {
    since: at,
    stepsConcludedAt: null,
    face: 'wanted',
    completedAt: null,
    lastAttemptAt: null,
    trouble: null,
    doubt: 'none',
  };
}

/**
 * Takes a custom step, the policy and the time; returns its next move. The wait for the user's steps and the wait for
 * the photo are both bounded by policy: a provider that stays down must not keep the journey open for ever.
 */
export function customStepStage(step: CustomStepFacts, policy: Policy, now: Instant): CustomStepStage {
  const patienceEndsAt = later(step.since, policy.customStep.userStepsTimeoutMs);
  if (step.stepsConcludedAt === null && toMs(now) < toMs(patienceEndsAt)) return 'await_user_steps';
  const faceSince = step.stepsConcludedAt ?? patienceEndsAt;
  const faceEndsAt = later(faceSince, policy.customStep.faceTimeoutMs);
  return step.face === 'wanted' && toMs(now) < toMs(faceEndsAt) ? 'send_face' : 'complete';
}

/** Takes the facts and what an attempt at the custom step brought; returns the facts with it. */
export function recordCustomStep(
  facts: CustomerFacts,
  journeyId: string,
  stage: CustomStepStage,
  outcome: CallOutcome,
  at: Instant,
): CustomerFacts {
  return withJourney(facts, journeyId, at, (journey) => {
    const step = { ...(journey.customStep ?? newCustomStep(at)), lastAttemptAt: at, ...trouble(outcome) };
    return { ...readIfInDoubt(journey, outcome, at), customStep: afterStage(step, stage, outcome, at) };
  });
}

function afterStage(
  step: CustomStepFacts,
  stage: CustomStepStage,
  outcome: CallOutcome,
  at: Instant,
): CustomStepFacts {
  switch (stage) {
    case 'await_user_steps':
      // The next stage is due at once, not on the ladder.
      return outcome.kind === 'user_steps_concluded'
        ? { ...step, stepsConcludedAt: at, lastAttemptAt: null }
        : step;
    case 'send_face':
      switch (outcome.kind) {
        case 'done':
        case 'already_done':
          return { ...step, face: 'sent', doubt: 'none', lastAttemptAt: null };
        case 'no_face':
          return { ...step, face: 'none', lastAttemptAt: null };
        case 'rejected':
          return { ...step, face: 'given_up', lastAttemptAt: null };
        default:
          return step;
      }
    case 'complete': {
      const face = step.face === 'wanted' ? ('given_up' as const) : step.face;
      return isClosed(outcome) ? { ...step, face, completedAt: at, doubt: 'none' } : { ...step, face };
    }
  }
}

/** Takes the facts and a wish to close a journey (an operator's, or the policy's); returns the facts with it. */
export function requestCompletion(
  facts: CustomerFacts,
  journeyId: string,
  actor: string,
  reason: string,
  at: Instant,
): CustomerFacts {
  return withJourney(facts, journeyId, at, (journey) => ({
    ...journey,
    completion:
      journey.completion?.state === 'wanted'
        ? journey.completion
        : {
            requestedAt: at,
            actor,
            reason,
            state: 'wanted',
            lastAttemptAt: null,
            trouble: null,
            doubt: 'none',
          },
  }));
}

/** Takes the facts and what an attempt to close a journey brought; returns the facts with it. */
export function recordCompletion(
  facts: CustomerFacts,
  journeyId: string,
  outcome: CallOutcome,
  at: Instant,
): CustomerFacts {
  return withJourney(facts, journeyId, at, (journey) => {
    if (journey.completion === null) return journey;
    const completion: CompletionFacts = { ...journey.completion, lastAttemptAt: at, ...trouble(outcome) };
    return {
      ...readIfInDoubt(journey, outcome, at),
      completion: isClosed(outcome) ? { ...completion, state: 'done', doubt: 'none' } : completion,
    };
  });
}

/**
 * Takes a journey that has just been read; returns it with every doubt resolved: what the answer shows as done is
 * done, what it does not show may be sent again.
 */
export function resolveDoubts(journey: JourneyFacts): JourneyFacts {
  const { snapshot, customStep, completion } = journey;
  if (snapshot === null) return journey;
  const closed = !isOpen(snapshot);
  const read = (doubt: Doubt): Doubt => (doubt === 'unread' ? 'read' : doubt);
  const faceShows = snapshot.governmentFaceMatched !== null;
  return {
    ...journey,
    customStep: customStep && {
      ...customStep,
      doubt: read(customStep.doubt),
      face: customStep.face === 'wanted' && faceShows ? 'sent' : customStep.face,
    },
    completion: completion && {
      ...completion,
      doubt: read(completion.doubt),
      state: completion.state === 'wanted' && closed ? 'done' : completion.state,
    },
  };
}

/** Takes a journey and the context; returns true while the custom step still has to be brought to its end. */
export function customStepIsOpen(journey: JourneyFacts, context: DecisionContext): boolean {
  const { customStep, snapshot } = journey;
  if (!context.customStepConfigured || customStep === null || customStep.completedAt !== null) return false;
  return snapshot === null || isOpen(snapshot);
}

function trouble(outcome: CallOutcome): { trouble: string | null; doubt?: Doubt } {
  if (outcome.kind === 'uncertain') return { trouble: 'uncertain', doubt: 'unread' };
  return { trouble: 'code' in outcome ? `${outcome.kind}:${outcome.code}` : null };
}

/** After a call in doubt the journey is read before anything is sent again. */
function readIfInDoubt(journey: JourneyFacts, outcome: CallOutcome, at: Instant): JourneyFacts {
  return outcome.kind === 'uncertain'
    ? { ...journey, owedLook: oweLook(journey.owedLook, at, null) }
    : journey;
}

/** A refusal because the journey is closed already serves the purpose as well. */
function isClosed(outcome: CallOutcome): boolean {
  return outcome.kind === 'done' || outcome.kind === 'already_done' || outcome.kind === 'rejected';
}
