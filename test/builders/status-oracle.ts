import { type Instant, later, toMs } from '../../src/domain/instant.js';
import { type CustomerLedger, EXPIRES_AFTER_MS, MOST_ROUNDS, REDO_DUE_AFTER_MS } from './customer-ledger.js';
import { failedRules, type IdwiseModel, type ModelJourney } from './idwise-model.js';

/** The approval that was last recorded, as the test saw it recorded: with what IDWise showed then. */
export interface SeenApproval {
  readonly journeyId: string;
  readonly byHand: boolean;
  readonly failedRules: readonly string[];
  readonly submissions: number;
  readonly matches: number;
}

export interface OracleContext {
  readonly model: IdwiseModel;
  readonly approveAfterManualRejection: boolean;
  readonly ledger: CustomerLedger;
  readonly now: Instant;
}

export interface Found {
  readonly status: string;
  readonly ruling: ModelJourney | undefined;
  /** What was fetched of the ruling journey approves; not only an earlier approval that stands. */
  readonly isProven: boolean;
}

/**
 * The table of docs/status.md, written down a second time over the model's own knowledge instead of digests, with the waits
 * that end.
 *
 * Takes the journeys that are known, as they are at IDWise, the approval on record and the context; returns what is found
 * before our own holds are laid over it.
 */
export function findByTheTable(
  journeys: readonly ModelJourney[],
  approval: SeenApproval | null,
  context: OracleContext,
): Found {
  const { status, ruling } = byTheRows(journeys, approval, context);
  const isStanding =
    ruling !== undefined &&
    (!isDecided(ruling, context) ||
      isAskedAgain(ruling) ||
      (!ruling.amlReady && approval?.journeyId !== ruling.journeyId));
  const endsAt = waitEndsAt(status, ruling, journeys, context);
  const isOver = endsAt !== null && toMs(context.now) >= toMs(endsAt);
  return {
    status: isOver ? 'expired' : status,
    ruling,
    isProven: status === 'approved' && (ruling?.manual?.word === 'Approved' || !isStanding),
  };
}

/** Steps were asked for again, and there is no result over newer ones. */
function isAskedAgain({ manual, findings, judgedSubmission }: ModelJourney): boolean {
  if (manual === null) return findings === 'capture';
  return manual.word === 'Resubmission Requested' && judgedSubmission <= manual.aboutSubmission;
}

/** Takes what is found and what we ourselves lay over it; returns the status: closed, rejected, held, then the table's. */
export function withOurOwn({ status }: Pick<Found, 'status'>, ledger: CustomerLedger): string {
  if (ledger.isClosed) return 'closed';
  if (status === 'rejected') return status;
  return ledger.hasComplianceHold || ledger.hasRenewalHold ? 'suspended' : status;
}

function waitEndsAt(
  status: string,
  ruling: ModelJourney | undefined,
  journeys: readonly ModelJourney[],
  context: OracleContext,
): Instant | null {
  const { ledger } = context;
  if (status === 'created') return later(ledger.begunAt, EXPIRES_AFTER_MS);
  if (ruling === undefined) return null;
  const sign = ledger.lastSign(journeys);
  const isUndecided = !isDecided(ruling, context);
  if (status === 'in_progress' || (status === 'pending_verification' && isUndecided))
    return later(sign, EXPIRES_AFTER_MS);
  if (status !== 'resubmission_required') return null;
  if (
    journeys.some(
      (journey) => !isDecided(journey, context) && journey.manual === null && journey.submissions > 0,
    )
  )
    return null;
  const askedAt = ledger.asks.get(ruling.journeyId)?.seenAt ?? ledger.begunAt;
  const dueAt = later(askedAt, REDO_DUE_AFTER_MS);
  return toMs(sign) > toMs(dueAt) ? later(sign, REDO_DUE_AFTER_MS) : dueAt;
}

