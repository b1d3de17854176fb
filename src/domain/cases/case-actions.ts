import { type Instant, toMs } from '../instant.js';
import type { MatchRef } from './aml-summary.js';
import { type ComplianceCase, latestVersion, type Proposal } from './case.js';
import type { CaseContext } from './case-clock.js';
import type { CaseEffect } from './case-effects.js';
import type { CasePolicy } from './case-policy.js';
import { isOf, nextState } from './case-transitions.js';
import { type CaseChange, newVersion, reopened, unchanged } from './case-versions.js';
import { type CaseOutcome, holdOf, measuresOf, whitelists } from './outcomes.js';
import { againstAnswer, againstProposal } from './proposal-rules.js';
import { type Actor, mayDo, mayOwn } from './roles.js';

/**
 * What somebody wants to do. Words (a note, a reason) are personal data more often than not: they are stored encrypted
 * first, under an id, and the id stands here.
 */
export type CaseRequest =
  | { readonly action: 'acknowledge' }
  /** To whom, with the roles of their last sign-in: none, where they have never been here. */
  | { readonly action: 'assign'; readonly owner: Actor }
  | { readonly action: 'note'; readonly noteId: string }
  | {
      readonly action: 'propose';
      /** The version of the case that the proposer saw. */
      readonly version: number;
      readonly outcome: CaseOutcome;
      /** Whom to whitelist, for an outcome that does. */
      readonly matches: readonly MatchRef[];
      readonly reasonId: string;
    }
  | { readonly action: 'withdraw'; readonly proposal: number }
  | { readonly action: 'approve' | 'decline'; readonly proposal: number; readonly reasonId: string }
  | { readonly action: 'record_external_report'; readonly reportedAt: Instant; readonly noteId: string }
  | { readonly action: 'reopen'; readonly reasonId: string };

/** Why something was not done; nothing has changed. */
export type CaseRefusal =
  /** None of the actor's roles allows it. */
  | 'role_not_allowed'
  /** A case is given to nobody who could not answer it. */
  | 'owner_cannot_answer'
  /** Cases of this kind are decided in IDWise's Studio. */
  | 'decided_elsewhere'
  /** It cannot be done in the case's state. */
  | 'state_not_allowed'
  /** Whoever proposed an outcome cannot approve or decline it. */
  | 'own_proposal'
  /** Only whoever proposed an outcome can withdraw it; others decline. */
  | 'not_own_proposal'
  /** The actor saw another version of the case, or another proposal, than there is now. */
  | 'version_differs'
  /** The outcome needs the approval of a senior role. */
  | 'senior_role_required'
  /** The outcome whitelists matches that are to be named, or names some although it does not whitelist. */
  | 'matches_do_not_fit'
  /** A match is named that does not count in this case. */
  | 'match_unknown'
  /** A match is named that IDWise cannot whitelist. */
  | 'match_not_whitelistable'
  /** A frozen customer is not off-boarded before another outcome has released them. */
  | 'frozen'
  /** An outcome, an approval, a refusal, a reopening and a note need their words. */
  | 'words_missing'
  /** A report is recorded after it was made. */
  | 'reported_in_future';

export type Acted =
  | ({ readonly kind: 'done' } & CaseChange)
  | { readonly kind: 'refused'; readonly refusal: CaseRefusal };

/** What somebody wants of a case. */
export interface AskedOfCase {
  /** Names the request; the same one is done once. */
  readonly requestId: string;
  readonly actor: Actor;
  readonly request: CaseRequest;
  /** Whether another case has frozen the customer, who then is not off-boarded by this one. */
  readonly frozenElsewhere: boolean;
  /** Whether words are kept under the request's id: only a request that was done leaves some. */
  readonly hasWords: boolean;
}

/**
 * Takes a case, who wants what under which request id, the context and the time; returns what becomes of the case, or why
 * nothing does. A request that comes again is done already, however long ago: its words stand as they were written.
 */
export function act(
  before: ComplianceCase,
  { requestId, actor, request, frozenElsewhere, hasWords }: AskedOfCase,
  context: CaseContext,
  at: Instant,
): Acted {
  const { action } = request;
  if (!mayDo(actor, action)) return refused('role_not_allowed');
  if (hasWords || before.requestIds.includes(requestId)) return { kind: 'done', ...unchanged(before) };
  if (!isOf(before.kind, action)) return refused('decided_elsewhere');
  const state = nextState(before.kind, before.state, action);
  if (state === null) return refused('state_not_allowed');
  const refusal = objection(before, { actor, request, frozenElsewhere }, context.policy, at);
  if (refusal !== null) return refused(refusal);
  const by = { actor: actor.id, requestId };
  const change = carryOut({ ...before, state }, by, request, context, at);
  const requestIds = [...before.requestIds, requestId].slice(-MOST_REQUEST_IDS);
  return { kind: 'done', case: { ...change.case, requestIds }, effects: change.effects };
}

/** More than are on their way at a time. Of what is older, words alone tell that it was done (`hasWords`). */
const MOST_REQUEST_IDS = 100;

function refused(refusal: CaseRefusal): Acted {
  return { kind: 'refused', refusal };
}

