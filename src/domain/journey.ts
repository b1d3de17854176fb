import type { Instant } from './instant.js';

/**
 * What we keep of a fetched journey for deciding: decisions, outcomes of checks, digests. No personal data, so that it
 * may travel through Temporal. The personal data of the same answer is stored encrypted beside it.
 */
export interface JourneySnapshot {
  readonly journeyId: string;
  readonly flowId: string | null;
  readonly startTime: Instant;
  readonly endTime: Instant | null;
  /** Open sets (contract §1.5): whatever IDWise wrote, untouched. */
  readonly systemDecision: string;
  readonly manualDecision: string | null;
  readonly documents: readonly DocumentOutcome[];
  readonly selfie: SelfieOutcome | null;
  readonly rules: Readonly<Record<string, string>>;
  /** Face match against the government's photo (contract §4.7); null while there is none. */
  readonly governmentFaceMatched: boolean | null;
  readonly aml: AmlOutcome | null;
  readonly identity: IdentityDigests;
  /**
   * How far the user is by the answer itself: true when every step is completed, false when one has not been begun.
   * Absent where the answer does not tell, as while IDWise is still working on what was handed in.
   */
  readonly userStepsIn?: boolean;
  /** Changes when the user handed in other images: digest of the steps' images and progress. */
  readonly stepsDigest: string;
  /** Changes when IDWise's result changed: digest of decisions, end time, documents and selfie. AML is not in it. */
  readonly resultDigest: string;
  /** Changes when the answer names other images, of whatever kind. Absent in snapshots of earlier releases. */
  readonly imagesDigest?: string;
  /** Digest of the whole answer as stored; names the details an effect rests on. */
  readonly answerDigest: string;
}

export interface DocumentOutcome {
  readonly stepId: string;
  readonly completed: boolean;
  readonly passed: boolean;
  readonly expiryDate: string | null;
}

export interface SelfieOutcome {
  readonly status: string;
  readonly live: boolean | null;
  /** Capture trouble such as FACE_TOO_CLOSE (contract §4.3). */
  readonly livenessStatusCode: string | null;
}

export interface AmlOutcome {
  /** `Not Ready Yet`, `Skipped`, `Disabled`, `Applicable` or what IDWise adds. */
  readonly applicability: string | null;
  readonly openMatches: number;
  /** Digest of the matches; equal digests mean that nothing about them changed. */
  readonly digest: string;
  /** Highest version that the matches themselves name, where they do. */
  readonly version: number | null;
}

/** Keyed digests by which two journeys' persons can be compared without carrying who they are. */
export interface IdentityDigests {
  readonly birthDate: string | null;
  readonly personalNumber: string | null;
  readonly fullName: string | null;
  readonly documentNumber: string | null;
  /** Digest of type, country and expiry: equal where both journeys show the same document, unexpired as it then was. */
  readonly documentExpiry: string | null;
}

/** What one bounded attempt to fetch a journey brought. */
export type LookOutcome =
  | { readonly kind: 'journey'; readonly snapshot: JourneySnapshot; readonly fetchId: string }
  /** IDWise does not know the journey, or not yet (404). */
  | { readonly kind: 'unknown_journey' }
  /** The journey bears another reference number than ours, or none: it is never applied (design §4.2). */
  | { readonly kind: 'not_ours' }
  /** Time-out, connection trouble, 5xx, or 429 with the pause that IDWise asked for. */
  | { readonly kind: 'unavailable'; readonly code: string; readonly retryAfterMs: number | null }
  /** 401 or 403: asking again soon is pointless, an operator must mend the credentials. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The answer could not be parsed: a failed fetch, the status stays. */
  | { readonly kind: 'unreadable'; readonly code: string };

/** Takes a snapshot; returns true while IDWise has not decided: the user, or a custom step, is still at it. */
export function isOpen(snapshot: JourneySnapshot): boolean {
  return snapshot.systemDecision === 'Incomplete' && snapshot.manualDecision === null;
}

/** Takes a snapshot; returns true while the system has passed the journey but its AML part is still to come. */
export function isAmlNotReady(snapshot: JourneySnapshot): boolean {
  return snapshot.systemDecision === 'Complete' && snapshot.aml?.applicability === 'Not Ready Yet';
}

/** The AML rule's key among the rule results (contract §4.4); its failure is compliance's matter, never the customer's. */
export const AML_RULE = 'no_aml_records';
