import { randomUUID } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { NOTHING_COMPARED } from '../domain/reconciliation.js';
import type { Store } from '../store/store.js';
import { reconciliationWorkflowId, WORKFLOW_TYPES } from '../temporal/names.js';
import type { ReconciliationScope } from './customers-to-compare.js';

/** What became of the wish to compare with IDWise now. */
export type StartedReconciliation =
  /** Its progress is in `reconciliations` under `runId`, and on the workflow's page in Temporal. */
  | { readonly kind: 'started'; readonly runId: string; readonly workflowId: string }
  | { readonly kind: 'unknown_customer' }
  /** The customer is off-boarded: nothing of IDWise is taken in any more. */
  | { readonly kind: 'customer_closed' }
  /** Temporal did not take it; nothing was started, asking again is right. */
  | { readonly kind: 'unavailable' };

/**
 * Takes whom to compare (one customer, or a sweep; `all` after an outage), the name of the credential that asks, why, and
 * the time; starts the run and returns at once.
 */
export type StartReconciliation = (
  scope: ReconciliationScope,
  by: { readonly actor: string; readonly reason: string },
  now: Date,
) => Promise<StartedReconciliation>;

interface Dependencies {
  readonly store: Pick<Store, 'profiles' | 'reconciliations'>;
  readonly client: Client;
  readonly taskQueue: string;
}

const DEADLINE_MS = 3_000;

/**
 * Makes the use case by which people compare records with IDWise at once. Who asked and why stands in MongoDB only,
 * because a reason is free text and Temporal keeps what it is given.
 */
export function createStartReconciliation({ store, client, taskQueue }: Dependencies): StartReconciliation {
  return async (scope, { actor, reason }, now) => {
    if ('referenceNo' in scope) {
      const profile = await store.profiles.findOne(
        { _id: scope.referenceNo },
        { projection: { 'view.status': 1 } },
      );
      if (profile === null) return { kind: 'unknown_customer' };
      if (profile.view.status === 'closed') return { kind: 'customer_closed' };
    }
    const runId = `rec_${randomUUID()}`;
    const workflowId = reconciliationWorkflowId(runId);
    await store.reconciliations.insertOne({
      _id: runId,
      which: 'which' in scope ? scope.which : 'one',
      referenceNo: 'referenceNo' in scope ? scope.referenceNo : null,
      actor,
      reason,
      startedAt: now,
      endedAt: null,
      outcome: null,
      counts: NOTHING_COMPARED,
    });
    try {
      await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.start(WORKFLOW_TYPES.reconcile, {
          workflowId,
          taskQueue,
          args: [{ scope, runId }],
          staticSummary: 'Compares customers with IDWise; somebody asked for it',
        }),
      );
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError)
        return { kind: 'started', runId, workflowId };
      // Should Temporal have taken it all the same, the run writes its own end over this one.
      await store.reconciliations.updateOne(
        { _id: runId, outcome: null },
        { $set: { outcome: 'not_started', endedAt: new Date() } },
      );
      return { kind: 'unavailable' };
    }
    return { kind: 'started', runId, workflowId };
  };
}