/** What speaks against it beside role and state. */
function objection(
  of: ComplianceCase,
  { actor, request, frozenElsewhere }: Pick<AskedOfCase, 'actor' | 'request' | 'frozenElsewhere'>,
  policy: CasePolicy,
  at: Instant,
): CaseRefusal | null {
  if (wordsOf(request) === '') return 'words_missing';
  switch (request.action) {
    case 'assign':
      return mayOwn(request.owner) ? null : 'owner_cannot_answer';
    case 'propose':
      return againstProposal(of, request, frozenElsewhere);
    case 'withdraw':
    case 'approve':
    case 'decline':
      return of.proposal?.number === request.proposal
        ? againstAnswer(of, { actor, action: request.action, frozenElsewhere }, policy)
        : 'version_differs';
    case 'record_external_report':
      return toMs(request.reportedAt) > toMs(at) ? 'reported_in_future' : null;
    default:
      return null;
  }
}

/** The id under which the request's words are kept; null where it needs none. */
function wordsOf(request: CaseRequest): string | null {
  if ('reasonId' in request) return request.reasonId;
  return 'noteId' in request ? request.noteId : null;
}

interface By {
  readonly actor: string;
  readonly requestId: string;
}

function carryOut(
  of: ComplianceCase,
  by: By,
  request: CaseRequest,
  { policy }: CaseContext,
  at: Instant,
): CaseChange {
  const { actor } = by;
  const only = (changes: Partial<ComplianceCase>, ...effects: readonly CaseEffect[]): CaseChange => ({
    case: { ...of, ...changes },
    effects,
  });
  switch (request.action) {
    case 'acknowledge':
      return only(
        { awaitingSince: null, owner: of.owner ?? actor },
        { kind: 'acknowledged', actor, version: latestVersion(of).number },
      );
    case 'assign':
      return only(
        { owner: request.owner.id },
        { kind: 'assigned', actor, from: of.owner, owner: request.owner.id },
      );
    case 'note':
      return only({}, { kind: 'note_added', actor, noteId: request.noteId });
    case 'propose': {
      const { outcome, matches, reasonId, version } = request;
      const number = of.proposals + 1;
      const proposal = { number, caseVersion: version, outcome, matches, reasonId };
      return only(
        { proposal: { ...proposal, proposedBy: actor, proposedAt: at }, proposals: number },
        { kind: 'proposed', actor, proposal: number, outcome, version, reasonId },
      );
    }
    case 'withdraw':
      return only({ proposal: null }, { kind: 'withdrawn', actor, proposal: request.proposal });
    case 'decline': {
      const { proposal, reasonId } = request;
      return only({ proposal: null }, { kind: 'declined', actor, proposal, reasonId });
    }
    case 'approve':
      return of.proposal === null ? unchanged(of) : concluded(of, of.proposal, actor, request.reasonId, at);
    case 'record_external_report': {
      const { reportedAt, noteId } = request;
      const report = { reportedAt, recordedAt: at, recordedBy: actor, noteId };
      return only(
        { externalReports: [...of.externalReports, report] },
        { kind: 'external_report_recorded', actor, reportedAt, noteId },
      );
    }
    case 'reopen':
      return takenUp(of, by, request.reasonId, policy, at);
  }
}

function concluded(
  of: ComplianceCase,
  proposal: Proposal,
  approvedBy: string,
  reasonId: string,
  at: Instant,
): CaseChange {
  const { outcome, matches, number, proposedBy, caseVersion } = proposal;
  const by = { proposedBy, approvedBy };
  const measures = measuresOf(outcome, matches, of.hold, by);
  const conclusion = {
    kind: 'outcome' as const,
    outcome,
    matches,
    caseVersion,
    proposal: number,
    proposalReasonId: proposal.reasonId,
    approvalReasonId: reasonId,
    at,
    ...by,
  };
  return {
    case: {
      ...of,
      proposal: null,
      conclusions: [...of.conclusions, conclusion],
      concludedVersion: latestVersion(of).number,
      concludedAt: at,
      hold: holdOf(outcome),
      whitelisted: whitelists(outcome) ? [...new Set([...of.whitelisted, ...matches])] : of.whitelisted,
      told: { ...of.told, digestAt: null },
    },
    effects: [
      { kind: 'approved', actor: approvedBy, proposedBy, proposal: number, outcome, reasonId },
      { kind: 'closed', outcome, ground: null },
      ...measures.map((measure) => ({ kind: 'measure_wanted' as const, measure })),
    ],
  };
}

/** Somebody takes up a concluded case: to release a frozen customer, say. Its severity is that of a change. */
function takenUp(
  of: ComplianceCase,
  { actor, requestId }: By,
  reasonId: string,
  policy: CasePolicy,
  at: Instant,
): CaseChange {
  const because = { kind: 'asked' as const, changeId: requestId, actor };
  const version = newVersion(of.versions.length + 1, { because, detectedAt: at }, policy);
  const { number, severity, dueAt } = version;
  return {
    case: reopened({ ...of, versions: [...of.versions, version] }, version, policy, at),
    effects: [{ kind: 'reopened', actor, reasonId, version: number, severity, dueAt }],
  };
}
