import {
  type CompletionFacts,
  type CustomerFacts,
  type CustomStepFacts,
  type Doubt,
  type JourneyFacts,
  knownJourney,
  withJourney,
} from './customer.js';
import type { Effect } from './effects.js';
import { type Instant, later, latest, toMs } from './instant.js';
import { isOpen } from './journey.js';
import { oweLook } from './owed-look.js';
import type { DecisionContext, Policy } from './policy.js';
import { nextRung } from './retry-ladder.js';
import { pauseAfter } from './trouble.js';

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
  | {
      readonly kind: 'provider_unavailable' | 'unavailable' | 'refused';
      readonly code: string;
      /** A pause that IDWise asks for. */
      readonly retryAfterMs?: number | null;
    }
  /** IDWise will not do it: the journey is closed already, say, or the request is wrong. */
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
 * Takes a custom step, the policy and the time; returns its next move and when to make it. The wait for the user's
 * steps and the wait for the photo are both bounded by policy, to the moment: a provider that stays down must not keep
 * the journey open for ever. Each stage is tried on the ladder from its own beginning, and none ends before it was tried:
 * an event that comes late, or an IDWise that was away, uses up nobody's patience.
 */
export function customStepMove(
  step: CustomStepFacts,
  policy: Policy,
  now: Instant,
): { readonly stage: CustomStepStage; readonly nextAttemptAt: Instant } {
  const { stage, since, endsAt } = stageAt(step, policy, now);
  const nextAttemptAt = latest(nextRung(since, step.lastAttemptAt), step.notBefore ?? null);
  if (endsAt === null || toMs(nextAttemptAt) < toMs(endsAt)) return { stage, nextAttemptAt };
  const nextStageAt = latest(endsAt, step.notBefore ?? null);
  return { stage: stageAt(step, policy, endsAt).stage, nextAttemptAt: nextStageAt };
}

function stageAt(
  step: CustomStepFacts,
  policy: Policy,
  at: Instant,
): { stage: CustomStepStage; since: Instant; endsAt: Instant | null } {
  const isUntriedSince = (since: Instant) =>
    step.lastAttemptAt === null || toMs(step.lastAttemptAt) < toMs(since);
  const isFaceWanted = step.face === 'wanted';
  const patienceEndsAt = later(step.since, policy.customStep.userStepsTimeoutMs);
  if (step.stepsConcludedAt === null) {
    if (isFaceWanted && isUntriedSince(step.since))
      return { stage: 'await_user_steps', since: step.since, endsAt: null };
    if (toMs(at) < toMs(patienceEndsAt))
      return { stage: 'await_user_steps', since: step.since, endsAt: patienceEndsAt };
  }
  const faceSince = step.stepsConcludedAt ?? patienceEndsAt;
  if (!isFaceWanted) return { stage: 'complete', since: faceSince, endsAt: null };
  if (isUntriedSince(faceSince)) return { stage: 'send_face', since: faceSince, endsAt: null };
  const faceEndsAt = later(faceSince, policy.customStep.faceTimeoutMs);
  return toMs(at) < toMs(faceEndsAt)
    ? { stage: 'send_face', since: faceSince, endsAt: faceEndsAt }
    : { stage: 'complete', since: faceEndsAt, endsAt: null };
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
    const inDoubt = outcome.kind === 'uncertain' || (stage === 'complete' && outcome.kind === 'rejected');
    const known = journey.customStep ?? newCustomStep(at);
    const isFirst = stage === 'await_user_steps' && known.lastAttemptAt === null;
    const step = {
      ...known,
      // The wait for the user's steps counts from its first attempt, which may have been held up for long.
      since: isFirst ? at : known.since,
      lastAttemptAt: at,
      notBefore: pauseAfter(outcome, at),
      trouble: trouble(outcome),
      ...(inDoubt ? { doubt: 'unread' as const } : {}),
    };
    return {
      ...(inDoubt ? toBeRead(journey, at) : journey),
      customStep: afterStage(step, stage, outcome, at),
    };
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
          return { ...step, face: 'none', doubt: 'none', lastAttemptAt: null };
        case 'rejected':
          return { ...step, face: 'given_up', doubt: 'none', lastAttemptAt: null };
        default:
          return step;
      }
    case 'complete':
      return isDone(outcome)
        ? {
            ...step,
            face: step.face === 'wanted' ? 'given_up' : step.face,
            completedAt: at,
            doubt: 'none',
          }
        : step;
  }
}

