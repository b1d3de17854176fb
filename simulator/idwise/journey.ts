import type { Person } from './persons.js';

export type StepType = 'Document' | 'Selfie';

/** One step that the user does in the SDK. */
export interface UserStep {
  stepId: string;
  stepType: StepType;
  title: string;
  /** A two-sided document gives one Finished Step per side (contract §1.3 I). */
  sides: 1 | 2;
  submissions: number;
  /** IDWise has looked at the last submission. */
  concluded: boolean;
  images: StepImages | null;
}

/** Image ids of one submission; what IDWise calls an image path. */
export interface StepImages {
  front: string;
  back: string | null;
  frontCropped: string | null;
  backCropped: string | null;
}

/** The government-face step, which the company's backend does (contract §3.5). */
export interface CustomStep {
  stepId: string;
  stepType: string;
  face: { imageId: string; compared: boolean } | null;
}

/** One match of a watch list; the members are those of the contract §4.6. */
export interface AmlMatch {
  resourceId: string;
  matchId: string;
  name: string;
  score: number;
  datasets: string[];
  countries: string[];
  datesOfBirth: (string | number)[];
  sex: string;
  isWhitelisted: boolean;
  matchStatus: string;
}

export interface AmlVersion {
  version: number;
  atMicros: number;
  changes: { type: 'Added' | 'Removed' | 'Updated'; match: AmlMatch }[];
}

export interface JourneyAml {
  applicability: 'Not Ready Yet' | 'Skipped' | 'Disabled' | 'Applicable';
  matches: AmlMatch[];
  /** 0 until ongoing monitoring finds something, then one more with each update. */
  version: number;
  history: AmlVersion[];
  searchMicros: number | null;
  lastMonitoringMicros: number | null;
  /** For the outcome `aml-not-ready`: ready so long after the journey's end; null: only on command or fetch. */
  readyAfterMs: number | null;
  /** Counts down with each Get Journey of a finished journey while `Not Ready Yet`. */
  readyAfterFetches: number | null;
}

/** What the user was asked to do again, by a reviewer or by a renewal. */
export interface RequestedRedo {
  trigger: string;
  steps: { stepId: string; reasonCode: string }[];
  /** A renewal's deadline, RFC 3339; null where IDWise keeps none of its own. */
  deadline: string | null;
  /** The user has opened the SDK for it. */
  resumed: boolean;
  /** Those of the steps that have been submitted again. */
  submitted: string[];
}

export interface Journey {
  journeyId: string;
  referenceNo: string | null;
  flowId: string;
  origin: 'sdk' | 'backend';
  /** Belongs to another account: every call is answered 403 `unauthorized`. */
  foreignTenant: boolean;
  /** The backend has called Complete Custom Step or Complete Journey: everything later is refused. */
  completionRequested: boolean;
  phase: 'open' | 'cancelled' | 'user-steps-finished' | 'finished';
  startMicros: number;
  /** So much earlier than it really did, it began and first ended; absent in states of older simulators. */
  ageMicros?: number | undefined;
  endMicros: number | null;
  /** IDWise is busy with the journey until then; it cannot finish earlier. */
  processingUntilMs: number;
  person: Person;
  /** What the journey shall come to: one of the named outcomes or any decision string. */
  outcome: string;
  failedRules: string[];
  /** The system decision that the scenario wants, whatever the rules say. */
  decisionOverride: string | null;
  /** Set by an AML update that names a decision. */
  amlDecisionOverride: string | null;
  systemDecision: string;
  manualDecision: string | null;
  review: { reasonCode: string | null; comment: string | null } | null;
  steps: UserStep[];
  customStep: CustomStep | null;
  faceMatched: boolean;
  aml: JourneyAml | null;
  redo: RequestedRedo | null;
  /** Set when the user has finished a redo and IDWise processes it. */
  reprocessing: boolean;
}

/** The first Selfie step, if the flow has one. */
export function selfieStep(journey: Journey): UserStep | undefined {
  return journey.steps.find((step) => step.stepType === 'Selfie');
}

/** All user steps are in (whether or not IDWise has looked at them). */
export function userStepsAreIn(journey: Journey): boolean {
  return journey.steps.every((step) => step.submissions > 0);
}

/** IDWise has looked at everything that was submitted. */
export function submissionsAreConcluded(journey: Journey): boolean {
  return journey.steps.every((step) => step.submissions === 0 || step.concluded);
}
