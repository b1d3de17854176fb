import type { Client } from '@temporalio/client';
import { CUSTOMER_SIGNAL, customerWorkflowId, WAKE, type Wake, WORKFLOW_TYPES } from './names.js';

interface CustomerStart {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [{ readonly referenceNo: string }];
  readonly workflowIdReusePolicy: 'ALLOW_DUPLICATE';
  readonly staticSummary: string;
}

/**
 * Takes a reference number and the main task queue; returns how the customer's workflow is started, by whoever finds that
 * it does not run. One that ended, by hand say, is followed by another one, which takes everything from MongoDB.
 */
export function customerStart(referenceNo: string, taskQueue: string): CustomerStart {
  return {
    workflowId: customerWorkflowId(referenceNo),
    taskQueue,
    args: [{ referenceNo }],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: `Verification of customer \`${referenceNo}\``,
  };
}

/** Starts a customer's run where there is none. @throws when Temporal does not take it. */
export type StartCustomerRun = (referenceNo: string) => Promise<void>;

const DEADLINE_MS = 3_000;

/** Takes a client and the main task queue; returns the way to see to it that a customer's workflow runs. */
export function createStartCustomerRun(client: Client, taskQueue: string): StartCustomerRun {
  return async (referenceNo) => {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.start(WORKFLOW_TYPES.customer, {
        ...customerStart(referenceNo, taskQueue),
        workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    );
  };
}

/**
 * Takes a client and the main task queue; returns the way to see to it that a customer's workflow acts on a time that has
 * passed. One that does not run is started. One that runs and has nothing to do does not know of that time, and is told; one
 * that waits for a worker, or for an activity, is at it.
 */
export function createWakeCustomerRun(client: Client, taskQueue: string): StartCustomerRun {
  const startRun = createStartCustomerRun(client, taskQueue);
  return async (referenceNo) => {
    await startRun(referenceNo);
    const run = client.workflow.getHandle(customerWorkflowId(referenceNo));
    await client.withDeadline(Date.now() + DEADLINE_MS, async () => {
      const { pendingWorkflowTask, pendingActivities } = (await run.describe()).raw;
      if (pendingWorkflowTask || (pendingActivities ?? []).length > 0) return;
      const wake: Wake = { kind: WAKE, id: `${WAKE}:${new Date().toISOString()}` };
      await run.signal(CUSTOMER_SIGNAL, wake);
    });
  };
}
