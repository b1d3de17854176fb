import type { Store } from '../store/store.js';
import type { Person } from './identity-provider.js';

/**
 * Takes the collection; returns the remembering of those who sign in: records name people by the subject of their login,
 * and somebody must be able to read them, also years after the person has left.
 */
export function createRememberPerson(deskPeople: Store['deskPeople']) {
  return async ({ subject, name, roles }: Person, now: Date): Promise<void> => {
    await deskPeople.updateOne({ _id: subject }, { $set: { name, roles, seenAt: now } }, { upsert: true });
  };
}
