import { ROLES, type Role } from '../domain/cases/roles.js';

/**
 * Takes a claim, whatever it is (one name, a list, names with spaces between); returns the roles in it. Names that are
 * none of ours are left out: an identity provider serves other applications too.
 */
export function rolesOf(claim: unknown): readonly Role[] {
  const names: unknown[] = Array.isArray(claim)
    ? claim
    : typeof claim === 'string'
      ? claim.split(/[\s,]+/)
      : [];
  return ROLES.filter((role) => names.includes(role));
}
