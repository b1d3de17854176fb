import type { Policy } from '../domain/policy.js';
import { canonicalText, plain, sha256 } from './canonical-form.js';

/** Takes a policy; returns its version: SHA-256 over its canonical JSON, so that the same rules have the same version. */
export function policyVersion(policy: Policy): string {
  return sha256(canonicalText(plain(policy)));
}
