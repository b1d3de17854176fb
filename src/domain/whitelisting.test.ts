import { describe, expect, test } from '@jest/globals';
import { type CustomerStory, caseWants, seen } from '../../test/builders/customer-story.js';
import { JOURNEY_ID } from '../../test/builders/journey-snapshot.js';
import type { WhitelistOutcome } from './whitelisting.js';

const BY = { proposedBy: 'officer-1', approvedBy: 'approver-1' };
const wants = (...matches: string[]) => caseWants('case-1', { kind: 'whitelist', matches, ...BY });
const OFF_BOARDS = { kind: 'close', actor: 'company', reason: 'asked for' } as const;

function attempts(story: CustomerStory, outcome: WhitelistOutcome): void {
  story.take({ kind: 'whitelist', journeyId: JOURNEY_ID, outcome });
}
const done = (matches: readonly string[], gone: readonly string[] = []): WhitelistOutcome => ({
  kind: 'done',
  matches,
  gone,
});
const recorded = (story: CustomerStory) =>
  story.effects.flatMap((effect) => (effect.kind === 'matches_whitelisted' ? [effect.matches] : []));

/** The last attempt has failed, and the time is up. */
function givesUp(story: CustomerStory): void {
  const [item] = story.waiting('whitelist');
  if (item === undefined) throw new Error('Nothing is to be whitelisted.');
  story.take({ kind: 'give_up', item });
}

describe('what a case has whitelisted', () => {
  test('is on record as far as it was really sent, and the journey is looked at', () => {
    const story = seen({});
    story.take(wants('m1', 'm2'));
    attempts(story, done(['m1'], ['m2']));
    expect(recorded(story)).toEqual([['m1']]);
    expect(story.waiting('whitelist')).toEqual([]);
    expect(story.waiting('look')).toHaveLength(1);
  });

  test('is not on record where nothing is there to be whitelisted any more', () => {
    const story = seen({});
    story.take(wants('m1'));
    attempts(story, done([], ['m1']));
    expect(recorded(story)).toEqual([]);
    expect(story.waiting('whitelist')).toEqual([]);
  });

  test('leaves what could not be sent, which is tried on and ends with an alarm', () => {
    const story = seen({});
    story.take(wants('m1', 'm2'));
    attempts(story, done(['m1']));
    expect(story.journey().whitelisting?.matches).toEqual(['m2']);
    attempts(story, { kind: 'rejected', code: 'no_resource_id' });
    expect(story.journey().whitelisting?.trouble).toBe('rejected:no_resource_id');
    givesUp(story);
    expect(story.alarms).toEqual(['whitelisting_gave_up']);
    expect(recorded(story)).toEqual([['m1']]);
    expect(story.waiting('whitelist')).toEqual([]);
  });

  test('leaves what another outcome wants since the attempt began', () => {
    const story = seen({});
    story.take(wants('m1'));
    story.take(wants('m2'));
    attempts(story, done(['m1']));
    expect(story.journey().whitelisting?.matches).toEqual(['m2']);
  });
});

describe('a false positive of a customer who is off-boarded', () => {
  test('is still whitelisted, whether the customer was closed before or after; no look is made', () => {
    for (const steps of [
      [OFF_BOARDS, wants('m1')],
      [wants('m1'), OFF_BOARDS],
    ]) {
      const story = seen({});
      for (const step of steps) story.take(step);
      expect(story.last.agenda.map(({ what }) => what)).toEqual(['whitelist']);
      attempts(story, done(['m1']));
      expect(recorded(story)).toEqual([['m1']]);
      expect(story.last.agenda).toEqual([]);
      expect(story.journey().owedLook).toBeNull();
    }
  });

  test('ends with the same alarm where IDWise does not take it', () => {
    const story = seen({});
    story.take(OFF_BOARDS);
    story.take(wants('m1'));
    attempts(story, { kind: 'rejected', code: 'http_400' });
    givesUp(story);
    expect(story.alarms).toEqual(['whitelisting_gave_up']);
    expect(story.last.agenda).toEqual([]);
  });
});
