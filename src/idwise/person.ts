import type { DocumentAnswer, JourneyAnswer } from './answers.js';

/** Who the answer says the customer is; what IDWise's summary of the applicant lacks is taken from the document. */
export interface Applicant {
  readonly fullName: string | null;
  readonly birthDate: string | null;
  readonly personalNumber: string | null;
  readonly sex: string | null;
  readonly nationality: string | null;
}

/** Takes a journey; returns the document that identifies the person: the first by step that has a number. */
export function primaryDocument(answer: JourneyAnswer): DocumentAnswer | null {
  return answer.documents.find((document) => document.fields.has('Document Number')) ?? null;
}

/** Takes a journey; returns the applicant (contract §4.5), completed from extracted fields (contract §4.2). */
export function applicantOf(answer: JourneyAnswer): Applicant {
  const field = (...names: string[]): string | null => {
    for (const document of answer.documents) {
      for (const name of names) {
        const value = document.fields.get(name);
        if (value !== undefined) return value;
      }
    }
    return null;
  };
  const parts = [field('First Name'), field('Middle Name'), field('Last Name')].filter(
    (part) => part !== null,
  );
  return {
    fullName: answer.applicant?.fullName ?? field('Full Name') ?? (parts.length > 0 ? parts.join(' ') : null),
    birthDate: answer.applicant?.birthDate ?? field('Birth Date'),
    personalNumber: answer.applicant?.personalNumber ?? field('Personal Number'),
    sex: answer.applicant?.sex ?? field('Sex'),
    nationality: answer.applicant?.nationality ?? field('Nationality', 'Nationality Code'),
  };
}

/** Takes a document; returns its expiry date where it is a date (`YYYY-MM-DD`, contract §4.2), else null. */
export function expiryDateOf(document: DocumentAnswer): string | null {
  const date = document.fields.get('Expiry Date')?.trim() ?? '';
  return /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : null;
}
