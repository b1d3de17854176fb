import type { ReconciliationRow } from '../store/records.js';
import type { Store } from '../store/store.js';

export interface ReadReconciliations {
  /** The latest runs, the newest first. */
  list(limit: number): Promise<readonly ReconciliationRow[]>;
  /** Null where there is no such run. */
  find(runId: string): Promise<ReconciliationRow | null>;
}

/** Makes the use case that shows runs of the reconciliation, under way or over, with what they have counted. */
export function createReadReconciliations(reconciliations: Store['reconciliations']): ReadReconciliations {
  return {
    list: (limit) => reconciliations.find().sort({ startedAt: -1 }).limit(limit).toArray(),
    find: (runId) => reconciliations.findOne({ _id: runId }),
  };
}
