import {
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { DeliveryActivities, SettledDelivery } from '../activities/delivery-activities.js';
import { DEAD_AFTER, deliveryTaskQueue } from '../src/temporal/names.js';
import { type DeliverMessageInput, startDelivery } from './delivery-child.js';

const WHAT: Readonly<Record<DeliverMessageInput['channel'], string>> = {
  company_webhook: "signed event to the company's backend",
  web_push: "push to the customer's device",
  compliance_mail: 'e-mail to compliance',
};

/**
 * Delivers one message that is owed to somebody, for as long as it takes. How often and until when is decided with
 * each attempt, by the row's age and the policy; Temporal waits in between, through restarts of everything. It never
 * fails: a message ends as delivered, given up or dropped, and its outbox row says which.
 *
 * Takes the outbox id and the channel (ids only, nothing of the message); returns how it ended.
 */
export async function deliverMessage(input: DeliverMessageInput): Promise<SettledDelivery> {
  const { attemptDelivery } = proxyActivities<DeliveryActivities>({
    taskQueue: deliveryTaskQueue(workflowInfo().taskQueue),
    summary: WHAT[input.channel],
    // A worker that dies in an attempt is noticed, and the attempt made again 3 s later. The gaps between attempts that
    // did end come with each failure.
    startToCloseTimeout: '20s',
    heartbeatTimeout: DEAD_AFTER,
    retry: { initialInterval: '3s', backoffCoefficient: 1 },
  });

  setCurrentDetails(
    `**Delivering:** ${WHAT[input.channel]}. Tried again until it is taken or given up; the pending activity shows the last answer and the next attempt.`,
  );
  for (;;) {
    try {
      const settled = await attemptDelivery({ outboxId: input.outboxId });
      setCurrentDetails(`**${ENDING[settled.state]}:** ${WHAT[input.channel]}, ${attempts(settled)}.`);
      if (settled.nextOutboxId !== null) {
        const next = { ...input, outboxId: settled.nextOutboxId };
        await startDelivery(next, `Delivery: ${WHAT[input.channel]} (next recipient)`);
      }
      return settled;
    } catch (error) {
      if (isCancellation(error)) throw error;
      // No failure of ours ends the retries of the activity. Should a server setting ever do so, begin anew.
      await sleep('1h');
    }
  }
}

const ENDING: Readonly<Record<SettledDelivery['state'], string>> = {
  delivered: 'Delivered',
  given_up: 'Given up',
  dropped: 'Dropped, nobody is there to receive it',
  missing: 'Nothing to deliver, the outbox has no such row',
};

function attempts({ attemptCount }: SettledDelivery): string {
  return attemptCount === 1 ? '1 attempt' : `${attemptCount} attempts`;
}
