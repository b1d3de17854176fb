import { randomUUID } from 'node:crypto';
import { CASE_EXPORTED, exportAudit, selectCase } from '../../audit/audit-export.js';
import { type ExportFormat, exportContent } from '../../audit/export-content.js';
import { trustedKeys } from '../../audit/signing-key.js';
import { storedCheckpoints } from '../../audit/stored-checkpoints.js';
import { verifyCheckpoints } from '../../audit/verify-checkpoints.js';
import type { ServiceConfig } from '../../config/service-config.js';
import type { Actor } from '../../domain/cases/roles.js';
import { appendAudit } from '../../store/audit-chain.js';
import type { Store } from '../../store/store.js';

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
  const inTurn = oneAtATime();

  async function record({ caseId, scope, format, actor }: CaseExport, referenceNo: string, now: Date) {
    await store.transaction(`customer:${referenceNo}`, async (session) => {
      const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
      if (profile === null) throw new Error('A case has no customer.');
      await appendAudit(store, session, profile, [
        {
          _id: randomUUID(),
          at: now,
          cause: { kind: 'person', id: `export:${randomUUID()}` },
          actor: actor.id,
          effect: CASE_EXPORTED,
          journeyId: null,
          from: null,
          to: { caseId, scope, format },
          policyVersion,
          snapshotDigest: null,
        },
      ]);
    });
  }

  return async (wanted, now) => {
    const ofCase = await selectCase(store.cases, wanted.caseId);
    if (ofCase === null) return null;
    const { referenceNo } = ofCase;
    await record(wanted, referenceNo, now);
    return await inTurn(async () => {
      const keys = trustedKeys(audit);
      const checkpoints = verifyCheckpoints(await storedCheckpoints(store), null, keys);
      const selection = wanted.scope === 'case' ? ofCase : ({ kind: 'customer', referenceNo } as const);
      return await exportContent(
        await exportAudit({ store, selection, checkpoints, keys, now }),
        wanted.format,
      );
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
