/** What a person at the desk may be, by a claim of the company's identity provider. */
export const ROLES = ['officer', 'approver', 'auditor', 'engineer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * Takes a claim, whatever it is (one name, a list, names with spaces between); returns the roles in it. Names that are
 * none of ours are left out: an identity provider serves other applications too.
 */
export function rolesOf(claim: unknown): readonly Role[] {
  const names = Array.isArray(claim) ? claim : typeof claim === 'string' ? claim.split(/[\s,]+/) : [];
  return ROLES.filter((role) => names.includes(role));
}
