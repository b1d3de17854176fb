import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext, seen } from '../../test/builders/customer-story.js';
import { journeySnapshot, openSnapshot, REFER } from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY } from './policy.js';
import { isAnotherPerson } from './ruling-journey.js';

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

  test.each(['finished_user_steps', 'finished_journey', 'manually_reviewed', 'aml_monitor_update'] as const)(
    'a journey that only an event has named (%s) shows nowhere and rules nothing, until a fetch shows that it is theirs',
    (kind) => {
      const story = new CustomerStory(decisionContext(DEFAULT_POLICY));
      const { view } = story;
      story.hears(kind, { manualDecision: 'Approved', amlVersion: 1 });
      expect(story.view).toBe(view);
      expect(story.waiting('look')).toHaveLength(1);
      story.livesOn(86_400_000);
      expect(story.view).toBe(view);
      story.sees(journeySnapshot());
      expect(story.view).toMatchObject({ status: 'approved', journeys: [{ journeyId: 'journey-1' }] });
    },
  );

  test('a journey that only an event has named neither covers nor ends an approval', () => {
    const story = seen({});
    const { view } = story;
    story.hears('finished_user_steps', { journeyId: 'named' });
    story.looks({ kind: 'not_ours' }, 'named');
    expect(story.view).toBe(view);
    expect(story.facts.approval).not.toBeNull();
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
    expect(story.stands).toEqual({ status: 'approved', access: 'full', ground: 'approval_stands' });
  });

  test('the journey of a recorded approval rules while it is open again, whatever journeys are beside it', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot({ ...first, ...REFER }));
    story.sees(journeySnapshot(second));
    story.sees(openSnapshot({ journeyId: 'third', startTime: at(3) }));
    story.sees(openSnapshot(second));
    expect(story.last.judgement).toMatchObject({ journeyId: 'second', status: 'approved' });
  });

  test('it stands also where IDWise keeps the old approval by hand on the journey that it has opened again', () => {
    const { startTime } = journeySnapshot();
    for (const manualDecision of [null, 'Approved']) {
      const story = seen({ systemDecision: 'Refer', manualDecision: 'Approved' });
      story.app('journey_submitted');
      story.sees(openSnapshot({ startTime, manualDecision, pictures: 'pictures-2' }));
      expect(story.stands).toMatchObject({ status: 'approved', ground: 'approval_stands' });
    }
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
    expect(story.stands).toMatchObject({ status: 'approved', ground: 'approval_stands' });
    const { identity } = journeySnapshot();
    const someoneElse = new CustomerStory();
    someoneElse.sees(journeySnapshot(first));
    someoneElse.sees(journeySnapshot({ ...waiting, identity: { ...identity, birthDate: 'born-2' } }));
    expect(someoneElse.status).toBe('pending_verification');
    const [clock] = story.waiting('clock');
    expect(clock).toBeDefined();
    story.pass(DEFAULT_POLICY.amlNotReadyTimeoutMs).take({ kind: 'clock' });
    expect(story.stands).toMatchObject({ status: 'under_review', ground: 'aml_not_ready_too_long' });
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
    expect(story.stands).toMatchObject({ status: 'under_review', ground: 'another_person' });
    expect(story.alarms).toEqual(['another_person']);
  });

  test.each(['Rejected', 'Refer'] as const)(
    'a stranger’s journey that ends with %s takes no approval away but for a human to look',
    (systemDecision) => {
      const story = new CustomerStory();
      story.sees(journeySnapshot(first));
      const identity = { ...journeySnapshot().identity, birthDate: 'born-2' };
      story.sees(journeySnapshot({ ...second, systemDecision, identity }));
      expect(story.stands).toMatchObject({ status: 'under_review', ground: 'another_person' });
      expect(story.alarms).toEqual(['another_person']);
      story.sees(journeySnapshot({ ...second, systemDecision, identity, manualDecision: 'Rejected' }));
      expect(story.status).toBe('rejected');
    },
  );

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
