import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  documentOutcome,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
  type SnapshotWishes,
} from '../../test/builders/journey-snapshot.js';
import type { CustomerFacts } from './customer.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';
import { isAnotherPerson } from './ruling-journey.js';
import { judge } from './status.js';

const MINUTE_MS = 60_000;
const REFER = { systemDecision: 'Refer', rules: { document_validation: 'Failed', no_aml_records: 'Passed' } };

/** A story in which one look brought this journey. */
function seen(wishes: SnapshotWishes, policy: Partial<Policy> = {}): CustomerStory {
  const story = new CustomerStory(decisionContext(policy));
  story.sees(journeySnapshot(wishes));
  return story;
}

const standing = ({ status, standing: { access, ground } }: CustomerStory) => ({ status, access, ground });
const alarms = (story: CustomerStory) =>
  story.effects.flatMap((effect) => (effect.kind === 'alarm' ? [effect.code] : []));

describe('the table', () => {
  test('no journey: created, no access', () => {
    expect(standing(new CustomerStory())).toEqual({
      status: 'created',
      access: 'none',
      ground: 'no_journey',
    });
  });

  test.each(['Complete', 'Refer', 'Rejected', 'Incomplete', 'Whatever'])(
    'manual Approved outranks system %s',
    (systemDecision) => {
      expect(standing(seen({ systemDecision, manualDecision: 'Approved' }))).toEqual({
        status: 'approved',
        access: 'full',
        ground: 'manual_decision',
      });
    },
  );

  test.each(['Complete', 'Refer', 'Rejected', 'Incomplete', 'Whatever'])(
    'manual Rejected outranks system %s',
    (systemDecision) => {
      expect(standing(seen({ systemDecision, manualDecision: 'Rejected' }))).toEqual({
        status: 'rejected',
        access: 'none',
        ground: 'manual_decision',
      });
    },
  );

  test('the status follows a reviewer from approved to rejected and back', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    story.sees(journeySnapshot({ ...REFER, manualDecision: 'Rejected' }));
    expect(story.status).toBe('rejected');
    story.sees(journeySnapshot({ ...REFER, manualDecision: 'Approved' }));
    expect(story.status).toBe('approved');
  });

  test.each(['Complete', 'Refer', 'Rejected'])(
    'Resubmission Requested on system %s: resubmission_required',
    (systemDecision) => {
      expect(standing(seen({ systemDecision, manualDecision: 'Resubmission Requested' }))).toEqual({
        status: 'resubmission_required',
        access: 'limited',
        ground: 'resubmission_requested',
      });
    },
  );

  test.each([
    ['a document that was not recognised', { rules: { unrecognized_document: 'Failed' } }],
    ['a bad selfie', { selfie: { status: 'Refer', live: null, livenessStatusCode: 'FACE_TOO_SMALL' } }],
  ])('a finished journey with %s: resubmission_required', (_what, wishes) => {
    for (const systemDecision of ['Refer', 'Rejected', 'Complete'])
      expect(standing(seen({ ...wishes, systemDecision }))).toMatchObject({
        status: 'resubmission_required',
        ground: 'capture_failed',
      });
  });

  test('a capture rule that fails while the user is still at it asks for nothing yet', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot({ rules: { unrecognized_document: 'Failed' } }));
    expect(story.status).toBe('in_progress');
  });

  test('system Complete, AML Not Ready Yet: pending_verification, looked at again, under_review after the policy’s time', () => {
    const story = seen({ aml: { applicability: 'Not Ready Yet' } });
    expect(standing(story)).toEqual({
      status: 'pending_verification',
      access: 'limited',
      ground: 'aml_not_ready',
    });
    expect(story.waiting('second_look')).toHaveLength(1);
    expect(story.waiting('clock')).toHaveLength(1);
    story.pass(DEFAULT_POLICY.amlNotReadyTimeoutMs - 2_000).take({ kind: 'clock' });
    expect(story.status).toBe('pending_verification');
    story.take({ kind: 'clock' });
    expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'aml_not_ready_too_long' });
    expect(story.waiting('clock')).toHaveLength(0);
    story.sees(journeySnapshot());
    expect(story.status).toBe('approved');
  });

  test('a wait for the AML part whose beginning is not known approves nothing', () => {
    const story = seen({ aml: { applicability: 'Not Ready Yet' } });
    const journey = { ...story.journey(), amlPendingSince: null };
    const facts = { ...story.facts, journeys: { [JOURNEY_ID]: journey } };
    expect(judge(facts, story.context, story.now).status).toBe('pending_verification');
  });

  test('the wait for the AML part is counted from its first sight, however often it is looked at', () => {
    const story = seen({ aml: { applicability: 'Not Ready Yet' } });
    story.pass(20 * MINUTE_MS).sees(journeySnapshot({ aml: { applicability: 'Not Ready Yet' } }));
    expect(story.status).toBe('pending_verification');
    story.pass(10 * MINUTE_MS).sees(journeySnapshot({ aml: { applicability: 'Not Ready Yet' } }));
    expect(story.status).toBe('under_review');
  });

  test('system Complete with every required check passed: approved', () => {
    expect(standing(seen({}))).toEqual({ status: 'approved', access: 'full', ground: 'checks_passed' });
  });

  test.each<[string, SnapshotWishes]>([
    ['a document that did not pass', { documents: [documentOutcome({ passed: false })] }],
    ['a document that was not completed', { documents: [documentOutcome({ completed: false })] }],
    ['a selfie that was referred', { selfie: { status: 'Refer', live: true, livenessStatusCode: null } }],
    ['a selfie that is not live', { selfie: { status: 'Complete', live: false, livenessStatusCode: null } }],
    ['a rule that failed', { rules: { under_age: 'Failed' } }],
    ['a rule without a result', { rules: { under_age: '' } }],
    ['no check at all', { documents: [], selfie: null, rules: {} }],
    ['another flow', { flowId: 'flow-2' }],
    ['no flow', { flowId: null }],
  ])('system Complete with %s: under_review, never approved', (_what, wishes) => {
    expect(seen(wishes).status).toBe('under_review');
  });

  test('another flow than ours raises an alarm', () => {
    expect(alarms(seen({ flowId: 'flow-2' }))).toEqual(['foreign_flow']);
  });

  test('what the flow does not have is not required of it', () => {
    expect(seen({ selfie: null, aml: null, rules: {} }).status).toBe('approved');
  });

  test('a rule that the policy names must be there and passed', () => {
    const requiredChecks = { ...DEFAULT_POLICY.requiredChecks, rules: ['under_age'] };
    expect(seen({ rules: { proof_policy: 'Failed' } }, { requiredChecks }).status).toBe('under_review');
    expect(seen({ rules: { under_age: 'Failed' } }, { requiredChecks }).status).toBe('under_review');
    expect(seen({ rules: { under_age: 'Passed', proof_policy: 'Failed' } }, { requiredChecks }).status).toBe(
      'approved',
    );
  });

  test.each([
    [true, 'when_configured', null, 'under_review'],
    [true, 'when_configured', false, 'under_review'],
    [true, 'when_configured', true, 'approved'],
    [false, 'when_configured', null, 'approved'],
    [false, 'always', null, 'under_review'],
    [true, 'never', null, 'approved'],
  ] as const)(
    'custom step configured: %s, government face required: %s, matched: %s → %s',
    (customStepConfigured, governmentFace, governmentFaceMatched, status) => {
      const requiredChecks = { ...DEFAULT_POLICY.requiredChecks, governmentFace };
      const story = new CustomerStory(decisionContext({ requiredChecks }, { customStepConfigured }));
      story.sees(journeySnapshot({ governmentFaceMatched }));
      expect(story.status).toBe(status);
    },
  );

  test('system Rejected: rejected, or under_review where the policy says so', () => {
    const wishes = { ...REFER, systemDecision: 'Rejected' };
    expect(standing(seen(wishes))).toEqual({ status: 'rejected', access: 'none', ground: 'system_rejected' });
    expect(seen(wishes, { systemRejected: 'under_review' }).status).toBe('under_review');
  });

  test('system Refer: under_review', () => {
    expect(standing(seen(REFER))).toEqual({ status: 'under_review', access: 'limited', ground: 'referred' });
  });

  test('system Incomplete: in_progress, and pending_verification once all user steps are submitted', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot());
    expect(standing(story)).toEqual({ status: 'in_progress', access: 'none', ground: 'awaiting_user' });
    story.hears('finished_user_steps');
    expect(standing(story)).toEqual({
      status: 'pending_verification',
      access: 'limited',
      ground: 'awaiting_result',
    });
  });

  test('the app’s word that all steps are submitted counts before anything is fetched', () => {
    const story = new CustomerStory();
    story.app('journey_started');
    expect(story.status).toBe('in_progress');
    story.app('journey_submitted');
    expect(story.status).toBe('pending_verification');
    story.sees(openSnapshot({ documents: [documentOutcome()] }));
    expect(story.status).toBe('pending_verification');
  });

  test('the app’s word counts until a later fetch says that a step has not been begun', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot({ userStepsIn: false }));
    story.app('journey_submitted');
    expect(story.status).toBe('pending_verification');
    story.sees(openSnapshot({ userStepsIn: false }));
    expect(standing(story)).toMatchObject({ status: 'in_progress', access: 'none' });
    expect(story.view.journeys).toMatchObject([{ state: 'open' }]);
    story.hears('finished_user_steps');
    expect(story.status).toBe('pending_verification');
  });

  test('a fetch that shows every step completed is enough, when every word of it was lost', () => {
    const story = new CustomerStory();
    story.app('journey_cancelled');
    story.sees(openSnapshot({ userStepsIn: true }));
    expect(story.status).toBe('pending_verification');
    expect(story.view.journeys).toMatchObject([{ state: 'submitted' }]);
  });

  test.each(['Passed', 'complete', 'Approved', ''])(
    'any other system decision (%j): under_review with an alarm',
    (systemDecision) => {
      const story = seen({ systemDecision });
      expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'unknown_decision' });
      expect(alarms(story)).toEqual(['unknown_decision']);
      story.sees(journeySnapshot({ systemDecision, endTime: '2026-01-01T09:30:00.000Z' }));
      expect(alarms(story)).toEqual(['unknown_decision']);
    },
  );
});

