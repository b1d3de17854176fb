import { randomUUID } from 'node:crypto';
import type { CASE_EXPORTED } from '../audit/audit-export.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { appendAudit } from '../store/audit-chain.js';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { snapshotDigestOf } from './audit-entries.js';

/** What somebody is about to read, as it stands on the audit record. */
export interface Reading {
  readonly effect:
    | 'details_read'
    | 'images_listed'
    | 'image_read'
    | 'case:person_viewed'
    | typeof CASE_EXPORTED;
  readonly journeyId: string | null;
  readonly what: Readonly<Record<string, unknown>>;
}

/** Who is about to read, a credential's name or a person's subject, and when. */
export interface Reader {
  readonly actor: string;
  readonly at: Date;
}

/** Where reads are recorded, and the version of the policy in force, which the record names. */
export interface ReadRecorder {
  readonly store: Pick<Store, 'profiles' | 'audit' | 'transaction'>;
  readonly policyVersion: string;
}

/**
 * Takes where to record, a customer, who reads and when, and what of the profile is to be read (null: there is nothing to
 * read); puts the read on the audit record, before any of it is given out, and returns the profile, or null.
 */
export async function recordRead(
  { store, policyVersion }: ReadRecorder,
  referenceNo: string,
  { actor, at }: Reader,
  readingOf: (profile: ProfileRow) => Reading | null,
): Promise<ProfileRow | null> {
  return store.transaction(`customer:${referenceNo}`, async (session) => {
    const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
    const reading = profile === null ? null : readingOf(profile);
    if (profile === null || reading === null) return null;
    const { effect, journeyId, what } = reading;
    await appendAudit(store, session, profile, [
      {
        _id: randomUUID(),
        at,
        cause: { kind: 'person', id: `read:${randomUUID()}` },
        actor,
        effect,
        journeyId,
        from: null,
        to: what,
        policyVersion,
        snapshotDigest: snapshotDigestOf(upgradeFacts(profile.facts), journeyId),
      },
    ]);
    return profile;
  });
}
