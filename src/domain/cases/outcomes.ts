import type { MatchRef } from './aml-summary.js';

/** How a case about AML can end. */
export const CASE_OUTCOMES = [
  'false_positive',
  'monitor',
  'enhanced_due_diligence',
  'restrict',
  'freeze',
  'off_board',
] as const;
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

/** How a case holds its customer: not at all, by the compliance hold, or by one under which they cannot be off-boarded. */
export const CASE_HOLDS = ['none', 'held', 'frozen'] as const;
export type CaseHold = (typeof CASE_HOLDS)[number];

/**
 * What an outcome does to the customer. Off-boarding leaves the hold where it is, so that a customer who is taken back
 * one day comes back held.
 */
const EFFECTS: Readonly<
  Record<CaseOutcome, { readonly hold: CaseHold; readonly whitelists: boolean; readonly closes: boolean }>
> = {
  false_positive: { hold: 'none', whitelists: true, closes: false },
  monitor: { hold: 'none', whitelists: false, closes: false },
  enhanced_due_diligence: { hold: 'none', whitelists: false, closes: false },
  restrict: { hold: 'held', whitelists: false, closes: false },
  freeze: { hold: 'frozen', whitelists: false, closes: false },
  off_board: { hold: 'held', whitelists: false, closes: true },
};

/** Takes an outcome; returns true when it whitelists matches at IDWise, and so must name them. */
export function whitelists(outcome: CaseOutcome): boolean {
  return EFFECTS[outcome].whitelists;
}

/** Takes an outcome; returns how it leaves the customer held. */
export function holdOf(outcome: CaseOutcome): CaseHold {
  return EFFECTS[outcome].hold;
}

/** The two people on whose word something is lifted or ended; they are never the same. */
export interface TwoPeople {
  readonly proposedBy: string;
  readonly approvedBy: string;
}

/** What a case wants done: each is carried out by the customer's workflow, once, under the case's name. */
export type CustomerMeasure =
  | { readonly kind: 'lay_hold'; readonly hold: Exclude<CaseHold, 'none'> }
  /** Lifts the hold, or eases it to the one that is named. */
  | ({ readonly kind: 'lift_hold'; readonly to: Exclude<CaseHold, 'frozen'> } & TwoPeople)
  /** Off-boards the customer. */
  | ({ readonly kind: 'close' } & TwoPeople)
  /** Whitelists matches at IDWise; which of them bear these names stands, encrypted, in the case's differences. */
  | ({ readonly kind: 'whitelist'; readonly matches: readonly MatchRef[] } & TwoPeople);

const MEASURES = { lay_hold: true, lift_hold: true, close: true, whitelist: true } as const satisfies Record<
  CustomerMeasure['kind'],
  true
>;

/** Takes the kind of a stored event; returns true where it is something that a case wants done. */
export function isMeasure(kind: string): kind is CustomerMeasure['kind'] {
  return Object.hasOwn(MEASURES, kind);
}

/**
 * Takes an approved outcome, the matches that it names, how the case has held the customer so far, and by whom; returns
 * what the customer's workflow has to do, in order: nothing is let go of before what must hold is laid.
 */
export function measuresOf(
  outcome: CaseOutcome,
  matches: readonly MatchRef[],
  held: CaseHold,
  by: TwoPeople,
): readonly CustomerMeasure[] {
  const { hold, closes } = EFFECTS[outcome];
  const measures: CustomerMeasure[] = [];
  if (hold !== 'none' && isStricter(hold, held)) measures.push({ kind: 'lay_hold', hold });
  if (whitelists(outcome)) measures.push({ kind: 'whitelist', matches, ...by });
  if (hold !== 'frozen' && isStricter(held, hold)) measures.push({ kind: 'lift_hold', to: hold, ...by });
  if (closes) measures.push({ kind: 'close', ...by });
  return measures;
}

/** Takes two ways to hold a customer; returns true when the first is the stricter one. */
export function isStricter(one: CaseHold, other: CaseHold): boolean {
  return CASE_HOLDS.indexOf(one) > CASE_HOLDS.indexOf(other);
}
