import { CASE_STATES, type CaseKind, type CaseState } from './case.js';
import type { CaseAction } from './roles.js';

/**
 * What may be done to a case in which state, and to which state it leads: what is not here cannot be done. The state
 * changes by nothing else, except that a further change leads to `open`, `investigating` or `reopened` (case-versions.ts)
 * and that a review closes when the customer is no longer under review.
 *
 * Acknowledging is the first thing, because it is what stops the escalation. Whoever then assigns the case or writes a
 * note to it has begun to look.
 */
export const TRANSITIONS: Readonly<Record<CaseAction, Readonly<Partial<Record<CaseState, CaseState>>>>> = {
  acknowledge: { open: 'acknowledged', reopened: 'acknowledged' },
  assign: {
    open: 'open',
    acknowledged: 'investigating',
    investigating: 'investigating',
    pending_approval: 'pending_approval',
    reopened: 'reopened',
  },
  note: {
    open: 'open',
    acknowledged: 'investigating',
    investigating: 'investigating',
    pending_approval: 'pending_approval',
    closed: 'closed',
    reopened: 'reopened',
  },
  propose: { acknowledged: 'pending_approval', investigating: 'pending_approval' },
  withdraw: { pending_approval: 'investigating' },
  approve: { pending_approval: 'closed' },
  decline: { pending_approval: 'investigating' },
  record_external_report: {
    open: 'open',
    acknowledged: 'acknowledged',
    investigating: 'investigating',
    pending_approval: 'pending_approval',
    closed: 'closed',
    reopened: 'reopened',
  },
  reopen: { closed: 'reopened' },
};

/** A review is decided in IDWise's Studio: here it is only seen to that somebody does. */
const OF_REVIEWS: readonly CaseAction[] = ['acknowledge', 'assign', 'note'];

/** Takes a kind, a state and an action; returns the state that it leads to, or null where it cannot be done. */
export function nextState(kind: CaseKind, state: CaseState, action: CaseAction): CaseState | null {
  if (!isOf(kind, action)) return null;
  return TRANSITIONS[action][state] ?? null;
}

/** Takes a kind and an action; returns true when the action exists for cases of that kind at all. */
export function isOf(kind: CaseKind, action: CaseAction): boolean {
  return kind === 'aml' || OF_REVIEWS.includes(action);
}

/** Takes a kind and an action; returns the states in which it can be done, in the order of a case's life. */
export function statesFor(kind: CaseKind, action: CaseAction): readonly CaseState[] {
  return CASE_STATES.filter((state) => nextState(kind, state, action) !== null);
}
