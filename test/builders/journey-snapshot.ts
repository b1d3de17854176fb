import type { AmlOutcome, DocumentOutcome, JourneySnapshot } from '../../src/domain/journey.js';

/** What a test says of a fetched journey; everything else is that of a journey in which all went well. */
export interface SnapshotWishes
  extends Partial<Omit<JourneySnapshot, 'aml' | 'stepsDigest' | 'resultDigest' | 'answerDigest'>> {
  readonly aml?: Partial<AmlOutcome> | null;
  /** Names the user's pictures: another name is another submission. */
  readonly pictures?: string;
}

export const FLOW_ID = 'flow-1';
export const JOURNEY_ID = 'journey-1';

/** What the system refers to a human because a document failed, whatever AML says. */
export const REFER = {
  systemDecision: 'Refer',
  rules: { document_validation: 'Failed', no_aml_records: 'Passed' },
} as const satisfies SnapshotWishes;

/** Takes changes; returns a document that was handed in and passed. */
export function documentOutcome(changes: Partial<DocumentOutcome> = {}): DocumentOutcome {
  return { stepId: '0', completed: true, passed: true, expiryDate: '2035-01-31', ...changes };
}

/**
 * Takes changes; returns the snapshot of a journey that the system passed. The digests follow from the content as the
 * real ones do: the pictures make the steps' digest; decisions, times and outcomes without AML the result's.
 */
export function journeySnapshot(wishes: SnapshotWishes = {}): JourneySnapshot {
  const { pictures = 'pictures-1', aml = {}, ...changes } = wishes;
  const content = {
    journeyId: JOURNEY_ID,
    flowId: FLOW_ID,
    startTime: '2026-01-01T08:00:00.000Z',
    endTime: '2026-01-01T08:05:00.000Z',
    systemDecision: 'Complete',
    manualDecision: null,
    documents: [documentOutcome()],
    selfie: { status: 'Complete', live: true, livenessStatusCode: null },
    rules: { document_validation: 'Passed', same_subject: 'Passed', no_aml_records: 'Passed' },
    governmentFaceMatched: null,
    identity: {
      birthDate: 'born-1',
      personalNumber: 'number-1',
      fullName: 'name-1',
      documentNumber: 'passport-1',
      documentExpiry: 'expiry-1',
    },
    ...changes,
    aml:
      aml === null
        ? null
        : { applicability: 'Applicable', openMatches: 0, digest: 'no-matches', version: null, ...aml },
  };
  const { systemDecision, manualDecision, endTime, documents, selfie, governmentFaceMatched } = content;
  const rules = Object.entries(content.rules).filter(([key]) => key !== 'no_aml_records');
  const result = { systemDecision, manualDecision, endTime, documents, selfie, governmentFaceMatched, rules };
  return {
    ...content,
    stepsDigest: `steps ${pictures}`,
    resultDigest: `result ${JSON.stringify(result)}`,
    answerDigest: `answer ${JSON.stringify([content, pictures])}`,
  };
}

/** Takes changes; returns the snapshot of a journey on which IDWise has not decided. */
export function openSnapshot(wishes: SnapshotWishes = {}): JourneySnapshot {
  return journeySnapshot({
    systemDecision: 'Incomplete',
    endTime: null,
    documents: [documentOutcome({ completed: false, passed: false })],
    selfie: { status: 'Not Started', live: null, livenessStatusCode: null },
    rules: {},
    aml: { applicability: 'Not Ready Yet' },
    ...wishes,
  });
}

/** Takes changes; returns the snapshot of a journey that AML alone has brought from passed to referred. */
export function amlHitSnapshot(wishes: SnapshotWishes = {}): JourneySnapshot {
  return journeySnapshot({
    systemDecision: 'Refer',
    rules: { document_validation: 'Passed', same_subject: 'Passed', no_aml_records: 'Failed' },
    aml: { openMatches: 1, digest: 'one-match' },
    ...wishes,
  });
}
