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
}

/**
 * The table of design §2, written down a second time over the model's own knowledge instead of digests.
 *
 * Takes the journeys that are known, as they are at IDWise, the approval on record and the context; returns the status.
 */
export function statusByTheTable(
  journeys: readonly ModelJourney[],
  approval: SeenApproval | null,
  context: OracleContext,
): string {
  const byStart = [...journeys].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const hasDecision = (journey: ModelJourney) => isDecided(journey, context) || journey.manual !== null;
  const decided = byStart.filter(
    (journey) => hasDecision(journey) || journey.journeyId === approval?.journeyId,
  );
  const ruling = decided.at(-1) ?? byStart.at(-1);
  if (ruling === undefined) return 'created';
  const earlier = byStart.filter((journey) => journey.startedAt < ruling.startedAt);
  return byManualDecision(ruling, approval, context) ?? bySystem(ruling, earlier, approval, context);
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
      return 'resubmission_required';
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
      return 'rejected';
    default:
      return 'under_review';
  }
}
