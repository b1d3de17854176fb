import type { WorkflowClient } from '@temporalio/client';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { eventually } from '../eventually.js';

/**
 * Takes a client and a reference number; resolves when the customer's workflow has nothing under way. MongoDB shows what a
 * turn did a moment before the workflow, which answers requests by what it knows itself, has heard of it.
 */
export async function workflowRests(workflow: WorkflowClient, referenceNo: string): Promise<void> {
  const handle = workflow.getHandle(customerWorkflowId(referenceNo));
  await eventually(`the workflow of ${referenceNo} rests`, async () => {
    const { pendingActivities, pendingWorkflowTask } = (await handle.describe()).raw;
    return (pendingActivities ?? []).length === 0 && !pendingWorkflowTask ? true : undefined;
  });
}
