import { describe, expect, test } from '@jest/globals';
import { CustomerStory } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
} from '../../test/builders/journey-snapshot.js';
import type { AmlVersionsOutcome } from './aml-changes.js';

const MINUTE_MS = 60_000;
const OGM = { action: 'AML OGM Update' };

const matches = (digest: string) => amlHitSnapshot({ aml: { openMatches: 1, digest } });

/** A customer who was approved by the system. */
function approved(): CustomerStory {
  const story = new CustomerStory();
  story.sees(journeySnapshot());
  return story;
}

/** What compliance was told, as `from–to` versions. */
const told = (story: CustomerStory) =>
  story.effects.flatMap((effect) =>
    effect.kind === 'aml_changed' ? [`${effect.change.fromVersion}–${effect.change.toVersion}`] : [],
  );

/** The matches, by their digest, by which it was said what an earlier change is; null: those that were there before it. */
const caughtUp = (story: CustomerStory) =>
  story.effects.flatMap((effect) =>
    effect.kind === 'aml_shown' ? [effect.change.digest === BEFORE ? null : effect.change.digest] : [],
  );
const BEFORE = journeySnapshot().aml?.digest;

const brings = (story: CustomerStory, outcome: AmlVersionsOutcome) =>
  story.take({ kind: 'aml_versions', journeyId: JOURNEY_ID, outcome });

/** Reads the history as often as it is owed; it has versions up to the highest. */
function reads(story: CustomerStory, highest: number): CustomerStory {
  for (let i = 0; i < 10; i += 1) {
    const [item] = story.waiting('aml_versions');
    if (item?.versions === undefined) return story;
    const { from, to } = item.versions;
    const reached = Math.max(Math.min(highest, to ?? highest), from - 1);
    brings(story, { kind: 'stored', highest: reached, complete: to === null || reached >= to });
  }
  return story;
}

function givesUp(story: CustomerStory): CustomerStory {
  const [item] = story.waiting('aml_versions');
  if (item === undefined) throw new Error('No AML versions are owed.');
  story.take({ kind: 'give_up', item });
  return story;
}

describe('one change of AML is told once', () => {
  test('when AML Monitor Update comes first and Updated Journey later', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    expect(told(story)).toEqual(['0–1']);
    reads(story, 1);
    story.hears('updated_journey', OGM);
    story.sees(matches('one'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–1']);
    expect(story.journey().aml).toMatchObject({ version: 1, storedVersion: 1, owed: null });
  });

  test('when Updated Journey comes first and AML Monitor Update after the history was read', () => {
    const story = approved();
    story.hears('updated_journey', OGM);
    story.sees(matches('one'));
    expect(told(story)).toEqual([]);
    reads(story, 1);
    expect(told(story)).toEqual(['0–1']);
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    expect(told(story)).toEqual(['0–1']);
    expect(story.last.agenda).toEqual([]);
  });

  test('when both come before anything is looked at or read', () => {
    for (const readBefore of [true, false]) {
      const story = approved();
      story.hears('updated_journey', OGM);
      if (readBefore) story.sees(matches('one'));
      story.hears('aml_monitor_update', { amlVersion: 1 });
      story.sees(matches('one'));
      reads(story, 1);
      expect(told(story)).toEqual(['0–1']);
    }
  });

  test('however often its events come again, and whatever order versions come in', () => {
    const story = approved();
    for (const amlVersion of [2, 1, 2, 1]) {
      story.hears('aml_monitor_update', { amlVersion });
      story.sees(matches('two'));
      reads(story, 2);
    }
    expect(told(story)).toEqual(['0–2']);
  });

  test('when no event came at all', () => {
    const story = approved();
    story.sees(matches('one'));
    reads(story, 1);
    story.sees(matches('one'));
    expect(told(story)).toEqual(['0–1']);
  });

  test('also before there is any approval, and for a customer who is not approved', () => {
    const story = new CustomerStory();
    story.sees(amlHitSnapshot());
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('two'));
    expect(told(story)).toEqual(['0–1']);
  });
});

