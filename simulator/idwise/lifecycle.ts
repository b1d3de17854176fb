import { assess } from './assessment.js';
import { type Journey, selfieStep, submissionsAreConcluded, userStepsAreIn } from './journey.js';
import { meetDeadline, RENEWAL_TRIGGER } from './renewals.js';
import type { Work } from './scheduler.js';
import type { Simulation } from './simulation.js';

/** The outcome of something that IDWise may refuse, with the reason in its own words. */
export type Outcome<T = undefined> = { ok: true; value: T } | { ok: false; reason: string };

const done: Outcome = { ok: true, value: undefined };
const refused = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/**
 * The user submits a step, for the first time or again. IDWise looks at it a while later.
 *
 * @returns refused when there is no such step, or nothing can be submitted at present
 */
export function submitStep(simulation: Simulation, journey: Journey, stepId: string): Outcome {
  const step = journey.steps.find((candidate) => candidate.stepId === stepId);
  if (!step) return refused(`the flow has no step ${stepId}`);
  if (journey.redo?.resumed && journey.phase === 'finished' && !journey.reprocessing) {
    if (!journey.redo.submitted.includes(stepId)) journey.redo.submitted.push(stepId);
  } else if (journey.phase !== 'open') {
    return refused('the journey is not open');
  }
  const document = step.stepType === 'Document';
  const image = () => simulation.newImage(journey.journeyId);
  step.submissions += 1;
  step.concluded = false;
  step.images = {
    front: image(),
    back: document && step.sides === 2 ? image() : null,
    frontCropped: document ? image() : null,
    backCropped: document && step.sides === 2 ? image() : null,
  };
  simulation.schedule(
    { kind: 'conclude-step', journeyId: journey.journeyId, stepId, submission: step.submissions },
    simulation.config.processingMs,
  );
  return done;
}

/**
 * The user is through with the SDK: what is missing is submitted, and `Finished User Steps` is sent. For a
 * journey that is redone, IDWise processes it again (contract §6).
 */
export function finishUserSteps(simulation: Simulation, journey: Journey): Outcome {
  const redo = journey.phase === 'finished' && !journey.reprocessing ? journey.redo : null;
  // The backend may complete the journey as soon as the last step is in; then the user merely leaves the SDK.
  if (journey.completionRequested && redo === null) return done;
  if (journey.phase !== 'open' && !redo?.resumed) return refused('there is nothing to finish');
  const missing = redo
    ? redo.steps.map((step) => step.stepId).filter((stepId) => !redo.submitted.includes(stepId))
    : journey.steps.filter((step) => step.submissions === 0).map((step) => step.stepId);
  for (const stepId of missing) submitStep(simulation, journey, stepId);
  if (redo) {
    journey.reprocessing = true;
  } else {
    journey.phase = 'user-steps-finished';
    simulation.notify(journey, { event: 'Finished User Steps' });
  }
  processFor(simulation, journey);
  return done;
}

/** The user cancels: no webhook (contract §1.6). */
export function cancelJourney(journey: Journey): Outcome {
  if (journey.phase !== 'open') return refused('only an open journey can be cancelled');
  journey.phase = 'cancelled';
  return done;
}

/** The user opens the SDK again, after a cancellation or because something is to be done again. */
export function resumeJourney(journey: Journey): Outcome {
  if (journey.phase === 'cancelled') {
    journey.phase = 'open';
    return done;
  }
  if (journey.phase === 'open') return done;
  if (journey.phase === 'finished' && journey.redo && !journey.reprocessing) {
    journey.redo.resumed = true;
    return done;
  }
  return refused('there is nothing to resume');
}

/**
 * The backend sends the government face (contract §3.5). The comparison is there after a while.
 *
 * @returns refused after completion, without a custom step, or before there is a selfie to compare with
 */
export function submitFace(simulation: Simulation, journey: Journey): Outcome {
  if (!journey.customStep) return refused('the journey has no custom step');
  if (journey.completionRequested || journey.endMicros !== null) return refused('the journey is completed');
  if (!selfieStep(journey)?.images) return refused('there is no selfie yet');
  journey.customStep.face = { imageId: simulation.newImage(journey.journeyId), compared: false };
  simulation.schedule({ kind: 'compare-face', journeyId: journey.journeyId }, simulation.config.processingMs);
  return done;
}

