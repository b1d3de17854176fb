import type { Instant } from './instant.js';
import type { Access, Status } from './policy.js';

/** A text for the customer with the stable code that an app may translate by itself. */
export interface CustomerText {
  readonly code: string;
  readonly text: string;
}

export interface NextStep {
  readonly action: 'start_verification' | 'continue_verification' | 'redo_step' | 'renew_step';
  readonly journeyId: string | null;
  readonly stepId: string | null;
  readonly reason: CustomerText | null;
  /** `redo_step` only: how many tries are left, this one among them. */
  readonly triesLeft: number | null;
}

export interface JourneyView {
  readonly journeyId: string;
  readonly state: 'open' | 'submitted' | 'finished' | 'cancelled';
  readonly startedAt: Instant;
}

/** What the customer's app sees (design §3); nothing in it tells of AML, compliance or fraud, nor of their absence. */
export interface ProfileView {
  readonly referenceNo: string;
  readonly status: Status;
  readonly access: Access;
  readonly functions: readonly string[];
  readonly reason: CustomerText | null;
  readonly nextSteps: readonly NextStep[];
  readonly dueAt: Instant | null;
  readonly journeys: readonly JourneyView[];
  readonly version: number;
  readonly updatedAt: Instant;
}