describe('versions', () => {
  test('a gap is a lost event: it is told, and fetched', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    reads(story, 1);
    story.hears('aml_monitor_update', { amlVersion: 4 });
    story.sees(matches('four'));
    expect(story.waiting('aml_versions')).toMatchObject([{ versions: { from: 2, to: 4 } }]);
    reads(story, 4);
    expect(told(story)).toEqual(['0–1', '1–4']);
    expect(story.journey().aml.storedVersion).toBe(4);
  });

  test('that the history names beyond those we heard of are told, also when the matches look as before', () => {
    const story = approved();
    story.hears('updated_journey', OGM);
    story.sees(matches('one'));
    story.hears('updated_journey', OGM);
    story.sees(journeySnapshot());
    reads(story, 2);
    expect(told(story)).toEqual(['0–2']);
  });

  test('whose event was lost are found with the one before, when their matches were seen with it', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('two'));
    reads(story, 2);
    expect(told(story)).toEqual(['0–1', '1–2']);
    expect(story.journey().aml).toMatchObject({ storedVersion: 2, owed: null });
  });

  test('that are heard of while the one before is still being read are told too', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    story.hears('aml_monitor_update', { amlVersion: 2 });
    story.sees(matches('two'));
    reads(story, 2);
    expect(told(story)).toEqual(['0–1', '1–2']);
    expect(story.journey().aml).toMatchObject({ storedVersion: 2, owed: null });
  });

  test('that nobody named are not looked for long, nor is it an alarm that there are none', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    brings(story, { kind: 'stored', highest: 1, complete: true });
    brings(story, { kind: 'trouble', code: 'http_400' });
    const [item] = story.waiting('aml_versions');
    expect(Date.parse(item?.giveUpAt ?? '') - Date.parse(story.now)).toBeLessThanOrEqual(60 * MINUTE_MS);
    expect(givesUp(story).last.effects).toEqual([]);
    expect(story.last.agenda).toEqual([]);
  });

  test('that the first result bears are no change; later ones are', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot({ aml: { version: 3 } }));
    story.hears('aml_monitor_update', { amlVersion: 3 });
    story.sees(journeySnapshot({ aml: { version: 3 } }));
    expect(told(story)).toEqual([]);
    story.hears('aml_monitor_update', { amlVersion: 4 });
    story.sees(matches('four'));
    expect(told(story)).toEqual(['3–4']);
  });

  test('heard of before the first result is there are told once, also when that result comes later', () => {
    const story = new CustomerStory();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(openSnapshot());
    story.sees(journeySnapshot());
    reads(story, 1);
    story.sees(matches('one'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–1']);
  });

  test('that were told and cannot be stored raise an alarm in the end', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    brings(story, { kind: 'trouble', code: 'http_500' });
    const turn = givesUp(story).last;
    expect(turn.effects).toEqual([{ kind: 'alarm', code: 'aml_versions_gave_up', journeyId: JOURNEY_ID }]);
    expect(turn.agenda).toEqual([]);
    expect(told(story)).toEqual(['0–1']);
  });
});

