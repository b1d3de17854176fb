import { type Change, only } from './change.js';
import type { CustomerFacts } from './customer.js';
import type { Instant } from './instant.js';

/**
 * The compliance hold (design §2): a case lays it, and under it no decision of IDWise raises access. Several cases may
 * hold one customer; each lifts its own, and the customer is held until the last one has.
 */

/** How one case holds the customer; while any freezes, the customer cannot be off-boarded. */
export interface ComplianceHold {
  readonly caseId: string;
  readonly laidAt: Instant;
  readonly freezes: boolean;
}

/** Takes the facts, a case, whether it freezes, and the time; returns the customer held by it. Never eases a hold. */
export function layComplianceHold(
  facts: CustomerFacts,
  { caseId, freezes }: { readonly caseId: string; readonly freezes: boolean },
  at: Instant,
): Change {
  const known = facts.complianceHolds.find((hold) => hold.caseId === caseId);
  if (known !== undefined && (known.freezes || !freezes)) return only(facts, []);
  const laid = { caseId, laidAt: known?.laidAt ?? at, freezes };
  const others = facts.complianceHolds.filter((hold) => hold.caseId !== caseId);
  return only(withHolds(facts, [...others, laid]), [
    { kind: 'hold_laid', hold: 'compliance', caseId, freezes },
  ]);
}

/**
 * Takes the facts, a case, whether it keeps a hold that freezes no more, and the two people whose outcome this is; returns
 * the customer without that case's hold. On one person's word nothing is released (design §4.9): such a request can only
 * come of a defect, and an operator is told.
 */
export function liftComplianceHold(
  facts: CustomerFacts,
  lift: {
    readonly caseId: string;
    readonly keepsHold: boolean;
    readonly proposedBy: string;
    readonly approvedBy: string;
  },
): Change {
  const { caseId, keepsHold, proposedBy, approvedBy } = lift;
  const known = facts.complianceHolds.find((hold) => hold.caseId === caseId);
  if (known === undefined || (keepsHold && !known.freezes)) return only(facts, []);
  if (proposedBy === approvedBy || proposedBy === '' || approvedBy === '')
    return only(facts, [{ kind: 'alarm', code: 'release_by_one_person', journeyId: null }]);
  const others = facts.complianceHolds.filter((hold) => hold.caseId !== caseId);
  const left = keepsHold ? [...others, { ...known, freezes: false }] : others;
  return only(withHolds(facts, left), [
    { kind: 'hold_lifted', hold: 'compliance', caseId, keepsHold, proposedBy, approvedBy },
  ]);
}

/** Takes the facts; returns true when a case has frozen the customer, who then cannot be off-boarded. */
export function isFrozen({ complianceHolds }: CustomerFacts): boolean {
  return complianceHolds.some(({ freezes }) => freezes);
}

function withHolds(facts: CustomerFacts, complianceHolds: readonly ComplianceHold[]): CustomerFacts {
  const others = facts.holds.filter((hold) => hold !== 'compliance');
  const holds = complianceHolds.length === 0 ? others : [...others, 'compliance' as const];
  return { ...facts, complianceHolds, holds };
}
