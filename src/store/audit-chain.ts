import type mongoose from 'mongoose';
import {
  type AuditEntry,
  auditRecord,
  type ChainHead,
  chainRows,
  EMPTY_CHAIN,
  recordHash,
} from '../audit/audit-record.js';
import type { ProfileRow } from './records.js';
import type { Store } from './store.js';

type Session = mongoose.mongo.ClientSession;

/** The part of a profile that says where the customer's chain ends. */
export type ChainedProfile = Pick<ProfileRow, '_id' | 'auditSequence' | 'auditHash' | 'auditHashedTo'>;

/** Members of the profile that the caller must write in the same transaction as what it records. */
export interface WrittenHead {
  readonly auditSequence: number;
  readonly auditHash: string;
  readonly auditHashedTo: number;
}

/**
 * The one way to write audit records (a test holds the code to it). Takes the store, the session of the transaction that
 * also writes the effect, the profile as read in that transaction, and what is to be recorded, in order; inserts the
 * records and returns the new head, which the caller writes into the profile in the same transaction.
 *
 * Two writers cannot both go on from one head: both write the profile, and numbers are unique per customer.
 * @throws MongoDB's errors; a duplicate key means that a head was not written, which is a defect.
 */
export async function insertAudit(
  store: Pick<Store, 'audit'>,
  session: Session,
  profile: ChainedProfile,
  entries: readonly AuditEntry[],
): Promise<WrittenHead> {
  const { rows, head } = chainRows(profile._id, await chainHead(store, session, profile), entries);
  if (rows.length > 0) await store.audit.insertMany([...rows], { session });
  return headMembers(head);
}

/**
 * As `insertAudit`, for those who write nothing else into the profile: also writes the new head. The revision stays,
 * because a record alone changes nothing that a turn of the workflow rests on.
 */
export async function appendAudit(
  store: Pick<Store, 'audit' | 'profiles'>,
  session: Session,
  profile: ChainedProfile,
  entries: readonly AuditEntry[],
): Promise<void> {
  const head = await insertAudit(store, session, profile, entries);
  await store.profiles.updateOne({ _id: profile._id }, { $set: head }, { session });
}

/** Takes a head; returns the members of the profile that say so. */
export function headMembers({ sequence, hash }: ChainHead): WrittenHead {
  return { auditSequence: sequence, auditHash: hash, auditHashedTo: sequence };
}

/** Takes a profile; returns the hash of its last record, null where a release before the chain wrote that one. */
export function hashOfLast({ auditSequence, auditHash, auditHashedTo }: ChainedProfile): string | null {
  return auditHash !== undefined && auditHashedTo === auditSequence ? auditHash : null;
}

/**
 * Takes the profile as read in the session; returns the head of its chain. Records of releases before the chain bear no
 * hash: theirs are computed once, when the chain is first needed, so that it holds them too from then on. That such a
 * release still runs beside this one, while it is replaced, does no harm.
 */
export async function chainHead(
  store: Pick<Store, 'audit'>,
  session: Session,
  profile: ChainedProfile,
): Promise<ChainHead> {
  const { _id, auditSequence, auditHash, auditHashedTo } = profile;
  const last = hashOfLast(profile);
  if (last !== null) return { sequence: auditSequence, hash: last };
  const isBehind = auditHash !== undefined && auditHashedTo !== undefined;
  const begin = isBehind ? { sequence: auditHashedTo, hash: auditHash } : EMPTY_CHAIN;
  const unhashed = await store.audit
    .find({ referenceNo: _id, sequence: { $gt: begin.sequence, $lte: auditSequence } }, { session })
    .sort({ sequence: 1 })
    .toArray();
  const hash = unhashed.reduce((before, row) => recordHash(auditRecord(row), before), begin.hash);
  return { sequence: auditSequence, hash };
}
