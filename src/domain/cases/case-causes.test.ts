import { describe, expect, test } from '@jest/globals';
import { CustomerStory, caseWants, decisionContext, seen } from '../../../test/builders/customer-story.js';
import { JOURNEY_ID, journeySnapshot, REFER } from '../../../test/builders/journey-snapshot.js';
import type { TurnInput } from '../customer-turn.js';
import { type CaseCause, caseCauses, caseKindOf, journeysKnownBefore } from './case-causes.js';

const MATCHED = { openMatches: 2, digest: 'matches-1' };

/** Takes the story's next turn; returns what it says to cases. */
function says(story: CustomerStory, input: TurnInput): readonly CaseCause[] {
  const { facts, standing } = story;
  return caseCauses(facts, standing, story.take(input));
}

function sees(story: CustomerStory, ...[wishes]: Parameters<typeof journeySnapshot>): readonly CaseCause[] {
  const snapshot = journeySnapshot(wishes);
  return says(story, {
    kind: 'look',
    journeyId: snapshot.journeyId,
    outcome: { kind: 'journey', snapshot, fetchId: 'f' },
  });
}

describe('the first result', () => {
  test('with matches says so, once, beside the review that it leads to', () => {
    const story = new CustomerStory();
    const matched = { systemDecision: 'Refer', aml: MATCHED };
    const change = {
      journeyId: JOURNEY_ID,
      fromVersion: 0,
      toVersion: 0,
      openMatches: 2,
      digest: 'matches-1',
      showing: 'shown',
    };
    expect(sees(story, matched)).toEqual([
      { kind: 'aml_changed', change },
      { kind: 'review_wanted', journeyId: JOURNEY_ID, ground: 'referred' },
    ]);
    expect(sees(story, matched)).toEqual([]);
  });

  test('without matches, or with whitelisted ones alone, says nothing of AML', () => {
    expect(sees(new CustomerStory(), { aml: { openMatches: 0, digest: 'whitelisted' } })).toEqual([]);
  });

  test('whose matches a version names at once is told as one change', () => {
    const story = new CustomerStory();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    expect(
      sees(story, { aml: { ...MATCHED, version: 1 } }).filter(({ kind }) => kind === 'aml_changed'),
    ).toHaveLength(1);
  });
});

describe('the first look at an imported journey', () => {
  function imported(): CustomerStory {
    const story = new CustomerStory();
    const { now: at } = story;
    story.reports({ at, cause: 'import:1', source: 'operator', journeyId: JOURNEY_ID, isImport: true });
    return story;
  }

  test('with matches says nothing of them to a case, nor does the next look', () => {
    const story = imported();
    expect(sees(story, { aml: MATCHED })).toEqual([]);
    expect(journeysKnownBefore(story.last)).toEqual([JOURNEY_ID]);
    expect(sees(story, { aml: MATCHED })).toEqual([]);
    expect(journeysKnownBefore(story.last)).toEqual([]);
  });

  test('wants the review that the customer waits for, and leaves the matches to it', () => {
    expect(sees(imported(), { systemDecision: 'Refer', aml: MATCHED })).toEqual([
      { kind: 'review_wanted', journeyId: JOURNEY_ID, ground: 'referred' },
    ]);
  });

  test('is followed by a case’s news as soon as monitoring names a version', () => {
    const story = imported();
    sees(story, { aml: MATCHED });
    story.hears('aml_monitor_update', { amlVersion: 4 });
    expect(sees(story, { aml: { openMatches: 3, digest: 'matches-2', version: 4 } })).toMatchObject([
      { kind: 'aml_changed', change: { fromVersion: 3, toVersion: 4, digest: 'matches-2' } },
    ]);
  });

  test('is followed by a case’s news where the matches have changed and no version says why', () => {
    const story = imported();
    sees(story, { aml: MATCHED });
    sees(story, { aml: { openMatches: 3, digest: 'matches-2' } });
    const outcome = { kind: 'stored', highest: 0, complete: true } as const;
    expect(says(story, { kind: 'aml_versions', journeyId: JOURNEY_ID, outcome })).toMatchObject([
      { kind: 'aml_changed', change: { openMatches: 3, digest: 'matches-2' } },
    ]);
  });

  test('that finds AML not ready leaves the first result to a case, as everybody’s', () => {
    const story = imported();
    sees(story, { aml: { applicability: 'Not Ready Yet' } });
    expect(sees(story, { aml: MATCHED })).toMatchObject([
      { kind: 'aml_changed', change: { fromVersion: 0, openMatches: 2 } },
    ]);
  });
});

