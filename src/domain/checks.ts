import { AML_RULE, type JourneySnapshot } from './journey.js';
import type { DecisionContext, Policy } from './policy.js';

/** Name of a check as it stands in records: `document:<stepId>`, `selfie`, `rule:<key>`, `government_face`. */
type CheckName = string;

/** Outcome of the checks that bear on a journey: which failed, and which the policy wants and the answer lacks. */
export interface CheckOutcome {
  readonly failed: readonly CheckName[];
  readonly missing: readonly CheckName[];
  readonly passed: readonly CheckName[];
}

/**
 * Takes a fetched journey and the context; returns the outcome of every check that the policy requires (docs/status.md:
 * by default documents, selfie and rules that the flow has; the face match where a custom step is configured).
 */
export function requiredChecks(snapshot: JourneySnapshot, context: DecisionContext): CheckOutcome {
  const failed: CheckName[] = [];
  const missing: CheckName[] = [];
  const passed: CheckName[] = [];
  const judge = (name: CheckName, ok: boolean) => (ok ? passed : failed).push(name);
  const required = context.policy.requiredChecks;

  if (required.documents) {
    for (const document of snapshot.documents)
      judge(`document:${document.stepId}`, document.completed && document.passed);
  }
  if (required.selfie && snapshot.selfie !== null) {
    judge('selfie', snapshot.selfie.status === 'Complete' && snapshot.selfie.live !== false);
  }
  if (required.rules === 'all') {
    for (const [key, result] of Object.entries(snapshot.rules)) judge(`rule:${key}`, result === 'Passed');
  } else {
    for (const key of required.rules) {
      const result = snapshot.rules[key];
      if (result === undefined) missing.push(`rule:${key}`);
      else judge(`rule:${key}`, result === 'Passed');
    }
  }
  if (wantsGovernmentFace(context)) {
    if (snapshot.governmentFaceMatched === null) missing.push('government_face');
    else judge('government_face', snapshot.governmentFaceMatched);
  }
  return { failed, missing, passed };
}

function wantsGovernmentFace(context: DecisionContext): boolean {
  const required = context.policy.requiredChecks.governmentFace;
  return required === 'always' || (required === 'when_configured' && context.customStepConfigured);
}

/** Takes a fetched journey; returns the names of all checks but AML's that do not pass, to see later what worsened. */
export function failedChecksWithoutAml(snapshot: JourneySnapshot): readonly string[] {
  const failed = snapshot.documents
    .filter((document) => !document.completed || !document.passed)
    .map((document) => `document:${document.stepId}`);
  if (snapshot.selfie !== null && (snapshot.selfie.status !== 'Complete' || snapshot.selfie.live === false))
    failed.push('selfie');
  for (const [key, result] of Object.entries(snapshot.rules)) {
    if (key !== AML_RULE && result !== 'Passed') failed.push(`rule:${key}`);
  }
  if (snapshot.governmentFaceMatched === false) failed.push('government_face');
  return failed;
}

/**
 * Takes a fetched journey; returns the checks of steps that are not completed: they are being done (again), or IDWise is
 * still reading what was handed in. A decided journey keeps its old decision meanwhile, without what they had shown.
 */
export function stepsUnderWay({ documents, selfie }: JourneySnapshot): readonly CheckName[] {
  const names = documents
    .filter(({ completed }) => !completed)
    .map(({ stepId }): CheckName => `document:${stepId}`);
  return selfie?.status === 'Not Started' ? [...names, 'selfie'] : names;
}

/** Takes a finished journey and the policy; returns the capture rules that it failed: what a new picture can mend. */
export function failedCaptureRules(snapshot: JourneySnapshot, policy: Policy): readonly string[] {
  return policy.captureRules.filter((rule) =>
    rule === 'selfie_quality'
      ? (snapshot.selfie?.livenessStatusCode ?? null) !== null
      : snapshot.rules[rule] !== undefined && snapshot.rules[rule] !== 'Passed',
  );
}
