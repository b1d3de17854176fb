import type { Instant } from '../domain/instant.js';
import {
  type AmlMatch,
  amlHistorySchema,
  type FoundFace,
  journeySchema,
  summarySchema,
} from './answer-schemas.js';
import { isTooDeep } from './canonical-json.js';

/** A journey as IDWise answered it, with all variants of the contract brought to one shape. Holds personal data. */
export interface JourneyAnswer {
  readonly journeyId: string;
  /** Without outer spaces, which IDWise removes itself (contract §3.3); null where the journey bears none. */
  readonly referenceNo: string | null;
  readonly flowId: string | null;
  readonly startTime: Instant;
  readonly endTime: Instant | null;
  readonly systemDecision: string;
  readonly manualDecision: string | null;
  readonly finalDecision: string | null;
  readonly documents: readonly DocumentAnswer[];
  readonly selfie: SelfieAnswer | null;
  readonly rules: readonly RuleAnswer[];
  readonly applicant: ApplicantAnswer | null;
  readonly aml: { readonly applicability: string | null; readonly matches: readonly AmlMatch[] } | null;
  /** Results of the comparison with the government's face; null while the answer has none. */
  readonly governmentFace: readonly FaceMatch[] | null;
  /** The government's face as IDWise keeps it (contract §4.7). */
  readonly governmentFaceImagePath: string | null;
  /** Everything, as it came. */
  readonly raw: unknown;
}

export interface DocumentAnswer {
  readonly stepId: string;
  readonly progress: string | null;
  readonly hasPassedRules: boolean | null;
  readonly validationOutcome: string | null;
  readonly validationChecks: unknown;
  readonly faceMatch: FaceMatch | null;
  readonly type: string | null;
  readonly issuingCountry: string | null;
  readonly issuingCountryCode: string | null;
  /** Extracted fields by IDWise's names (contract §4.2), images left out. */
  readonly fields: ReadonlyMap<string, string>;
  readonly images: {
    readonly front: string | null;
    readonly back: string | null;
    readonly frontCropped: string | null;
    readonly backCropped: string | null;
  };
}

interface SelfieAnswer {
  readonly status: string | null;
  readonly live: boolean | null;
  readonly livenessStatusCode: string | null;
  readonly imagePath: string | null;
}

interface RuleAnswer {
  readonly key: string;
  readonly result: string | null;
  readonly details: unknown;
}

interface ApplicantAnswer {
  readonly fullName: string | null;
  readonly personalNumber: string | null;
  readonly birthDate: string | null;
  readonly sex: string | null;
  readonly nationality: string | null;
  readonly profileImagePath: string | null;
}

export interface FaceMatch {
  readonly matched: boolean | null;
  readonly score: number | null;
}

/** How far the user's own steps are (contract §3.7). */
export interface SummaryAnswer {
  readonly completed: boolean;
  readonly steps: readonly {
    readonly stepId: string | null;
    readonly type: string | null;
    readonly concluded: boolean;
  }[];
}

export interface AmlHistoryAnswer {
  readonly referenceNo: string | null;
  readonly matches: readonly AmlMatch[];
}

export type Parsed<T> =
  | { readonly kind: 'parsed'; readonly answer: T }
  | { readonly kind: 'unreadable'; readonly code: string };

const TOO_DEEP = { kind: 'unreadable', code: 'too_deep' } as const;

/**
 * Takes Get Journey's JSON; returns the journey, or unreadable with a code that names the member at fault and never
 * its content (contract §4). An answer without journey id, system decision or start time is unreadable.
 */
export function parseJourney(json: unknown): Parsed<JourneyAnswer> {
  if (isTooDeep(json)) return TOO_DEEP;
  const read = journeySchema.safeParse(json);
  if (!read.success) return unreadable(read.error.issues);
  const found = read.data;
  return {
    kind: 'parsed',
    answer: {
      journeyId: found.journey_id,
      referenceNo: found.reference_number,
      flowId: found.flow_id ?? found.journey_definintion_id ?? found.journey_definition_id,
      startTime: found.start_time,
      endTime: found.end_time,
      systemDecision: found.system_decision,
      manualDecision: found.manual_decision,
      finalDecision: found.final_decision,
      documents: Object.entries(found.documents ?? {})
        .map(readDocument)
        .sort(byStepId),
      selfie: readSelfie(found.selfie),
      rules: Object.entries(found.rule_results ?? {}).map(([key, rule]) => ({
        key,
        result: rule?.result ?? null,
        details: rule?.details ?? null,
      })),
      applicant: readApplicant(found.applicant),
      aml: found.aml ? { applicability: found.aml.applicability, matches: found.aml.matches } : null,
      governmentFace: readFaces(found.screening_checks?.additional_face_db?.face_match_results),
      governmentFaceImagePath: found.screening_checks?.additional_face_db?.image_path ?? null,
      raw: json,
    },
  };
}

