import { activityInfo, heartbeat } from '@temporalio/activity';
import type { createDailyCheckpoint, DailyCheckpoint } from '../src/audit/daily-checkpoint.js';
import { withSignsOfLife } from './sign-of-life.js';
import { withoutDetails } from './without-details.js';

/** Activities of the audit trail; on the main task queue. */
export interface AuditActivities {
  /** Takes a checkpoint of every customer's chain; counts and numbers only come back. */
  takeAuditCheckpoint(): Promise<DailyCheckpoint>;
}

/** Takes the use case; returns the activities over it. */
export function createAuditActivities(
  dailyCheckpoint: ReturnType<typeof createDailyCheckpoint>,
): AuditActivities {
  return {
    takeAuditCheckpoint: withSignsOfLife(
      withoutDetails(() =>
        dailyCheckpoint(new Date(activityInfo().currentAttemptScheduledTimestampMs), () => heartbeat()),
      ),
    ),
  };
}