test.each(['Escalated', 'approved', ''])(
  'any other manual decision (%j): under_review with an alarm, whatever the system says and what was approved before',
  (manualDecision) => {
    for (const systemDecision of ['Complete', 'Refer', 'Incomplete', 'Rejected']) {
      const story = seen({});
      story.sees(amlHitSnapshot({ systemDecision, manualDecision }));
      expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'unknown_decision' });
      expect(alarms(story)).toEqual(['unknown_decision']);
    }
  },
);

describe('an answer that is no journey of ours', () => {
  test.each([
    { kind: 'unreadable', code: 'schema' },
    { kind: 'unavailable', code: 'timeout', retryAfterMs: null },
    { kind: 'refused', code: 'http_401' },
    { kind: 'unknown_journey' },
    { kind: 'not_ours' },
  ] as const)('leaves the status as it is and is looked at again: %j', (outcome) => {
    const story = seen({});
    story.hears('updated_journey');
    const before = story.view;
    story.looks(outcome);
    expect(story.view).toBe(before);
    expect(story.waiting('look')).toHaveLength(1);
  });

  test('raises one alarm when it cannot be read, and one when the credentials are refused', () => {
    const story = new CustomerStory();
    for (let i = 0; i < 3; i += 1) story.looks({ kind: 'unreadable', code: 'schema' });
    for (let i = 0; i < 3; i += 1) story.looks({ kind: 'refused', code: 'http_401' });
    expect(alarms(story)).toEqual(['idwise_unreadable', 'idwise_refused']);
  });
});

