import { failedStepIds } from './assessment.js';
import type { Delivery } from './delivery.js';
import type { Journey } from './journey.js';
import type { Outcome } from './lifecycle.js';
import type { Simulation } from './simulation.js';

export const reviewDecisions = ['Approved', 'Rejected', 'Resubmission Requested'] as const;

/** What a reviewer decides, in the Studio or through the manual-review API (contract §3.8, §6). */
export interface Review {
  decision: (typeof reviewDecisions)[number];
  reasonCode?: string | undefined;
  comment?: string | undefined;
  /** Steps to be done again; by default those that failed, or all when none did. */
  steps?: { stepId: string; reasonCode?: string | undefined }[] | undefined;
  /** Also send `Finished Journey`, which is documented for manual decisions too (contract §1.3 B). */
  finishedJourney?: boolean | undefined;
}

const defaultReasonCode = 'RESUBMIT_BAD_QUALITY';

/**
 * Applies a reviewer's decision and sends what is subscribed of it. It may be changed again later.
 *
 * @returns the webhooks that it gave; refused before the journey has been completed
 */
export function review(simulation: Simulation, journey: Journey, request: Review): Outcome<Delivery[]> {
  if (journey.phase !== 'finished') return { ok: false, reason: 'only a completed journey can be reviewed' };
  const resubmission = request.decision === 'Resubmission Requested';
  const steps = resubmission ? stepsToRedo(journey, request) : [];
  const unknown = steps.find(({ stepId }) => journey.steps.every((step) => step.stepId !== stepId));
  if (unknown) return { ok: false, reason: `the flow has no step ${unknown.stepId}` };

  journey.manualDecision = request.decision;
  journey.review = { reasonCode: request.reasonCode ?? null, comment: request.comment ?? null };
  journey.redo = resubmission
    ? { trigger: 'Manual Review', steps, deadline: null, resumed: false, submitted: [] }
    : null;

  const deliveries = simulation.notify(journey, { event: 'Manually Reviewed' });
  deliveries.push(
    ...simulation.notify(journey, {
      event: 'Updated Journey',
      action: 'Manual Review',
      manualReviewDetails: {
        journeyReviewDecision: request.decision,
        reasonCode: request.reasonCode ?? null,
        stepReviews: steps.map((step) => ({ ...step, reviewDecision: 'Resubmit' })),
      },
    }),
  );
  if (request.finishedJourney) deliveries.push(...simulation.notify(journey, { event: 'Finished Journey' }));
  if (resubmission) {
    deliveries.push(
      ...simulation.notify(journey, {
        event: 'Verification Update Required',
        trigger: 'Manual Review',
        requiredSteps: steps,
      }),
    );
  }
  simulation.changed();
  return { ok: true, value: deliveries };
}

function stepsToRedo(journey: Journey, request: Review): { stepId: string; reasonCode: string }[] {
  const failed = failedStepIds(journey);
  const fallback = failed.length > 0 ? failed : journey.steps.map((step) => step.stepId);
  const wanted: { stepId: string; reasonCode?: string | undefined }[] =
    request.steps ?? fallback.map((stepId) => ({ stepId }));
  return wanted.map(({ stepId, reasonCode }) => ({
    stepId,
    reasonCode: reasonCode ?? request.reasonCode ?? defaultReasonCode,
  }));
}
