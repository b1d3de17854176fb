import { failedCaptureRules } from './checks.js';
import { type CustomerFacts, type JourneyFacts, knownJourney } from './customer.js';
import { redoStep, renewStep, statusText } from './customer-texts.js';
import type { RequiredStep } from './idwise-event.js';
import { type Instant, toMs } from './instant.js';
import { isAmlNotReady, isOpen } from './journey.js';
import type { DecisionContext } from './policy.js';
import type { JourneyView, NextStep, ProfileView } from './profile-view.js';
import { renewalDueAt, renewalToDo } from './renewal.js';
import { isTheirs } from './ruling-journey.js';
import type { Judgement } from './status.js';
import { userPart } from './user-part.js';

/** The view without the two members that count its changes. */
type ViewContent = Omit<ProfileView, 'version' | 'updatedAt'>;

/** Takes the facts, their judgement and the context; returns what the customer's app shows. */
export function present(facts: CustomerFacts, judgement: Judgement, context: DecisionContext): ViewContent {
  const rules = ruling(facts, judgement, context);
  return {
    referenceNo: facts.referenceNo,
    status: judgement.status,
    access: judgement.access,
    functions: context.policy.functions[judgement.access],
    reason: statusText(judgement.status),
    nextSteps: nextSteps(rules, judgement, context),
    dueAt: dueAt(rules, judgement),
    journeys: Object.values(facts.journeys)
      .filter(isTheirs)
      .map((journey) => journeyView(journey, facts, judgement))
      .sort(byStart),
  };
}

/**
 * Takes the view as it stands, the content it should have and the time; returns the next view, or the same object
 * where nothing changed: `version` grows with each change of the view and with nothing else.
 */
export function nextView(current: ProfileView, content: ViewContent, at: Instant): ProfileView {
  const { version, updatedAt: _updatedAt, ...old } = current;
  if (canonical(old) === canonical(content)) return current;
  return { ...content, version: version + 1, updatedAt: at };
}

/** Members in one order, so that a view that went through a database compares equal to one that did not. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function nextSteps(
  { journey, renewal }: Ruling,
  { status, journeyId }: Judgement,
  context: DecisionContext,
): NextStep[] {
  const plain = { stepId: null, reason: null, triesLeft: null };
  switch (status) {
    case 'created':
    case 'expired':
      return [{ action: 'start_verification', journeyId: null, ...plain }];
    case 'in_progress':
      return [{ action: 'continue_verification', journeyId, ...plain }];
    case 'resubmission_required':
      return journey === null ? [] : stepsToRedo(journey, context);
    case 'approved':
    case 'suspended':
      return renewal === null ? [] : stepsToRenew(renewal);
    default:
      return [];
  }
}

function stepsToRedo(journey: JourneyFacts, { policy }: DecisionContext): NextStep[] {
  const { journeyId, requiredSteps, snapshot, verdict, redoRounds } = journey;
  const triesLeft = Math.max(policy.redo.mostRounds - redoRounds + 1, 0);
  const step = (stepId: string | null, code: string | null) => redoStep(journeyId, stepId, code, triesLeft);
  if (verdict?.decision === 'capture_failed' && snapshot !== null) {
    return failedCaptureRules(snapshot, policy).map((rule) =>
      step(null, rule === 'selfie_quality' ? (snapshot.selfie?.livenessStatusCode ?? rule) : rule),
    );
  }
  if (requiredSteps.length === 0) return [step(null, null)];
  return requiredSteps.map(({ stepId, reasonCode }) => step(stepId, reasonCode));
}

function stepsToRenew({ journeyId, steps }: OpenRenewal): NextStep[] {
  return steps.length === 0
    ? [renewStep(journeyId, null, null)]
    : steps.map(({ stepId, reasonCode }) => renewStep(journeyId, stepId, reasonCode));
}

interface OpenRenewal {
  readonly journeyId: string;
  readonly steps: readonly RequiredStep[];
  readonly dueAt: Instant;
}

interface Ruling {
  readonly journey: JourneyFacts | null;
  /** A renewal that the customer still has to do. */
  readonly renewal: OpenRenewal | null;
}

function ruling(
  facts: CustomerFacts,
  { journeyId, finding }: Judgement,
  { policy }: DecisionContext,
): Ruling {
  const journey = journeyId === null ? null : (knownJourney(facts, journeyId) ?? null);
  const renewal = renewalToDo(journey, finding);
  if (journey === null || renewal === null) return { journey, renewal: null };
  const { steps } = renewal;
  return {
    journey,
    renewal: { journeyId: journey.journeyId, steps, dueAt: renewalDueAt(renewal, policy) },
  };
}

/** Until when the customer's steps can be done. */
function dueAt({ journey, renewal }: Ruling, { status, reviewAt }: Judgement): Instant | null {
  if (status === 'resubmission_required' && journey !== null) return reviewAt;
  return status === 'approved' || status === 'suspended' ? (renewal?.dueAt ?? null) : null;
}

/**
 * How far the user's own part is; whatever IDWise found does not show here. A journey whose first result waits for its
 * AML part is still `submitted`: beside a status that waits, `finished` would tell what is waited for.
 */
function journeyView(journey: JourneyFacts, { approval }: CustomerFacts, judgement: Judgement): JourneyView {
  const { journeyId, snapshot } = journey;
  const startedAt = snapshot?.startTime ?? journey.startReportedAt ?? journey.firstSeenAt;
  if (snapshot === null || isOpen(snapshot)) return { journeyId, state: userPart(journey), startedAt };
  const isWaitedFor =
    isAmlNotReady(snapshot) &&
    judgement.journeyId === journeyId &&
    approval?.journeyId !== journeyId &&
    (judgement.findingGround === 'aml_not_ready' || judgement.findingGround === 'approval_stands');
  return { journeyId, state: isWaitedFor ? 'submitted' : 'finished', startedAt };
}

function byStart(a: JourneyView, b: JourneyView): number {
  return toMs(a.startedAt) - toMs(b.startedAt) || (a.journeyId < b.journeyId ? -1 : 1);
}
