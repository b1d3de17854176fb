import type mongoose from 'mongoose';
import type { ParkReason } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';

/** Reasons that a registration or a linked journey can settle (design §3: tried again at each registration or link). */
const LINKABLE: readonly ParkReason[] = ['no_reference', 'unknown_reference', 'unknown_journey'];

/**
 * Takes the store, the transaction in which a customer is registered or a journey linked (or undefined), the customer's
 * reference with the journey that has been linked to it (if one has), and the time. Sends what was parked for them on
 * its way again; an event of that journey which names another reference contradicts it and stays. Returns how many rows.
 */
export async function unparkFor(
  store: Pick<Store, 'inbox'>,
  session: mongoose.mongo.ClientSession | undefined,
  { referenceNo, journeyId }: { readonly referenceNo: string; readonly journeyId?: string },
  now: Date,
): Promise<number> {
  const ofJourney = journeyId === undefined ? [] : [{ journeyId, referenceNo: null }];
  const { modifiedCount } = await store.inbox.updateMany(
    { state: 'parked', parkReason: { $in: LINKABLE }, $or: [{ referenceNo }, ...ofJourney] },
    {
      $set: { state: 'received', referenceNo, parkReason: null, outcome: null, notBefore: now, attempts: 0 },
      // A run that parked it itself takes no signal of a name that it has had.
      $inc: { repeats: 1 },
    },
    session === undefined ? { writeConcern: { w: 'majority' } } : { session },
  );
  return modifiedCount;
}