test('a change by monitoring is told as the customer’s turn tells it, and neither event, replay nor sweep tells it again', () => {
  const story = seen({});
  story.hears('aml_monitor_update', { amlVersion: 1 });
  const hit = {
    systemDecision: 'Refer',
    rules: { no_aml_records: 'Failed' },
    aml: { ...MATCHED, version: 1 },
  };
  expect(sees(story, hit)).toMatchObject([{ kind: 'aml_changed', change: { fromVersion: 0, toVersion: 1 } }]);
  story.hears('updated_journey', { action: 'AML OGM Update' });
  expect(sees(story, hit)).toEqual([]);
  story.hears('aml_monitor_update', { amlVersion: 1 });
  expect(sees(story, hit)).toEqual([]);
  expect(
    says(story, {
      kind: 'reports',
      reports: [{ at: story.now, cause: 'c', source: 'operator', journeyId: null }],
    }),
  ).toEqual([]);
  expect(sees(story, hit)).toEqual([]);
});

test('a change that the journey does not show yet is told at once, and what it is when the journey shows it', () => {
  const story = seen({ aml: { openMatches: 0, digest: 'none' } });
  story.hears('aml_monitor_update', { amlVersion: 1 });
  expect(sees(story, { aml: { openMatches: 0, digest: 'none' } })).toMatchObject([
    { kind: 'aml_changed', change: { fromVersion: 0, toVersion: 1, showing: 'lagging' } },
  ]);
  const stored = { kind: 'stored', highest: 1, complete: true } as const;
  const reads = () => says(story, { kind: 'aml_versions', journeyId: JOURNEY_ID, outcome: stored });
  expect(reads()).toEqual([]);
  expect(reads()).toMatchObject([{ kind: 'aml_changed', change: { showing: 'caught_up', digest: 'none' } }]);
  expect(sees(story, { aml: MATCHED })).toEqual([]);
  expect(reads()).toMatchObject([
    {
      kind: 'aml_changed',
      change: { fromVersion: 1, toVersion: 1, showing: 'caught_up', digest: 'matches-1' },
    },
  ]);
  expect(sees(story, { aml: MATCHED })).toEqual([]);
});

describe('a review', () => {
  test('is wanted when the customer comes under it, and decided when a human has decided', () => {
    const story = new CustomerStory();
    expect(sees(story, REFER)).toEqual([
      { kind: 'review_wanted', journeyId: JOURNEY_ID, ground: 'referred' },
    ]);
    expect(sees(story, { ...REFER, manualDecision: 'Approved' })).toEqual([
      { kind: 'review_decided', journeyId: JOURNEY_ID, ground: 'manual_decision' },
    ]);
  });

  test('goes over to a newer journey that comes to rule', () => {
    const story = new CustomerStory();
    sees(story, REFER);
    const newer = { ...REFER, journeyId: 'journey-2', startTime: '2026-01-02T08:00:00.000Z' };
    expect(sees(story, newer)).toEqual([
      { kind: 'review_decided', journeyId: JOURNEY_ID, ground: 'referred' },
      { kind: 'review_wanted', journeyId: 'journey-2', ground: 'referred' },
    ]);
  });

  test('goes on under a hold, and is decided there too', () => {
    const story = new CustomerStory(decisionContext());
    sees(story, REFER);
    const held = says(story, caseWants('case-1', { kind: 'lay_hold', hold: 'held' }));
    expect(held).toEqual([]);
    expect(sees(story, { ...REFER, manualDecision: 'Approved' })).toEqual([
      { kind: 'review_decided', journeyId: JOURNEY_ID, ground: 'manual_decision' },
    ]);
  });

  test('is decided when the customer is off-boarded', () => {
    const story = new CustomerStory();
    sees(story, REFER);
    expect(says(story, { kind: 'close', actor: 'a', reason: 'r' })).toMatchObject([
      { kind: 'review_decided' },
    ]);
  });
});

test('each cause is about a case of one kind', () => {
  const change = { journeyId: 'j', fromVersion: 0, toVersion: 1, openMatches: 1, digest: null };
  expect(caseKindOf({ kind: 'aml_changed', change: { ...change, showing: 'shown' } })).toBe('aml');
  expect(caseKindOf({ kind: 'review_wanted', journeyId: 'j', ground: 'referred' })).toBe('review');
});
