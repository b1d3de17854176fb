import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { IdwiseActivities } from '../activities/idwise-activities.js';
import { retryGapMs } from '../src/domain/retry-ladder.js';
import { DEAD_AFTER, idwiseTaskQueue } from '../src/temporal/names.js';

/**
 * Finds out whose event it is when no profile is known for it: the journey is fetched, and where it is ours its own
 * reference number names the customer (design §3: an app may verify before it registers). Until IDWise answers it asks
 * again on the ladder; the activity parks what stays unknown.
 *
 * Takes the inbox id of the event.
 */
export async function linkEvent({ inboxId }: { inboxId: string }): Promise<string> {
  const { identifyEvent } = proxyActivities<Pick<IdwiseActivities, 'identifyEvent'>>({
    taskQueue: idwiseTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '15s',
    heartbeatTimeout: DEAD_AFTER,
    retry: { initialInterval: '3s', backoffCoefficient: 1.5, maximumInterval: '30s' },
    summary: 'IDWise: whose journey is it?',
  });
  const startedAt = Date.now();
  for (;;) {
    const outcome = await identifyEvent({ inboxId, at: new Date(Date.now()).toISOString() });
    if (outcome.kind !== 'later') return outcome.kind;
    const waitMs = Math.max(retryGapMs(Date.now() - startedAt), outcome.retryAfterMs ?? 0);
    await sleep(waitMs, { summary: `Until IDWise is asked again (${outcome.code})` });
  }
}
