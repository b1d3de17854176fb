import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { JOURNEY_ID, journeySnapshot, openSnapshot } from '../../test/builders/journey-snapshot.js';
import { later, toMs } from './instant.js';
import type { CallOutcome, CustomStepStage } from './journey-calls.js';
import { DEFAULT_POLICY } from './policy.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Longer than both patiences together. */
const LONG_MS = 40 * MINUTE_MS;
const { userStepsTimeoutMs, faceTimeoutMs } = DEFAULT_POLICY.customStep;
const DOWN: CallOutcome = { kind: 'provider_unavailable', code: 'http_500' };

/** A journey whose user is done and whose custom step is open. */
function submitted(): CustomerStory {
  const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
  story.hears('finished_user_steps');
  story.sees(openSnapshot());
  return story;
}
const step = (story: CustomerStory) => story.waiting('custom_step')[0];
const advance = (story: CustomerStory, stage: CustomStepStage, outcome: CallOutcome) =>
  story.take({ kind: 'custom_step', journeyId: JOURNEY_ID, stage, outcome });
const said = (story: CustomerStory) =>
  story.effects.flatMap((effect) => (effect.kind === 'custom_step' ? [effect.outcome] : []));

/** Makes every move when it is due, by this answer, until the custom step is done with. Returns the moves and their times. */
function play(story: CustomerStory, answer: (stage: CustomStepStage) => CallOutcome) {
  const begun = toMs(story.journey().customStep?.since ?? '');
  const moves: { stage: CustomStepStage; afterMs: number }[] = [];
  for (let item = step(story); item !== undefined && moves.length < 200; item = step(story)) {
    const waitMs = toMs(item.nextAttemptAt) - toMs(story.now);
    if (waitMs > SECOND_MS) story.pass(waitMs - SECOND_MS);
    const stage = item.stage ?? 'await_user_steps';
    moves.push({ stage, afterMs: toMs(story.now) + SECOND_MS - begun });
    advance(story, stage, answer(stage));
  }
  return moves;
}