/** Who closes a journey that nobody goes on with. */
export const BY_POLICY = 'policy';

/**
 * Takes the facts and a wish to close a journey (an operator's, or the policy's); returns the facts with it. The policy goes
 * by a silence, and the word that the user is at it may have been lost: the journey is read first.
 */
export function requestCompletion(
  facts: CustomerFacts,
  journeyId: string,
  actor: string,
  reason: string,
  at: Instant,
): CustomerFacts {
  return withJourney(facts, journeyId, at, (journey) => {
    const known = journey.completion;
    const isOfSilence = actor === BY_POLICY;
    if (known?.state === 'wanted') {
      // Who asks by hand means it, whatever the user is at.
      const isTakenOver = known.actor === BY_POLICY && !isOfSilence;
      return isTakenOver ? { ...journey, completion: { ...known, actor, reason } } : journey;
    }
    const completion: CompletionFacts = {
      requestedAt: at,
      actor,
      reason,
      state: 'wanted',
      lastAttemptAt: null,
      trouble: null,
      doubt: isOfSilence ? 'unread' : 'none',
    };
    return { ...(isOfSilence ? toBeRead(journey, at) : journey), completion };
  });
}

/** Takes a wish to close a journey; returns true where it stands for a silence alone, which may turn out to be none. */
export function isForSilence(completion: CompletionFacts | null): completion is CompletionFacts {
  return completion?.state === 'wanted' && completion.actor === BY_POLICY;
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
    const inDoubt = outcome.kind === 'uncertain' || outcome.kind === 'rejected';
    const completion: CompletionFacts = {
      ...journey.completion,
      lastAttemptAt: at,
      notBefore: pauseAfter(outcome, at),
      trouble: trouble(outcome),
      ...(inDoubt ? { doubt: 'unread' as const } : {}),
    };
    return {
      ...(inDoubt ? toBeRead(journey, at) : journey),
      completion: isDone(outcome) ? { ...completion, state: 'done', doubt: 'none' } : completion,
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
      doubt: customStep.face === 'wanted' && faceShows ? 'none' : read(customStep.doubt),
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

function trouble(outcome: CallOutcome): string | null {
  if (outcome.kind === 'uncertain') return 'uncertain';
  return 'code' in outcome ? `${outcome.kind}:${outcome.code}` : null;
}

/**
 * After a call in doubt the journey is read before anything is sent again. A refusal to close a journey is such a doubt:
 * it is closed already, or IDWise will not close it, and only the journey tells which.
 */
function toBeRead(journey: JourneyFacts, at: Instant): JourneyFacts {
  return { ...journey, owedLook: oweLook(journey.owedLook, at, null) };
}

function isDone(outcome: CallOutcome): boolean {
  return outcome.kind === 'done' || outcome.kind === 'already_done';
}

/** Takes the facts before and after a change, and a journey; returns what became of the wish to close it. */
export function completionEffects(before: CustomerFacts, after: CustomerFacts, journeyId: string): Effect[] {
  const was = knownJourney(before, journeyId)?.completion;
  const is = knownJourney(after, journeyId)?.completion;
  if (was == null) return [];
  const { actor, reason } = was;
  if (is == null) return [{ kind: 'completion', journeyId, outcome: 'withdrawn', actor, reason }];
  if (was.state === is.state) return [];
  return [{ kind: 'completion', journeyId, outcome: is.state, actor: is.actor, reason: is.reason }];
}
