import { hasOnlyAmlWorsened } from './aml-after-approval.js';
import { requiredChecks, stepsUnderWay } from './checks.js';
import type { Approval, CustomerFacts, JourneyFacts, Verdict } from './customer.js';
import { earliest, type Instant, later, toMs } from './instant.js';
import { isAmlNotReady, type JourneySnapshot } from './journey.js';
import { type Access, type DecisionContext, lowestAccess, type Policy, type Status } from './policy.js';
import { isSomeoneElse, rulingJourney, wasRejectedBefore } from './ruling-journey.js';
import { waitEndsAt } from './silence.js';
import { userPart } from './user-part.js';
import { isKnownManual, verdictState } from './verdict.js';

/** Why the status is what it is; internal, for records and engineers. Customers see `customer-texts.ts` instead. */
export type Ground =
  | 'closed'
  | 'held'
  | 'no_journey'
  | 'manual_decision'
  | 'resubmission_requested'
  | 'capture_failed'
  | 'newer_steps_in'
  | 'aml_not_ready'
  | 'aml_not_ready_too_long'
  | 'checks_passed'
  | 'checks_not_passed'
  | 'foreign_flow'
  | 'another_person'
  | 'rejected_before'
  | 'system_rejected'
  | 'referred'
  | 'awaiting_result'
  | 'awaiting_user'
  | 'unknown_decision'
  | 'approval_stands'
  | 'only_aml_worsened'
  | 'redo_cap_reached'
  | 'never_finished';

/** What makes a human of the company look at something that the rules do not foresee. */
export type StatusAlarm =
  | 'unknown_decision'
  | 'another_person'
  | 'foreign_flow'
  | 'outdated_approval'
  | 'redo_cap_reached';

export interface Judgement {
  readonly status: Status;
  readonly access: Access;
  readonly ground: Ground;
  /** The status that the ruling journey alone would give, under whatever we ourselves lay on it. */
  readonly finding: Status;
  readonly findingGround: Ground;
  /** The journey that rules; null while there is none. */
  readonly journeyId: string | null;
  readonly alarm: StatusAlarm | null;
  /** When the clock alone changes the judgement; null when it never does. */
  readonly reviewAt: Instant | null;
}

type Finding = Pick<Judgement, 'status' | 'ground'> & Partial<Pick<Judgement, 'alarm' | 'reviewAt'>>;
type Row = (
  journey: JourneyFacts,
  facts: CustomerFacts,
  context: DecisionContext,
  now: Instant,
) => Finding | null;

/**
 * From what was fetched to the status: the table of docs/status.md, read from top to bottom.
 *
 * Takes the facts, the context (policy, flow, custom step) and the time; returns the judgement. It is a pure function
 * of what IDWise says now, our holds, our clock and the approval we last recorded; in which order the events came
 * makes no difference.
 */
export function judge(facts: CustomerFacts, context: DecisionContext, now: Instant): Judgement {
  const journey = rulingJourney(facts);
  const match = journey === null ? NO_JOURNEY : firstMatch(journey, facts, context, now);
  const finding = unlessExpired(match, journey, facts, context.policy, now);
  const own = ownStatus(facts, finding);
  const status = own?.status ?? finding.status;
  return {
    status,
    access: lowestAccess(...levelsThatApply(facts, finding).map((applies) => context.policy.access[applies])),
    ground: own?.ground ?? finding.ground,
    finding: finding.status,
    findingGround: finding.ground,
    journeyId: journey?.journeyId ?? null,
    alarm: finding.alarm ?? null,
    reviewAt: finding.reviewAt ?? null,
  };
}

const ANOTHER_PERSON: Finding = {
  status: 'under_review',
  ground: 'another_person',
  alarm: 'another_person',
};
const NO_JOURNEY: Finding = { status: 'created', ground: 'no_journey' };

/** The wait for a customer's move, or for a result that never comes, has an end (design §4.5). */
function unlessExpired(
  finding: Finding,
  journey: JourneyFacts | null,
  facts: CustomerFacts,
  policy: Policy,
  now: Instant,
): Finding {
  const found = { status: finding.status, isAwaitingResult: finding.ground === 'awaiting_result' };
  const endsAt = waitEndsAt(facts, found, journey, policy);
  if (endsAt === null) return finding;
  return toMs(now) < toMs(endsAt)
    ? { ...finding, reviewAt: earliest(endsAt, finding.reviewAt ?? null) }
    : { status: 'expired', ground: 'never_finished' };
}

