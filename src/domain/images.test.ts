import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { JOURNEY_ID, journeySnapshot, openSnapshot } from '../../test/builders/journey-snapshot.js';
import type { ImagesOutcome } from './images.js';
import { later, toMs } from './instant.js';
import { DEFAULT_POLICY, type ImageKind } from './policy.js';

const STORED: ImagesOutcome = { kind: 'stored', stored: 2 };
const DOWN: ImagesOutcome = { kind: 'trouble', stored: 0, code: 'unavailable:timeout', retryAfterMs: null };
const MB = 1024 * 1024;

const context = (store: 'none' | readonly ImageKind[] = ['selfie', 'document_front'], mostBytes = 10 * MB) =>
  decisionContext({ images: { store, mostBytes } });
const finished = (imagesDigest = 'images-1') => journeySnapshot({ imagesDigest });

function approved(of = context()): CustomerStory {
  const story = new CustomerStory(of);
  story.sees(finished());
  return story;
}

/** An attempt at what the agenda wants now brings this. */
function attempts(story: CustomerStory, outcome: ImagesOutcome) {
  const [item] = story.waiting('images');
  if (item === undefined) throw new Error('No images are wanted.');
  return story.take({
    kind: 'images',
    journeyId: JOURNEY_ID,
    answerDigest: item.answerDigest ?? '',
    outcome,
  });
}

/** Time passes until the images' item is due; at its end it is given up as the workflow does. */
function untilGivenUp(story: CustomerStory): void {
  for (;;) {
    const [item] = story.waiting('images');
    if (item === undefined) return;
    story.pass(Math.max(toMs(item.nextAttemptAt) - toMs(story.now), 0));
    if (item.giveUpAt !== null && toMs(item.giveUpAt) <= toMs(story.now))
      story.take({ kind: 'give_up', item });
    else attempts(story, DOWN);
  }
}

const alarms = (story: CustomerStory) =>
  story.effects.flatMap((effect) => (effect.kind === 'alarm' ? [effect.code] : []));

describe('images are wanted', () => {
  test('of a finished journey, of the answer as it is now, and no longer once all are stored', () => {
    const story = new CustomerStory(context());
    story.sees(openSnapshot({ imagesDigest: 'images-1' }));
    expect(story.waiting('images')).toEqual([]);
    story.sees(finished());
    expect(story.waiting('images')).toMatchObject([
      {
        journeyId: JOURNEY_ID,
        answerDigest: finished().answerDigest,
        nextAttemptAt: story.now,
        giveUpAt: null,
      },
    ]);
    attempts(story, STORED);
    expect(story.waiting('images')).toEqual([]);
    expect(story.effects).toContainEqual({ kind: 'images_stored', journeyId: JOURNEY_ID, count: 2 });
  });

  test.each([['none' as const], [[]]])('never where the policy stores none: %j', (store) => {
    expect(approved(context(store)).waiting('images')).toEqual([]);
    expect(DEFAULT_POLICY.images.store).toBe('none');
  });

  test('anew when the journey shows other images, and not when anything else of it changed', () => {
    const story = approved();
    attempts(story, STORED);
    story.sees(journeySnapshot({ imagesDigest: 'images-1', manualDecision: 'Approved' }));
    expect(story.waiting('images')).toEqual([]);
    story.sees(finished('images-2'));
    expect(story.waiting('images')).toHaveLength(1);
  });

  test('anew when the policy names other kinds or allows larger ones, whatever the order of the kinds', () => {
    const story = approved();
    attempts(story, STORED);
    const under = (of: ReturnType<typeof context>) => {
      const other = new CustomerStory(of);
      other.facts = story.facts;
      other.take({ kind: 'clock' });
      return other.waiting('images');
    };
    expect(under(context(['document_front', 'selfie']))).toEqual([]);
    expect(under(context(['document_front', 'selfie', 'profile']))).toHaveLength(1);
    expect(under(context(undefined, 20 * MB))).toHaveLength(1);
    expect(under(context('none'))).toEqual([]);
  });

  test('only after a look that is owed, and after everything else that is due', () => {
    const story = approved();
    story.hears('updated_journey');
    expect(story.last.agenda.map(({ what }) => what)).toEqual(['look']);
    story.sees(finished());
    story.app('journey_started', 'journey-2');
    expect(story.last.agenda.map(({ what }) => what).slice(0, 2)).toEqual(['look', 'images']);
  });

  test('of nobody who is off-boarded', () => {
    const story = approved();
    story.take({ kind: 'close', actor: 'operator', reason: 'left' });
    expect(story.waiting('images')).toEqual([]);
  });
});

