import { isDeepStrictEqual } from 'node:util';
import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Sweep } from '../domain/reconciliation.js';
import { WORKFLOW_TYPES } from './names.js';

/** How often each sweep looks for records that are due; how long after its last look a record is due says the policy. */
const EVERY_MS: Readonly<Record<Exclude<Sweep, 'all'>, number>> = { unsettled: 300_000, settled: 3_600_000 };
const CATCHUP_WINDOW_MS = 600_000;
const DEADLINE_MS = 10_000;

/**
 * Takes a sweep and the main task queue; returns the id of its schedule. The queue is in it, because two installations
 * may share a namespace.
 */
export function reconciliationScheduleId(sweep: keyof typeof EVERY_MS, taskQueue: string): string {
  return `reconcile-${sweep}:${taskQueue}`;
}

/**
 * Takes a client and the main task queue; creates the schedules of both sweeps, or brings them to what this release
 * wants. Safe to repeat, and to do by several processes at once. A schedule that somebody has paused stays paused.
 * @throws ServiceError when Temporal does not answer, or refuses.
 */
export async function ensureReconciliationSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const sweep of ['unsettled', 'settled'] as const) {
    const wanted = scheduleOf(sweep, taskQueue);
    await client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      try {
        await client.schedule.create(wanted);
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
        const { action, policies, spec } = wanted;
        const handle = client.schedule.getHandle(wanted.scheduleId);
        // Nothing is written where nothing has changed: an update could undo a pause that is being set.
        if (isAsWanted(await handle.describe(), sweep, taskQueue)) return;
        await handle.update(({ state }) => ({ action, policies: policies ?? {}, spec, state }));
      }
    });
  }
}

function isAsWanted(
  { spec, policies, action }: ScheduleDescription,
  sweep: keyof typeof EVERY_MS,
  taskQueue: string,
): boolean {
  return (
    action.type === 'startWorkflow' &&
    action.workflowType === WORKFLOW_TYPES.reconcile &&
    action.taskQueue === taskQueue &&
    isDeepStrictEqual(action.args, [{ scope: { which: sweep } }]) &&
    policies.overlap === 'SKIP' &&
    policies.catchupWindow === CATCHUP_WINDOW_MS &&
    spec.intervals?.length === 1 &&
    spec.intervals[0]?.every === EVERY_MS[sweep]
  );
}

function scheduleOf(sweep: keyof typeof EVERY_MS, taskQueue: string): ScheduleOptions {
  const scheduleId = reconciliationScheduleId(sweep, taskQueue);
  return {
    scheduleId,
    spec: { intervals: [{ every: EVERY_MS[sweep] }] },
    // A sweep that takes longer than its interval goes on; the next one begins where it is due, not beside it.
    policies: { overlap: 'SKIP', catchupWindow: CATCHUP_WINDOW_MS },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW_TYPES.reconcile,
      workflowId: scheduleId,
      taskQueue,
      args: [{ scope: { which: sweep } }],
      staticSummary: `Compares ${sweep} customers with IDWise`,
    },
  };
}
