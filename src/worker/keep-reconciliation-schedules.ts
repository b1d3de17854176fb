import type { Client } from '@temporalio/client';
import type { Logger } from '../observability/logger.js';
import { ensureReconciliationSchedules } from '../temporal/reconciliation-schedules.js';

const RETRY_AFTER_MS = 30_000;

/**
 * Takes Temporal's client, the main task queue and a log; sees to it that the reconciliation is scheduled, for as long as
 * it takes, and keeps nothing waiting. `npm run setup` does the same; a schedule that somebody deleted comes back with
 * the next worker.
 */
export function keepReconciliationSchedules(
  client: Client,
  taskQueue: string,
  logger: Pick<Logger, 'warn'>,
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  async function attempt(): Promise<void> {
    try {
      await ensureReconciliationSchedules(client, taskQueue);
    } catch (error) {
      if (isStopped) return;
      logger.warn('The reconciliation could not be scheduled; trying again', { error });
      timer = setTimeout(() => void attempt(), RETRY_AFTER_MS);
    }
  }

  void attempt();
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
