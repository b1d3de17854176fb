import { type ChainedProfile, chainHead, hashOfLast, headMembers } from '../store/audit-chain.js';
import type { Store } from '../store/store.js';
import { type CustomerHead, inOrder } from './checkpoint.js';

/** A chain as it ends now, and as the latest checkpoint attests it. */
export interface ComparedHead {
  readonly referenceNo: string;
  /** null: the profile is gone. */
  readonly now: CustomerHead | null;
  /** null: no checkpoint has seen this customer. */
  readonly attested: CustomerHead | null;
}

const BATCH = 1_000;

/**
 * Takes the store; yields every chain that there is or that a checkpoint attests, by ascending reference number. Heads
 * are read in batches, each of a moment of its own, which does no harm: the chains are independent.
 */
export async function* compareHeads(
  store: Pick<Store, 'profiles' | 'auditHeads' | 'audit' | 'transaction'>,
): AsyncGenerator<ComparedHead> {
  let after = '';
  for (;;) {
    const profiles = await store.profiles
      .find({ _id: { $gt: after } }, { projection: { auditSequence: 1, auditHash: 1, auditHashedTo: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();
    const last = profiles.at(-1)?._id;
    const isEnd = last === undefined || profiles.length < BATCH;
    const range = isEnd ? { $gt: after } : { $gt: after, $lte: last };
    const attested = new Map<string, CustomerHead>();
    for await (const { _id, sequence, hash } of store.auditHeads.find({ _id: range })) {
      attested.set(_id, { referenceNo: _id, sequence, hash });
    }
    const now = new Map<string, CustomerHead>();
    for (const profile of profiles) now.set(profile._id, await headOf(store, profile));
    for (const referenceNo of [...new Set([...now.keys(), ...attested.keys()])].sort(inOrder)) {
      yield {
        referenceNo,
        now: now.get(referenceNo) ?? null,
        attested: attested.get(referenceNo) ?? null,
      };
    }
    if (isEnd) return;
    after = last;
  }
}

/** The chain of an earlier release's customer is anchored now, so that it need not be computed again each day. */
async function headOf(
  store: Pick<Store, 'profiles' | 'audit' | 'transaction'>,
  read: ChainedProfile,
): Promise<CustomerHead> {
  const { _id } = read;
  const hash = hashOfLast(read);
  if (hash !== null) return { referenceNo: _id, sequence: read.auditSequence, hash };
  return await store.transaction(`customer:${_id}`, async (session) => {
    const profile = await store.profiles.findOne({ _id }, { session });
    if (profile === null) return { referenceNo: _id, sequence: 0, hash: '' };
    const head = await chainHead(store, session, profile);
    await store.profiles.updateOne({ _id }, { $set: headMembers(head) }, { session });
    return { referenceNo: _id, ...head };
  });
}
