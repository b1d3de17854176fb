import type { Policy } from '../domain/policy.js';
import { canonicalText, plain, sha256 } from './canonical-form.js';

/** A process has one policy, or a few in tests; each is hashed once. */
const known = new WeakMap<Policy, string>();

/** Takes a policy; returns its version: SHA-256 over its canonical JSON, so that the same rules have the same version. */
export function policyVersion(policy: Policy): string {
  const version = known.get(policy) ?? sha256(canonicalText(plain(policy)));
  known.set(policy, version);
  return version;
}