describe('the custom step', () => {
  test('waits for the user’s steps, sends the face, closes the step: each at once after the other', () => {
    const story = submitted();
    expect(step(story)).toMatchObject({ stage: 'await_user_steps' });
    const moves = play(story, (stage) =>
      stage === 'await_user_steps' ? { kind: 'user_steps_concluded' } : { kind: 'done' },
    );
    expect(moves.map(({ stage }) => stage)).toEqual(['await_user_steps', 'send_face', 'complete']);
    expect(moves.at(-1)?.afterMs).toBeLessThanOrEqual(5 * SECOND_MS);
    expect(said(story)).toEqual(['face_sent', 'completed']);
  });

  test('is completed also when there is no face, or IDWise will not take it', () => {
    for (const [outcome, effect] of [
      [{ kind: 'no_face' }, 'face_none'],
      [{ kind: 'rejected', code: 'http_400' }, 'face_given_up'],
    ] as const) {
      const story = submitted();
      advance(story, 'await_user_steps', { kind: 'user_steps_concluded' });
      advance(story, 'send_face', outcome);
      expect(step(story)).toMatchObject({ stage: 'complete', confirmedNotDone: false });
      advance(story, 'complete', { kind: 'done' });
      expect(said(story)).toEqual([effect, 'completed']);
      expect(step(story)).toBeUndefined();
    }
  });

  test('goes on to the moment when the policy’s patience with the user’s steps ends', () => {
    const story = submitted();
    const moves = play(story, (stage) =>
      stage === 'await_user_steps' ? { kind: 'user_steps_open' } : { kind: 'done' },
    );
    const waits = moves.filter(({ stage }) => stage === 'await_user_steps');
    expect(waits.length).toBeGreaterThan(5);
    // Patience begins with the first move.
    const endsAfterMs = (waits[0]?.afterMs ?? 0) + userStepsTimeoutMs;
    expect(waits.every(({ afterMs }) => afterMs < endsAfterMs)).toBe(true);
    expect(moves.find(({ stage }) => stage === 'send_face')?.afterMs).toBe(endsAfterMs);
  });

  test.each([
    { late: 'the event comes to its turn', heldUpMs: LONG_MS, unreadMs: 0, unattendedMs: 0 },
    { late: 'IDWise can be read', heldUpMs: 0, unreadMs: LONG_MS, unattendedMs: 0 },
    { late: 'a worker is there', heldUpMs: 0, unreadMs: 0, unattendedMs: LONG_MS },
  ])('makes every move and takes its whole time for it, however late $late', (delays) => {
    const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
    story.hears('finished_user_steps', {}, later(story.now, -delays.heldUpMs));
    story.pass(delays.unreadMs).sees(openSnapshot());
    story.pass(delays.unattendedMs);
    const moves = play(story, (stage) => (stage === 'await_user_steps' ? { kind: 'user_steps_open' } : DOWN));
    const lasts = (wanted: CustomStepStage) => {
      const times = moves.filter(({ stage }) => stage === wanted).map(({ afterMs }) => afterMs);
      return Math.max(...times) - Math.min(...times);
    };
    expect(lasts('await_user_steps')).toBeGreaterThan(0.6 * userStepsTimeoutMs);
    expect(lasts('send_face')).toBeGreaterThan(0.6 * faceTimeoutMs);
  });

  test('is not completed without having asked for the face, though nobody was there when that was due', () => {
    const story = submitted();
    advance(story, 'await_user_steps', { kind: 'user_steps_concluded' });
    story.pass(LONG_MS);
    expect(step(story)).toMatchObject({ stage: 'send_face' });
    advance(story, 'send_face', DOWN);
    expect(step(story)).toMatchObject({ stage: 'complete' });
  });

  test('is completed to the moment when the policy’s patience with the provider ends', () => {
    const story = submitted();
    advance(story, 'await_user_steps', { kind: 'user_steps_concluded' });
    const concludedAt = toMs(story.now) - toMs(story.journey().customStep?.since ?? '');
    const moves = play(story, (stage) => (stage === 'complete' ? { kind: 'done' } : DOWN));
    expect(moves.at(-1)).toEqual({ stage: 'complete', afterMs: concludedAt + faceTimeoutMs });
    expect(story.journey().customStep).toMatchObject({ face: 'given_up' });
    expect(said(story)).toEqual(['face_given_up', 'completed']);
  });

  test('tries each of its moves again within 5 s, however long the one before it took', () => {
    const story = submitted();
    const failed = new Set<CustomStepStage>();
    const moves = play(story, (stage) => {
      if (stage === 'await_user_steps') return { kind: 'user_steps_open' };
      if (stage === 'send_face') return DOWN;
      if (failed.has(stage)) return { kind: 'done' };
      failed.add(stage);
      return { kind: 'unavailable', code: 'http_503' };
    });
    for (const stage of ['await_user_steps', 'send_face', 'complete'] as const) {
      const [one, two] = moves.filter((move) => move.stage === stage);
      expect((two?.afterMs ?? 0) - (one?.afterMs ?? 0)).toBeLessThanOrEqual(5 * SECOND_MS);
    }
  });

  test('in doubt waits for a look, and sends again only what the look does not show', () => {
    const story = submitted();
    advance(story, 'await_user_steps', { kind: 'user_steps_concluded' });
    advance(story, 'send_face', { kind: 'uncertain' });
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.sees(openSnapshot());
    expect(step(story)).toMatchObject({ stage: 'send_face', confirmedNotDone: true });
    advance(story, 'send_face', { kind: 'uncertain' });
    story.sees(openSnapshot({ governmentFaceMatched: true }));
    expect(step(story)).toMatchObject({ stage: 'complete', confirmedNotDone: false });
    advance(story, 'complete', { kind: 'uncertain' });
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.sees(journeySnapshot({ governmentFaceMatched: true }));
    expect(story.last.agenda).toEqual([]);
    expect(story.status).toBe('approved');
  });

  test('that IDWise will not close is read and tried again, and in the end raises an alarm', () => {
    const story = submitted();
    advance(story, 'await_user_steps', { kind: 'user_steps_concluded' });
    advance(story, 'send_face', { kind: 'done' });
    advance(story, 'complete', { kind: 'rejected', code: 'http_400' });
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.sees(openSnapshot());
    const item = step(story);
    expect(item).toMatchObject({ stage: 'complete' });
    if (item === undefined) return;
    const turn = story.pass(DEFAULT_POLICY.look.giveUpMs).take({ kind: 'give_up', item });
    expect(turn.effects).toMatchObject([{ kind: 'alarm', code: 'custom_step_gave_up' }]);
    expect(story.waiting('custom_step')).toEqual([]);
  });

  test('is left alone where none is configured, before the user is done, and once IDWise has decided', () => {
    const none = new CustomerStory();
    none.hears('finished_user_steps');
    none.sees(openSnapshot());
    expect(none.waiting('custom_step')).toEqual([]);
    const early = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
    early.app('journey_started');
    early.sees(openSnapshot());
    expect(early.last.agenda).toEqual([]);
    const decided = submitted();
    decided.sees(journeySnapshot({ governmentFaceMatched: true }));
    expect(decided.last.agenda).toEqual([]);
  });

  test('begins once, however often it is said that the user is done', () => {
    const story = submitted();
    advance(story, 'await_user_steps', { kind: 'user_steps_concluded' });
    advance(story, 'send_face', { kind: 'done' });
    story.pass(MINUTE_MS).app('journey_submitted');
    story.hears('finished_user_steps');
    story.sees(openSnapshot());
    expect(step(story)).toMatchObject({ stage: 'complete' });
  });
});

