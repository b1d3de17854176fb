import { assess, stepPasses } from './assessment.js';
import { type Journey, selfieStep } from './journey.js';

const interimRules = {
  same_subject: 'Same Person',
  under_age: 'Under Age',
  no_duplicate_applicant: 'Unique Applicant',
};

/**
 * Get Journey Summary (contract §3.7). A step id of digits is printed as a number, as in IDWise's sample.
 *
 * @param pretendIncomplete shows the journey as not yet finished, whatever it is
 */
export function journeySummary(journey: Journey, pretendIncomplete = false) {
  const { failedRules } = assess(journey);
  return {
    journey_id: journey.journeyId,
    is_completed: journey.endMicros !== null && !pretendIncomplete,
    step_summaries: journey.steps.map((step) => {
      const passed = step.concluded && stepPasses(step.stepType, failedRules);
      const failed = step.concluded && !passed;
      return {
        definition: {
          step_id: /^\d{1,9}$/.test(step.stepId) ? Number(step.stepId) : step.stepId,
          step_type: step.stepType,
          step_title: step.title,
        },
        result: {
          has_passed_rules: passed,
          is_concluded: step.concluded,
          status: step.submissions > 0 ? 'Submitted' : 'Not Submitted',
          error_user_feedback_code: failed ? 'UNACCEPTABLE_IMAGE' : null,
          error_user_feedback_title: failed ? 'Please try again' : '',
          error_user_feedback_details: failed ? 'The picture could not be used.' : '',
        },
      };
    }),
    result: interimResult(journey, failedRules),
  };
}

function interimResult(journey: Journey, failedRules: readonly string[]) {
  const details = Object.fromEntries(
    Object.entries(interimRules)
      .filter(([key]) => key !== 'same_subject' || selfieStep(journey)?.concluded)
      .map(([key, name]) => [key, { name, result: failedRules.includes(key) ? 'Failed' : 'Passed' }]),
  );
  const failed = Object.values(details).some((rule) => rule.result === 'Failed');
  return journey.steps.some((step) => step.concluded)
    ? { interim_rule_assessment: failed ? 'Failed' : 'Passed', interim_rule_details: details }
    : null;
}