describe('matches that lag behind their version', () => {
  /** Version 1 was heard of and told while the journey still showed the matches before it. */
  function lagging(): CustomerStory {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(journeySnapshot());
    expect(told(story)).toEqual(['0–1']);
    return reads(story, 1);
  }

  test('are not told again when they show', () => {
    const story = lagging();
    story.sees(matches('one'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–1']);
    expect(story.last.agenda).toEqual([]);
  });

  test('are said to have caught up when the history is read, and again when they show, within two minutes of that', () => {
    const story = lagging();
    expect(caughtUp(story)).toEqual([null]);
    story.sees(matches('one'));
    brings(story, { kind: 'trouble', code: 'http_500' });
    const [item] = story.waiting('aml_versions');
    expect(Date.parse(item?.giveUpAt ?? '') - Date.parse(story.now)).toBeLessThanOrEqual(2 * MINUTE_MS);
    givesUp(story.pass(2 * MINUTE_MS));
    expect(caughtUp(story)).toEqual([null, 'one']);
    expect(told(story)).toEqual(['0–1']);
    expect(story.last.agenda).toEqual([]);
  });

  test('hide no further change: where the history has another version, that one is told', () => {
    const story = lagging();
    story.sees(matches('two'));
    reads(story, 2);
    expect(told(story)).toEqual(['0–1', '1–2']);
  });

  test('hide no change after they have shown', () => {
    const story = lagging();
    story.sees(matches('one'));
    reads(story, 1);
    story.sees(matches('amended'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–1', '1–1']);
  });

  test('may lag behind each of several versions', () => {
    const story = lagging();
    story.hears('aml_monitor_update', { amlVersion: 2 });
    story.sees(matches('one'));
    reads(story, 2);
    story.sees(matches('two'));
    reads(story, 2);
    expect(told(story)).toEqual(['0–1', '1–2']);
  });

  test('do not lag where the matches themselves name the version', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 2 });
    story.sees(amlHitSnapshot({ aml: { digest: 'two', version: 2 } }));
    reads(story, 2);
    story.sees(amlHitSnapshot({ aml: { digest: 'amended', version: 2 } }));
    reads(story, 2);
    expect(told(story)).toEqual(['0–2', '2–2']);
  });
});

describe('without a version', () => {
  test('an amended search is told once', () => {
    const story = approved();
    for (const _time of [1, 2]) {
      story.hears('updated_journey', { action: 'AML Amend' });
      story.sees(matches('amended'));
      reads(story, 0);
    }
    expect(told(story)).toEqual(['0–0']);
  });

  test('a search that is under way is no change; its result is', () => {
    const story = approved();
    const searching = journeySnapshot({ aml: { applicability: 'Not Ready Yet', digest: 'nothing-yet' } });
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    story.hears('updated_journey', { action: 'AML Amend' });
    story.sees(searching);
    reads(story, 1);
    story.sees(searching);
    expect(told(story)).toEqual(['0–1']);
    story.sees(matches('one'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–1']);
    story.sees(matches('amended'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–1', '1–1']);
  });

  test('a change is told within about two minutes while the history is not to be had, and its version later is the same change', () => {
    const story = approved();
    story.hears('updated_journey', OGM);
    story.sees(matches('one'));
    brings(story, { kind: 'trouble', code: 'http_500' });
    expect(told(story)).toEqual([]);
    const [item] = story.waiting('aml_versions');
    expect(Date.parse(item?.giveUpAt ?? '') - Date.parse(story.now)).toBeLessThanOrEqual(2 * MINUTE_MS);
    givesUp(story.pass(2 * MINUTE_MS));
    expect(told(story)).toEqual(['0–0']);
    story.pass(30 * MINUTE_MS).hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–0']);
    expect(story.journey().aml).toMatchObject({ version: 1, storedVersion: 1 });
    story.hears('aml_monitor_update', { amlVersion: 2 });
    story.sees(matches('two'));
    expect(told(story)).toEqual(['0–0', '1–2']);
  });

  test('a version that comes long after it is another change', () => {
    const story = approved();
    story.hears('updated_journey', { action: 'AML Amend' });
    story.sees(matches('amended'));
    reads(story, 0);
    story.pass(24 * 60 * MINUTE_MS).hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('one'));
    reads(story, 1);
    expect(told(story)).toEqual(['0–0', '0–1']);
  });

  test('a further change that comes with the version of the one before is told by itself', () => {
    const story = approved();
    story.sees(matches('one'));
    reads(story, 0);
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(matches('two'));
    reads(story, 2);
    expect(told(story)).toEqual(['0–0', '1–2']);
  });
});

describe('a look', () => {
  test('that brings no journey of ours changes nothing but what is owed', () => {
    const story = approved();
    story.hears('updated_journey');
    const { owedLook: _owed, lastLookAt: _looked, ...before } = story.journey();
    for (const outcome of [
      { kind: 'not_ours' },
      { kind: 'unknown_journey' },
      { kind: 'unreadable', code: 'schema' },
      { kind: 'unavailable', code: 'http_500', retryAfterMs: null },
      { kind: 'refused', code: 'http_401' },
    ] as const) {
      const turn = story.looks(outcome);
      expect(story.journey()).toMatchObject(before);
      expect(turn.processed).toEqual([]);
    }
  });

  test('of a journey that IDWise does not know is hastened by an event, and not by the app, which anybody can have speak', () => {
    const story = new CustomerStory();
    story.app('journey_started');
    story.looks({ kind: 'unknown_journey' });
    story.pass(60_000);
    story.looks({ kind: 'unknown_journey' });
    const [before] = story.waiting('look');
    story.app('journey_submitted');
    expect(story.waiting('look')).toEqual([before]);
    story.hears('finished_step');
    expect(story.waiting('look')).not.toEqual([before]);
    const causes = story.journey().owedLook?.causes ?? [];
    expect(story.sees(openSnapshot()).processed).toEqual(causes);
    expect(causes).toHaveLength(3);
  });

  test('settles every event that waited for it', () => {
    const story = new CustomerStory();
    for (let i = 0; i < 3; i += 1) story.hears('finished_step');
    expect(story.sees(openSnapshot()).processed).toEqual(['inbox-1', 'inbox-2', 'inbox-3']);
    expect(story.sees(openSnapshot()).processed).toEqual([]);
  });

  test('links a journey once, and saves its details with each new answer and no other', () => {
    const story = new CustomerStory();
    const saved = () => story.effects.filter(({ kind }) => kind === 'details_saved').length;
    const linked = () => story.effects.filter(({ kind }) => kind === 'journey_linked').length;
    for (const snapshot of [openSnapshot(), openSnapshot(), journeySnapshot(), journeySnapshot()])
      story.sees(snapshot);
    expect([linked(), saved()]).toEqual([1, 2]);
  });
});
