import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  documentOutcome,
  journeySnapshot,
  openSnapshot,
  REFER,
  type SnapshotWishes,
} from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';

const ASKED = { ...REFER, manualDecision: 'Resubmission Requested' };
const CAPTURE = { systemDecision: 'Refer', rules: { unrecognized_document: 'Failed' } };
const MOST_ROUNDS = DEFAULT_POLICY.redo.mostRounds;

const customer = (policy: Partial<Policy> = {}) =>
  new CustomerStory(decisionContext({ ...DEFAULT_POLICY, ...policy }));

/** The n-th submission, with IDWise's result over it. */
const result = (n: number, wishes: SnapshotWishes) =>
  journeySnapshot({ pictures: `pictures-${n}`, endTime: `2026-01-02T00:00:0${n}.000Z`, ...wishes });

const triesLeft = (story: CustomerStory) => story.view.nextSteps.map((step) => step.triesLeft);

/** The steps of each round are handed in and could not be used; returns what the customer saw in each. */
function rounds(story: CustomerStory, wishes: SnapshotWishes, count: number): unknown[] {
  return Array.from({ length: count }, (_, n) => {
    if (n > 0) story.app('journey_submitted');
    if (wishes.manualDecision != null) story.hears('verification_update_required', { eventId: `round-${n}` });
    story.sees(result(n, wishes));
    return [story.status, ...triesLeft(story)];
  });
}

describe('tries', () => {
  test.each([
    ['a reviewer asks', ASKED],
    ['a capture rule fails', CAPTURE],
  ])('are counted down each time %s, until a human looks, with one alarm', (_why, wishes) => {
    const story = customer();
    expect(rounds(story, wishes, MOST_ROUNDS + 1)).toEqual([
      ['resubmission_required', 3],
      ['resubmission_required', 2],
      ['resubmission_required', 1],
      ['under_review'],
    ]);
    expect(story.stands.ground).toBe('redo_cap_reached');
    story.sees(result(MOST_ROUNDS, wishes));
    story.hears('updated_journey');
    story.livesOn(100 * 86_400_000);
    expect(story.alarms).toEqual(['redo_cap_reached']);
    expect(story.status).toBe('under_review');
    expect(story.view.nextSteps).toEqual([]);
  });

  test('are none where the policy allows none', () => {
    const story = customer({ redo: { ...DEFAULT_POLICY.redo, mostRounds: 0 } });
    story.sees(result(0, CAPTURE));
    expect(story.stands).toMatchObject({ status: 'under_review', ground: 'redo_cap_reached' });
  });

  test('beyond the last are still judged by what IDWise says then', () => {
    const story = customer();
    rounds(story, ASKED, MOST_ROUNDS + 1);
    story.sees(result(5, {}));
    expect(story.status).toBe('approved');
  });

  test('are not used up by another look, another event or another result over the same steps', () => {
    const story = customer();
    story.hears('verification_update_required', { eventId: 'one' });
    story.sees(result(0, ASKED));
    const { view } = story;
    for (const eventId of ['one', 'one', null]) {
      story.hears('updated_journey', { eventId, manualDecision: 'Resubmission Requested' });
      story.sees(result(0, ASKED));
      story.sees(result(0, { ...ASKED, governmentFaceMatched: eventId === null }));
    }
    expect(story.view).toBe(view);
    // A capture rule that the reviewer confirms, or a reviewer who changes their mind and back, asks for the same steps.
    story.sees(result(0, CAPTURE));
    story.sees(result(0, { ...ASKED, manualDecision: 'Rejected' }));
    story.sees(result(0, ASKED));
    expect(story.journey().redoRounds).toBe(1);
  });
});

describe('after the steps have come in', () => {
  test('a request that IDWise still shows does not ask again, whatever else changes', () => {
    const story = customer();
    story.hears('verification_update_required', { eventId: 'one' });
    story.sees(result(0, ASKED));
    story.app('journey_submitted');
    story.sees(result(0, { ...ASKED, pictures: 'pictures-1' }));
    expect(story.stands).toMatchObject({ status: 'under_review', ground: 'newer_steps_in' });
    story.hears('updated_journey', { action: 'AML OGM Update' });
    story.sees(result(0, { ...ASKED, pictures: 'pictures-1', aml: { openMatches: 1, digest: 'one' } }));
    expect(story.status).toBe('under_review');
    story.sees(result(1, { ...REFER, manualDecision: 'Resubmission Requested' }));
    expect(story.stands).toMatchObject({ status: 'under_review', ground: 'referred' });
  });

  test.each([
    ['a reviewer’s request over what the system had rejected', { ...ASKED, systemDecision: 'Rejected' }],
    ['a reviewer’s request over what the system had passed', { manualDecision: 'Resubmission Requested' }],
    ['a failed capture rule', CAPTURE],
  ])(
    'nothing is rejected, approved or asked for again while IDWise still reads them: %s',
    (_what, wishes) => {
      const story = customer();
      story.sees(result(0, wishes));
      const reading = {
        ...wishes,
        pictures: 'pictures-1',
        documents: [documentOutcome({ completed: false, passed: false })],
      };
      story.sees(result(0, reading));
      expect(story.status).toBe('resubmission_required');
      story.app('journey_submitted');
      story.sees(result(0, reading));
      expect(story.stands).toMatchObject({ status: 'under_review', ground: 'newer_steps_in' });
      expect(story.journey().redoRounds).toBe(1);
      story.sees(result(1, {}));
      expect(story.status).toBe('approved');
    },
  );

  test('the result that AML changed before is not taken for the one over the newer steps', () => {
    const story = customer();
    const asked = { manualDecision: 'Resubmission Requested' };
    story.sees(result(0, { ...asked, systemDecision: 'Refer', aml: { openMatches: 1, digest: 'one' } }));
    story.sees(result(0, asked));
    story.sees(result(0, { ...asked, pictures: 'pictures-1' }));
    expect(story.status).toBe('resubmission_required');
    story.app('journey_submitted');
    expect(story.status).toBe('under_review');
  });

  test('a journey that is open again is the customer’s or IDWise’s turn as any other', () => {
    const story = customer();
    story.sees(result(0, CAPTURE));
    story.sees(openSnapshot({ pictures: 'pictures-1', userStepsIn: true }));
    expect(story.status).toBe('pending_verification');
    story.sees(result(1, CAPTURE));
    expect(triesLeft(story)).toEqual([2]);
  });
});

describe('another person in the steps that were done again', () => {
  const identity = { ...journeySnapshot().identity, fullName: 'name-2' };

  test('is for a human, with an alarm', () => {
    for (const wishes of [ASKED, CAPTURE]) {
      const story = customer();
      story.sees(result(0, wishes));
      story.app('journey_submitted');
      story.sees(result(1, { identity }));
      expect(story.stands).toMatchObject({ status: 'under_review', ground: 'another_person' });
      expect(story.alarms).toEqual(['another_person']);
    }
  });

  test('is none where the first picture showed nobody, and the first who is shown counts from then on', () => {
    const story = customer();
    const nobody = {
      birthDate: null,
      personalNumber: null,
      fullName: null,
      documentNumber: null,
      documentExpiry: null,
    };
    story.sees(result(0, { ...CAPTURE, identity: nobody }));
    story.app('journey_submitted');
    story.sees(result(1, CAPTURE));
    story.app('journey_submitted');
    story.sees(result(2, { identity }));
    expect(story.status).toBe('under_review');
    story.sees(result(2, {}));
    expect(story.status).toBe('approved');
  });
});