describe('which journey rules', () => {
  const at = (hour: number) => `2026-01-0${hour}T08:00:00.000Z`;
  const first = { journeyId: 'first', startTime: at(1) };
  const second = { journeyId: 'second', startTime: at(2) };

  test('the latest by IDWise’s start time that has a decision, in whatever order they were fetched', () => {
    const snapshots = [
      journeySnapshot({ ...first, ...REFER, systemDecision: 'Rejected' }),
      journeySnapshot({ ...second, ...REFER }),
      openSnapshot({ journeyId: 'third', startTime: at(3) }),
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const story = new CustomerStory();
      for (const index of order) {
        const snapshot = snapshots[index];
        if (snapshot !== undefined) story.sees(snapshot);
      }
      expect(story.last.judgement).toMatchObject({ journeyId: 'second', status: 'under_review' });
    }
  });

  test('before any has a decision, the latest', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot(second));
    story.sees(openSnapshot(first));
    expect(story.last.judgement).toMatchObject({ journeyId: 'second', status: 'in_progress' });
  });

  test('a journey that is known only by name rules while there is no decision, until a fetch says it is not ours', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot(first));
    story.app('journey_started', 'named');
    story.app('journey_submitted', 'named');
    expect(story.last.judgement).toMatchObject({ journeyId: 'named', status: 'pending_verification' });
    story.looks({ kind: 'not_ours' }, 'named');
    expect(story.last.judgement).toMatchObject({ journeyId: 'first', status: 'in_progress' });
    const [item] = story.waiting('look').filter(({ journeyId }) => journeyId === 'named');
    if (item !== undefined) story.take({ kind: 'give_up', item });
    expect(Object.keys(story.facts.journeys)).toEqual(['first']);
  });

  test('a recorded approval stands while the same journey is open again', () => {
    const story = seen({});
    story.sees(openSnapshot({ startTime: journeySnapshot().startTime }));
    expect(standing(story)).toEqual({ status: 'approved', access: 'full', ground: 'approval_stands' });
  });

  test('a recorded approval stands while a newer journey is on its way, and not against its result', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot(first));
    story.app('journey_started', 'second');
    expect(story.status).toBe('approved');
    story.app('journey_submitted', 'second');
    expect(story.status).toBe('approved');
    story.sees(openSnapshot(second));
    expect(story.status).toBe('approved');
    story.sees(journeySnapshot({ ...second, ...REFER }));
    expect(story.status).toBe('under_review');
    expect(story.facts.approval).toBeNull();
  });

  test('a recorded approval stands while a newer journey waits for AML, for the policy’s time and the same person', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot(first));
    const waiting = { ...second, aml: { applicability: 'Not Ready Yet' } };
    story.sees(journeySnapshot(waiting));
    expect(standing(story)).toMatchObject({ status: 'approved', ground: 'approval_stands' });
    const { identity } = journeySnapshot();
    const someoneElse = new CustomerStory();
    someoneElse.sees(journeySnapshot(first));
    someoneElse.sees(journeySnapshot({ ...waiting, identity: { ...identity, birthDate: 'born-2' } }));
    expect(someoneElse.status).toBe('pending_verification');
    const [clock] = story.waiting('clock');
    expect(clock).toBeDefined();
    story.pass(DEFAULT_POLICY.amlNotReadyTimeoutMs).take({ kind: 'clock' });
    expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'aml_not_ready_too_long' });
  });

  test('without a recorded approval an open journey is just open', () => {
    const story = seen(REFER);
    story.sees(openSnapshot());
    expect(story.status).toBe('in_progress');
  });

  test.each([
    ['birth date', { birthDate: 'born-2' }],
    ['personal number', { personalNumber: 'number-2' }],
    ['name', { fullName: 'name-2' }],
    ['number of the same unexpired document', { documentNumber: 'passport-2' }],
  ])('another %s than in the earlier journey: under_review with an alarm', (_what, changes) => {
    const story = new CustomerStory();
    story.sees(journeySnapshot(first));
    story.sees(journeySnapshot({ ...second, identity: { ...journeySnapshot().identity, ...changes } }));
    expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'another_person' });
    expect(alarms(story)).toEqual(['another_person']);
  });

  test('a new document of the same person, and what an answer lacks, is no other person', () => {
    const { identity } = journeySnapshot();
    const renewed = { ...identity, documentNumber: 'passport-2', documentExpiry: 'expiry-2' };
    const expired = { ...identity, documentNumber: 'passport-2', documentExpiry: null };
    const bare = {
      birthDate: null,
      personalNumber: null,
      fullName: null,
      documentNumber: null,
      documentExpiry: null,
    };
    for (const later of [identity, renewed, expired, bare])
      expect(isAnotherPerson(identity, later)).toBe(false);
    expect(isAnotherPerson(identity, { ...bare, birthDate: 'born-2' })).toBe(true);
  });

  test('after a manual Rejected of an earlier journey system Complete is under_review, unless the policy allows', () => {
    for (const [approveAfterManualRejection, status] of [
      [false, 'under_review'],
      [true, 'approved'],
    ] as const) {
      const story = new CustomerStory(decisionContext({ approveAfterManualRejection }));
      story.sees(journeySnapshot({ ...first, manualDecision: 'Rejected' }));
      story.sees(journeySnapshot(second));
      expect(story.status).toBe(status);
    }
  });

  test('after a system Rejected of an earlier journey system Complete is approved', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot({ ...first, ...REFER, systemDecision: 'Rejected' }));
    story.sees(journeySnapshot(second));
    expect(story.status).toBe('approved');
  });
});

