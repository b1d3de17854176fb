import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { createAttemptDelivery } from '../src/delivery/attempt-delivery.js';
import { thrownMember } from '../src/delivery/thrown.js';
import { retryGapMs } from '../src/domain/retry-ladder.js';
import type { Alarm } from '../src/observability/alarm.js';
import type { Logger } from '../src/observability/logger.js';
import { isDefect } from '../src/store/defect.js';
import type { OutboxRow } from '../src/store/outbox-records.js';
import { withSignsOfLife } from './sign-of-life.js';

export interface DeliveryActivityDependencies {
  readonly attempt: ReturnType<typeof createAttemptDelivery>;
  readonly log: Pick<Logger, 'warn'>;
  readonly alarm: Alarm;
}

/** How a delivery ended, as its workflow learns it. */
export interface SettledDelivery {
  readonly state: Exclude<OutboxRow['state'], 'pending'> | 'missing';
  readonly attemptCount: number;
  readonly nextOutboxId: string | null;
}

/** The activities of the queue of deliveries, by the names under which workflows call them. */
export interface DeliveryActivities {
  /**
   * Takes an outbox id; makes one attempt and returns how the delivery ended.
   * @throws a benign failure while it has not ended, with the delay after which Temporal is to try again.
   */
  attemptDelivery(input: { readonly outboxId: string }): Promise<SettledDelivery>;
}

/** Temporal's clock, as all activities: the time at which it handed out this very attempt. */
function now(): Date {
  return new Date(activityInfo().currentAttemptScheduledTimestampMs);
}

/** Takes the dependencies; returns the activities. */
export function createDeliveryActivities(deps: DeliveryActivityDependencies): DeliveryActivities {
  const { attempt, log, alarm } = deps;
  return {
    attemptDelivery: withSignsOfLife(async ({ outboxId }) => {
      const result = await attempt({ outboxId, at: now() }).catch((error: unknown) => {
        throw couldNotAttempt(error, outboxId);
      });
      if (result.kind === 'settled') {
        const { state, attemptCount, nextOutboxId } = result;
        return { state, attemptCount, nextOutboxId };
      }
      throw ApplicationFailure.create({
        type: 'NotDeliveredYet',
        message: `attempt ${result.attemptCount}: ${result.code}; next in ${Math.round(result.inMs / 1_000)} s`,
        category: ApplicationFailureCategory.BENIGN,
        nextRetryDelay: result.inMs,
      });
    }),
  };

  /**
   * No attempt was made, or none was recorded: MongoDB is away, which passes, or there is a defect. Only the error's
   * name goes on, because its text may quote what stands in a document.
   */
  function couldNotAttempt(error: unknown, outboxId: string): ApplicationFailure {
    const code = String(thrownMember(error, 'name') ?? 'unknown');
    if (isDefect(error)) alarm('delivery_defect', { outboxId, error });
    else log.warn('The outbox cannot be reached, to be tried again', { outboxId, error });
    return ApplicationFailure.create({
      type: 'AttemptImpossible',
      message: `no attempt could be made or recorded: ${code}`,
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: retryGapMs(now().getTime() - activityInfo().scheduledTimestampMs),
    });
  }
}