/** First our own: `closed`; then `rejected`, which no hold softens; then a hold. */
function ownStatus(facts: CustomerFacts, finding: Finding): Finding | null {
  if (facts.closedAt !== null) return { status: 'closed', ground: 'closed' };
  if (finding.status === 'rejected') return null;
  if (facts.holds.length > 0) return { status: 'suspended', ground: 'held' };
  return null;
}

/** A status that another one covers still bounds the access: no decision raises it above what a hold leaves. */
function levelsThatApply(facts: CustomerFacts, finding: Finding): Status[] {
  const levels: Status[] = [finding.status];
  if (facts.holds.length > 0) levels.push('suspended');
  if (facts.closedAt !== null) levels.push('closed');
  return levels;
}

function firstMatch(
  journey: JourneyFacts,
  facts: CustomerFacts,
  context: DecisionContext,
  now: Instant,
): Finding {
  for (const row of ROWS) {
    const finding = row(journey, facts, context, now);
    if (finding !== null)
      return isOutdated(journey, finding) ? { ...finding, alarm: 'outdated_approval' } : finding;
  }
  return { status: 'under_review', ground: 'unknown_decision', alarm: 'unknown_decision' };
}

/**
 * IDWise says `Approved` by hand over a newer result than the one that we know this of. It may be the old word, or a new
 * one whose occasion we missed: the system's decision counts, and where that is for a human, the human must know why.
 */
function isOutdated(journey: JourneyFacts, { status }: Finding): boolean {
  const isReplaced = verdictState(journey) === 'replaced' && journey.verdict?.decision === 'Approved';
  return isReplaced && status === 'under_review';
}

/** A manual decision that we do not know may be a refusal: a human looks, whatever the system says. */
const unknownManualDecision: Row = ({ snapshot }) =>
  snapshot === null || snapshot.manualDecision === null || isKnownManual(snapshot.manualDecision)
    ? null
    : { status: 'under_review', ground: 'unknown_decision', alarm: 'unknown_decision' };

/** Manual `Approved` or `Rejected` outranks the system's decision, until newer steps are in. */
const manualDecision: Row = (journey) => {
  const decision = standingDecision(journey);
  if (decision === 'Approved') return { status: 'approved', ground: 'manual_decision' };
  if (decision === 'Rejected') return { status: 'rejected', ground: 'manual_decision' };
  return null;
};

/** A request to resubmit, or a failed capture rule, stands until newer steps are in; asked too often, a human looks. */
const resubmission: Row = (journey, _facts, { policy }) => {
  const decision = standingDecision(journey);
  const isAsked = decision === 'Resubmission Requested' || decision === 'capture_failed';
  if (isAsked && journey.redoRounds > policy.redo.mostRounds)
    return { status: 'under_review', ground: 'redo_cap_reached', alarm: 'redo_cap_reached' };
  if (decision === 'Resubmission Requested')
    return { status: 'resubmission_required', ground: 'resubmission_requested' };
  if (decision === 'capture_failed') return { status: 'resubmission_required', ground: 'capture_failed' };
  return null;
};

/** Newer steps are in, but the result is still the one that the verdict was passed on; a recorded approval stands. */
const newerStepsWithoutResult: Row = (journey, { approval }) => {
  if (verdictState(journey) !== 'newer_steps_in') return null;
  return approval === null
    ? { status: 'under_review', ground: 'newer_steps_in' }
    : { status: 'approved', ground: 'approval_stands' };
};

/** A recorded approval stands while its journey is open again or a newer one is on its way: not decided, or not wholly. */
const approvalStands: Row = (journey, facts, { policy }, now) => {
  const { snapshot } = journey;
  if (facts.approval === null) return null;
  if (snapshot === null || snapshot.systemDecision === 'Incomplete' || isDoneAgain(snapshot, facts.approval))
    return { status: 'approved', ground: 'approval_stands' };
  if (!isAmlNotReady(snapshot) || journey.journeyId === facts.approval.journeyId) return null;
  if (isSomeoneElse(journey, facts)) return null;
  const reviewAt = amlPatienceEndsAt(journey, policy, now);
  return toMs(now) < toMs(reviewAt) ? { status: 'approved', ground: 'approval_stands', reviewAt } : null;
};

