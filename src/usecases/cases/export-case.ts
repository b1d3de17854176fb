import { CASE_EXPORTED, exportAudit, selectCase } from '../../audit/audit-export.js';
import { type ExportFormat, exportContent } from '../../audit/export-content.js';
import { trustedKeys } from '../../audit/signing-key.js';
import { storedCheckpoints } from '../../audit/stored-checkpoints.js';
import { verifyCheckpoints } from '../../audit/verify-checkpoints.js';
import type { ServiceConfig } from '../../config/service-config.js';
import type { Actor } from '../../domain/cases/roles.js';
import type { Store } from '../../store/store.js';
import { recordRead } from '../record-read.js';

/** The records of the case alone, or all of its customer. */
export const EXPORT_SCOPES = ['case', 'customer'] as const;

export interface CaseExport {
  readonly caseId: string;
  readonly scope: (typeof EXPORT_SCOPES)[number];
  readonly format: ExportFormat;
  readonly actor: Actor;
}

/** Null where there is no such case. */
export type ExportCase = (wanted: CaseExport, now: Date) => Promise<string | Buffer | null>;

interface Dependencies {
  readonly store: Store;
  readonly audit: ServiceConfig['audit'];
  readonly policyVersion: string;
}

/**
 * Makes the use case that exports the audit trail of a case or its customer, with its verification by the checkpoints in
 * the database. That somebody exported is on record before anything is given out. Each export verifies a whole chain and
 * reads every checkpoint, so they are made one after the other.
 */
export function createExportCase({ store, audit, policyVersion }: Dependencies): ExportCase {
  const recorder = { store, policyVersion };
  const inTurn = oneAtATime();

  return async ({ caseId, scope, format, actor }, now) => {
    const ofCase = await selectCase(store.cases, caseId);
    if (ofCase === null) return null;
    const { referenceNo } = ofCase;
    const profile = await recordRead(recorder, referenceNo, { actor: actor.id, at: now }, () => ({
      effect: CASE_EXPORTED,
      journeyId: null,
      what: { caseId, scope, format },
    }));
    if (profile === null) throw new Error('A case has no customer.');
    return await inTurn(async () => {
      const keys = trustedKeys(audit);
      const checkpoints = verifyCheckpoints(await storedCheckpoints(store), null, keys);
      const selection = scope === 'case' ? ofCase : ({ kind: 'customer', referenceNo } as const);
      return await exportContent(await exportAudit({ store, selection, checkpoints, keys, now }), format);
    });
  };
}

/** Returns the running of work that begins when all that was given before has ended, however it did. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
