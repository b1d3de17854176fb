import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext, seen } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  documentOutcome,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
  REFER,
  type SnapshotWishes,
} from '../../test/builders/journey-snapshot.js';
import type { CustomerFacts } from './customer.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';
import { judge } from './status.js';

const MINUTE_MS = 60_000;

describe('the table', () => {
  test('no journey: created, no access', () => {
    expect(new CustomerStory().stands).toEqual({
      status: 'created',
      access: 'none',
      ground: 'no_journey',
    });
  });

  test.each(['Complete', 'Refer', 'Rejected', 'Incomplete', 'Whatever'])(
    'manual Approved outranks system %s',
    (systemDecision) => {
      expect(seen({ systemDecision, manualDecision: 'Approved' }).stands).toEqual({
        status: 'approved',
        access: 'full',
        ground: 'manual_decision',
      });
    },
  );

  test.each(['Complete', 'Refer', 'Rejected', 'Incomplete', 'Whatever'])(
    'manual Rejected outranks system %s',
    (systemDecision) => {
      expect(seen({ systemDecision, manualDecision: 'Rejected' }).stands).toEqual({
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
      expect(seen({ systemDecision, manualDecision: 'Resubmission Requested' }).stands).toEqual({
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
      expect(seen({ ...wishes, systemDecision }).stands).toMatchObject({
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
    expect(story.stands).toEqual({
      status: 'pending_verification',
      access: 'limited',
      ground: 'aml_not_ready',
    });
    expect(story.waiting('second_look')).toHaveLength(1);
    expect(story.waiting('clock')).toHaveLength(1);
    story.pass(DEFAULT_POLICY.amlNotReadyTimeoutMs - 2_000).take({ kind: 'clock' });
    expect(story.status).toBe('pending_verification');
    story.take({ kind: 'clock' });
    expect(story.stands).toMatchObject({ status: 'under_review', ground: 'aml_not_ready_too_long' });
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
    expect(seen({}).stands).toEqual({ status: 'approved', access: 'full', ground: 'checks_passed' });
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
    expect(seen({ flowId: 'flow-2' }).alarms).toEqual(['foreign_flow']);
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
    expect(seen(wishes).stands).toEqual({ status: 'rejected', access: 'none', ground: 'system_rejected' });
    expect(seen(wishes, { systemRejected: 'under_review' }).status).toBe('under_review');
  });

  test('system Refer: under_review', () => {
    expect(seen(REFER).stands).toEqual({ status: 'under_review', access: 'limited', ground: 'referred' });
  });

  test('system Incomplete: in_progress, and pending_verification once all user steps are submitted', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot());
    expect(story.stands).toEqual({ status: 'in_progress', access: 'none', ground: 'awaiting_user' });
    story.hears('finished_user_steps');
    expect(story.stands).toEqual({
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
    expect(story.stands).toMatchObject({ status: 'in_progress', access: 'none' });
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
      expect(story.stands).toMatchObject({ status: 'under_review', ground: 'unknown_decision' });
      expect(story.alarms).toEqual(['unknown_decision']);
      story.sees(journeySnapshot({ systemDecision, endTime: '2026-01-01T09:30:00.000Z' }));
      expect(story.alarms).toEqual(['unknown_decision']);
    },
  );
});

test.each(['Escalated', 'approved', ''])(
  'any other manual decision (%j): under_review with an alarm, whatever the system says and what was approved before',
  (manualDecision) => {
    for (const systemDecision of ['Complete', 'Refer', 'Incomplete', 'Rejected']) {
      const story = seen({});
      story.sees(amlHitSnapshot({ systemDecision, manualDecision }));
      expect(story.stands).toMatchObject({ status: 'under_review', ground: 'unknown_decision' });
      expect(story.alarms).toEqual(['unknown_decision']);
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

  test('a journey that IDWise does not know opens no access, whoever speaks of it, and leaves no trace in the end', () => {
    const story = new CustomerStory();
    story.app('journey_submitted');
    story.looks({ kind: 'unknown_journey' });
    expect(story.view).toMatchObject({ status: 'in_progress', access: 'none' });
    const [item] = story.waiting('look');
    story.pass(25 * 60 * 60_000);
    if (item !== undefined) story.take({ kind: 'give_up', item });
    expect(story.view).toMatchObject({ status: 'created', access: 'none', journeys: [] });
  });

  test('raises one alarm when it cannot be read, and one when the credentials are refused', () => {
    const story = new CustomerStory();
    for (let i = 0; i < 3; i += 1) story.looks({ kind: 'unreadable', code: 'schema' });
    for (let i = 0; i < 3; i += 1) story.looks({ kind: 'refused', code: 'http_401' });
    expect(story.alarms).toEqual(['idwise_unreadable', 'idwise_refused']);
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
    expect(story.alarms).toEqual(['unknown_decision']);
  });

  test('an alarm that was raised before is not raised again because a hold is laid over it, or lifted', () => {
    const story = seen({ systemDecision: 'Whatever' });
    for (const holds of [['compliance' as const], []]) {
      story.facts = { ...story.facts, holds };
      story.take({ kind: 'clock' });
    }
    expect(story.alarms).toEqual(['unknown_decision']);
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
