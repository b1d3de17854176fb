import type { mongo } from 'mongoose';
import { isFrozenByAnother } from '../../domain/compliance-hold.js';
import { upgradeFacts } from '../../domain/upgrade-facts.js';
import type { CaseRow } from '../../store/case-records.js';
import type { ProfileRow } from '../../store/records.js';
import type { Store } from '../../store/store.js';

/**
 * Whether a case other than this has frozen the customer. What a case decides reaches the customer's record only later,
 * as an event does, so the other cases are asked too: off-boarding must not slip in between. And the record counts beside
 * them, because a release that it has not heard of lets nobody go yet.
 *
 * Takes the case's row, the customer's profile, and the session of a transaction that acts on it. Two of one customer
 * cannot both rest on what they read: each writes the profile, by which one of them is repeated.
 */
export async function isFrozenElsewhere(
  { cases }: Pick<Store, 'cases'>,
  { _id, referenceNo }: Pick<CaseRow, '_id' | 'referenceNo'>,
  profile: Pick<ProfileRow, 'facts'> | null,
  session?: mongo.ClientSession,
): Promise<boolean> {
  if (profile !== null && isFrozenByAnother(upgradeFacts(profile.facts), _id)) return true;
  return await isAnyFreezing({ cases }, { referenceNo, _id: { $ne: _id } }, session);
}

/**
 * Whether any of these cases has frozen their customer, also where that is still on its way to the customer's record.
 * Takes which cases, and the session of a transaction that writes the profile.
 */
export async function isAnyFreezing(
  { cases }: Pick<Store, 'cases'>,
  which: mongo.Filter<CaseRow>,
  session?: mongo.ClientSession,
): Promise<boolean> {
  const options = { projection: { _id: 1 }, ...(session === undefined ? {} : { session }) };
  return (await cases.findOne({ ...which, 'case.hold': 'frozen' }, options)) !== null;
}
