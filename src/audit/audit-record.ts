import type { AuditRow } from '../store/records.js';
import { canonicalText, GENESIS_HASH, plain, sha256 } from './canonical-form.js';

/**
 * An audit record as it is hashed and exported: the row, with `_id` as `id` and times as text. Records of releases
 * before the chain have neither `hash` nor `previousHash`.
 */
export interface AuditRecord {
  readonly id: string;
  readonly referenceNo: string;
  readonly sequence: number;
  readonly at: string;
  readonly effect: string;
  readonly hash?: string;
  readonly previousHash?: string;
  readonly [member: string]: unknown;
}

/** Takes a row as it stands in MongoDB, whatever members it has by now; returns the record that its hash is taken over. */
export function auditRecord(row: object): AuditRecord {
  const { _id, ...members } = plain(row) as { _id: string };
  return { id: _id, ...members } as unknown as AuditRecord;
}

/**
 * Takes a record and the hash of the one before it; returns the hash that it must have: SHA-256 of the canonical JSON of
 * the record without `hash`, and with that `previousHash`. For a record of an earlier release, which has neither, this
 * is the hash that it would have had, so that the chain begins with a customer's very first record.
 */
export function recordHash(record: AuditRecord, previousHash: string): string {
  const { hash: _hash, ...hashed } = record;
  return sha256(canonicalText({ ...hashed, previousHash }));
}

/** The last record of a customer's chain. */
export interface ChainHead {
  /** Number of the last record; 0: there is none yet. */
  readonly sequence: number;
  readonly hash: string;
}

export const EMPTY_CHAIN: ChainHead = { sequence: 0, hash: GENESIS_HASH };

/** What is to be recorded; the chain adds the customer, the number and the hashes. */
export type AuditEntry = Omit<AuditRow, 'referenceNo' | 'sequence' | 'hash' | 'previousHash'>;

/** Takes a customer, the head of their chain and what is to be recorded; returns the rows that go on from there. */
export function chainRows(
  referenceNo: string,
  head: ChainHead,
  entries: readonly AuditEntry[],
): { readonly rows: readonly AuditRow[]; readonly head: ChainHead } {
  let { sequence, hash } = head;
  const rows = entries.map((entry): AuditRow => {
    sequence += 1;
    // Kept as it is hashed, so that the row reads back to the same text.
    const { at: _at, ...members } = plain(entry) as Omit<AuditEntry, 'at'> & { at: string };
    const unhashed = { ...members, at: entry.at, referenceNo, sequence, previousHash: hash };
    hash = recordHash(auditRecord(unhashed), hash);
    return { ...unhashed, hash };
  });
  return { rows, head: { sequence, hash } };
}
