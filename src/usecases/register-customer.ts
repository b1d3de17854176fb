import { randomBytes, randomUUID } from 'node:crypto';
import type mongoose from 'mongoose';
import { policyVersion } from '../audit/policy-version.js';
import type { Policy } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import { appInboxRow } from '../intake/inbox-row.js';
import { unparkFor } from '../intake/unpark.js';
import { insertAudit } from '../store/audit-chain.js';
import type { InboxRow } from '../store/inbox-records.js';
import { isDuplicateKey } from '../store/insert-once.js';
import { newProfileRow } from '../store/new-profile.js';
import type { ProfileRow } from '../store/records.js';
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

const MOST_TRIES = 3;

/**
 * Makes the use case that registers a customer. One transaction writes the profile, its audit record, the inbox row
 * that starts the workflow, and frees what was parked for it. Repeating it changes nothing; a profile that an app's
 * verification made before is bound to its customer now.
 */
export function createRegisterCustomer({ store, policy }: RegisterDependencies): RegisterCustomer {
  return async (registration) =>
    await registering(store, registration.customerId, (session) =>
      register(store, policy, session, registration),
    );
}

/** Takes the customer whom the work binds, and the work; runs it in a transaction, again where another one was faster. */
export async function registering<T>(
  store: Pick<Store, 'transaction'>,
  customerId: string,
  work: (session: mongoose.mongo.ClientSession) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await store.transaction(`registration:${customerId}`, work);
    } catch (error) {
      // Two registrations at once: the unique keys let one through, and the other now finds its profile.
      if (!isDuplicateKey(error) || tries === MOST_TRIES) throw error;
    }
  }
}

async function register(
  store: Store,
  policy: Policy,
  session: mongoose.mongo.ClientSession,
  { customerId, referenceNo, actor }: Registration,
): Promise<RegisterOutcome> {
  const now = new Date();
  const bound = await bindCustomer(
    store,
    policy,
    session,
    { customerId, referenceNo, actor },
    'registration',
    now,
  );
  if (bound.kind === 'known') return { kind: 'known', view: bound.profile.view };
  if (bound.kind !== 'bound') return bound;
  const { profile } = bound;
  const row = appInboxRow({ kind: 'registered' }, profile._id, now);
  await store.inbox.insertOne(row, { session });
  return { kind: 'registered', view: profile.view, row };
}

type BindOutcome =
  /** `bound` now, or `known` from before. */
  | { readonly kind: 'bound'; readonly profile: ProfileRow }
  | { readonly kind: 'known'; readonly profile: ProfileRow }
  | { readonly kind: 'customer_bound' }
  | { readonly kind: 'reference_bound' };

/**
 * Takes the transaction, a customer with their reference number, what brings them (the cause on record) and the time;
 * binds the two, with the audit record, and frees what was parked for them. Nothing is written where they are bound
 * already, to each other or otherwise. The caller writes the inbox row that starts the workflow.
 */
export async function bindCustomer(
  store: Store,
  policy: Policy,
  session: mongoose.mongo.ClientSession,
  { customerId, referenceNo, actor }: Registration,
  cause: 'registration' | 'import',
  now: Date,
): Promise<BindOutcome> {
  const ofCustomer = await store.profiles.findOne({ customerId }, { session });
  if (ofCustomer !== null) {
    const isSame = referenceNo === undefined || referenceNo === ofCustomer._id;
    return isSame ? { kind: 'known', profile: ofCustomer } : { kind: 'customer_bound' };
  }
  const reference = referenceNo ?? newReferenceNo();
  const ofReference = await store.profiles.findOne({ _id: reference }, { session });
  if (ofReference?.customerId !== undefined) return { kind: 'reference_bound' };

  const profile = ofReference ?? newProfileRow(reference, customerId, now.toISOString(), policy);
  const head = await insertAudit(store, session, profile, [
    {
      _id: randomUUID(),
      at: now,
      cause: { kind: 'person', id: `${cause}:${randomUUID()}` },
      actor,
      effect: 'customer_registered',
      journeyId: null,
      from: null,
      to: { customerId },
      policyVersion: policyVersion(policy),
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
  await unparkFor(store, session, { referenceNo: reference }, now);
  return { kind: 'bound', profile };
}

/** 100 random bits in lower-case base32 (RFC 4648 without padding): opaque, short, safe in any path. */
function newReferenceNo(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return `c_${Array.from(randomBytes(20), (byte) => alphabet[byte % 32]).join('')}`;
}