type Found = ReturnType<typeof journeySchema.parse>;

function readDocument([stepId, found]: [string, NonNullable<Found['documents']>[string]]): DocumentAnswer {
  return {
    stepId,
    progress: found === null ? 'NotStarted' : found.progress,
    hasPassedRules: found?.has_passed_rules ?? null,
    validationOutcome: found?.validation_result?.validation_outcome ?? null,
    validationChecks: found?.validation_result?.validation_checks ?? null,
    faceMatch: readFace(found?.face_match_result),
    type: found?.document_type ?? null,
    issuingCountry: found?.issuing_country ?? null,
    issuingCountryCode: found?.issuing_country_code ?? null,
    fields: found?.extracted_fields ?? new Map(),
    images: found?.images ?? { front: null, back: null, frontCropped: null, backCropped: null },
  };
}

/** Numbers first and in their order, so that "the first document" is the same one in each fetch. */
function byStepId(a: DocumentAnswer, b: DocumentAnswer): number {
  const rank = (stepId: string) => (/^\d+$/.test(stepId) ? Number(stepId) : Number.MAX_VALUE);
  return rank(a.stepId) - rank(b.stepId) || (a.stepId < b.stepId ? -1 : 1);
}

function readSelfie(found: Found['selfie']): SelfieAnswer | null {
  if (!found) return null;
  return {
    status: found.status,
    live: found.is_live,
    livenessStatusCode: found.liveness_status_code,
    imagePath: found.image_path,
  };
}

function readApplicant(found: Found['applicant']): ApplicantAnswer | null {
  if (!found) return null;
  return {
    fullName: found.full_name,
    personalNumber: found.personal_number,
    birthDate: found.birth_date,
    sex: found.sex,
    nationality: found.nationality ?? found.nationality_code,
    profileImagePath: found.profile_image_path,
  };
}

function readFace(found: FoundFace): FaceMatch | null {
  return found ? { matched: found.is_matched, score: found.score } : null;
}

function readFaces(found: FoundFace | FoundFace[]): readonly FaceMatch[] | null {
  const faces = (Array.isArray(found) ? found : [found]).flatMap((face) => readFace(face) ?? []);
  return faces.length > 0 ? faces : null;
}

/** Takes Get Journey Summary's JSON; returns how far the steps are. A missing flag is read as "not yet". */
export function parseSummary(json: unknown): Parsed<SummaryAnswer> {
  if (isTooDeep(json)) return TOO_DEEP;
  const read = summarySchema.safeParse(json);
  if (!read.success) return unreadable(read.error.issues);
  return {
    kind: 'parsed',
    answer: {
      completed: read.data.is_completed,
      steps: read.data.step_summaries.map((step) => ({
        stepId: step.definition?.step_id ?? null,
        type: step.definition?.step_type ?? null,
        concluded: step.result?.is_concluded === true,
      })),
    },
  };
}

/** Takes Get AML History's JSON (contract §3.9); returns its matches as a list, however they were wrapped. */
export function parseAmlHistory(json: unknown): Parsed<AmlHistoryAnswer> {
  if (isTooDeep(json)) return TOO_DEEP;
  const read = amlHistorySchema.safeParse(json);
  if (!read.success) return unreadable(read.error.issues);
  return {
    kind: 'parsed',
    answer: {
      referenceNo: read.data.reference_number?.trim() ?? null,
      matches: read.data.aml_matches,
    },
  };
}

/** Only the documented top-level name goes into the code: deeper keys may be IDWise's, or somebody's, data. */
function unreadable(issues: readonly { readonly path: readonly PropertyKey[] }[]): {
  kind: 'unreadable';
  code: string;
} {
  const member = issues[0]?.path[0];
  return { kind: 'unreadable', code: typeof member === 'string' ? `bad_${member}` : 'not_an_object' };
}
