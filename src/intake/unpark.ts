import type mongoose from 'mongoose';
import type { ParkReason } from '../store/records.js';
import type { Store } from '../store/store.js';

/** Reasons that a registration or a linked journey can settle (design §3: tried again at each registration or link). */
const LINKABLE: readonly ParkReason[] = ['no_reference', 'unknown_reference', 'unknown_journey'];

/**
 * Takes the store, the transaction in which a customer is registered or a journey linked (or undefined), the new
 * reference or journey, and the time. Sends what was parked for it on its way again; returns how many rows.
 */
export async function unparkFor(
  store: Pick<Store, 'inbox'>,
  session: mongoose.mongo.ClientSession | undefined,
  by: { readonly referenceNo?: string; readonly journeyId?: string },
  now: Date,
): Promise<number> {
  const owners = [
    ...(by.referenceNo === undefined ? [] : [{ referenceNo: by.referenceNo }]),
    ...(by.journeyId === undefined ? [] : [{ journeyId: by.journeyId }]),
  ];
  if (owners.length === 0) return 0;
  const { modifiedCount } = await store.inbox.updateMany(
    { state: 'parked', parkReason: { $in: LINKABLE }, $or: owners },
    { $set: { state: 'received', parkReason: null, notBefore: now, attempts: 0 } },
    session === undefined ? { writeConcern: { w: 'majority' } } : { session },
  );
  return modifiedCount;
}
