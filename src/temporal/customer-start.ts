import { customerWorkflowId } from './names.js';

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