describe('newer steps', () => {
  const asked = { ...REFER, manualDecision: 'Resubmission Requested' };

  const redone = { ...asked, pictures: 'pictures-2' };
  const word = {
    'the app’s callback': (story: CustomerStory) => story.app('journey_submitted'),
    'another Finished User Steps': (story: CustomerStory) => {
      story.hears('finished_user_steps', { eventId: 'first' });
      story.hears('finished_user_steps', { eventId: 'second' });
    },
    'Updated Journey, Step Update': (story: CustomerStory) =>
      story.hears('updated_journey', { action: 'Step Update' }),
  };

  test.each(Object.entries(word))(
    'newer steps in by %s and by the fetch: under_review until the fetched result has changed',
    (_name, hear) => {
      for (const wishes of [asked, { ...REFER, manualDecision: 'Rejected' }]) {
        const story = seen(wishes);
        hear(story);
        story.sees(journeySnapshot({ ...wishes, pictures: 'pictures-2' }));
        expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'newer_steps_in' });
        expect(story.waiting('second_look')).toHaveLength(1);
        story.sees(journeySnapshot({ pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' }));
        expect(story.status).toBe('approved');
        expect(story.last.agenda).toEqual([]);
      }
    },
  );

  test('for a failed capture rule it is the same', () => {
    const wishes = { systemDecision: 'Refer', rules: { unrecognized_document: 'Failed' } };
    const story = seen(wishes);
    story.app('journey_submitted');
    story.sees(journeySnapshot({ ...wishes, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
  });

  test.each(Object.entries(word))(
    'a late word of the first round (%s) undoes no request: it is forgotten when no fetch confirms it',
    (_name, hear) => {
      const story = seen(asked);
      hear(story);
      story.sees(journeySnapshot(asked));
      expect(story.status).toBe('resubmission_required');
      const [hint] = story.waiting('second_look');
      expect(hint).toBeDefined();
      if (hint === undefined) return;
      story.pass(10 * MINUTE_MS).take({ kind: 'give_up', item: hint });
      expect(story.last.agenda).toEqual([]);
      expect(alarms(story)).toEqual([]);
      expect(story.status).toBe('resubmission_required');
      story.sees(journeySnapshot({ manualDecision: 'Resubmission Requested' }));
      expect(story.status).toBe('resubmission_required');
    },
  );

  test('half of the steps that were asked for is not yet newer steps in', () => {
    const story = seen(asked);
    story.hears('finished_step');
    story.sees(journeySnapshot(redone));
    expect(story.status).toBe('resubmission_required');
    story.app('journey_submitted');
    expect(story.status).toBe('under_review');
  });

  test('half of the steps and the late word of the first round are not yet newer steps in', () => {
    const story = seen(asked);
    for (const _time of [1, 2]) story.hears('finished_user_steps', { eventId: 'first' });
    story.sees(journeySnapshot(redone));
    expect(story.status).toBe('resubmission_required');
  });

  test('over newer steps whose result is not there an approval on record stands', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    story.app('journey_submitted');
    story.sees(journeySnapshot({ ...REFER, manualDecision: 'Approved', pictures: 'pictures-2' }));
    expect(standing(story)).toMatchObject({ status: 'approved', ground: 'approval_stands' });
    story.sees(journeySnapshot({ ...REFER, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
  });

  test('a result over newer steps that never comes ends in an alarm, and the next event takes it up again', () => {
    const story = seen(asked);
    story.app('journey_submitted');
    story.sees(journeySnapshot(redone));
    const [item] = story.waiting('second_look');
    if (item !== undefined) story.pass(DEFAULT_POLICY.look.giveUpMs).take({ kind: 'give_up', item });
    expect(alarms(story)).toEqual(['result_overdue']);
    expect(story.last.agenda).toEqual([]);
    story.hears('updated_journey', { action: 'Step Update' });
    expect(story.waiting('look')).toHaveLength(1);
    story.sees(journeySnapshot(redone));
    const [again] = story.waiting('second_look');
    expect(Date.parse(again?.giveUpAt ?? '') - Date.parse(story.now)).toBeGreaterThan(24 * 60 * MINUTE_MS);
    expect(Date.parse(again?.nextAttemptAt ?? '') - Date.parse(story.now)).toBeLessThanOrEqual(5_000);
  });

  test('a new result over newer steps is judged by the rows below, though the old request still stands in it', () => {
    const story = seen(asked);
    story.sees(journeySnapshot({ manualDecision: 'Resubmission Requested', pictures: 'pictures-2' }));
    expect(story.status).toBe('approved');
  });

  test('a new result without newer steps leaves the request as it is', () => {
    const story = seen(asked);
    story.sees(journeySnapshot({ manualDecision: 'Resubmission Requested' }));
    expect(story.status).toBe('resubmission_required');
  });

  test('a capture rule that fails again in the new result asks again', () => {
    const wishes = { systemDecision: 'Refer', rules: { unrecognized_document: 'Failed' } };
    const story = seen(wishes);
    story.app('journey_submitted');
    story.sees(journeySnapshot({ ...wishes, pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' }));
    expect(standing(story)).toMatchObject({ status: 'resubmission_required', ground: 'capture_failed' });
  });

  test('a manual decision outlives a new result as long as the steps are the same', () => {
    const story = seen({ ...REFER, manualDecision: 'Rejected' });
    story.sees(journeySnapshot({ manualDecision: 'Rejected', endTime: '2026-01-01T10:00:00.000Z' }));
    expect(story.status).toBe('rejected');
  });

  test('Rejected stands as long as IDWise says so, also over a newer result whose occasion we may have missed', () => {
    const story = seen({ ...REFER, manualDecision: 'Rejected' });
    const later = { manualDecision: 'Rejected', pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' };
    story.sees(journeySnapshot(later));
    expect(story.status).toBe('rejected');
    story.sees(journeySnapshot({ ...later, manualDecision: null }));
    expect(story.status).toBe('approved');
  });

  test('Approved over a newer result that the system refers goes to a human, with an alarm', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    const wishes = { ...REFER, manualDecision: 'Approved', pictures: 'pictures-2' };
    story.sees(journeySnapshot({ ...wishes, endTime: '2026-01-01T10:00:00.000Z' }));
    expect(story.status).toBe('under_review');
    expect(alarms(story)).toEqual(['outdated_approval']);
    const passed = seen({ ...REFER, manualDecision: 'Approved' });
    passed.sees(journeySnapshot({ manualDecision: 'Approved', pictures: 'pictures-2' }));
    expect(passed.status).toBe('approved');
    expect(alarms(passed)).toEqual([]);
  });

  test('no word of the app and no event undoes a decision', () => {
    for (const [manualDecision, status] of [
      ['Approved', 'approved'],
      ['Rejected', 'rejected'],
    ] as const) {
      const story = seen({ ...REFER, manualDecision });
      story.app('journey_started');
      story.app('journey_submitted');
      story.app('journey_cancelled');
      for (const kind of [
        'finished_step',
        'finished_user_steps',
        'finished_journey',
        'manually_reviewed',
      ] as const)
        story.hears(kind, { manualDecision: 'Approved' });
      story.hears('updated_journey', { action: 'Step Update' });
      story.hears('verification_update_required', { trigger: 'Manual Review' });
      expect(story.status).toBe(status);
    }
  });

  test('after a cancelled journey the status stays in_progress', () => {
    const story = new CustomerStory();
    story.app('journey_started');
    story.app('journey_cancelled');
    expect(story.status).toBe('in_progress');
    story.sees(openSnapshot());
    expect(story.status).toBe('in_progress');
  });
});

describe('AML after approval', () => {
  /** Takes what is fetched after an approval; expects that the customer sees no change and that the approval stands. */
  function unseen(story: CustomerStory, wishes: SnapshotWishes = {}) {
    const { view } = story;
    const approval = story.facts.approval;
    story.sees(amlHitSnapshot(wishes));
    expect(story.view).toBe(view);
    expect(story.facts.approval).toBe(approval);
    return story;
  }
  const told = (story: CustomerStory) => story.effects.filter(({ kind }) => kind === 'aml_changed').length;

  test('system Refer by AML only changes nothing that the customer can see; compliance is told', () => {
    const story = seen({});
    story.hears('aml_monitor_update', { amlVersion: 1 });
    unseen(story);
    expect(told(story)).toBe(1);
  });

  test('it is the same when no event, but a sweep or a replay, brought the look about', () => {
    const story = unseen(seen({}));
    expect(story.waiting('aml_versions')).toHaveLength(1);
    story.take({
      kind: 'aml_versions',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'stored', highest: 1, complete: true },
    });
    expect(told(story)).toBe(1);
    unseen(story);
    expect(told(story)).toBe(1);
  });

  test('system Rejected by AML only changes nothing either', () => {
    unseen(seen({}), { systemDecision: 'Rejected' });
  });

  test('neither do matches that are removed or amended, nor AML that waits for a new search', () => {
    const story = unseen(seen({}));
    unseen(story, { aml: { openMatches: 2, digest: 'two-matches' } });
    unseen(story, { systemDecision: 'Complete', aml: { applicability: 'Not Ready Yet' }, rules: {} });
    const { view } = story;
    story.pass(24 * 60 * MINUTE_MS).take({ kind: 'clock' });
    expect(story.view).toBe(view);
    unseen(story, { aml: { openMatches: 1, digest: 'another-match' } });
    story.sees(journeySnapshot());
    expect(story.view).toBe(view);
  });

  test('AML’s rule failed though the system’s decision did not follow: the customer sees nothing', () => {
    unseen(seen({}), { systemDecision: 'Complete' });
    const other = seen({});
    other.sees(
      amlHitSnapshot({
        systemDecision: 'Complete',
        rules: { under_age: 'Failed', no_aml_records: 'Failed' },
      }),
    );
    expect(standing(other)).toMatchObject({ status: 'under_review', ground: 'checks_not_passed' });
  });

  test('another person, or a check that the policy wants and that is gone, is more than AML', () => {
    const governmentFace = { ...DEFAULT_POLICY.requiredChecks, governmentFace: 'always' as const };
    const faceless = seen({ governmentFaceMatched: true }, { requiredChecks: governmentFace });
    faceless.sees(amlHitSnapshot());
    expect(faceless.status).toBe('under_review');
    const story = seen({});
    story.sees(
      journeySnapshot({
        journeyId: 'earlier',
        startTime: '2025-01-01T00:00:00.000Z',
        identity: { ...journeySnapshot().identity, birthDate: 'born-2' },
      }),
    );
    story.sees(amlHitSnapshot());
    expect(story.status).toBe('under_review');
  });

  test('an AML version from before the approval excuses no later Refer', () => {
    const story = new CustomerStory();
    story.hears('aml_monitor_update', { amlVersion: 3 });
    story.sees(journeySnapshot());
    expect(story.status).toBe('approved');
    story.sees(journeySnapshot({ systemDecision: 'Refer' }));
    expect(story.status).toBe('under_review');
  });

  test('an approval by hand stands in the same way', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    unseen(story, { ...REFER, manualDecision: 'Approved', aml: { openMatches: 1, digest: 'one-match' } });
    expect(story.last.judgement.ground).toBe('manual_decision');
  });

  test('an approval by hand stands when IDWise takes the decision back on the ground of AML', () => {
    const failed = { document_validation: 'Failed', no_aml_records: 'Failed' };
    unseen(seen({ ...REFER, manualDecision: 'Approved' }), { rules: failed });
  });

  test('what a human forgave is not forgiven of newer steps, whatever AML does', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    const failed = { document_validation: 'Failed', no_aml_records: 'Failed' };
    story.sees(
      amlHitSnapshot({ rules: failed, pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' }),
    );
    expect(story.status).toBe('under_review');
    const passed = seen({ ...REFER, manualDecision: 'Approved' });
    unseen(passed, { pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' });
  });

  test('AML together with another check that worsened is a matter for a human', () => {
    for (const wishes of [
      { documents: [documentOutcome({ passed: false })] },
      { selfie: { status: 'Refer', live: true, livenessStatusCode: null } },
      { rules: { expired_document: 'Failed', no_aml_records: 'Failed' } },
      { governmentFaceMatched: false },
    ]) {
      const story = seen({});
      story.sees(amlHitSnapshot(wishes));
      expect(standing(story)).toMatchObject({ status: 'under_review', ground: 'referred' });
      expect(story.facts.approval).toBeNull();
    }
  });

  test('Refer though AML is as it was is a matter for a human', () => {
    const story = seen({});
    story.sees(journeySnapshot({ systemDecision: 'Refer' }));
    expect(story.status).toBe('under_review');
  });

  test('without a recorded approval AML’s Refer is a Refer', () => {
    const story = new CustomerStory();
    story.sees(amlHitSnapshot());
    expect(story.status).toBe('under_review');
  });

  test('a later manual decision changes the status, with a reason that does not name AML', () => {
    const story = unseen(seen({}));
    story.sees(amlHitSnapshot({ manualDecision: 'Rejected' }));
    expect(story.status).toBe('rejected');
    expect(JSON.stringify(story.view)).not.toMatch(/aml|sanction|compliance|fraud/i);
  });
});

describe('our own holds', () => {
  const under = (wishes: SnapshotWishes, changes: Partial<CustomerFacts>, policy: Partial<Policy> = {}) => {
    const story = seen(wishes, policy);
    const { status, access, finding } = judge({ ...story.facts, ...changes }, story.context, story.now);
    return { status, access, finding };
  };

  test('a hold makes every status but rejected and closed suspended, without access', () => {
    for (const hold of ['renewal', 'compliance'] as const) {
      expect(under({}, { holds: [hold] })).toEqual({
        status: 'suspended',
        access: 'none',
        finding: 'approved',
      });
      expect(under(REFER, { holds: [hold] })).toMatchObject({ status: 'suspended', access: 'none' });
      expect(under({ manualDecision: 'Rejected' }, { holds: [hold] })).toMatchObject({ status: 'rejected' });
    }
  });

  test('closed outranks everything', () => {
    const closedAt = '2026-01-01T12:00:00.000Z';
    for (const wishes of [{}, { manualDecision: 'Rejected' }])
      expect(under(wishes, { holds: ['compliance'], closedAt })).toMatchObject({
        status: 'closed',
        access: 'none',
      });
  });

  test('a decision of IDWise neither ends a hold nor, lifted, is lost', () => {
    const story = seen(REFER);
    story.facts = { ...story.facts, holds: ['compliance'] };
    story.take({ kind: 'clock' });
    story.sees(journeySnapshot({ manualDecision: 'Approved' }));
    expect(story.status).toBe('suspended');
    expect(story.facts.holds).toEqual(['compliance']);
    story.facts = { ...story.facts, holds: [] };
    story.take({ kind: 'clock' });
    expect(story.status).toBe('approved');
  });

  test('what needs a human raises its alarm, once, though a hold covers it', () => {
    const story = seen({});
    story.facts = { ...story.facts, holds: ['compliance'] };
    story.take({ kind: 'clock' });
    for (let i = 0; i < 2; i += 1) story.sees(journeySnapshot({ systemDecision: 'Whatever' }));
    expect(alarms(story)).toEqual(['unknown_decision']);
  });

  test('access is the lowest that applies', () => {
    const access = { ...DEFAULT_POLICY.access, suspended: 'limited' as const };
    expect(under({}, { holds: ['renewal'] }, { access })).toMatchObject({ access: 'limited' });
    expect(under(openSnapshot(), { holds: ['renewal'] }, { access })).toMatchObject({ access: 'none' });
    const lenient = { ...DEFAULT_POLICY.access, rejected: 'limited' as const, closed: 'limited' as const };
    const rejected = { manualDecision: 'Rejected' };
    expect(under(rejected, {}, { access: lenient })).toMatchObject({ access: 'limited' });
    const held = { holds: ['compliance' as const] };
    expect(under(rejected, held, { access: lenient })).toMatchObject({ status: 'rejected', access: 'none' });
    const closed = { ...held, closedAt: '2026-01-01T12:00:00.000Z' };
    expect(under({}, closed, { access: lenient })).toMatchObject({ status: 'closed', access: 'none' });
  });
});

test.each(['constructor', '__proto__', 'toString', 'a.b', '$where'])(
  'a journey whose id is %j is a journey like any other',
  (journeyId) => {
    const story = new CustomerStory();
    story.app('journey_submitted', journeyId);
    expect(story.status).toBe('pending_verification');
    story.hears('aml_monitor_update', { journeyId, amlVersion: 1 });
    story.sees(journeySnapshot({ journeyId }));
    expect(story.last.judgement).toMatchObject({ status: 'approved', journeyId });
    expect(JSON.parse(JSON.stringify(story.facts))).toEqual(story.facts);
  },
);
