import { type Journey, userStepsAreIn } from './journey.js';

/** What the SDK stand-in's `outcome` means. Any other string is taken as the decision itself, all rules passed. */
const namedOutcomes: Record<string, { decision: string; failedRules: string[] }> = {
  complete: { decision: 'Complete', failedRules: [] },
  refer: { decision: 'Refer', failedRules: ['no_duplicate_applicant'] },
  rejected: { decision: 'Rejected', failedRules: ['approved_nationality'] },
  'capture-failed': { decision: 'Refer', failedRules: ['unrecognized_document'] },
  'aml-not-ready': { decision: 'Complete', failedRules: [] },
};

/** Rule keys and titles of the contract §4.4, all of which the simulated flow has. */
export const ruleTitles: Record<string, string> = {
  document_validation: 'Authentic Document',
  same_subject: 'Same Person',
  no_duplicate_documents: 'Non-duplicate Document',
  no_duplicate_applicant: 'Unique Applicant',
  no_aml_records: 'Datasets (e-KYC/AML)',
  unrecognized_document: 'Recognised Document',
  proof_policy: 'Accepted Document Policy',
  expired_document: 'Un-expired Document',
  under_age: 'Under Age',
  approved_nationality: 'Approved Nationality',
};

/** Rules that speak of a document itself: its step fails with them. */
export const documentRules: readonly string[] = [
  'document_validation',
  'no_duplicate_documents',
  'unrecognized_document',
  'proof_policy',
  'expired_document',
];

export interface Assessment {
  systemDecision: string;
  failedRules: string[];
}

/**
 * Judges a journey from what is there: the outcome that the scenario asked for, steps that are missing
 * (Complete Journey may come at any time), and watch-list matches that nobody has whitelisted.
 */
export function assess(journey: Journey): Assessment {
  const wanted = namedOutcomes[journey.outcome] ?? { decision: journey.outcome, failedRules: [] };
  const failedRules = new Set([...wanted.failedRules, ...journey.failedRules]);
  let systemDecision = wanted.decision;
  if (journey.failedRules.length > 0 && systemDecision === 'Complete') systemDecision = 'Refer';
  if (journey.completionRequested && !userStepsAreIn(journey)) {
    failedRules.add('proof_policy');
    systemDecision = 'Refer';
  }
  const { aml } = journey;
  if (aml?.applicability === 'Applicable' && aml.matches.some((match) => !match.isWhitelisted)) {
    failedRules.add('no_aml_records');
    if (systemDecision === 'Complete') systemDecision = 'Refer';
  }
  return {
    systemDecision: journey.amlDecisionOverride ?? journey.decisionOverride ?? systemDecision,
    failedRules: [...failedRules],
  };
}

/** @returns the ids of the user steps that have not passed, as the reviewer sees them (contract §3.8) */
export function failedStepIds(journey: Journey): string[] {
  const { failedRules } = assess(journey);
  return journey.steps
    .filter((step) => step.submissions === 0 || !stepPasses(step.stepType, failedRules))
    .map((step) => step.stepId);
}

/** Whether a step of that type passes while these rules fail. */
export function stepPasses(stepType: 'Document' | 'Selfie', failedRules: readonly string[]): boolean {
  return stepType === 'Document'
    ? !failedRules.some((rule) => documentRules.includes(rule))
    : !failedRules.includes('same_subject') && !failedRules.includes('liveness');
}
