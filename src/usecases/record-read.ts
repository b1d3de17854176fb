import { randomUUID } from 'node:crypto';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { appendAudit } from '../store/audit-chain.js';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { snapshotDigestOf } from './audit-entries.js';

/** What somebody is about to read, as it stands on the audit record. */
export interface Reading {
  readonly effect: 'details_read' | 'images_listed' | 'image_read';
  readonly journeyId: string | null;
  readonly what: Readonly<Record<string, unknown>>;
}

/**
 * Takes the store, the version of the policy in force, a customer, the name of the reader's credential, and what of the
 * profile is to be read (null: there is nothing to read); puts the read on the audit record, before any of it is given
 * out, and returns the profile, or null.
 */
export async function recordRead(
  store: Pick<Store, 'profiles' | 'audit' | 'transaction'>,
  policyVersion: string,
  referenceNo: string,
  actor: string,
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
        at: new Date(),
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