describe('an attempt', () => {
  test('that stored as many as one may goes on at once', () => {
    const story = approved();
    attempts(story, { kind: 'partly_stored', stored: 5 });
    expect(story.waiting('images')).toMatchObject([{ nextAttemptAt: story.now }]);
    expect(alarms(story)).toEqual([]);
  });

  test('that failed is repeated on the ladder, and not before the pause that IDWise asked for', () => {
    const story = approved();
    attempts(story, DOWN);
    expect(story.waiting('images')).toMatchObject([{ nextAttemptAt: later(story.now, 3_000) }]);
    attempts(story, { ...DOWN, retryAfterMs: 60_000 });
    expect(story.waiting('images')).toMatchObject([{ nextAttemptAt: later(story.now, 60_000) }]);
  });

  test('changes nothing that the customer sees', () => {
    const story = approved();
    const { view } = story;
    attempts(story, DOWN);
    attempts(story, STORED);
    expect(story.view).toEqual(view);
  });

  test('at the images of an answer that is no longer the present one settles nothing', () => {
    const story = approved();
    story.take({ kind: 'images', journeyId: JOURNEY_ID, answerDigest: 'an older answer', outcome: STORED });
    expect(story.waiting('images')).toHaveLength(1);
  });

  test.each([
    ['refused:invalid_credentials', 'idwise_refused'],
    ['unreadable:not_an_image', 'idwise_unreadable'],
  ])('that meets %s raises the alarm %s once and is repeated', (code, alarm) => {
    const story = approved();
    attempts(story, { ...DOWN, code });
    attempts(story, { ...DOWN, code });
    expect(alarms(story)).toEqual([alarm]);
    expect(story.waiting('images')).toHaveLength(1);
  });

  test('that met images which are too large is the last one, with an alarm, until the policy allows larger ones', () => {
    const story = approved();
    attempts(story, { kind: 'unstorable', stored: 1 });
    expect(alarms(story)).toEqual(['images_gave_up']);
    story.hears('updated_journey');
    story.sees(finished());
    expect(story.waiting('images')).toEqual([]);
  });
});

describe('images that cannot be had', () => {
  test('are given up after the time that the policy gives to looks, with one alarm', () => {
    const story = approved();
    const beganAt = story.now;
    untilGivenUp(story);
    const tookMs = toMs(story.now) - toMs(beganAt);
    expect(tookMs).toBeGreaterThanOrEqual(DEFAULT_POLICY.look.giveUpMs);
    expect(tookMs).toBeLessThan(DEFAULT_POLICY.look.giveUpMs + 10_000);
    expect(alarms(story)).toEqual(['images_gave_up']);
    expect(story.status).toBe('approved');
  });

  test('and any others that are missing are looked for when somebody has the customer reprocessed', () => {
    for (const outcome of [STORED, { kind: 'unstorable', stored: 0 }] as const) {
      const story = approved();
      attempts(story, outcome);
      story.take({ kind: 'reprocess', actor: 'operator', reason: 'a row was deleted' });
      story.sees(finished());
      expect(story.waiting('images')).toHaveLength(1);
    }
  });

  test.each([
    ['the next event of the journey', (story: CustomerStory) => story.hears('updated_journey')],
    [
      'somebody who asks for another look',
      (story: CustomerStory) => story.take({ kind: 'reprocess', actor: 'operator', reason: 'mended' }),
    ],
  ])('are wanted again with %s', (_who, happens) => {
    const story = approved();
    untilGivenUp(story);
    happens(story);
    story.sees(finished());
    expect(story.waiting('images')).toMatchObject([{ giveUpAt: null }]);
    attempts(story, STORED);
    expect(story.waiting('images')).toEqual([]);
  });
});
