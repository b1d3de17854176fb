import { randomBytes, randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { policyVersion } from '../audit/policy-version.js';
import type { Policy } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import { appInboxRow } from '../intake/inbox-row.js';
import { unparkFor } from '../intake/unpark.js';
import { insertAudit } from '../store/audit-chain.js';
import { newProfileRow } from '../store/new-profile.js';
import type { InboxRow } from '../store/records.js';
import type { Store } from '../store/store.js';

export interface Registration {
  readonly customerId: string;
  /** The company's own; undefined: a new opaque one is made. */
  readonly referenceNo: string | undefined;
  /** Which credential asked, for the audit record. */
  readonly actor: string;
}

export type RegisterOutcome =
  /** `row` is to be handed to the relay; the sweeper finds it otherwise. */
  | { readonly kind: 'registered'; readonly view: ProfileView; readonly row: InboxRow }
  | { readonly kind: 'known'; readonly view: ProfileView }
  | { readonly kind: 'customer_bound' }
  | { readonly kind: 'reference_bound' };

export interface RegisterDependencies {
  readonly store: Store;
  readonly policy: Policy;
}

type RegisterCustomer = (registration: Registration) => Promise<RegisterOutcome>;

const DUPLICATE_KEY = 11_000;
const MOST_TRIES = 3;

/**
 * Makes the use case that registers a customer. One transaction writes the profile, its audit record, the inbox row
 * that starts the workflow, and frees what was parked for it. Repeating it changes nothing; a profile that an app's
 * verification made before is bound to its customer now.
 */
export function createRegisterCustomer({ store, policy }: RegisterDependencies): RegisterCustomer {
  const ruledBy = policyVersion(policy);
  return async (registration) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await store.transaction(`registration:${registration.customerId}`, (session) =>
          register(store, policy, ruledBy, session, registration),
        );
      } catch (error) {
        // Two registrations at once: the unique keys let one through, and the other now finds its profile.
        if (!isDuplicateKey(error) || tries === MOST_TRIES) throw error;
      }
    }
  };
}

async function register(
  store: Store,
  policy: Policy,
  ruledBy: string,
  session: mongoose.mongo.ClientSession,
  { customerId, referenceNo, actor }: Registration,
): Promise<RegisterOutcome> {
  const ofCustomer = await store.profiles.findOne({ customerId }, { session });
  if (ofCustomer !== null) {
    const isSame = referenceNo === undefined || referenceNo === ofCustomer._id;
    return isSame ? { kind: 'known', view: ofCustomer.view } : { kind: 'customer_bound' };
  }
  const reference = referenceNo ?? newReferenceNo();
  const ofReference = await store.profiles.findOne({ _id: reference }, { session });
  if (ofReference?.customerId !== undefined) return { kind: 'reference_bound' };

  const now = new Date();
  const profile = ofReference ?? newProfileRow(reference, customerId, now.toISOString(), policy);
  const head = await insertAudit(store, session, profile, [
    {
      _id: randomUUID(),
      at: now,
      cause: { kind: 'person', id: `registration:${randomUUID()}` },
      actor,
      effect: 'customer_registered',
      journeyId: null,
      from: null,
      to: { customerId },
      policyVersion: ruledBy,
      snapshotDigest: null,
    },
  ]);
  if (ofReference === null) {
    await store.profiles.insertOne({ ...profile, ...head }, { session });
  } else {
    await store.profiles.updateOne(
      { _id: reference, revision: profile.revision },
      { $set: { customerId, ...head, revision: profile.revision + 1, updatedAt: now } },
      { session },
    );
  }
  const row = appInboxRow({ kind: 'registered' }, reference, now);
  await store.inbox.insertOne(row, { session });
  await unparkFor(store, session, { referenceNo: reference }, now);
  return { kind: 'registered', view: profile.view, row };
}

/** 100 random bits in lower-case base32 (RFC 4648 without padding): opaque, short, safe in any path. */
function newReferenceNo(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return `c_${Array.from(randomBytes(20), (byte) => alphabet[byte % 32]).join('')}`;
}

function isDuplicateKey(error: unknown): boolean {
  return error instanceof mongoose.mongo.MongoServerError && error.code === DUPLICATE_KEY;
}
