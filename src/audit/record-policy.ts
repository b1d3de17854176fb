import type { Policy } from '../domain/policy.js';
import type { Store } from '../store/store.js';
import { plain } from './canonical-form.js';
import { policyVersion } from './policy-version.js';

/**
 * Takes the store, the policy in force and the time; keeps the policy under its version, so that the version which
 * records name can be looked up for as long as they are kept. Safe to repeat.
 */
export async function recordPolicy(
  store: Pick<Store, 'auditPolicies'>,
  policy: Policy,
  now: Date,
): Promise<void> {
  const _id = policyVersion(policy);
  if ((await store.auditPolicies.findOne({ _id }, { projection: { _id: 1 } })) !== null) return;
  try {
    await store.auditPolicies.insertOne({ _id, policy: plain(policy), firstSeenAt: now });
  } catch (error) {
    // Another process keeps the same policy at the same time.
    if ((await store.auditPolicies.findOne({ _id }, { projection: { _id: 1 } })) === null) throw error;
  }
}
