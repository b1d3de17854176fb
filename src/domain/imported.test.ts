import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
} from '../../test/builders/journey-snapshot.js';
import type { Effect } from './effects.js';
import { DEFAULT_POLICY } from './policy.js';

const DAY_MS = 86_400_000;

/** The customer is brought along with this journey. */
function imports(story: CustomerStory, journeyId = 'journey-1') {
  const cause = `import:${journeyId}`;
  return story.reports({ at: story.now, cause, source: 'operator', journeyId, isImport: true });
}
const changes = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'status_changed' ? [[effect.to.status, effect.untold ?? 'told']] : [],
  );

describe('a customer who is brought along', () => {
  test('stands as the first look shows, on record and without anybody being told', () => {
    const story = new CustomerStory();
    imports(story);
    expect(story.status).toBe('created');
    expect(story.waiting('look').map(({ journeyId }) => journeyId)).toEqual(['journey-1']);
    expect(story.sees(journeySnapshot()).processed).toEqual(['import:journey-1']);
    expect(story.status).toBe('approved');
    expect(changes(story.effects)).toEqual([['approved', 'imported']]);
    expect(story.effects).toContainEqual({ kind: 'approval_recorded', journeyId: 'journey-1' });
  });

  test('has each journey looked at before anybody is told, also one that is brought along later', () => {
    const story = new CustomerStory();
    imports(story);
    story.sees(journeySnapshot({ systemDecision: 'Rejected' }));
    imports(story, 'journey-2');
    story.sees(journeySnapshot({ journeyId: 'journey-2', startTime: '2026-01-01T08:30:00.000Z' }));
    expect(changes(story.effects)).toEqual([
      ['rejected', 'imported'],
      ['approved', 'imported'],
    ]);
  });

  test('is told of what changes after the first look', () => {
    const story = new CustomerStory();
    imports(story);
    story.sees(journeySnapshot());
    story.hears('manually_reviewed');
    story.sees(journeySnapshot({ manualDecision: 'Rejected' }));
    expect(changes(story.effects)).toEqual([
      ['approved', 'imported'],
      ['rejected', 'told'],
    ]);
  });

  test('is told also of what a look finds by itself later, without an event', () => {
    const story = new CustomerStory();
    imports(story);
    story.sees(openSnapshot());
    story.sees(journeySnapshot());
    expect(changes(story.effects)).toEqual([
      ['in_progress', 'imported'],
      ['approved', 'told'],
    ]);
  });

  test.each(['before', 'after'])('is told as everybody is when an event comes %s the import', (when) => {
    const story = new CustomerStory();
    if (when === 'after') imports(story);
    story.hears('manually_reviewed');
    if (when === 'before') imports(story);
    story.sees(journeySnapshot({ manualDecision: 'Rejected' }));
    expect(changes(story.effects)).toEqual([['rejected', 'told']]);
  });

  test('is told as everybody is once their app is heard of', () => {
    const story = new CustomerStory();
    imports(story);
    story.app('journey_started');
    story.sees(journeySnapshot());
    expect(changes(story.effects).at(-1)).toEqual(['approved', 'told']);
    expect(story.effects.filter(({ kind }) => kind === 'status_changed')).toHaveLength(2);
  });

  test('who was verified here is told of whatever an import brings', () => {
    const story = new CustomerStory();
    story.app('journey_started');
    story.sees(journeySnapshot());
    imports(story, 'journey-2');
    story.sees(
      journeySnapshot({
        journeyId: 'journey-2',
        startTime: '2026-01-01T08:30:00.000Z',
        systemDecision: 'Rejected',
      }),
    );
    expect(changes(story.effects).at(-1)).toEqual(['rejected', 'told']);
  });

  test('gives no sign of life by it: a journey long abandoned has expired at the first look', () => {
    const { expiry, reminders } = DEFAULT_POLICY;
    const story = new CustomerStory(decisionContext({ expiry, reminders }));
    imports(story);
    story.sees(openSnapshot({ startTime: '2024-03-01T08:00:00.000Z' }));
    expect(changes(story.effects)).toEqual([['expired', 'imported']]);
    expect(story.waiting('remind')).toEqual([]);
  });

  test('is neither reminded nor expires when IDWise does not know the journey', () => {
    const { expiry, reminders } = DEFAULT_POLICY;
    const story = new CustomerStory(decisionContext({ expiry, reminders }));
    imports(story);
    story.looks({ kind: 'not_ours' });
    const [item] = story.waiting('look');
    if (item !== undefined) story.take({ kind: 'give_up', item });
    expect(story.facts.journeys).toEqual({});
    expect(story.waiting('remind')).toEqual([]);
    story.livesOn(400 * DAY_MS).take({ kind: 'clock' });
    expect(story.status).toBe('created');
    expect(changes(story.effects)).toEqual([]);
  });
});