function byTheRows(
  journeys: readonly ModelJourney[],
  approval: SeenApproval | null,
  context: OracleContext,
): { status: string; ruling: ModelJourney | undefined } {
  const byStart = [...journeys].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const hasDecision = (journey: ModelJourney) => isDecided(journey, context) || journey.manual !== null;
  const decided = byStart.filter(
    (journey) => hasDecision(journey) || journey.journeyId === approval?.journeyId,
  );
  const ruling = decided.at(-1) ?? byStart.at(-1);
  if (ruling === undefined) return { status: 'created', ruling };
  const earlier = byStart.filter((journey) => journey.startedAt < ruling.startedAt);
  const status = byManualDecision(ruling, approval, context) ?? bySystem(ruling, earlier, approval, context);
  return { status, ruling };
}

function byManualDecision(
  journey: ModelJourney,
  approval: SeenApproval | null,
  context: OracleContext,
): string | null {
  const { manual } = journey;
  const isCapture = manual === null && isDecided(journey, context) && journey.findings === 'capture';
  if (manual === null && !isCapture) return null;
  const about = manual?.aboutSubmission ?? journey.judgedSubmission;
  const newerStepsAreIn = journey.submissions > about;
  const resultIsNew = journey.judgedSubmission > about || !isDecided(journey, context);
  if (newerStepsAreIn && resultIsNew) return null;
  if (newerStepsAreIn) return approval === null ? 'under_review' : 'approved';
  switch (manual?.word) {
    case 'Approved':
      return 'approved';
    case 'Rejected':
      return 'rejected';
    default:
      return (context.ledger.asks.get(journey.journeyId)?.rounds ?? 0) > MOST_ROUNDS
        ? 'under_review'
        : 'resubmission_required';
  }
}

function isDecided(journey: ModelJourney, { model }: OracleContext): boolean {
  return model.systemDecision(journey) !== 'Incomplete';
}

function bySystem(
  journey: ModelJourney,
  earlier: readonly ModelJourney[],
  approval: SeenApproval | null,
  context: OracleContext,
): string {
  const decision = context.model.systemDecision(journey);
  if (decision === 'Incomplete') {
    if (approval !== null) return 'approved';
    return journey.submissions > 0 ? 'pending_verification' : 'in_progress';
  }
  const isSomeoneElse = earlier.some(
    (other) => isDecided(other, context) && other.personIsOther !== journey.personIsOther,
  );
  // What is done again shows nothing until it is read; the approval stands meanwhile.
  const isBeingDone = context.model.options.clears && journey.judgedSubmission !== journey.submissions;
  if (isBeingDone && approval?.journeyId === journey.journeyId) return 'approved';
  if (isBeingDone && decision === 'Complete' && journey.amlReady) return 'under_review';
  const isBarred =
    isSomeoneElse ||
    (!context.approveAfterManualRejection && earlier.some((other) => other.manual?.word === 'Rejected')) ||
    (context.model.options.customStep && journey.faceMatched !== true);
  if (approval !== null && approval.journeyId === journey.journeyId) {
    const amlIsWorse = !journey.amlReady || journey.openMatches > 0 || journey.matches !== approval.matches;
    const isForgiven = approval.byHand && approval.submissions === journey.submissions;
    const mayFail = isForgiven || !approval.byHand ? approval.failedRules : [];
    const othersAreNot = failedRules(journey).every((rule) => mayFail.includes(rule));
    const isAbout = decision === 'Complete' ? !journey.amlReady || journey.openMatches > 0 : amlIsWorse;
    if (decision !== 'Something New' && isAbout && othersAreNot && (isForgiven || !isBarred))
      return 'approved';
  }
  switch (decision) {
    case 'Complete':
      // A newer journey that waits for AML is still on its way; how long, is the clock's matter.
      if (!journey.amlReady) return approval !== null && !isSomeoneElse ? 'approved' : 'pending_verification';
      return isBarred || journey.openMatches > 0 ? 'under_review' : 'approved';
    case 'Rejected':
      return isSomeoneElse ? 'under_review' : 'rejected';
    default:
      return 'under_review';
  }
}