/** AML after approval tells nobody but compliance: where nothing else worsened, the customer sees no change. */
const onlyAmlWorsened: Row = (journey, facts, context) =>
  hasOnlyAmlWorsened(journey, facts, context) ? { status: 'approved', ground: 'only_aml_worsened' } : null;

/** System `Complete` without the AML part: wait for it, but not for ever. */
const amlNotReady: Row = (journey, _facts, { policy }, now) => {
  if (journey.snapshot === null || !isAmlNotReady(journey.snapshot)) return null;
  const reviewAt = amlPatienceEndsAt(journey, policy, now);
  return toMs(now) < toMs(reviewAt)
    ? { status: 'pending_verification', ground: 'aml_not_ready', reviewAt }
    : { status: 'under_review', ground: 'aml_not_ready_too_long' };
};

/** System `Complete`: approved when every required check is there and passed, the flow is ours and so is the person. */
const systemComplete: Row = (journey, facts, context) => {
  const { snapshot } = journey;
  if (snapshot?.systemDecision !== 'Complete') return null;
  if (snapshot.flowId !== context.flowId)
    return { status: 'under_review', ground: 'foreign_flow', alarm: 'foreign_flow' };
  const checks = requiredChecks(snapshot, context);
  if (checks.failed.length > 0 || checks.missing.length > 0 || checks.passed.length === 0) {
    return { status: 'under_review', ground: 'checks_not_passed' };
  }
  if (isSomeoneElse(journey, facts)) return ANOTHER_PERSON;
  if (wasRejectedBefore(journey, facts) && !context.policy.approveAfterManualRejection) {
    return { status: 'under_review', ground: 'rejected_before' };
  }
  return { status: 'approved', ground: 'checks_passed' };
};

/**
 * The system refuses, or doubts, another person than the earlier journey showed. Whoever knows a reference number can
 * begin a journey under it in the app: that must not take from the customer what is theirs.
 */
const strangerNotPassed: Row = (journey, facts) => {
  const decision = journey.snapshot?.systemDecision;
  const isNotPassed = decision === 'Rejected' || decision === 'Refer';
  return isNotPassed && isSomeoneElse(journey, facts) ? ANOTHER_PERSON : null;
};

const systemRejected: Row = ({ snapshot }, _facts, { policy }) =>
  snapshot?.systemDecision === 'Rejected'
    ? { status: policy.systemRejected, ground: 'system_rejected' }
    : null;

const systemRefer: Row = ({ snapshot }) =>
  snapshot?.systemDecision === 'Refer' ? { status: 'under_review', ground: 'referred' } : null;

/** System `Incomplete`, or nothing fetched yet: the customer's turn, or IDWise's when all user steps are submitted. */
const systemIncomplete: Row = (journey) => {
  if (journey.snapshot !== null && journey.snapshot.systemDecision !== 'Incomplete') return null;
  return userPart(journey) === 'submitted'
    ? { status: 'pending_verification', ground: 'awaiting_result' }
    : { status: 'in_progress', ground: 'awaiting_user' };
};

const ROWS: readonly Row[] = [
  unknownManualDecision,
  manualDecision,
  resubmission,
  newerStepsWithoutResult,
  approvalStands,
  onlyAmlWorsened,
  amlNotReady,
  systemComplete,
  strangerNotPassed,
  systemRejected,
  systemRefer,
  systemIncomplete,
];

/** The approved journey has steps under way that it had not when it was approved; its decision is the one before. */
function isDoneAgain(snapshot: JourneySnapshot, approval: Approval): boolean {
  if (snapshot.journeyId !== approval.journeyId) return false;
  return stepsUnderWay(snapshot).some((step) => !approval.failedChecks.includes(step));
}

function standingDecision(journey: JourneyFacts): Verdict['decision'] | null {
  return verdictState(journey) === 'stands' ? (journey.verdict?.decision ?? null) : null;
}

/** Where the AML part's wait began is known since the look that showed it; unknown, it has only just begun. */
function amlPatienceEndsAt({ amlPendingSince }: JourneyFacts, policy: Policy, now: Instant): Instant {
  return later(amlPendingSince ?? now, policy.amlNotReadyTimeoutMs);
}
