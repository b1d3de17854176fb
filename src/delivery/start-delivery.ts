import type { Client } from '@temporalio/client';
import { deliveryWorkflowId, WORKFLOW_TYPES } from '../temporal/names.js';
import type { Channel } from './send-outcome.js';

const DEADLINE_MS = 3_000;

/** Starts the delivery of an outbox row; does nothing when it is running. Rejects when Temporal does not answer. */
export type StartDelivery = (row: { readonly outboxId: string; readonly channel: Channel }) => Promise<void>;

/** Takes Temporal's client and the main task queue; returns how to start a delivery from outside of a workflow. */
export function createStartDelivery(client: Client, taskQueue: string): StartDelivery {
  return async ({ outboxId, channel }) => {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.start(WORKFLOW_TYPES.delivery, {
        workflowId: deliveryWorkflowId(outboxId),
        taskQueue,
        args: [{ outboxId, channel }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `Delivery: ${channel.replace('_', ' ')} (started by the sweeper)`,
      }),
    );
  };
}