/**
 * Complete Custom Step, or Complete Journey at any time: the decision comes from what is there.
 *
 * @param what which of the two calls it is
 */
export function completeByBackend(
  simulation: Simulation,
  journey: Journey,
  what: 'custom-step' | 'journey',
): Outcome {
  if (journey.completionRequested || journey.endMicros !== null) return refused('the journey is completed');
  if (what === 'custom-step' && !journey.customStep) return refused('the journey has no custom step');
  journey.completionRequested = true;
  journey.phase = 'user-steps-finished';
  processFor(simulation, journey);
  return done;
}

function processFor(simulation: Simulation, journey: Journey): void {
  journey.processingUntilMs = Date.now() + simulation.config.processingMs;
  simulation.schedule({ kind: 'settle', journeyId: journey.journeyId }, simulation.config.processingMs);
}

/** Does what IDWise does by itself once its time has come. */
export function runWork(simulation: Simulation, work: Work): void {
  const journey = simulation.journey(work.journeyId);
  if (!journey) return;
  switch (work.kind) {
    case 'conclude-step':
      concludeStep(simulation, journey, work.stepId, work.submission);
      break;
    case 'compare-face':
      if (journey.customStep?.face) journey.customStep.face.compared = true;
      break;
    case 'aml-ready':
      makeAmlReady(simulation, journey);
      break;
    case 'renewal-deadline':
      meetDeadline(simulation, journey, work.deadline);
      break;
    case 'settle':
      break;
  }
  settle(simulation, journey);
}

function concludeStep(simulation: Simulation, journey: Journey, stepId: string, submission: number): void {
  const step = journey.steps.find((candidate) => candidate.stepId === stepId);
  // Submitted once more in the meantime: that submission has its own conclusion.
  if (!step || step.submissions !== submission) return;
  step.concluded = true;
  for (let side = 0; side < step.sides; side += 1) {
    simulation.notify(journey, { event: 'Finished Step', stepId, stepType: step.stepType });
  }
}

/** Finishes the journey if nothing is awaited any more. */
function settle(simulation: Simulation, journey: Journey): void {
  if (Date.now() < journey.processingUntilMs || !submissionsAreConcluded(journey)) return;
  if (journey.reprocessing) {
    finishReprocessing(simulation, journey);
    return;
  }
  if (journey.phase !== 'user-steps-finished') return;
  const customStep = journey.customStep;
  if (customStep && (!journey.completionRequested || (customStep.face && !customStep.face.compared))) return;
  journey.phase = 'finished';
  judgeAgain(simulation, journey);
  simulation.notify(journey, { event: 'Finished Journey' });
}

function finishReprocessing(simulation: Simulation, journey: Journey): void {
  const trigger = journey.redo?.trigger;
  journey.reprocessing = false;
  journey.redo = null;
  if (!simulation.faults.strike('sticky-resubmission', journey)) {
    journey.manualDecision = null;
    journey.review = null;
  }
  judgeAgain(simulation, journey);
  simulation.notify(journey, { event: 'Updated Journey', action: 'Step Update' });
  if (trigger === RENEWAL_TRIGGER) simulation.notify(journey, { event: 'Finished Journey' });
}

function judgeAgain(simulation: Simulation, journey: Journey): void {
  if (journey.aml?.applicability === 'Not Ready Yet') {
    if (!userStepsAreIn(journey)) {
      journey.aml.applicability = 'Skipped';
    } else if (journey.outcome !== 'aml-not-ready') {
      makeAmlReady(simulation, journey);
    } else if (journey.aml.readyAfterMs !== null) {
      simulation.schedule({ kind: 'aml-ready', journeyId: journey.journeyId }, journey.aml.readyAfterMs);
    }
  }
  journey.systemDecision = assess(journey).systemDecision;
  const ageMicros = journey.endMicros === null ? (journey.ageMicros ?? 0) : 0;
  journey.endMicros = simulation.clock.now() - ageMicros;
}

/** The watch-list search is through (contract §4.6, `applicability`); no webhook says so. */
export function makeAmlReady(simulation: Simulation, journey: Journey): void {
  if (journey.aml?.applicability !== 'Not Ready Yet') return;
  journey.aml.applicability = 'Applicable';
  journey.aml.searchMicros = simulation.clock.now();
  if (journey.phase === 'finished') journey.systemDecision = assess(journey).systemDecision;
}
