import type { mongo } from 'mongoose';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';

/** Events that a run was signalled of and that are on no record: it may not have got them, or be at them still. */
export const NOT_TAKEN_YET = { state: 'signalled', outcome: null } as const;

/**
 * Takes the inbox, which of the events that nobody took yet, the time, and the session of a transaction (or undefined); has
 * them handed over once more, the way of every event. A run that had them knows them by their ids, unless they are to bear
 * new ones (`isNewName`): it may have had them before MongoDB was set back to a backup, and the record knows nothing of that.
 * Returns how many.
 */
export async function handOverAgain(
  { inbox }: Pick<Store, 'inbox'>,
  which: mongo.Filter<InboxRow>,
  now: Date,
  {
    session,
    isNewName = false,
  }: { readonly session?: mongo.ClientSession; readonly isNewName?: boolean } = {},
): Promise<number> {
  const { modifiedCount } = await inbox.updateMany(
    { ...which, ...NOT_TAKEN_YET },
    {
      $set: { state: 'received', notBefore: now, signalledAt: null },
      ...(isNewName ? { $inc: { repeats: 1 } } : {}),
    },
    session === undefined ? {} : { session },
  );
  return modifiedCount;
}
