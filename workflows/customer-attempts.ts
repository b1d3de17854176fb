import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { IdwiseActivities } from '../activities/idwise-activities.js';
import type { AgendaItem } from '../src/domain/agenda.js';
import type { AmlVersionsOutcome } from '../src/domain/aml-changes.js';
import type { ImagesOutcome } from '../src/domain/images.js';
import type { LookOutcome } from '../src/domain/journey.js';
import { BY_POLICY, type CallOutcome } from '../src/domain/journey-calls.js';
import type { WhitelistOutcome } from '../src/domain/whitelisting.js';
import { DEAD_AFTER, idwiseTaskQueue } from '../src/temporal/names.js';
import type { CustomerTurnInput } from '../src/usecases/customer-turn-command.js';

/** Matters that a turn cannot settle by itself, and the one attempt at each. */
type Attempted = Extract<
  CustomerTurnInput,
  {
    kind:
      | 'look'
      | 'aml_versions'
      | 'images'
      | 'custom_step'
      | 'completion'
      | 'completion_requested'
      | 'remind'
      | 'whitelist'
      | 'clock';
  }
>;

/**
 * One attempt, bounded in time: what failed goes back to the agenda, whose ladder knows since when the matter stands.
 * The queue is shared by all workers and carries the rate limit.
 */
function idwise(maximumAttempts: number): ReturnType<typeof proxyActivities<IdwiseActivities>> {
  return proxyActivities<IdwiseActivities>({
    taskQueue: idwiseTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '15s',
    heartbeatTimeout: DEAD_AFTER,
    // What has begun is waited for, and says what it brought.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1s', maximumAttempts },
  });
}

/**
 * What may be repeated (a read, a state that is set) is made once more at once where its worker died: the ladder, for an
 * old matter, would wait for up to an hour.
 */
const reads = () => idwise(2);
/** What must not be sent twice is never repeated by Temporal. */
const sends = () => idwise(1);

/** Takes the reference number and what is due; makes the attempt and returns what it brought, ready for the record. */
export async function attempt(referenceNo: string, item: AgendaItem): Promise<Attempted> {
  const journeyId = item.journeyId ?? '';
  const at = new Date(Date.now()).toISOString();
  const confirmedNotDone = item.confirmedNotDone ?? false;
  switch (item.what) {
    case 'look':
    case 'second_look': {
      const summary = `IDWise: fetch journey ${journeyId}`;
      const outcome = await settled<LookOutcome>(
        reads().lookAtJourney.executeWithOptions({ summary }, [{ referenceNo, journeyId, at }]),
        { kind: 'unavailable', code: 'attempt_lost', retryAfterMs: null },
      );
      return { kind: 'look', journeyId, outcome };
    }
    case 'aml_versions': {
      const { from, to } = item.versions ?? { from: 1, to: null };
      const summary = `IDWise: read AML versions from ${from}`;
      const outcome = await settled<AmlVersionsOutcome>(
        reads().readAmlVersions.executeWithOptions({ summary }, [{ referenceNo, journeyId, from, to, at }]),
        { kind: 'trouble', code: 'attempt_lost' },
      );
      return { kind: 'aml_versions', journeyId, outcome };
    }
    case 'images': {
      const answerDigest = item.answerDigest ?? '';
      const summary = `IDWise: fetch images of journey ${journeyId}`;
      const outcome = await settled<ImagesOutcome>(
        reads().storeImages.executeWithOptions({ summary, startToCloseTimeout: '25s' }, [
          { referenceNo, journeyId, answerDigest, at },
        ]),
        { kind: 'trouble', stored: 0, code: 'attempt_lost', retryAfterMs: null },
      );
      return { kind: 'images', journeyId, answerDigest, outcome };
    }
    case 'custom_step': {
      const stage = item.stage ?? 'await_user_steps';
      const summary = `IDWise: custom step, ${stage.replaceAll('_', ' ')}`;
      const isRead = stage === 'await_user_steps';
      const { advanceCustomStep } = isRead ? reads() : sends();
      const outcome = await settled<CallOutcome>(
        advanceCustomStep.executeWithOptions({ summary, startToCloseTimeout: '25s' }, [
          { referenceNo, journeyId, stage, confirmedNotDone, at },
        ]),
        isRead ? { kind: 'unavailable', code: 'attempt_lost' } : { kind: 'uncertain' },
      );
      return { kind: 'custom_step', journeyId, stage, outcome };
    }
    case 'complete_journey': {
      const operation = item.operation ?? 'complete-journey';
      const summary = `IDWise: close journey ${journeyId}`;
      const outcome = await settled<CallOutcome>(
        sends().closeJourney.executeWithOptions({ summary }, [
          { referenceNo, journeyId, operation, confirmedNotDone, at },
        ]),
        { kind: 'uncertain' },
      );
      return { kind: 'completion', journeyId, outcome };
    }
    case 'close_silent_journey':
      return {
        kind: 'completion_requested',
        journeyId,
        actor: BY_POLICY,
        reason: 'no step has arrived for the time that the policy allows',
      };
    case 'whitelist': {
      const summary = 'IDWise: whitelist matches';
      const outcome = await settled<WhitelistOutcome>(
        reads().whitelistMatches.executeWithOptions({ summary }, [{ referenceNo, journeyId, at }]),
        { kind: 'unavailable', code: 'attempt_lost' },
      );
      return { kind: 'whitelist', journeyId, outcome };
    }
    case 'remind':
      return { kind: 'remind' };
    case 'clock':
      return { kind: 'clock' };
  }
}

/** An attempt that is under way is mostly done by then (a call may take so long); one that is not waits behind others. */
const PATIENCE = '10s';

/**
 * Takes the reference number, what is due, and whether somebody waits; makes the attempt and returns what it brought. One
 * that has not begun when somebody waits is taken back, and null says so: thousands of customers may stand before this one
 * where IDWise is called no more often than it allows, and what people say and ask must not wait for that.
 */
export async function attemptUnlessWaitedFor(
  referenceNo: string,
  item: AgendaItem,
  somebodyWaits: () => boolean,
): Promise<Attempted | null> {
  const scope = new CancellationScope();
  let isOver = false;
  const attempted = scope.run(() => attempt(referenceNo, item));
  const over = () => {
    isOver = true;
  };
  attempted.then(over, over);
  await condition(() => isOver || somebodyWaits());
  if (!isOver && !(await condition(() => isOver, PATIENCE))) scope.cancel();
  try {
    return await attempted;
  } catch (error) {
    if (isCancellation(error) && !CancellationScope.current().consideredCancelled) return null;
    throw error;
  }
}

/** An attempt whose worker died or ran out of time brought nothing that we know of; the caller says what that means. */
async function settled<Outcome>(attempted: Promise<Outcome>, lost: Outcome): Promise<Outcome> {
  try {
    return await attempted;
  } catch (error) {
    if (error instanceof ActivityFailure && !(error.cause instanceof CancelledFailure)) return lost;
    throw error;
  }
}
