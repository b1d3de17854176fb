import type { MatchRef } from './aml-summary.js';
import { type ComplianceCase, latestVersion, notWhitelistable, openMatches } from './case.js';
import type { CasePolicy } from './case-policy.js';
import { type CaseOutcome, whitelists } from './outcomes.js';
import { type Actor, SENIOR_ROLE } from './roles.js';

/**
 * Who may do what with a proposal, and which outcomes a frozen customer rules out: what the desk offers and what it does
 * rest on these same rules (docs/cases.md).
 */

/** Why somebody may not do that with a proposal. */
type AgainstAnswer =
  | 'state_not_allowed'
  | 'not_own_proposal'
  | 'own_proposal'
  | 'senior_role_required'
  | 'frozen';

/** Who wants to do what with a proposal, and whether another case has frozen the customer. */
interface Answering {
  readonly actor: Actor;
  readonly action: 'withdraw' | 'approve' | 'decline';
  readonly frozenElsewhere: boolean;
}

/**
 * Takes a case, who wants to do what with its proposal, and the policy; returns what speaks against it beside their
 * roles, null: nothing. Four eyes: another person than the proposer answers.
 */
export function againstAnswer(
  of: ComplianceCase,
  { actor, action, frozenElsewhere }: Answering,
  policy: CasePolicy,
): AgainstAnswer | null {
  const { proposal } = of;
  if (proposal === null) return 'state_not_allowed';
  const isOwn = proposal.proposedBy === actor.id;
  if (action === 'withdraw') return isOwn ? null : 'not_own_proposal';
  if (isOwn) return 'own_proposal';
  if (action === 'decline') return null;
  const isSenior = actor.roles.includes(SENIOR_ROLE);
  if (needsSenior(proposal.outcome, policy) && !isSenior) return 'senior_role_required';
  return isFrozenFor(of, proposal.outcome, frozenElsewhere) ? 'frozen' : null;
}

/** Why an outcome cannot be proposed as it is. */
type AgainstProposal =
  | 'version_differs'
  | 'matches_do_not_fit'
  | 'match_unknown'
  | 'match_not_whitelistable'
  | 'frozen';

/** The version of the case that the proposer saw, the outcome, and whom IDWise is to whitelist for it. */
interface Proposing {
  readonly version: number;
  readonly outcome: CaseOutcome;
  readonly matches: readonly MatchRef[];
}

/**
 * Takes a case, what is to be proposed and whether another case has frozen the customer; returns what speaks against it,
 * null: nothing.
 */
export function againstProposal(
  of: ComplianceCase,
  { version, outcome, matches }: Proposing,
  frozenElsewhere: boolean,
): AgainstProposal | null {
  if (version !== latestVersion(of).number) return 'version_differs';
  if (whitelists(outcome) !== matches.length > 0) return 'matches_do_not_fit';
  const open = openMatches(of);
  if (!matches.every((match) => open.includes(match))) return 'match_unknown';
  if (matches.some((match) => notWhitelistable(of).includes(match))) return 'match_not_whitelistable';
  return isFrozenFor(of, outcome, frozenElsewhere) ? 'frozen' : null;
}

/** Takes a case, an outcome and whether another case has frozen the customer; returns true when that rules it out. */
export function isFrozenFor(
  { hold }: ComplianceCase,
  outcome: CaseOutcome,
  frozenElsewhere: boolean,
): boolean {
  return outcome === 'off_board' && (hold === 'frozen' || frozenElsewhere);
}

/** Takes an outcome and the policy; returns true when only a senior role may approve it. Due diligence always needs one. */
export function needsSenior(outcome: CaseOutcome, { seniorApproval }: CasePolicy): boolean {
  return outcome === 'enhanced_due_diligence' || seniorApproval.includes(outcome);
}
