import { type Client, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { customerWorkflowId } from './names.js';

export interface CompletionWish {
  readonly journeyId: string;
  readonly reason: string;
  readonly actor: string;
}

export type CompletionOutcome =
  | { readonly kind: 'accepted' }
  /** The workflow said no. */
  | {
      readonly kind: 'rejected';
      readonly code: 'update_rejected' | 'reason_missing' | 'journey_unknown' | 'journey_finished';
    }
  /** No answer in time: the wish may or may not be on the workflow's list; asking again does no harm. */
  | { readonly kind: 'unavailable'; readonly code: 'workflow_unavailable' };

export type CompleteJourney = (referenceNo: string, wish: CompletionWish) => Promise<CompletionOutcome>;

const DEADLINE_MS = 3_000;
const KNOWN_REASONS = ['reason_missing', 'journey_unknown', 'journey_finished'] as const;

/** Takes a client; returns the request to a customer's workflow to close a journey at IDWise. */
export function createCompleteJourney(client: Client): CompleteJourney {
  return async (referenceNo, wish) => {
    const handle = client.workflow.getHandle(customerWorkflowId(referenceNo));
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        handle.executeUpdate<{ accepted: true }, [CompletionWish]>('completeJourney', { args: [wish] }),
      );
      return { kind: 'accepted' };
    } catch (error) {
      if (!(error instanceof WorkflowUpdateFailedError))
        return { kind: 'unavailable', code: 'workflow_unavailable' };
      const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
      return { kind: 'rejected', code: KNOWN_REASONS.find((reason) => reason === type) ?? 'update_rejected' };
    }
  };
}
