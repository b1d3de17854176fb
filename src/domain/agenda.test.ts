import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
} from '../../test/builders/journey-snapshot.js';
import type { AgendaItem } from './agenda.js';
import { toMs } from './instant.js';
import type { LookOutcome } from './journey.js';
import { DEFAULT_POLICY } from './policy.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DOWN: LookOutcome = { kind: 'unavailable', code: 'timeout', retryAfterMs: null };

const inMs = (story: CustomerStory, item: AgendaItem | undefined) =>
  toMs(item?.nextAttemptAt ?? '') - toMs(story.now);
const first = (story: CustomerStory) => story.last.agenda[0];

/** Passes the time until the first item is due. */
function untilDue(story: CustomerStory): AgendaItem {
  const item = first(story);
  if (item === undefined) throw new Error('Nothing waits.');
  story.pass(Math.max(inMs(story, item) - SECOND_MS, 0));
  return item;
}

describe('the agenda', () => {
  test('gives nothing up that it has not tried, however long the worker was away', () => {
    const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
    story.hears('finished_user_steps');
    expect(story.waiting('look')).toMatchObject([{ giveUpAt: null }]);
    story.sees(openSnapshot());
    expect(story.waiting('custom_step')).toMatchObject([{ giveUpAt: null }]);
    story.take({ kind: 'completion_requested', journeyId: JOURNEY_ID, actor: 'operator', reason: 'asked' });
    expect(story.waiting('complete_journey')).toMatchObject([{ giveUpAt: null }]);
    story.sees(journeySnapshot());
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(amlHitSnapshot());
    expect(story.waiting('aml_versions')).toMatchObject([{ giveUpAt: null }]);
  });

  test('of a customer of whom nothing is owed is empty', () => {
    const story = new CustomerStory();
    expect(story.last.agenda).toEqual([]);
    story.sees(journeySnapshot());
    expect(story.last.agenda).toEqual([]);
  });

  test('of a closed account is empty', () => {
    const story = new CustomerStory();
    story.hears('finished_journey');
    story.facts = { ...story.facts, closedAt: story.now };
    expect(story.take({ kind: 'clock' }).agenda).toEqual([]);
  });

  test('has the soonest first', () => {
    const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
    story.hears('finished_user_steps');
    story.looks(DOWN);
    story.pass(MINUTE_MS).hears('finished_journey', { journeyId: 'journey-2' });
    story.sees(journeySnapshot({ journeyId: 'journey-3', aml: { applicability: 'Not Ready Yet' } }));
    const times = story.last.agenda.map(({ nextAttemptAt }) => toMs(nextAttemptAt));
    expect(times.length).toBeGreaterThan(3);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('is found again from the facts alone, after a journey through JSON', () => {
    const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
    story.hears('finished_user_steps');
    story.sees(openSnapshot());
    const before = story.last.agenda;
    story.facts = JSON.parse(JSON.stringify(story.facts));
    story.pass(-SECOND_MS).take({ kind: 'clock' });
    expect(story.last.agenda).toEqual(before);
  });
});

describe('a look', () => {
  test('is tried again within 5 s, at most every 30 s for two minutes, and ever more rarely up to an hour', () => {
    const story = new CustomerStory();
    story.hears('finished_journey');
    const begun = toMs(story.now);
    let gapMs = 0;
    while (toMs(story.now) - begun < 24 * HOUR_MS) {
      const item = untilDue(story);
      expect(item.what).toBe('look');
      story.looks(DOWN);
      gapMs = inMs(story, first(story));
      expect(gapMs).toBeGreaterThan(0);
      expect(gapMs).toBeLessThanOrEqual(HOUR_MS);
      if (toMs(story.now) - begun < 10 * SECOND_MS) expect(gapMs).toBeLessThanOrEqual(5 * SECOND_MS);
      if (toMs(story.now) - begun < 90 * SECOND_MS) expect(gapMs).toBeLessThanOrEqual(30 * SECOND_MS);
    }
    expect(gapMs).toBe(HOUR_MS);
  });

  test('that has failed for hours is due at once for a fresh event, and quick again', () => {
    const story = new CustomerStory();
    story.hears('finished_user_steps');
    for (let hour = 0; hour < 10; hour += 1) story.pass(HOUR_MS).looks(DOWN);
    expect(inMs(story, first(story))).toBe(HOUR_MS);
    story.hears('finished_journey');
    expect(inMs(story, first(story))).toBeLessThanOrEqual(0);
    story.looks(DOWN);
    expect(inMs(story, first(story))).toBeLessThanOrEqual(5 * SECOND_MS);
    expect(story.sees(journeySnapshot()).processed).toEqual(['inbox-1', 'inbox-2']);
  });

  test('waits as long as IDWise asks, an hour at most, and five minutes after a refusal of our credentials', () => {
    const story = new CustomerStory();
    story.looks({ kind: 'unavailable', code: 'http_429', retryAfterMs: 90 * SECOND_MS });
    expect(inMs(story, first(story))).toBe(90 * SECOND_MS);
    story.looks({ kind: 'unavailable', code: 'http_429', retryAfterMs: 24 * HOUR_MS });
    expect(inMs(story, first(story))).toBe(HOUR_MS);
    story.hears('finished_journey');
    expect(inMs(story, first(story))).toBeGreaterThan(HOUR_MS - 5 * SECOND_MS);
    const refused = new CustomerStory();
    refused.looks({ kind: 'refused', code: 'http_401' });
    expect(inMs(refused, first(refused))).toBe(5 * MINUTE_MS);
  });

  test.each([
    [{ kind: 'unknown_journey' }, 24 * HOUR_MS, 'unknown_journey'],
    [DOWN, 7 * 24 * HOUR_MS, 'look_gave_up'],
    [{ kind: 'unreadable', code: 'schema' }, 7 * 24 * HOUR_MS, 'look_gave_up'],
    [{ kind: 'not_ours' }, 0, 'journey_not_ours'],
  ] as const)(
    'that brings %j is given up after %d ms, its events parked as %s, with an alarm',
    (outcome, ms, reason) => {
      const story = new CustomerStory();
      story.sees(journeySnapshot({ journeyId: 'journey-0' }));
      story.hears('finished_journey');
      const heardAt = toMs(story.now);
      story.looks(outcome);
      const [item] = story.waiting('look');
      expect(toMs(item?.giveUpAt ?? '') - heardAt).toBe(ms);
      if (item === undefined) return;
      const turn = story.pass(ms).take({ kind: 'give_up', item });
      expect(turn.parked).toEqual({ causes: ['inbox-1'], reason });
      expect(turn.effects).toMatchObject([
        { kind: 'parked', reason },
        { kind: 'alarm', code: reason },
      ]);
      expect(turn.agenda).toEqual([]);
      expect(story.status).toBe('approved');
      story.hears('finished_journey');
      expect(inMs(story, first(story))).toBeLessThanOrEqual(0);
      story.sees(journeySnapshot({ systemDecision: 'Refer', startTime: '2026-01-02T00:00:00.000Z' }));
      expect(story.status).toBe('under_review');
    },
  );
});

describe('a second look', () => {
  test('comes within 5 s while the journey is open though it was called finished, and ends with the result', () => {
    const story = new CustomerStory();
    story.hears('finished_journey');
    story.sees(openSnapshot());
    expect(first(story)).toMatchObject({ what: 'second_look', journeyId: JOURNEY_ID });
    expect(inMs(story, first(story))).toBeLessThanOrEqual(5 * SECOND_MS);
    story.sees(openSnapshot());
    expect(story.waiting('second_look')).toHaveLength(1);
    story.sees(journeySnapshot());
    expect(story.last.agenda).toEqual([]);
  });

  test('that fails is a look like any other, and goes on to the result', () => {
    const story = new CustomerStory();
    story.hears('finished_journey');
    story.sees(openSnapshot());
    story.looks(DOWN);
    expect(story.last.agenda).toMatchObject([{ what: 'look' }]);
    story.sees(openSnapshot());
    expect(story.last.agenda).toMatchObject([{ what: 'second_look' }]);
  });

  test('for a manual decision that only a body mentions ends after ten minutes without an alarm', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot({ systemDecision: 'Refer' }));
    story.hears('manually_reviewed', { manualDecision: 'Approved' });
    const heardAt = toMs(story.now);
    story.sees(journeySnapshot({ systemDecision: 'Refer' }));
    const [item] = story.waiting('second_look');
    expect(toMs(item?.giveUpAt ?? '') - heardAt).toBe(10 * MINUTE_MS);
    if (item === undefined) return;
    const turn = story.pass(10 * MINUTE_MS).take({ kind: 'give_up', item });
    expect(turn.agenda).toEqual([]);
    expect(turn.effects).toEqual([]);
  });

  test('for a result that never comes ends in an alarm', () => {
    const story = new CustomerStory();
    story.hears('finished_journey');
    story.sees(openSnapshot());
    const [item] = story.waiting('second_look');
    if (item === undefined) throw new Error('No second look waits.');
    const turn = story.pass(DEFAULT_POLICY.look.giveUpMs).take({ kind: 'give_up', item });
    expect(turn.effects).toEqual([{ kind: 'alarm', code: 'result_overdue', journeyId: JOURNEY_ID }]);
    expect(turn.agenda).toEqual([]);
  });
});

