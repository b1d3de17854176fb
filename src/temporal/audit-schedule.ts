import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { WORKFLOW_TYPES } from './names.js';

/** Just after midnight in UTC, when a day's records are complete. */
const DAILY_AT = { hour: 0, minute: 10 };

/** Takes the main task queue; returns the id of its schedule, so that two deployments in one namespace have their own. */
export function auditScheduleId(taskQueue: string): string {
  return `audit-checkpoint:${taskQueue}`;
}

/**
 * Takes a client and the main task queue; creates the schedule of the daily checkpoint where it is missing. Safe to
 * repeat; one that exists stays as it is, because an operator may have paused it or moved its time.
 * @throws ServiceError when Temporal does not answer, or refuses.
 */
export async function createAuditSchedule(
  client: Client,
  taskQueue: string,
): Promise<{ readonly kind: 'created' | 'known' }> {
  try {
    await client.schedule.create({
      scheduleId: auditScheduleId(taskQueue),
      spec: { calendars: [{ ...DAILY_AT, comment: 'daily, UTC' }], timezone: 'UTC' },
      action: {
        type: 'startWorkflow',
        workflowType: WORKFLOW_TYPES.auditCheckpoint,
        workflowId: auditScheduleId(taskQueue),
        taskQueue,
        args: [],
        staticSummary: 'Daily checkpoint of the audit trail',
      },
      // A checkpoint attests everything up to its time, so of several missed ones the last is enough.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1d' },
    });
    return { kind: 'created' };
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return { kind: 'known' };
    throw error;
  }
}
