import { type Client, ServiceError } from '@temporalio/client';
import { customerStart } from './customer-start.js';
import { CUSTOMER_SIGNAL, type CustomerEventRef, linkWorkflowId, WORKFLOW_TYPES } from './names.js';

/** Hands a stored event to Temporal. Every call ends within its deadline. */
export interface Signaller {
  /** Signals the customer's workflow, starting it where it does not run. */
  signalCustomer(referenceNo: string, event: CustomerEventRef): Promise<SignalOutcome>;
  /** Starts the workflow that finds out whose event it is; one that already does is left to it. */
  startLink(inboxId: string): Promise<SignalOutcome>;
  /**
   * True while Temporal does not answer: calls are then not even tried, a probe each second finds out when it is back.
   * An outage thus costs next to nothing, and its end is noticed within a second or two.
   */
  isDown(): boolean;
  /** Ends the probing; call before closing the client's connection. */
  close(): void;
}

export type SignalOutcome =
  | { readonly kind: 'accepted' }
  /** Temporal did not answer, or is busy: not this event's fault. */
  | { readonly kind: 'unavailable'; readonly code: string }
  /** Temporal answers, but refuses this call. */
  | { readonly kind: 'refused'; readonly code: string };

const CALL_DEADLINE_MS = 3_000;
const FAILURES_UNTIL_DOWN = 3;
/** A server that is restarted or busy for a moment: tried again at once, before the event is put off by seconds. */
const RETRY_GAPS_MS = [100, 400];
const PROBE_GAP_MS = 1_000;
const PROBE_DEADLINE_MS = 2_000;

/** grpc status codes that speak of the call rather than of the server. */
const OWN_FAULT = new Set([3, 6, 9, 11, 12]);

/** Takes a client and the main task queue; returns the signaller. */
export function createSignaller(client: Client, taskQueue: string): Signaller {
  let failuresInARow = 0;
  let probe: NodeJS.Timeout | undefined;

  const isDown = () => failuresInARow >= FAILURES_UNTIL_DOWN;

  function failed(): void {
    failuresInARow += 1;
    if (isDown()) probe ??= setTimeout(() => void probeOnce(), PROBE_GAP_MS);
  }

  async function probeOnce(): Promise<void> {
    try {
      await client.withDeadline(Date.now() + PROBE_DEADLINE_MS, () =>
        client.workflowService.getSystemInfo({}),
      );
      failuresInARow = 0;
      probe = undefined;
    } catch {
      probe = probe === undefined ? undefined : setTimeout(() => void probeOnce(), PROBE_GAP_MS);
    }
  }

  async function call(work: () => Promise<unknown>): Promise<SignalOutcome> {
    const deadlineMs = Date.now() + CALL_DEADLINE_MS;
    for (let tries = 0; ; tries += 1) {
      if (isDown()) return { kind: 'unavailable', code: 'temporal_down' };
      const outcome = await callOnce(work, deadlineMs);
      if (outcome.kind === 'accepted' || outcome.kind === 'refused') {
        failuresInARow = 0;
        return outcome;
      }
      failed();
      const gapMs = RETRY_GAPS_MS[tries];
      if (gapMs === undefined || Date.now() + gapMs >= deadlineMs) return outcome;
      await new Promise((resolve) => setTimeout(resolve, gapMs));
    }
  }

  async function callOnce(work: () => Promise<unknown>, deadlineMs: number): Promise<SignalOutcome> {
    try {
      await client.withDeadline(deadlineMs, work);
      return { kind: 'accepted' };
    } catch (error) {
      const status = grpcStatus(error);
      const code = status === null ? 'unknown' : `grpc_${status}`;
      return { kind: status !== null && OWN_FAULT.has(status) ? 'refused' : 'unavailable', code };
    }
  }

  return {
    signalCustomer: (referenceNo, event) =>
      call(() =>
        client.workflow.signalWithStart(WORKFLOW_TYPES.customer, {
          ...customerStart(referenceNo, taskQueue),
          signal: CUSTOMER_SIGNAL,
          signalArgs: [event],
        }),
      ),
    startLink: (inboxId) =>
      call(() =>
        client.workflow.start(WORKFLOW_TYPES.link, {
          workflowId: linkWorkflowId(inboxId),
          taskQueue,
          args: [{ inboxId }],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: 'Finds out whose event it is',
        }),
      ),
    isDown,
    close: () => {
      clearTimeout(probe);
      probe = undefined;
    },
  };
}

function grpcStatus(error: unknown): number | null {
  const cause = error instanceof ServiceError ? error.cause : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  return typeof code === 'number' ? code : null;
}
