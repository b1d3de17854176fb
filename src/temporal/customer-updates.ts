import { type Client, WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type Workflow } from '@temporalio/common';
import { customerStart } from './customer-start.js';
import {
  CUSTOMER_UPDATES,
  type CustomerRequestKind,
  REQUEST_REFUSALS,
  type RequestRefusal,
  WORKFLOW_TYPES,
} from './names.js';

/** What a customer's workflow is asked for; why stands in MongoDB, under `requestId`. */
export interface CustomerUpdate {
  readonly kind: CustomerRequestKind;
  readonly requestId: string;
  readonly journeyId: string | null;
  readonly actor: string;
}

export type UpdateOutcome =
  | { readonly kind: 'accepted' }
  /** The workflow said no. */
  | { readonly kind: 'rejected'; readonly code: RequestRefusal | 'update_rejected' }
  /** No answer in time: it may or may not be on the workflow's list; asking again does no harm. */
  | { readonly kind: 'unavailable'; readonly code: 'workflow_unavailable' };

export type SendCustomerUpdate = (referenceNo: string, update: CustomerUpdate) => Promise<UpdateOutcome>;

/**
 * How long who asks waits for the workflow's own word. A worker that dies keeps the task that it was given from the
 * others for 5 s (sticky) or 10 s (begun), so that less would fail wherever a worker is replaced.
 */
export const ASKER_WAITS_MS = 12_000;

/**
 * Takes a client, the main task queue, how long to wait at most, in milliseconds, and what ends every wait before that;
 * returns the way to ask something of the workflow of a customer who is on record, which is started where it does not
 * run. It never rejects.
 */
export function createSendCustomerUpdate(
  client: Client,
  taskQueue: string,
  deadlineMs: number,
  ending?: AbortSignal,
): SendCustomerUpdate {
  return async (referenceNo, { kind, requestId, journeyId, actor }) => {
    const args: [object] = [{ requestId, actor, ...(journeyId === null ? {} : { journeyId }) }];
    const startWorkflowOperation = new WithStartWorkflowOperation(WORKFLOW_TYPES.customer, {
      ...customerStart(referenceNo, taskQueue),
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
    try {
      const asks = () =>
        client.workflow.executeUpdateWithStart<Workflow, unknown, typeof args>(CUSTOMER_UPDATES[kind], {
          args,
          // The request's own id makes an update that is sent twice one.
          updateId: requestId,
          startWorkflowOperation,
        });
      await endedBy(ending, (signal) =>
        client.withAbortSignal(signal, () => client.withDeadline(Date.now() + deadlineMs, asks)),
      );
      return { kind: 'accepted' };
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError))
        return { kind: 'unavailable', code: 'workflow_unavailable' };
      const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
      return {
        kind: 'rejected',
        code: REQUEST_REFUSALS.find((refusal) => refusal === type) ?? 'update_rejected',
      };
    }
  };
}

/** Temporal's client never lets go of a signal that it was given, so each call gets one of its own. */
async function endedBy<T>(
  ending: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort();
  ending?.addEventListener('abort', abort);
  try {
    return await call(own.signal);
  } finally {
    ending?.removeEventListener('abort', abort);
  }
}
