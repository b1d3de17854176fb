import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { OutboxMessage } from '../src/store/outbox-records.js';
import { deliveryWorkflowId, WORKFLOW_TYPES } from '../src/temporal/names.js';

export interface DeliverMessageInput {
  readonly outboxId: string;
  readonly channel: OutboxMessage['channel'];
}

/**
 * Takes a message that is owed and a line for Temporal's UI; starts its delivery with a life of its own, so that the
 * starter need not wait for it. One that runs already (the sweeper was quicker, the turn was repeated) is the same one.
 */
export async function startDelivery(
  { outboxId, channel }: DeliverMessageInput,
  staticSummary: string,
): Promise<void> {
  try {
    await startChild(WORKFLOW_TYPES.delivery, {
      workflowId: deliveryWorkflowId(outboxId),
      args: [{ outboxId, channel }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
