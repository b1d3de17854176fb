import type { ComplianceCase } from './case.js';

/**
 * A case as it stands in MongoDB: by which release it was written says its number alone, so that it is of no use to
 * anybody before `upgradeCase`. A changed form gets the next number, its predecessor's type stands here, and so does the
 * step from one to the other.
 */
export interface StoredCase extends Omit<ComplianceCase, 'schema'> {
  readonly schema: number;
}

/**
 * Takes a case as it was stored, by this release or an earlier one; returns it in the present form.
 * @throws when a later release wrote it: going on would lose what this one does not know of.
 */
export function upgradeCase(stored: StoredCase): ComplianceCase {
  const { schema } = stored;
  switch (schema) {
    case 1:
      return { ...stored, schema };
    default:
      throw new Error(
        `The case ${stored.caseId} has form ${String(schema)}, which is newer than this release.`,
      );
  }
}
