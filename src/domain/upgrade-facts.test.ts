import { describe, expect, test } from '@jest/globals';
import { CustomerStory, caseWants, decisionContext } from '../../test/builders/customer-story.js';
import { factsOf2 } from '../../test/builders/facts-of-2.js';
import { amlHitSnapshot, JOURNEY_ID, journeySnapshot, REFER } from '../../test/builders/journey-snapshot.js';
import { type CustomerFacts, newCustomer, newJourney } from './customer.js';
import { DEFAULT_POLICY } from './policy.js';
import { judge } from './status.js';
import { type FactsOf1, type StoredFacts, upgradeFacts } from './upgrade-facts.js';

const REGISTERED_AT = '2026-01-01T08:00:00.000Z';
const SEEN_AT = '2026-01-01T09:00:00.000Z';

/** A record as the first form had it, member by member: of a customer with one journey. */
function recordOf1(says: {
  readonly wishes: Parameters<typeof journeySnapshot>[0];
  readonly isApproved: boolean;
}) {
  const snapshot = journeySnapshot(says.wishes);
  const { stepsDigest, resultDigest } = snapshot;
  const isAsked = snapshot.manualDecision === 'Resubmission Requested';
  const record: FactsOf1 = {
    schema: 1,
    referenceNo: 'ref-1',
    registeredAt: REGISTERED_AT,
    journeys: {
      'journey-1': {
        journeyId: 'journey-1',
        firstSeenAt: REGISTERED_AT,
        startReportedAt: REGISTERED_AT,
        submittedReportedAt: SEEN_AT,
        fetchedSinceSubmission: true,
        cancelledReportedAt: null,
        userStepsFinishedAt: SEEN_AT,
        userStepsEventId: 'event-1',
        finishedHeardAt: null,
        lastStepAt: SEEN_AT,
        heardManualDecision: null,
        requiredSteps: [],
        requestIds: [],
        requestHeardEarly: false,
        snapshot,
        snapshotAt: SEEN_AT,
        amlPendingSince: null,
        verdict: isAsked
          ? {
              decision: 'Resubmission Requested',
              seenAt: SEEN_AT,
              stepsDigest,
              resultDigest,
              requestHeard: false,
              newerStepsAt: null,
            }
          : null,
        owedLook: null,
        lastLookAt: SEEN_AT,
        resultGivenUpAt: null,
        resultTakenUpAt: null,
        customStep: null,
        completion: null,
        aml: {
          version: 0,
          heardVersion: 0,
          storedVersion: 0,
          digest: 'no-matches',
          digestLags: false,
          toldWithoutVersionAt: null,
          owed: null,
        },
      },
    },
    approval: says.isApproved
      ? {
          journeyId: 'journey-1',
          at: SEEN_AT,
          by: 'system',
          failedChecks: [],
          stepsDigest,
          amlDigest: 'no-matches',
          amlVersion: 0,
        }
      : null,
    holds: [],
    closedAt: null,
  };
  return JSON.parse(JSON.stringify(record)) as FactsOf1;
}

/** A story that goes on from a record of an earlier form. */
function goesOn(record: StoredFacts): CustomerStory {
  const story = new CustomerStory(decisionContext(DEFAULT_POLICY));
  story.facts = upgradeFacts(record);
  story.now = SEEN_AT;
  story.take({ kind: 'clock' });
  return story;
}

const approved = () => recordOf1({ wishes: {}, isApproved: true });
const asked = () =>
  recordOf1({ wishes: { ...REFER, manualDecision: 'Resubmission Requested' }, isApproved: false });

