import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { journeySnapshot, openSnapshot, REFER } from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';

const DAY_MS = 86_400_000;
const ASKED = { ...REFER, manualDecision: 'Resubmission Requested' };

const customer = (policy: Partial<Policy> = {}) =>
  new CustomerStory(decisionContext({ ...DEFAULT_POLICY, ...policy }));

/** A customer who has begun and has steps to do. */
function begun(policy: Partial<Policy> = {}): CustomerStory {
  const story = customer(policy);
  story.app('journey_started');
  story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
  return story;
}

describe('reminders', () => {
  test.each([
    ['never started', () => customer()],
    ['has steps to do', () => begun()],
    [
      'cancelled',
      () => {
        const story = begun();
        story.app('journey_cancelled');
        story.sees(openSnapshot({ userStepsIn: false }));
        return story;
      },
    ],
    [
      'is to do steps again',
      () => {
        const story = customer();
        story.sees(journeySnapshot(ASKED));
        return story;
      },
    ],
  ])('come spaced to a customer who %s, and at most as many as the policy allows', (_who, begin) => {
    const story = begin();
    const { now } = story;
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAfter(now)).toEqual([1, 4, 7]);
    expect(story.effects).toContainEqual({
      kind: 'reminded',
      matter: expect.any(String),
      number: 3,
      of: 3,
    });
  });

  test('change nothing that the customer sees', () => {
    const story = begun();
    const { view } = story;
    story.livesOn(8 * DAY_MS);
    expect(story.remindedAt).toHaveLength(3);
    expect(story.view).toBe(view);
  });

  test('stop when the wait ends', () => {
    const story = begun({ expiry: { ...DEFAULT_POLICY.expiry, afterMs: 4 * DAY_MS } });
    const { now } = story;
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAfter(now)).toEqual([1]);
  });

  test('are put off by each sign of life, and counted anew for whoever walks away again', () => {
    const story = begun();
    const { now } = story;
    story.livesOn(8 * DAY_MS);
    expect(story.remindedAfter(now)).toEqual([1, 4, 7]);
    story.livesOn(2 * DAY_MS).hears('finished_step');
    story.sees(openSnapshot({ userStepsIn: false, pictures: 'pictures-2' }));
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAfter(now)).toEqual([1, 4, 7, 11, 14, 17]);
  });

  test('do not reach a customer who is at it day by day', () => {
    const story = begun();
    for (let day = 0; day < 20; day += 1) {
      story.livesOn(DAY_MS - 60_000).hears('finished_step');
      story.sees(openSnapshot({ userStepsIn: false, pictures: `pictures-${day}` }));
    }
    expect(story.remindedAt).toEqual([]);
  });

  test('do not nag while the steps that were asked for are being done or checked', () => {
    const story = customer();
    story.sees(journeySnapshot(ASKED));
    story.livesOn(DAY_MS - 60_000).hears('finished_step');
    story.sees(journeySnapshot({ ...ASKED, pictures: 'half' }));
    story.livesOn(DAY_MS - 60_000);
    expect(story.remindedAt).toEqual([]);
    story.app('journey_submitted');
    story.sees(journeySnapshot({ ...ASKED, pictures: 'all' }));
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAt).toEqual([]);
  });

  test('are held back while IDWise owes an answer: an idle customer may have done all there was to do', () => {
    for (const event of ['finished_journey', 'finished_user_steps'] as const) {
      const story = begun();
      story.hears(event);
      story.looks({ kind: 'unavailable', code: 'timeout', retryAfterMs: null });
      story.livesOn(20 * DAY_MS);
      expect(story.remindedAt).toEqual([]);
    }
    const unseen = customer();
    unseen.hears('finished_step');
    unseen.livesOn(20 * DAY_MS);
    expect(unseen.status).toBe('created');
    expect(unseen.remindedAt).toEqual([]);
  });

  test('reach nobody who is held or closed', () => {
    for (const changes of [
      { holds: ['compliance' as const] },
      { holds: ['renewal' as const] },
      { closedAt: '2026-01-01T10:00:00.000Z' },
    ]) {
      const story = begun();
      story.facts = { ...story.facts, ...changes };
      story.take({ kind: 'clock' });
      story.livesOn(20 * DAY_MS);
      expect(story.remindedAt).toEqual([]);
    }
  });

  test('reach nobody who has nothing to do', () => {
    for (const wishes of [
      {},
      REFER,
      { systemDecision: 'Rejected' },
      { aml: { applicability: 'Not Ready Yet' } },
    ]) {
      const story = customer();
      story.sees(journeySnapshot(wishes));
      story.livesOn(20 * DAY_MS);
      expect(story.remindedAt).toEqual([]);
    }
    const submitted = begun();
    submitted.app('journey_submitted');
    submitted.sees(openSnapshot({ userStepsIn: true }));
    submitted.livesOn(20 * DAY_MS);
    expect(submitted.remindedAt).toEqual([]);
  });

  test('that fell due while the worker was away come once, not all at once', () => {
    const story = begun();
    const { now } = story;
    story.pass(10 * DAY_MS).take({ kind: 'remind' });
    expect(story.remindedAt).toHaveLength(1);
    story.take({ kind: 'remind' });
    expect(story.remindedAt).toHaveLength(1);
    story.livesOn(19 * DAY_MS);
    expect(story.remindedAfter(now)).toEqual([10, 13, 16]);
  });

  test('of which the worker hears only after the wait has ended are not sent', () => {
    const story = begun();
    story.pass(40 * DAY_MS).take({ kind: 'remind' });
    expect(story.status).toBe('expired');
    expect(story.remindedAt).toEqual([]);
  });

  test('can be turned off', () => {
    const story = begun({ reminders: { ...DEFAULT_POLICY.reminders, most: 0 } });
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAt).toEqual([]);
    expect(story.status).toBe('expired');
  });

  test('begin anew for a customer who was taken back', () => {
    const story = customer();
    story.livesOn(10 * DAY_MS);
    const asked = { actor: 'ops', reason: 'asked' };
    story.take({ kind: 'close', ...asked });
    story.pass(100 * DAY_MS).take({ kind: 'reopen', ...asked });
    const { now } = story;
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAfter(now).filter((days) => days > 0)).toEqual([1, 4, 7]);
  });
});
