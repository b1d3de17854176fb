import type { Client } from '@temporalio/client';
import { customerWorkflowId, WORKFLOW_TYPES } from './names.js';

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