describe('a wish to close the journey', () => {
  const asks = (story: CustomerStory, actor = 'operator') =>
    story.take({ kind: 'completion_requested', journeyId: JOURNEY_ID, actor, reason: 'by phone' });
  const becomes = (story: CustomerStory, outcome: CallOutcome) =>
    story.take({ kind: 'completion', journeyId: JOURNEY_ID, outcome });
  const opened = () => {
    const story = new CustomerStory();
    story.sees(openSnapshot());
    return story;
  };
  const outcomes = (story: CustomerStory) =>
    story.effects.flatMap((effect) =>
      effect.kind === 'completion' ? [`${effect.actor} ${effect.outcome}`] : [],
    );

  test('is recorded with who asked and why, and once with how it ended', () => {
    const story = opened();
    asks(story);
    becomes(story, { kind: 'unavailable', code: 'http_503' });
    becomes(story, { kind: 'done' });
    story.sees(journeySnapshot());
    expect(outcomes(story)).toEqual(['operator requested', 'operator done']);
    expect(story.journey().completion).toMatchObject({ actor: 'operator', reason: 'by phone' });
  });

  test('while one is under way a second one changes nothing of it', () => {
    const story = opened();
    asks(story);
    becomes(story, { kind: 'unavailable', code: 'http_503' });
    const before = story.journey().completion;
    asks(story, 'policy');
    expect(story.journey().completion).toEqual(before);
  });

  test('is done with when a look shows the journey decided, whoever closed it', () => {
    const story = opened();
    asks(story);
    story.sees(journeySnapshot());
    expect(outcomes(story)).toEqual(['operator requested', 'operator done']);
    expect(story.last.agenda).toEqual([]);
  });

  test('that IDWise refuses is not called done: the journey is read, and it is tried again while it is open', () => {
    const story = opened();
    asks(story);
    becomes(story, { kind: 'rejected', code: 'http_409' });
    expect(story.journey().completion?.state).toBe('wanted');
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.sees(openSnapshot());
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['complete_journey']);
    becomes(story, { kind: 'rejected', code: 'http_409' });
    story.sees(journeySnapshot());
    expect(story.journey().completion?.state).toBe('done');
  });
});
