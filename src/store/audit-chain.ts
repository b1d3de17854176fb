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
export type ChainedProfile = Pick<ProfileRow, '_id' | 'auditSequence' | 'auditHash'>;

/** Members of the profile that the caller must write in the same transaction as what it records. */
export interface WrittenHead {
  readonly auditSequence: number;
  readonly auditHash: string;
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
  return { auditSequence: head.sequence, auditHash: head.hash };
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

/**
 * Takes the profile as read in the session; returns the head of its chain. Records of releases before the chain bear no
 * hash: theirs are computed once, when the chain is first needed, so that it holds them too from then on.
 */
export async function chainHead(
  store: Pick<Store, 'audit'>,
  session: Session,
  { _id, auditSequence, auditHash }: ChainedProfile,
): Promise<ChainHead> {
  if (auditHash !== undefined) return { sequence: auditSequence, hash: auditHash };
  if (auditSequence === 0) return EMPTY_CHAIN;
  const earlier = await store.audit
    .find({ referenceNo: _id, sequence: { $lte: auditSequence } }, { session })
    .sort({ sequence: 1 })
    .toArray();
  const hash = earlier.reduce((before, row) => recordHash(auditRecord(row), before), EMPTY_CHAIN.hash);
  return { sequence: auditSequence, hash };
}