describe('a record of the first form', () => {
  test('has every member of the present form, and loses none of its own', () => {
    for (const record of [approved(), asked()]) {
      const { journeys, ...facts } = upgradeFacts(record);
      const { journeys: journeysBefore, ...before } = record;
      expect(facts).toEqual({
        ...newCustomer('ref-1', REGISTERED_AT),
        journeys: undefined,
        ...before,
        schema: 3,
      });
      const [journey] = Object.values(journeys);
      const [{ verdict, ...journeyBefore } = { verdict: null }] = Object.values(journeysBefore);
      expect(Object.keys(journey ?? {}).sort()).toEqual(Object.keys(newJourney('any', SEEN_AT)).sort());
      expect(journey).toMatchObject(journeyBefore);
      if (verdict !== null) expect(journey?.verdict).toMatchObject(verdict);
    }
  });

  test('is judged as before', () => {
    const context = decisionContext(DEFAULT_POLICY);
    expect(judge(upgradeFacts(approved()), context, SEEN_AT).status).toBe('approved');
    expect(judge(upgradeFacts(asked()), context, SEEN_AT).status).toBe('resubmission_required');
  });

  test('of an approved customer can be renewed, and the approval stays the one on record', () => {
    const story = goesOn(approved());
    // The story began with a new customer; nothing but that difference is an effect.
    expect(story.effects.map(({ kind }) => kind)).toEqual(['status_changed']);
    story.livesOn(365 * 86_400_000).hears('verification_update_required', { trigger: 'KYC Renewal' });
    story.sees(journeySnapshot());
    expect(story.view.nextSteps).toMatchObject([{ action: 'renew_step' }]);
    story.sees(journeySnapshot({ pictures: 'pictures-2', endTime: story.now }));
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [] });
  });

  test('of a customer who does steps again counts that as the first try, of the same person', () => {
    const story = goesOn(asked());
    expect(story.view.nextSteps).toMatchObject([{ triesLeft: DEFAULT_POLICY.redo.mostRounds }]);
    const identity = { ...journeySnapshot().identity, birthDate: 'born-2' };
    story.sees(journeySnapshot({ pictures: 'pictures-2', endTime: story.now, identity }));
    expect(story.stands.ground).toBe('another_person');
  });
});

describe('a record of the second form, of before there were cases', () => {
  test('has every member of the present form, and loses none of its own', () => {
    const { journeys, ...facts } = upgradeFacts(factsOf2());
    const { journeys: journeysBefore, ...before } = factsOf2();
    expect({ ...facts, journeys: {} }).toEqual({
      ...newCustomer('ref-1', REGISTERED_AT),
      ...before,
      schema: 3,
    });
    const journey = journeys[JOURNEY_ID];
    expect(Object.keys(journey ?? {}).sort()).toEqual(Object.keys(newJourney('any', SEEN_AT)).sort());
    expect(journey).toEqual({ ...journeysBefore[JOURNEY_ID], whitelisting: null });
  });

  test('goes on: turns are taken, nothing waits, and a change of matches is told', () => {
    const story = goesOn(factsOf2());
    expect([story.status, story.last.agenda]).toEqual(['approved', []]);
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(amlHitSnapshot());
    expect(story.effects).toContainEqual(
      expect.objectContaining({ kind: 'aml_changed', change: expect.objectContaining({ toVersion: 1 }) }),
    );
    expect(story.status).toBe('approved');
  });

  test('takes up what a case wants: a hold, and matches to whitelist', () => {
    const story = goesOn(factsOf2());
    story.take(caseWants('case-1', { kind: 'lay_hold', hold: 'frozen' }));
    expect(story.status).toBe('suspended');
    const by = { proposedBy: 'officer-1', approvedBy: 'approver-1' };
    story.take(caseWants('case-1', { kind: 'whitelist', matches: ['m1'], ...by }));
    expect(story.waiting('whitelist')).toHaveLength(1);
  });

  test('of a journey that was brought along does not tell of AML versions from before our time', () => {
    const story = goesOn(factsOf2(journeySnapshot(), { closedAt: null, imported: { awaited: [] } }));
    story.hears('aml_monitor_update', { amlVersion: 7 });
    story.sees(amlHitSnapshot());
    expect(story.effects).toContainEqual(
      expect.objectContaining({
        kind: 'aml_changed',
        change: expect.objectContaining({ fromVersion: 6, toVersion: 7 }),
      }),
    );
  });
});

test('a record of the present form is left as it is', () => {
  const facts = newCustomer('ref-1', REGISTERED_AT);
  expect(upgradeFacts(facts)).toBe(facts);
});

test('a record of a later form is refused, rather than that anything in it is lost', () => {
  const later = { ...newCustomer('ref-1', REGISTERED_AT), schema: 4 } as unknown as CustomerFacts;
  expect(() => upgradeFacts(later)).toThrow(/form 4.*newer than this release/);
});
