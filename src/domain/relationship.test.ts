import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { amlHitSnapshot, journeySnapshot, openSnapshot } from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY } from './policy.js';

const DAY_MS = 86_400_000;
const asked = { actor: 'ops-anna', reason: 'the customer left' };

const customer = () => new CustomerStory(decisionContext(DEFAULT_POLICY));

function closed(): CustomerStory {
  const story = customer();
  story.sees(journeySnapshot());
  story.take({ kind: 'close', ...asked });
  return story;
}

describe('a customer who is off-boarded', () => {
  test('is closed without access, on record by whom and why', () => {
    const story = closed();
    expect(story.view).toMatchObject({ status: 'closed', access: 'none', nextSteps: [], dueAt: null });
    expect(story.effects).toContainEqual({ kind: 'closed', ...asked });
    expect(story.last.agenda).toEqual([]);
  });

  test('stays closed, whatever comes: it is on record, raises a notice, and changes nothing', () => {
    const story = closed();
    const { facts, view } = story;
    const count = story.effects.length;
    story.hears('kyc_renewal_deadline_exceeded');
    story.hears('manually_reviewed', { manualDecision: 'Rejected' });
    story.app('journey_started', 'journey-2');
    expect(story.facts).toBe(facts);
    expect(story.view).toBe(view);
    expect(story.last).toMatchObject({ processed: ['inbox-3'], agenda: [] });
    expect(story.effects.slice(count)).toEqual(
      ['inbox-1', 'inbox-2', 'inbox-3'].flatMap((cause) => [
        { kind: 'late_events', causes: [cause] },
        { kind: 'alarm', code: 'event_after_close', journeyId: null },
      ]),
    );
  });

  test('is left alone by what was under way: an answer, a call, a reminder or a time that is up', () => {
    const story = closed();
    const { facts, view } = story;
    story.sees(amlHitSnapshot());
    story.take({ kind: 'remind' });
    story.take({ kind: 'clock' });
    story.take({ kind: 'reprocess', ...asked });
    story.take({ kind: 'completion_requested', journeyId: 'journey-1', ...asked });
    story.livesOn(1_000 * DAY_MS);
    expect(story.facts).toBe(facts);
    expect(story.view).toBe(view);
    expect(story.alarms).toEqual([]);
  });

  test('is no news where we ourselves wanted a look', () => {
    const story = closed();
    const report = {
      at: story.now,
      cause: 'sweep',
      source: 'reconciliation',
      journeyId: 'journey-1',
    } as const;
    expect(story.reports(report)).toMatchObject({ processed: ['sweep'], effects: [] });
  });

  test('leaves no report waiting for a look that is never made', () => {
    const story = customer();
    story.hears('finished_step');
    story.hears('finished_spot_check', { journeyId: null });
    expect(story.take({ kind: 'close', ...asked }).processed).toEqual(['inbox-1', 'inbox-2']);
  });

  test('raises no alarm again that was raised before, neither by closing nor by taking back', () => {
    const story = customer();
    story.sees(journeySnapshot({ systemDecision: 'Whatever' }));
    story.take({ kind: 'close', ...asked });
    story.take({ kind: 'reopen', ...asked });
    expect(story.alarms).toEqual(['unknown_decision']);
  });

  test('twice is closed once', () => {
    const story = closed();
    expect(story.take({ kind: 'close', ...asked }).effects).toEqual([]);
  });
});

describe('a customer who is taken back', () => {
  test('has what they had, and every journey is looked at: what happened meanwhile was not taken in', () => {
    const story = closed();
    story.hears('manually_reviewed', { manualDecision: 'Rejected' });
    story.take({ kind: 'reopen', ...asked });
    expect(story.status).toBe('approved');
    expect(story.waiting('look')).toMatchObject([{ journeyId: 'journey-1', nextAttemptAt: story.now }]);
    story.sees(journeySnapshot({ manualDecision: 'Rejected' }));
    expect(story.status).toBe('rejected');
    expect(story.effects).toContainEqual({ kind: 'reopened', ...asked });
  });

  test('after years has the time that a new customer has', () => {
    for (const begin of [
      () => undefined,
      (story: CustomerStory) => story.sees(openSnapshot({ userStepsIn: false })),
      (story: CustomerStory) => story.sees(journeySnapshot({ manualDecision: 'Resubmission Requested' })),
    ]) {
      const story = customer();
      begin(story);
      const { status } = story;
      story.take({ kind: 'close', ...asked });
      story.livesOn(1_000 * DAY_MS).take({ kind: 'reopen', ...asked });
      expect(story.status).toBe(status);
      for (const { journeyId } of Object.values(story.facts.journeys)) {
        const { snapshot } = story.journey(journeyId);
        if (snapshot !== null) story.sees(snapshot);
      }
      story.livesOn(13 * DAY_MS);
      expect(story.status).toBe(status);
      story.livesOn(20 * DAY_MS);
      expect(story.status).toBe('expired');
    }
  });

  test('who was never closed stays as they are', () => {
    const story = customer();
    expect(story.take({ kind: 'reopen', ...asked }).effects).toEqual([]);
  });
});

describe('reprocessing', () => {
  test('looks at every journey again, also for a result that had been given up', () => {
    const story = customer();
    story.hears('finished_journey');
    story.sees(openSnapshot());
    const [item] = story.waiting('second_look');
    if (item !== undefined) story.pass(DEFAULT_POLICY.look.giveUpMs).take({ kind: 'give_up', item });
    expect(story.waiting('second_look')).toEqual([]);
    const turn = story.take({ kind: 'reprocess', ...asked });
    expect(turn.effects).toEqual([{ kind: 'reprocess_requested', ...asked }]);
    expect(story.waiting('look')).toHaveLength(1);
    story.sees(openSnapshot());
    expect(story.waiting('second_look')).toHaveLength(1);
  });
});

test('a report that wants a look at every journey ends with the last of them, once', () => {
  const story = customer();
  story.sees(journeySnapshot());
  story.sees(journeySnapshot({ journeyId: 'journey-2' }));
  story.reports({ at: story.now, cause: 'all', source: 'operator', journeyId: null });
  expect(story.waiting('look')).toHaveLength(2);
  expect(story.sees(journeySnapshot()).processed).toEqual([]);
  story.looks({ kind: 'unavailable', code: 'timeout', retryAfterMs: null }, 'journey-2');
  const [item] = story.waiting('look');
  if (item === undefined) throw new Error('No look is owed.');
  expect(story.take({ kind: 'give_up', item }).parked?.causes).toEqual(['all']);
});
