import type { Approval } from '../../src/domain/customer.js';
import type { JourneySnapshot } from '../../src/domain/journey.js';
import type { FactsOf2 } from '../../src/domain/upgrade-facts.js';
import { JOURNEY_ID, journeySnapshot } from './journey-snapshot.js';

export const REGISTERED_AT_2 = '2026-01-01T08:00:00.000Z';
export const SEEN_AT_2 = '2026-01-01T09:00:00.000Z';

/** Takes what the journey says, and what differs; returns the record of an approved customer as it was written before there were cases. */
export function factsOf2(
  snapshot: JourneySnapshot = journeySnapshot(),
  changes: Pick<FactsOf2, 'closedAt' | 'imported'> = { closedAt: null },
): FactsOf2 {
  const { stepsDigest, resultDigest, endTime, systemDecision, manualDecision } = snapshot;
  const digest = snapshot.aml?.digest ?? null;
  const approval: Approval = {
    journeyId: JOURNEY_ID,
    at: SEEN_AT_2,
    by: 'system',
    failedChecks: [],
    stepsDigest,
    amlDigest: digest,
    amlVersion: 0,
  };
  const record: FactsOf2 = {
    schema: 2,
    referenceNo: 'ref-1',
    registeredAt: REGISTERED_AT_2,
    journeys: {
      [JOURNEY_ID]: {
        journeyId: JOURNEY_ID,
        firstSeenAt: REGISTERED_AT_2,
        startReportedAt: REGISTERED_AT_2,
        submittedReportedAt: SEEN_AT_2,
        fetchedSinceSubmission: true,
        cancelledReportedAt: null,
        userStepsFinishedAt: SEEN_AT_2,
        userStepsEventId: 'event-1',
        finishedHeardAt: null,
        lastStepAt: SEEN_AT_2,
        heardManualDecision: null,
        requiredSteps: [],
        requestIds: [],
        requestHeardEarly: false,
        redoRounds: 0,
        askedAgainOver: null,
        personBefore: snapshot.identity,
        renewal: null,
        approvedResult: {
          stepsDigest,
          resultDigest,
          endTime,
          decisions: `${systemDecision}/${manualDecision}`,
          isOverNewSteps: false,
        },
        snapshot,
        snapshotAt: SEEN_AT_2,
        amlPendingSince: null,
        verdict: null,
        owedLook: null,
        lastLookAt: SEEN_AT_2,
        resultGivenUpAt: null,
        resultTakenUpAt: null,
        customStep: null,
        completion: null,
        aml: {
          version: 0,
          heardVersion: 0,
          storedVersion: 0,
          digest,
          digestLags: false,
          toldWithoutVersionAt: null,
          owed: null,
        },
      },
    },
    approval,
    holds: [],
    reopenedAt: null,
    reminded: null,
    ...changes,
  };
  return JSON.parse(JSON.stringify(record)) as FactsOf2;
}