describe('matches that the first look shows', () => {
  const MATCHED = journeySnapshot({ aml: { openMatches: 2, digest: 'matches-1', version: 3 } });
  const known = (story: CustomerStory) => story.effects.filter(({ kind }) => kind === 'matches_known');

  test('go on record once, as known to the company, and hold nobody', () => {
    const story = new CustomerStory();
    imports(story);
    story.sees(MATCHED);
    story.sees(MATCHED);
    expect(known(story)).toEqual([
      { kind: 'matches_known', journeyId: JOURNEY_ID, version: 3, openMatches: 2, untold: 'imported' },
    ]);
    expect(story.stands).toEqual({ status: 'approved', access: 'full', ground: 'checks_passed' });
  });

  test.each(['an event', 'the app'])(
    'are not known to the company once %s has told of the journey',
    (what) => {
      const story = new CustomerStory();
      imports(story);
      if (what === 'an event') story.hears('finished_journey');
      else story.app('journey_started');
      story.sees(MATCHED);
      expect(known(story)).toEqual([]);
    },
  );

  test('are no result as long as AML is being searched: what comes of it is not known from before', () => {
    const story = new CustomerStory();
    imports(story);
    story.sees(
      journeySnapshot({ aml: { applicability: 'Not Ready Yet', openMatches: 2, digest: 'matches-0' } }),
    );
    story.sees(MATCHED);
    expect(known(story)).toEqual([]);
  });
});

describe('the AML history of a journey that is brought along', () => {
  const WITHOUT_VERSIONS = journeySnapshot();
  const digest = WITHOUT_VERSIONS.aml?.digest ?? '';
  const withMatches = (matches: string) => amlHitSnapshot({ aml: { openMatches: 1, digest: matches } });

  function broughtAlong(): CustomerStory {
    const story = new CustomerStory();
    imports(story);
    story.sees(WITHOUT_VERSIONS);
    expect(digest).not.toBe('');
    return story;
  }
  const compared = (story: CustomerStory, amlVersion: number) =>
    story.reports({
      at: story.now,
      cause: `reconciliation:${amlVersion}`,
      source: 'reconciliation',
      journeyId: JOURNEY_ID,
      amlVersion,
    });
  const reads = (story: CustomerStory, highest: number, complete = true) =>
    story.take({
      kind: 'aml_versions',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'stored', highest, complete },
    });
  const told = (story: CustomerStory) =>
    story.effects.flatMap((effect) =>
      effect.kind === 'aml_changed' ? [`${effect.change.fromVersion}–${effect.change.toVersion}`] : [],
    );

  test('is no news up to the version that is heard of first', () => {
    const story = broughtAlong();
    story.hears('aml_monitor_update', { amlVersion: 7 });
    story.sees(withMatches('seven'));
    expect(told(story)).toEqual(['6–7']);
  });

  test('is no news where a comparison finds it and the matches are those of the first look, however long it is', () => {
    const story = broughtAlong();
    compared(story, 1);
    story.sees(WITHOUT_VERSIONS);
    reads(story, 3, false);
    reads(story, 5);
    expect(told(story)).toEqual([]);
    expect(story.journey().aml).toMatchObject({ version: 5, storedVersion: 5, owed: null });
    compared(story, 6);
    story.sees(WITHOUT_VERSIONS);
    reads(story, 6);
    expect(told(story)).toEqual(['5–6']);
  });

  test('tells its last version where the matches have changed since', () => {
    const story = broughtAlong();
    story.sees(withMatches('five'));
    reads(story, 5);
    expect(told(story)).toEqual(['4–5']);
  });
});