describe('the clock', () => {
  test('is on the agenda only while it alone will change the judgement', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot({ aml: { applicability: 'Not Ready Yet' } }));
    const [clock] = story.waiting('clock');
    expect(inMs(story, clock)).toBe(DEFAULT_POLICY.amlNotReadyTimeoutMs);
    story.pass(DEFAULT_POLICY.amlNotReadyTimeoutMs).take({ kind: 'clock' });
    expect(story.waiting('clock')).toEqual([]);
  });
});

describe('AML versions', () => {
  test('are read from the first that is not stored up to the one that was heard of', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    story.hears('aml_monitor_update', { amlVersion: 3 });
    story.sees(amlHitSnapshot());
    expect(story.last.agenda).toMatchObject([
      { what: 'aml_versions', nextAttemptAt: story.now, versions: { from: 1, to: 3 } },
    ]);
    const read = (highest: number, complete: boolean) =>
      story.take({
        kind: 'aml_versions',
        journeyId: JOURNEY_ID,
        outcome: { kind: 'stored', highest, complete },
      });
    expect(read(2, false).agenda).toMatchObject([{ versions: { from: 3, to: 3 } }]);
    expect(inMs(story, first(story))).toBeGreaterThan(0);
    expect(read(3, true).agenda).toMatchObject([
      { nextAttemptAt: story.now, versions: { from: 4, to: null } },
    ]);
    expect(read(3, true).agenda).toEqual([]);
  });
});

