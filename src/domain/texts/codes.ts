/** What a customer is told of a status; one text for each, whatever the ground. */
export const STATUS_TEXT_CODES = [
  'start_verification',
  'continue_verification',
  'being_checked',
  'being_reviewed',
  'redo_steps',
  'verified',
  'not_verified',
  'expired',
  'account_limited',
  'closed',
] as const;

/** What a customer is told of a step where no capture fault is on the list: that it is to be done, and nothing more. */
export const NEUTRAL_STEP_TEXT_CODES = ['redo_step', 'renew_step'] as const;

/** Faults of a picture or a document that a new one mends. */
export const CAPTURE_TEXT_CODES = [
  'resubmit_bad_quality',
  'resubmit_blur',
  'resubmit_glare',
  'resubmit_dark',
  'resubmit_cropped',
  'resubmit_covered',
  'resubmit_too_far',
  'resubmit_unreadable',
  'resubmit_missing_side',
  'resubmit_damaged',
  'resubmit_expired',
  'document_expired',
  'resubmit_wrong_document',
  'unrecognized_document',
  'selfie_quality',
  'face_too_close',
  'face_close_to_border',
  'face_cropped',
  'face_is_occluded',
  'face_not_found',
  'too_many_faces',
  'face_too_small',
] as const;

/**
 * The allow-list of what a customer may be told: capture quality and next steps, nothing else (docs/status.md). The codes are
 * part of the interface: an app may have texts of its own for them.
 */
export const TEXT_CODES = [...STATUS_TEXT_CODES, ...NEUTRAL_STEP_TEXT_CODES, ...CAPTURE_TEXT_CODES] as const;

export type StatusTextCode = (typeof STATUS_TEXT_CODES)[number];
export type CaptureTextCode = (typeof CAPTURE_TEXT_CODES)[number];
export type TextCode = (typeof TEXT_CODES)[number];

/** Every text of the list in one language. */
export type Texts = Readonly<Record<TextCode, string>>;

/** The company's own texts by language tag; what a language lacks comes from the next more general one. */
export type TextOverrides = Readonly<Record<string, Readonly<Partial<Record<TextCode, string>>>>>;
