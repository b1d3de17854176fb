import type { CustomerText, NextStep } from './profile-view.js';
import type { Judgement } from './status.js';

/**
 * The allow-list of what a customer may be told: capture quality and next steps, nothing else. A text is chosen by the
 * status, never by the ground of a review or a refusal, so that neither AML nor its absence can be read from it.
 */
const STATUS_TEXTS: Readonly<Record<Judgement['status'], CustomerText | null>> = {
  created: { code: 'start_verification', text: 'Please start the verification.' },
  in_progress: { code: 'continue_verification', text: 'Please finish the verification that you began.' },
  pending_verification: { code: 'being_checked', text: 'Thank you. We are checking what you sent.' },
  under_review: { code: 'being_reviewed', text: 'We are taking a closer look. You need not do anything.' },
  resubmission_required: {
    code: 'redo_steps',
    text: 'Some of what you sent could not be used. Please do these steps again.',
  },
  approved: { code: 'verified', text: 'You are verified.' },
  rejected: { code: 'not_verified', text: 'We could not verify you.' },
  expired: { code: 'expired', text: 'The verification was not finished in time. You can start again.' },
  suspended: { code: 'account_limited', text: 'Your access is limited for now. Please contact support.' },
  closed: { code: 'closed', text: 'This account is closed.' },
};

const CAPTURE_TEXTS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    RESUBMIT_BAD_QUALITY: 'The picture was not clear enough.',
    RESUBMIT_BLUR: 'The picture was blurred.',
    RESUBMIT_GLARE: 'Light was reflected on the document.',
    RESUBMIT_CROPPED: 'Part of the document was cut off.',
    RESUBMIT_EXPIRED: 'The document has expired. Please use a valid one.',
    DOCUMENT_EXPIRED: 'The document expires. Please use a valid one.',
    RESUBMIT_WRONG_DOCUMENT: 'This kind of document cannot be used.',
    unrecognized_document: 'The document could not be recognised.',
    selfie_quality: 'Your face could not be seen clearly.',
    FACE_TOO_CLOSE: 'Your face was too close to the camera.',
    FACE_CLOSE_TO_BORDER: 'Your face was too close to the border of the picture.',
    FACE_CROPPED: 'Part of your face was cut off.',
    FACE_IS_OCCLUDED: 'Part of your face was covered.',
    FACE_NOT_FOUND: 'No face could be found in the picture.',
    TOO_MANY_FACES: 'There was more than one face in the picture.',
    FACE_TOO_SMALL: 'Your face was too far from the camera.',
  }),
);

/** The reason codes and capture rules of which a customer may be told. */
export const TOLD_CODES: readonly string[] = [...CAPTURE_TEXTS.keys()];

const REDO: CustomerText = { code: 'redo_step', text: 'Please do this step again.' };
const RENEW: CustomerText = { code: 'renew_step', text: 'Please renew this step.' };

/** Takes a status; returns what the customer is told of it. */
export function statusText(status: Judgement['status']): CustomerText | null {
  return STATUS_TEXTS[status];
}

/** Takes a reason code of IDWise or a capture rule; returns its text, or a neutral one where the code is not on the list. */
export function redoText(code: string | null): CustomerText {
  return captureText(code) ?? REDO;
}

function captureText(code: string | null): CustomerText | null {
  const text = code === null ? undefined : CAPTURE_TEXTS.get(code);
  return code === null || text === undefined ? null : { code: code.toLowerCase(), text };
}

/** Takes a journey id, a step id, a reason and the tries that are left; returns the step as the customer sees it. */
export function redoStep(
  journeyId: string,
  stepId: string | null,
  code: string | null,
  triesLeft: number,
): NextStep {
  return { action: 'redo_step', journeyId, stepId, reason: redoText(code), triesLeft };
}

/** Takes a journey id, a step id and a reason; returns the step that is to be renewed as the customer sees it. */
export function renewStep(journeyId: string, stepId: string | null, code: string | null): NextStep {
  return { action: 'renew_step', journeyId, stepId, reason: captureText(code) ?? RENEW, triesLeft: null };
}