describe('closing a journey', () => {
  const asks = (story: CustomerStory) =>
    story.take({
      kind: 'completion_requested',
      journeyId: JOURNEY_ID,
      actor: 'operator',
      reason: 'by phone',
    });
  const becomes = (story: CustomerStory, kind: 'uncertain' | 'done') =>
    story.take({ kind: 'completion', journeyId: JOURNEY_ID, outcome: { kind } });

  test.each(['complete-journey', 'complete-custom-step'] as const)(
    'uses the call that the policy wants: %s',
    (call) => {
      const story = new CustomerStory(
        decisionContext({ completeJourney: { ...DEFAULT_POLICY.completeJourney, call } }),
      );
      story.sees(openSnapshot());
      expect(asks(story).agenda).toMatchObject([
        { what: 'complete_journey', operation: call, confirmedNotDone: false, nextAttemptAt: story.now },
      ]);
    },
  );

  test('in doubt waits until the journey has been read, and then says that it has', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot());
    asks(story);
    becomes(story, 'uncertain');
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.looks(DOWN);
    story.pass(MINUTE_MS).take({ kind: 'clock' });
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.sees(openSnapshot());
    expect(story.waiting('complete_journey')).toMatchObject([{ confirmedNotDone: true }]);
    becomes(story, 'uncertain');
    story.sees(journeySnapshot());
    expect(story.last.agenda).toEqual([]);
    expect(story.journey().completion?.state).toBe('done');
  });

  test('that IDWise never does is given up after the policy’s time, with an alarm', () => {
    const story = new CustomerStory();
    story.sees(openSnapshot());
    asks(story);
    const askedAt = toMs(story.now);
    story.take({
      kind: 'completion',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'unavailable', code: 'http_500' },
    });
    const [item] = story.waiting('complete_journey');
    expect(toMs(item?.giveUpAt ?? '') - askedAt).toBe(DEFAULT_POLICY.completeJourney.giveUpMs);
    if (item === undefined) return;
    const turn = story.take({ kind: 'give_up', item });
    expect(turn.effects).toMatchObject([{ kind: 'alarm', code: 'completion_gave_up' }]);
    expect(turn.agenda).toEqual([]);
  });

  test('after silence comes by the policy alone, counted from the last sign, and once', () => {
    const afterSilenceMs = 2 * HOUR_MS;
    const story = new CustomerStory(
      decisionContext({ completeJourney: { ...DEFAULT_POLICY.completeJourney, afterSilenceMs } }),
    );
    story.app('journey_started');
    story.sees(openSnapshot());
    for (let step = 0; step < 3; step += 1) {
      story.pass(90 * MINUTE_MS).hears('finished_step');
      const heardAt = story.now;
      story.sees(openSnapshot());
      const [item] = story.waiting('close_silent_journey');
      expect(toMs(item?.nextAttemptAt ?? '') - toMs(heardAt)).toBe(afterSilenceMs);
    }
    story.pass(afterSilenceMs);
    asks(story);
    expect(story.waiting('close_silent_journey')).toEqual([]);
    becomes(story, 'done');
    expect(story.last.agenda).toEqual([]);
    const without = new CustomerStory();
    without.app('journey_started');
    without.sees(openSnapshot());
    expect(without.last.agenda).toEqual([]);
  });
});
