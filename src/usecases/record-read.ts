import { randomUUID } from 'node:crypto';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';

/** What somebody is about to read, as it stands on the audit record. */
export interface Reading {
  readonly effect: 'details_read' | 'images_listed' | 'image_read';
  readonly journeyId: string | null;
  readonly what: Readonly<Record<string, unknown>>;
}

/**
 * Takes a customer, the name of the reader's credential, and what of the profile is to be read (null: there is nothing
 * to read); puts the read on the audit record, before any of it is given out, and returns the profile, or null.
 */
export async function recordRead(
  store: Pick<Store, 'profiles' | 'audit' | 'transaction'>,
  referenceNo: string,
  actor: string,
  readingOf: (profile: ProfileRow) => Reading | null,
): Promise<ProfileRow | null> {
  return store.transaction(`customer:${referenceNo}`, async (session) => {
    const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
    const reading = profile === null ? null : readingOf(profile);
    if (profile === null || reading === null) return null;
    const sequence = profile.auditSequence + 1;
    // The revision stays: a read changes nothing that a turn of the workflow rests on.
    await store.profiles.updateOne({ _id: referenceNo }, { $set: { auditSequence: sequence } }, { session });
    await store.audit.insertOne(
      {
        _id: randomUUID(),
        referenceNo,
        sequence,
        at: new Date(),
        cause: { kind: 'person', id: `read:${randomUUID()}` },
        actor,
        effect: reading.effect,
        journeyId: reading.journeyId,
        from: null,
        to: reading.what,
      },
      { session },
    );
    return profile;
  });
}
