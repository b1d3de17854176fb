import { failedCaptureRules } from './checks.js';
import { type CustomerFacts, type JourneyFacts, knownJourney } from './customer.js';
import { redoStep, statusText } from './customer-texts.js';
import { type Instant, toMs } from './instant.js';
import { isOpen } from './journey.js';
import type { DecisionContext } from './policy.js';
import type { JourneyView, NextStep, ProfileView } from './profile-view.js';
import type { Judgement } from './status.js';
import { userPart } from './user-part.js';

/** The view without the two members that count its changes. */
type ViewContent = Omit<ProfileView, 'version' | 'updatedAt'>;

/** Takes the facts, their judgement and the context; returns what the customer's app shows. */
export function present(facts: CustomerFacts, judgement: Judgement, context: DecisionContext): ViewContent {
  return {
    referenceNo: facts.referenceNo,
    status: judgement.status,
    access: judgement.access,
    functions: context.policy.functions[judgement.access],
    reason: statusText(judgement.status),
    nextSteps: nextSteps(facts, judgement, context),
    dueAt: null,
    journeys: Object.values(facts.journeys).map(journeyView).sort(byStart),
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

function nextSteps(facts: CustomerFacts, judgement: Judgement, context: DecisionContext): NextStep[] {
  const journey = judgement.journeyId === null ? undefined : knownJourney(facts, judgement.journeyId);
  switch (judgement.status) {
    case 'created':
    case 'expired':
      return [{ action: 'start_verification', journeyId: null, stepId: null, reason: null }];
    case 'in_progress':
      return [
        { action: 'continue_verification', journeyId: judgement.journeyId, stepId: null, reason: null },
      ];
    case 'resubmission_required':
      return journey === undefined ? [] : stepsToRedo(journey, context);
    default:
      return [];
  }
}

function stepsToRedo(journey: JourneyFacts, context: DecisionContext): NextStep[] {
  const { journeyId, requiredSteps, snapshot, verdict } = journey;
  if (verdict?.decision === 'capture_failed' && snapshot !== null) {
    return failedCaptureRules(snapshot, context.policy).map((rule) =>
      redoStep(
        journeyId,
        null,
        rule === 'selfie_quality' ? (snapshot.selfie?.livenessStatusCode ?? rule) : rule,
      ),
    );
  }
  if (requiredSteps.length === 0) return [redoStep(journeyId, null, null)];
  return requiredSteps.map((step) => redoStep(journeyId, step.stepId, step.reasonCode));
}

/** How far the user's own part is; whatever IDWise found does not show here. */
function journeyView(journey: JourneyFacts): JourneyView {
  const { snapshot } = journey;
  const startedAt = snapshot?.startTime ?? journey.startReportedAt ?? journey.firstSeenAt;
  if (snapshot !== null && !isOpen(snapshot))
    return { journeyId: journey.journeyId, state: 'finished', startedAt };
  return { journeyId: journey.journeyId, state: userPart(journey), startedAt };
}

function byStart(a: JourneyView, b: JourneyView): number {
  return toMs(a.startedAt) - toMs(b.startedAt) || (a.journeyId < b.journeyId ? -1 : 1);
}
