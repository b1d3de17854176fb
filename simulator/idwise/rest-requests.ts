import { z } from 'zod';
import { type Answer, refusal } from './answers.js';
import { failedStepIds } from './assessment.js';
import type { Journey } from './journey.js';
import type { JourneyWishes } from './new-journey.js';
import { type Review, reviewDecisions } from './studio.js';

// Contract §3.3: letters, digits and these marks; blanks at both ends are removed by IDWise.
const referencePattern = /^[A-Za-z0-9\-_/\\,.+@]+$/;

const startJourneyBody = z.object({
  flow_id: z.string().min(1),
  reference_no: z.string().trim().regex(referencePattern),
  applicant_details: z
    .object({
      full_name: z.string().min(1),
      birth_date: z.string().optional(),
      sex: z.enum(['male', 'female']).optional(),
      address: z.string().optional(),
      nationality_code: z.string().length(3).optional(),
    })
    .optional(),
});

/** Reads the body of Start Journey (contract §3.3). */
export function parseStartJourney(body: unknown): (JourneyWishes & { flowId: string }) | { refusal: Answer } {
  const parsed = startJourneyBody.safeParse(body);
  if (!parsed.success) return { refusal: invalid(parsed.error) };
  const { flow_id: flowId, reference_no: referenceNo, applicant_details: applicant } = parsed.data;
  if (!applicant) return { origin: 'backend', flowId, referenceNo };
  const [firstName, ...lastNames] = applicant.full_name.split(' ');
  const person = {
    firstName,
    lastName: lastNames.join(' '),
    birthDate: applicant.birth_date,
    sex: applicant.sex,
    nationalityCode: applicant.nationality_code,
  };
  return { origin: 'backend', flowId, referenceNo, person };
}

const manualReviewBody = z.object({
  new_decision: z.enum(reviewDecisions),
  comment: z.string().optional(),
  step_reviews: z
    .array(z.object({ step_id: z.coerce.string(), review_decision: z.enum(['Resubmit', 'Approve']) }))
    .optional(),
});

/**
 * Reads the body of Manual Journey Review (contract §3.8): with `Resubmission Requested` every step that has
 * failed must get a decision.
 */
export function parseManualReview(body: unknown, journey: Journey): Review | { refusal: Answer } {
  const parsed = manualReviewBody.safeParse(body);
  if (!parsed.success) return { refusal: invalid(parsed.error) };
  const { new_decision: decision, comment, step_reviews: stepReviews } = parsed.data;
  if (decision !== 'Resubmission Requested') return { decision, comment };
  if (!stepReviews?.length) {
    return { refusal: refusal(400, 'invalid_request', 'step_reviews is required for a resubmission') };
  }
  const decided = stepReviews.map((step) => step.step_id);
  const open = failedStepIds(journey).filter((stepId) => !decided.includes(stepId));
  if (open.length > 0) {
    return {
      refusal: refusal(400, 'invalid_request', `failed steps without a decision: ${open.join(', ')}`),
    };
  }
  const steps = stepReviews
    .filter((step) => step.review_decision === 'Resubmit')
    .map((step) => ({ stepId: step.step_id }));
  return { decision, comment, steps };
}

/** The answer to a body that does not have the documented form. */
export function invalid(error: z.ZodError): Answer {
  const issue = error.issues[0];
  return refusal(400, 'invalid_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`);
}
