import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowClient } from '@temporalio/client';
import { customerWorkflowId } from '../../src/temporal/names.js';

const PATIENCE_MS = 90_000;
const GAP_MS = 20;

/**
 * Takes a client and a reference number; resolves when the customer's workflow has nothing under way. MongoDB shows what a
 * turn did a moment before the workflow, which answers requests by what it knows itself, has heard of it.
 */
export async function workflowRests(workflow: WorkflowClient, referenceNo: string): Promise<void> {
  const handle = workflow.getHandle(customerWorkflowId(referenceNo));
  const endsAtMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const { pendingActivities, pendingWorkflowTask } = (await handle.describe()).raw;
    if ((pendingActivities ?? []).length === 0 && !pendingWorkflowTask) return;
    if (Date.now() > endsAtMs) throw new Error(`The workflow of ${referenceNo} does not come to rest`);
    await pause(GAP_MS);
  }
}
