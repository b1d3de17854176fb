import type { Instant } from '../domain/instant.js';
import type { Vault } from '../personal-data/vault.js';
import { insertOnce } from '../store/insert-once.js';
import type { Store } from '../store/store.js';
import { isRecord } from './answer-schemas.js';
import type { IdwiseClient } from './client.js';

export type AmlReading =
  /** Stored. `empty`: IDWise answered but lists no match, which may also mean "not yet". */
  | { readonly kind: 'recorded'; readonly matches: number; readonly empty: boolean }
  | { readonly kind: 'no_such_version' }
  | { readonly kind: 'not_ours' }
  | { readonly kind: 'unavailable'; readonly code: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unreadable'; readonly code: string };

interface AmlReaderDependencies {
  readonly client: Pick<IdwiseClient, 'getAmlHistory'>;
  readonly vault: Vault;
  readonly store: Pick<Store, 'amlVersions'>;
}

/**
 * Takes the client, the vault and the store; returns the reading of one AML version (contract §3.9, §5). What was
 * first seen of a version stays as evidence: a later reading replaces only an empty one.
 */
export function createAmlReader({ client, vault, store }: AmlReaderDependencies) {
  return async (of: {
    referenceNo: string;
    journeyId: string;
    version: number;
    at: Instant;
  }): Promise<AmlReading> => {
    const { referenceNo, journeyId, version } = of;
    const answer = await client.getAmlHistory(journeyId, version);
    if (answer.kind === 'not_found') return { kind: 'no_such_version' };
    if (answer.kind === 'rejected') return { kind: 'unreadable', code: answer.code };
    if (answer.kind === 'unavailable') {
      return { kind: 'unavailable', code: answer.code, retryAfterMs: answer.retryAfterMs };
    }
    if (answer.kind !== 'ok') return answer;
    const { matches, referenceNo: named } = answer.value;
    if (named !== null && named !== referenceNo.trim()) return { kind: 'not_ours' };

    const row = {
      _id: `${journeyId}:${version}`,
      referenceNo,
      journeyId,
      version,
      fetchedAt: new Date(of.at),
      matches: await vault.seal(referenceNo, { matches }),
    };
    const inserted = await insertOnce(() => store.amlVersions.insertOne(row));
    if (inserted === 'already_there' && matches.length > 0) await fillEmpty(row);
    return { kind: 'recorded', matches: matches.length, empty: matches.length === 0 };
  };

  async function fillEmpty(row: {
    _id: string;
    referenceNo: string;
    fetchedAt: Date;
    matches: string;
  }): Promise<void> {
    const before = await store.amlVersions.findOne({ _id: row._id, referenceNo: row.referenceNo });
    if (before === null) return;
    const opened = await vault.open(row.referenceNo, before.matches);
    const wasEmpty =
      opened.kind === 'json' &&
      isRecord(opened.value) &&
      Array.isArray(opened.value['matches']) &&
      opened.value['matches'].length === 0;
    if (!wasEmpty) return;
    await store.amlVersions.updateOne(
      { _id: row._id, matches: before.matches },
      { $set: { matches: row.matches, fetchedAt: row.fetchedAt } },
    );
  }
}
