import { proxyActivities } from '@temporalio/workflow';
import type { AuditActivities } from '../activities/audit-activities.js';
import type { DailyCheckpoint } from '../src/audit/daily-checkpoint.js';
import { DEAD_AFTER } from '../src/temporal/names.js';

/**
 * Takes the day's checkpoint of the audit trail. Started by a schedule; tried until it succeeds or the next day's is
 * due, which attests all that this one would have. Repeating it does no harm.
 */
export async function checkpointAudit(): Promise<DailyCheckpoint> {
  const { takeAuditCheckpoint } = proxyActivities<AuditActivities>({
    startToCloseTimeout: '1h',
    scheduleToCloseTimeout: '23h',
    heartbeatTimeout: DEAD_AFTER,
    retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '10m' },
    summary: 'Where does every audit chain end?',
  });
  return await takeAuditCheckpoint();
}
