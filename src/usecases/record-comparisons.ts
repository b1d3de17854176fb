import { nextCheck } from '../domain/comparison.js';
import { type Instant, later, toMs } from '../domain/instant.js';
import type { Policy } from '../domain/policy.js';
import type {
  CustomerFindings,
  ReconciliationCounts,
  ReconciliationOutcome,
} from '../domain/reconciliation.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { reconciliationInboxRow } from '../intake/inbox-row.js';
import type { Logger } from '../observability/logger.js';
import type { ReconciliationMetrics } from '../observability/reconciliation-metrics.js';
import type { ProfileRow, ReconciliationRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { ReconciliationScope } from './customers-to-compare.js';

/** A run as its workflow knows it. */
export interface ReconciliationRun {
  readonly runId: string;
  readonly scope: ReconciliationScope;
  readonly startedAt: Instant;
}

export interface RecordComparisons {
  /**
   * Takes the findings of a page and the counts of the run so far: each journey that differs is put into the inbox, each
   * customer's next comparison is set. Recording a page again changes nothing.
   */
  recordComparisons(page: {
    readonly run: ReconciliationRun;
    readonly found: readonly CustomerFindings[];
    readonly counts: ReconciliationCounts;
    readonly at: Instant;
  }): Promise<void>;
  /** Takes how the run ended: on record, in the log, in the metrics, and an alarm where not all could be compared. */
  endReconciliation(end: {
    readonly run: ReconciliationRun;
    readonly counts: ReconciliationCounts;
    readonly outcome: ReconciliationOutcome;
    readonly at: Instant;
  }): Promise<void>;
}

interface Dependencies {
  readonly store: Pick<Store, 'inbox' | 'profiles' | 'reconciliations'>;
  readonly policy: Policy;
  readonly metrics: ReconciliationMetrics;
  readonly logger: Pick<Logger, 'info'>;
  /** Some customers could not be compared. */
  readonly onIncomplete: (outcome: ReconciliationOutcome, failed: number) => void;
}

/**
 * Makes the use case that takes a run's findings to the record. A difference is put into the inbox and nothing else: it
 * takes the way of an event from there, so that it is repaired by the same code, in the customer's own order.
 */
export function createRecordComparisons(dependencies: Dependencies): RecordComparisons {
  const { store, policy, metrics, logger, onIncomplete } = dependencies;
  return {
    recordComparisons: async ({ run, found, counts, at }) => {
      await wantLooks(store, run, found, at);
      await setNextChecks(store, found, policy, at);
      await store.reconciliations.updateOne(
        { _id: run.runId },
        { $set: { counts }, $setOnInsert: unasked(run) },
        { upsert: true },
      );
      metrics.compared(found);
    },
    endReconciliation: async ({ run, counts, outcome, at }) => {
      await store.reconciliations.updateOne(
        { _id: run.runId },
        { $set: { counts, outcome, endedAt: new Date(at) } },
      );
      const which = whichOf(run);
      metrics.runEnded(which, outcome);
      const { customers, journeys, calls, repairs, failed } = counts;
      const ran = { runId: run.runId, sweep: which, outcome, durationMs: toMs(at) - toMs(run.startedAt) };
      if (customers > 0 || outcome !== 'completed') {
        logger.info('Compared customers with IDWise', {
          ...ran,
          customers,
          journeys,
          calls,
          repairs,
          failed,
        });
      }
      if (failed > 0 || outcome !== 'completed') onIncomplete(outcome, failed);
    },
  };
}

async function wantLooks(
  { inbox }: Pick<Store, 'inbox'>,
  { runId }: ReconciliationRun,
  found: readonly CustomerFindings[],
  at: Instant,
): Promise<void> {
  const rows = found.flatMap(({ referenceNo, journeys }) =>
    journeys.flatMap(({ journeyId, finding }) =>
      finding.kind === 'differs'
        ? [
            reconciliationInboxRow(
              runId,
              { referenceNo, journeyId, amlVersion: finding.amlVersion },
              new Date(at),
            ),
          ]
        : [],
    ),
  );
  if (rows.length === 0) return;
  await inbox.bulkWrite(
    rows.map(({ _id, ...row }) => ({
      updateOne: { filter: { _id }, update: { $setOnInsert: row }, upsert: true },
    })),
    { ordered: false },
  );
}

/** Whoever could not be compared is due again soon, whatever their status. */
async function setNextChecks(
  { profiles }: Pick<Store, 'profiles'>,
  found: readonly CustomerFindings[],
  policy: Policy,
  at: Instant,
): Promise<void> {
  const failed = new Set(
    found
      .filter(({ journeys }) => journeys.some(({ finding }) => finding.kind === 'failed'))
      .map(({ referenceNo }) => referenceNo),
  );
  const rows = await profiles
    .find(
      { _id: { $in: found.map(({ referenceNo }) => referenceNo) } },
      { projection: { facts: 1, 'view.status': 1, updatedAt: 1 } },
    )
    .toArray();
  if (rows.length === 0) return;
  await profiles.bulkWrite(
    rows.map((row) => {
      const { settled, at: nextAt } = nextCheckOf(row, policy, at);
      const soon = later(at, policy.reconciliation.unsettledEveryMs);
      const set = failed.has(row._id)
        ? { settled, nextCheckAt: new Date(soon) }
        : { settled, nextCheckAt: nextAt === null ? null : new Date(nextAt), comparedAt: new Date(at) };
      // A turn that was written meanwhile has set its own next comparison, and knows better.
      return { updateOne: { filter: { _id: row._id, updatedAt: row.updatedAt }, update: { $set: set } } };
    }),
    { ordered: false },
  );
}

function nextCheckOf(row: Pick<ProfileRow, 'facts' | 'view' | 'updatedAt'>, policy: Policy, at: Instant) {
  const quietMs = toMs(at) - row.updatedAt.getTime();
  return nextCheck(upgradeFacts(row.facts), row.view.status, policy, at, quietMs);
}

/** The first record of a run that nobody asked for through the service. */
function unasked(run: ReconciliationRun): Omit<ReconciliationRow, '_id' | 'counts'> {
  const which = whichOf(run);
  return {
    which,
    referenceNo: 'referenceNo' in run.scope ? run.scope.referenceNo : null,
    actor: which === 'unsettled' || which === 'settled' ? 'schedule' : 'temporal',
    reason: '',
    startedAt: new Date(run.startedAt),
    endedAt: null,
    outcome: null,
  };
}

/** Takes a run; returns its kind as records and metrics name it. */
function whichOf({ scope }: Pick<ReconciliationRun, 'scope'>): ReconciliationRow['which'] {
  return 'which' in scope ? scope.which : 'one';
}
