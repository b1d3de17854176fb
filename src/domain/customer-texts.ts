import type { CustomerText, NextStep } from './profile-view.js';
import type { Judgement } from './status.js';
import {
  CAPTURE_TEXT_CODES,
  type CaptureTextCode,
  type StatusTextCode,
  type TextCode,
} from './texts/codes.js';
import { ENGLISH } from './texts/en.js';

/**
 * Which text of the allow-list (`texts/codes.ts`) a customer gets. It is chosen by the status, never by the ground of a
 * review or a refusal, so that neither AML nor its absence can be read from it. The view is stored with the English
 * text, so that its versions do not depend on a reader's language; the HTTP edge puts in the language that is asked for.
 */
const STATUS_TEXTS: Readonly<Record<Judgement['status'], StatusTextCode>> = {
  created: 'start_verification',
  in_progress: 'continue_verification',
  pending_verification: 'being_checked',
  under_review: 'being_reviewed',
  resubmission_required: 'redo_steps',
  approved: 'verified',
  rejected: 'not_verified',
  expired: 'expired',
  suspended: 'account_limited',
  closed: 'closed',
};

/**
 * Reasons that are told in the words of another code: rules of IDWise whose failure a new picture or another document
 * mends (contract §4.4), and names that reviewers give to the same fault, since reason keys are the company's own
 * (contract §6). What says something about the person or about authenticity (`same_subject`, `document_validation`,
 * `under_age` …) is not here, whatever the policy's capture rules are: its text is the neutral one.
 */
const SAME_AS: Readonly<Record<string, CaptureTextCode>> = {
  EXPIRED_DOCUMENT: 'resubmit_expired',
  EXPIRED: 'resubmit_expired',
  EXPIRED_ID: 'resubmit_expired',
  PROOF_POLICY: 'resubmit_wrong_document',
  WRONG_DOCUMENT: 'resubmit_wrong_document',
  WRONG_DOCUMENT_TYPE: 'resubmit_wrong_document',
  UNSUPPORTED_DOCUMENT: 'resubmit_wrong_document',
  DOCUMENT_NOT_ACCEPTED: 'resubmit_wrong_document',
  UNRECOGNISED_DOCUMENT: 'unrecognized_document',
  DOCUMENT_NOT_RECOGNIZED: 'unrecognized_document',
  BAD_QUALITY: 'resubmit_bad_quality',
  POOR_QUALITY: 'resubmit_bad_quality',
  LOW_QUALITY: 'resubmit_bad_quality',
  IMAGE_QUALITY: 'resubmit_bad_quality',
  BLUR: 'resubmit_blur',
  BLURRY: 'resubmit_blur',
  BLURRED: 'resubmit_blur',
  GLARE: 'resubmit_glare',
  REFLECTION: 'resubmit_glare',
  DARK: 'resubmit_dark',
  TOO_DARK: 'resubmit_dark',
  CROPPED: 'resubmit_cropped',
  CUT_OFF: 'resubmit_cropped',
  COVERED: 'resubmit_covered',
  OBSTRUCTED: 'resubmit_covered',
  TOO_FAR: 'resubmit_too_far',
  UNREADABLE: 'resubmit_unreadable',
  ILLEGIBLE: 'resubmit_unreadable',
  MISSING_SIDE: 'resubmit_missing_side',
  MISSING_BACK: 'resubmit_missing_side',
  MISSING_BACK_SIDE: 'resubmit_missing_side',
  MISSING_FRONT: 'resubmit_missing_side',
  MISSING_FRONT_SIDE: 'resubmit_missing_side',
  DAMAGED: 'resubmit_damaged',
  SELFIE: 'selfie_quality',
  BAD_SELFIE: 'selfie_quality',
  SELFIE_BAD_QUALITY: 'selfie_quality',
  FACE_NOT_CLEAR: 'selfie_quality',
};

const REASON_TEXTS: ReadonlyMap<string, CaptureTextCode> = new Map([
  ...CAPTURE_TEXT_CODES.map((code): [string, CaptureTextCode] => [normalised(code), code]),
  ...Object.entries(SAME_AS),
]);

/** The reason codes and capture rules of which a customer may be told. */
export const TOLD_REASONS: readonly string[] = [...REASON_TEXTS.keys()];

/** Takes a status; returns what the customer is told of it. */
export function statusText(status: Judgement['status']): CustomerText {
  return textOf(STATUS_TEXTS[status]);
}

/** Takes a reason code of IDWise or a capture rule; returns its text, or a neutral one where the code is not on the list. */
export function redoText(reason: string | null): CustomerText {
  return textOf(captureCode(reason) ?? 'redo_step');
}

/** Reviewers name the same fault with and without the prefix of IDWise's example. */
function captureCode(reason: string | null): CaptureTextCode | null {
  if (reason === null) return null;
  const name = normalised(reason);
  return REASON_TEXTS.get(name) ?? REASON_TEXTS.get(name.replace(/^RESUBMIT_/, '')) ?? null;
}

/** Keys are typed by people: case, and what stands between the words, make no other reason of it. */
function normalised(reason: string): string {
  return reason.toUpperCase().replace(/[\s._-]+/g, '_');
}

function textOf(code: TextCode): CustomerText {
  return { code, text: ENGLISH[code] };
}

/** Takes a journey id, a step id, a reason and the tries that are left; returns the step as the customer sees it. */
export function redoStep(
  journeyId: string,
  stepId: string | null,
  reason: string | null,
  triesLeft: number,
): NextStep {
  return { action: 'redo_step', journeyId, stepId, reason: redoText(reason), triesLeft };
}

/** Takes a journey id, a step id and a reason; returns the step that is to be renewed as the customer sees it. */
export function renewStep(journeyId: string, stepId: string | null, reason: string | null): NextStep {
  const code = captureCode(reason) ?? 'renew_step';
  return { action: 'renew_step', journeyId, stepId, reason: textOf(code), triesLeft: null };
}
