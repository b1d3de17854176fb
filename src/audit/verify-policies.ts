import type { Store } from '../store/store.js';
import type { AuditRecord } from './audit-record.js';
import { canonicalText, sha256 } from './canonical-form.js';
import type { Finding } from './finding.js';

/** Takes records of one customer; returns what is wrong with the policies that they name, each version told once. */
export type PolicyCheck = (records: readonly AuditRecord[]) => Promise<readonly Finding[]>;

/**
 * Takes the store; returns the check of policies. A version is the digest of its policy, so that what is kept under it
 * shows by itself whether it is the one under whose rules the records came about.
 */
export function createPolicyCheck(store: Pick<Store, 'auditPolicies'>): PolicyCheck {
  const checked = new Set<string>();
  return async (records) => {
    const findings: Finding[] = [];
    for (const { referenceNo, sequence, policyVersion } of records) {
      // Records of before the chain name none.
      const version = String(policyVersion ?? '');
      if (version === '' || checked.has(version)) continue;
      checked.add(version);
      const row = await store.auditPolicies.findOne({ _id: version });
      if (row === null) {
        const text = `names policy ${version}, which is not kept any more`;
        findings.push({ kind: 'policy_missing', referenceNo, sequence, text });
      } else if (sha256(canonicalText(row.policy)) !== version) {
        const text = `names policy ${version}, and what is kept under that version is another`;
        findings.push({ kind: 'policy_differs', referenceNo, sequence, text });
      }
    }
    return findings;
  };
}
