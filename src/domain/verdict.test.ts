import { describe, expect, test } from '@jest/globals';
import { CustomerStory, seen } from '../../test/builders/customer-story.js';
import { journeySnapshot, openSnapshot, REFER } from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY } from './policy.js';

const MINUTE_MS = 60_000;

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
        expect(story.stands).toMatchObject({ status: 'under_review', ground: 'newer_steps_in' });
        expect(story.waiting('second_look')).toHaveLength(1);
        story.sees(journeySnapshot({ pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' }));
        expect(story.status).toBe('approved');
        expect(story.waiting('second_look')).toEqual([]);
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
      expect(story.waiting('second_look')).toEqual([]);
      expect(story.alarms).toEqual([]);
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
    expect(story.stands).toMatchObject({ status: 'approved', ground: 'approval_stands' });
    story.sees(journeySnapshot({ ...REFER, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
  });

  test('a result over newer steps that never comes ends in an alarm, and the next event takes it up again', () => {
    const story = seen(asked);
    story.app('journey_submitted');
    story.sees(journeySnapshot(redone));
    const [item] = story.waiting('second_look');
    if (item !== undefined) story.pass(DEFAULT_POLICY.look.giveUpMs).take({ kind: 'give_up', item });
    expect(story.alarms).toEqual(['result_overdue']);
    expect(story.waiting('second_look')).toEqual([]);
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
    expect(story.stands).toMatchObject({ status: 'resubmission_required', ground: 'capture_failed' });
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
    expect(story.alarms).toEqual(['outdated_approval']);
    const passed = seen({ ...REFER, manualDecision: 'Approved' });
    passed.sees(journeySnapshot({ manualDecision: 'Approved', pictures: 'pictures-2' }));
    expect(passed.status).toBe('approved');
    expect(passed.alarms).toEqual([]);
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
