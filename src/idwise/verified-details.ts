import type { Instant } from '../domain/instant.js';
import type { FaceMatch, JourneyAnswer } from './answers.js';
import { type Applicant, applicantOf } from './person.js';

/** What `GET …/details` gives for the company's customer record (design §3). AML is compliance's and never in it. */
export interface VerifiedDetails {
  readonly journeyId: string;
  readonly decision: {
    readonly system: string;
    readonly manual: string | null;
    readonly final: string;
  };
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  readonly applicant: Applicant;
  readonly documents: readonly {
    readonly stepId: string;
    readonly type: string | null;
    readonly issuingCountry: string | null;
    readonly issuingCountryCode: string | null;
    readonly number: string | null;
    readonly expiryDate: string | null;
    /** Extracted fields by IDWise's names, without images. */
    readonly fields: Readonly<Record<string, string>>;
    readonly faceMatch: FaceMatch | null;
  }[];
  readonly selfie: { readonly live: boolean | null } | null;
  /** All documents' comparisons with the selfie together: the worst outcome and the lowest score. */
  readonly faceMatch: FaceMatch | null;
  /** The comparison with the government's face (contract §4.7). */
  readonly governmentFace: FaceMatch | null;
}

/**
 * Takes a parsed journey, and the one whose decision and times are given with it where that is an earlier one; returns the
 * verified data, personal data included: for the entitled caller only.
 */
export function verifiedDetails(answer: JourneyAnswer, decided: JourneyAnswer = answer): VerifiedDetails {
  return {
    journeyId: answer.journeyId,
    decision: {
      system: decided.systemDecision,
      manual: decided.manualDecision,
      final: decided.finalDecision ?? decided.manualDecision ?? decided.systemDecision,
    },
    startedAt: decided.startTime,
    finishedAt: decided.endTime,
    applicant: applicantOf(answer),
    documents: answer.documents.map((document) => ({
      stepId: document.stepId,
      type: document.type,
      issuingCountry: document.issuingCountry,
      issuingCountryCode: document.issuingCountryCode,
      number: document.fields.get('Document Number') ?? null,
      expiryDate: document.fields.get('Expiry Date') ?? null,
      fields: Object.fromEntries(document.fields),
      faceMatch: document.faceMatch,
    })),
    selfie: answer.selfie && { live: answer.selfie.live },
    faceMatch: worstOf(answer.documents.flatMap((document) => document.faceMatch ?? [])),
    governmentFace: worstOf(answer.governmentFace ?? []),
  };
}

function worstOf(matches: readonly FaceMatch[]): FaceMatch | null {
  if (matches.length === 0) return null;
  const outcomes = matches.map((match) => match.matched);
  const scores = matches.flatMap((match) => match.score ?? []);
  return {
    matched: outcomes.includes(false) ? false : outcomes.includes(null) ? null : true,
    score: scores.length === 0 ? null : scores.reduce((a, b) => Math.min(a, b)),
  };
}
