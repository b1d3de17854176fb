import { type CaseHold, isStricter, type TwoPeople } from './cases/outcomes.js';
import { type Change, only } from './change.js';
import type { CustomerFacts } from './customer.js';
import type { Effect } from './effects.js';
import type { Instant } from './instant.js';

/**
 * The compliance hold (docs/status.md): a case lays it, and under it no decision of IDWise raises access. Several cases may
 * hold one customer; each lifts its own, and the customer is held until the last one has.
 */

/** How one case holds the customer; while any freezes, the customer cannot be off-boarded. */
export interface ComplianceHold {
  readonly caseId: string;
  readonly laidAt: Instant;
  readonly freezes: boolean;
}

/**
 * How new the word is by which a case last held or let go, and by which it last froze or released. A measure may come
 * late, after newer ones of its case, and twice; the case numbers them, and the newest word counts. Two numbers, because
 * to lay a hold says nothing of a freezing that two people have yet to be heard to end.
 */
export interface HoldRevisions {
  readonly hold: number;
  readonly freeze: number;
}

/** What orders the measures of a case: the number of the case's turn that wants it. */
interface OfCase {
  readonly caseId: string;
  readonly revision: number;
}

/** Takes the facts, a case, whether it freezes, and the time; returns the customer held by it. Never eases a hold. */
export function layComplianceHold(
  facts: CustomerFacts,
  { freezes, ...of }: OfCase & { readonly freezes: boolean },
  at: Instant,
): Change {
  const after = withWord(facts, of, { holds: true, freezes: freezes ? true : null }, at);
  const hold = holdBy(after, of.caseId);
  return only(after, hold === holdBy(facts, of.caseId) ? [] : [holdLaid(of.caseId, hold)]);
}

/**
 * Takes the facts, a case, whether it keeps a hold that freezes no more, the two people whose outcome this is, and the
 * time; returns the customer without that case's hold. On one person's word nothing is released (design §4.9): such a
 * request can only come of a defect, and an operator is told.
 */
export function liftComplianceHold(
  facts: CustomerFacts,
  { keepsHold, proposedBy, approvedBy, ...of }: OfCase & TwoPeople & { readonly keepsHold: boolean },
  at: Instant,
): Change {
  const { caseId } = of;
  const after = withWord(facts, of, { holds: keepsHold, freezes: false }, at);
  const [was, is] = [holdBy(facts, caseId), holdBy(after, caseId)];
  const isByTwo = proposedBy !== approvedBy && proposedBy !== '' && approvedBy !== '';
  if (!isByTwo)
    return only(
      facts,
      isStricter(was, is) ? [{ kind: 'alarm', code: 'release_by_one_person', journeyId: null }] : [],
    );
  if (was === is) return only(after, []);
  // The hold that it keeps may not have been heard of yet.
  if (isStricter(is, was)) return only(after, [holdLaid(caseId, is)]);
  return only(after, [
    { kind: 'hold_lifted', hold: 'compliance', caseId, keepsHold: is !== 'none', proposedBy, approvedBy },
  ]);
}

/** Takes the facts and a measure's place; returns true when a newer word of its case has been heard. */
export function isOvertaken({ holdRevisions }: CustomerFacts, { caseId, revision }: OfCase): boolean {
  return revision < (holdRevisions[caseId]?.hold ?? 0);
}

/** Takes the facts; returns true when a case has frozen the customer, who then cannot be off-boarded. */
export function isFrozen({ complianceHolds }: CustomerFacts): boolean {
  return complianceHolds.some(({ freezes }) => freezes);
}

function holdBy({ complianceHolds }: CustomerFacts, caseId: string): CaseHold {
  const known = complianceHolds.find((hold) => hold.caseId === caseId);
  return known === undefined ? 'none' : known.freezes ? 'frozen' : 'held';
}

function holdLaid(caseId: string, hold: CaseHold): Effect {
  return { kind: 'hold_laid', hold: 'compliance', caseId, freezes: hold === 'frozen' };
}

/** A word of a case, as far as no newer one says otherwise; `null` leaves a freezing as it is. */
function withWord(
  facts: CustomerFacts,
  { caseId, revision }: OfCase,
  word: { readonly holds: boolean; readonly freezes: boolean | null },
  at: Instant,
): CustomerFacts {
  const heard = facts.holdRevisions[caseId] ?? { hold: 0, freeze: 0 };
  const known = facts.complianceHolds.find((hold) => hold.caseId === caseId);
  const saysHold = revision >= heard.hold;
  const saysFreeze = word.freezes !== null && revision >= heard.freeze;
  const holds = saysHold ? word.holds : known !== undefined;
  const freezes = saysFreeze ? word.freezes === true : known?.freezes === true;
  const others = facts.complianceHolds.filter((hold) => hold.caseId !== caseId);
  const laid = { caseId, laidAt: known?.laidAt ?? at, freezes };
  const revisions = {
    hold: saysHold ? revision : heard.hold,
    freeze: saysFreeze ? revision : heard.freeze,
  };
  return {
    ...withHolds(facts, holds ? [...others, laid] : others),
    holdRevisions: { ...facts.holdRevisions, [caseId]: revisions },
  };
}

/** Takes the facts and a case; returns true when a case other than this has frozen the customer. */
export function isFrozenByAnother({ complianceHolds }: CustomerFacts, caseId: string): boolean {
  return complianceHolds.some((hold) => hold.freezes && hold.caseId !== caseId);
}

function withHolds(facts: CustomerFacts, complianceHolds: readonly ComplianceHold[]): CustomerFacts {
  const others = facts.holds.filter((hold) => hold !== 'compliance');
  const holds = complianceHolds.length === 0 ? others : [...others, 'compliance' as const];
  return { ...facts, complianceHolds, holds };
}
