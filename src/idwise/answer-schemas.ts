import { z } from 'zod';
import type { Instant } from '../domain/instant.js';

/**
 * IDWise's answers as they may look (contract §3.7, §3.9, §4): every documented variant, unknown members tolerated,
 * null or missing wherever the contract allows it. Members on which a decision rests must have the documented type,
 * otherwise the answer is unreadable: a failed check that we misread must never look like no check at all.
 */

/** More than any flow has; an answer that exceeds it would not fit into the workflow's memory. */
const MAX_ENTRIES = 200;
const MAX_KEY_LENGTH = 200;
/** They become names of members in the customer's record, and MongoDB stores none with NUL in it. */
const STORABLE_NAME = /^\P{Cc}*$/u;

/** Decisions and outcomes are open sets, but not open-ended: they travel through the workflow. */
const word = z.string().max(100);
const optionalWord = word.nullish().transform((value) => (value === '' ? null : (value ?? null)));
const optionalFlag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);

/** Text that decides nothing: whatever else stands there is read as absent. */
const looseText = z
  .unknown()
  .optional()
  .transform((value) =>
    typeof value === 'string' && value.trim() !== ''
      ? value
      : typeof value === 'number'
        ? String(value)
        : null,
  );
const looseNumber = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : null));

/** Ids are text in the documentation's words and sometimes numbers in its samples (contract §1.3 I, §11 row 29). */
const idText = z.union([z.string().max(MAX_KEY_LENGTH), z.number().transform(String)]);

const ZONE_LESS = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/;

/** Takes IDWise's time stamp; returns the instant, UTC where it names no zone (contract §4.1), or null if it is none. */
function readTimestamp(text: string): Instant | null {
  const zoned = ZONE_LESS.test(text)
    ? text.length === 10
      ? `${text}T00:00:00Z`
      : `${text.replace(' ', 'T')}Z`
    : text;
  const ms = /^\d{4}-\d{2}-\d{2}T/.test(zoned) ? Date.parse(zoned) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

const timestamp = z.string().transform((text, context) => {
  const instant = readTimestamp(text);
  if (instant !== null) return instant;
  context.addIssue({ code: 'custom', message: 'not a time stamp' });
  return z.NEVER;
});

function keyed<Item extends z.ZodType>(item: Item) {
  return z
    .record(z.string().max(MAX_KEY_LENGTH).regex(STORABLE_NAME), item)
    .refine((entries) => Object.keys(entries).length <= MAX_ENTRIES);
}

const faceMatch = z.looseObject({ is_matched: optionalFlag, score: looseNumber }).nullish();

export type FoundFace = z.output<typeof faceMatch>;

/** Extracted fields are `{value, …}` objects; the SDK's side shows bare values too. */
const extractedFields = z
  .unknown()
  .optional()
  .transform((fields): ReadonlyMap<string, string> => {
    const values = new Map<string, string>();
    if (!isRecord(fields)) return values;
    for (const [name, field] of Object.entries(fields)) {
      if (isRecord(field) && field['type'] === 'image') continue;
      const value = isRecord(field) ? field['value'] : field;
      if (typeof value === 'string' && value.trim() !== '') values.set(name, value);
      if (typeof value === 'number' || typeof value === 'boolean') values.set(name, String(value));
    }
    return values;
  });

const images = z
  .unknown()
  .optional()
  .transform((members) => {
    const first = (...names: string[]) => {
      const found = isRecord(members) ? names.map((name) => members[name]) : [];
      return found.find((path): path is string => typeof path === 'string' && path !== '') ?? null;
    };
    return {
      front: first('input_image_path', 'front_image_path'),
      back: first('back_side_image_path', 'back_image_path'),
      frontCropped: first('front_side_cropped_image_path', 'front_cropped_image_path'),
      backCropped: first('back_side_cropped_image_path', 'back_cropped_image_path'),
    };
  });

const validationResult = z
  .looseObject({ validation_outcome: optionalWord, validation_checks: z.unknown().optional() })
  .nullish();

const documentSchema = z.looseObject({
  step_title: looseText,
  progress: optionalWord,
  has_passed_rules: optionalFlag,
  document_type: looseText,
  issuing_country: looseText,
  issuing_country_code: looseText,
  extracted_fields: extractedFields,
  validation_result: validationResult,
  face_match_result: faceMatch,
  images,
});

const ruleSchema = z.looseObject({ result: optionalWord, details: z.unknown().optional() });

/** Matches come as a list, as one match, keyed by id, or wrapped (contract §3.9, §4.6; the page prints `{}`). */
const matchesSchema = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .nullish()
  .transform(listMatches);

function listMatches(found: unknown[] | Record<string, unknown> | null | undefined): readonly AmlMatch[] {
  if (found === null || found === undefined) return [];
  if (Array.isArray(found)) return found.filter(isRecord);
  if (Array.isArray(found['matches'])) return found['matches'].filter(isRecord);
  const isOneMatch = ['name', 'resource_id', 'match_id', 'datasets'].some(
    (member) => Object.hasOwn(found, member) && !isRecord(found[member]),
  );
  return isOneMatch ? [found] : Object.values(found).flat().filter(isRecord);
}

export type AmlMatch = Readonly<Record<string, unknown>>;

export const journeySchema = z.looseObject({
  journey_id: idText.refine((id) => id !== ''),
  flow_id: looseText,
  journey_definintion_id: looseText,
  journey_definition_id: looseText,
  reference_number: z
    .string()
    .nullish()
    .transform((reference) => reference?.trim() || null),
  start_time: timestamp,
  end_time: timestamp.nullish().transform((instant) => instant ?? null),
  system_decision: word.min(1),
  manual_decision: optionalWord,
  final_decision: optionalWord,
  documents: keyed(documentSchema.nullable()).nullish(),
  selfie: z
    .looseObject({
      status: optionalWord,
      is_live: optionalFlag,
      liveness_status_code: optionalWord,
      image_path: looseText,
    })
    .nullish(),
  rule_results: keyed(ruleSchema.nullable()).nullish(),
  applicant: z
    .looseObject({
      full_name: looseText,
      personal_number: looseText,
      birth_date: looseText,
      sex: looseText,
      nationality: looseText,
      nationality_code: looseText,
      profile_image_path: looseText,
    })
    .nullish(),
  aml: z.looseObject({ applicability: optionalWord, matches: matchesSchema }).nullish(),
  screening_checks: z
    .looseObject({
      additional_face_db: z
        .looseObject({
          image_path: looseText,
          face_match_results: z.union([z.array(faceMatch), faceMatch]),
        })
        .nullish(),
    })
    .nullish(),
});

export const summarySchema = z.looseObject({
  journey_id: idText.nullish(),
  is_completed: z
    .boolean()
    .nullish()
    .transform((completed) => completed ?? false),
  step_summaries: z
    .array(
      z.looseObject({
        definition: z.looseObject({ step_id: idText.nullish(), step_type: looseText }).nullish(),
        result: z.looseObject({ is_concluded: optionalFlag, status: optionalWord }).nullish(),
      }),
    )
    .nullish()
    .transform((steps) => steps ?? []),
});

export const amlHistorySchema = z.looseObject({
  reference_number: looseText,
  aml_matches: matchesSchema,
});

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
