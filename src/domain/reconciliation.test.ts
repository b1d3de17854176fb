import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import { JOURNEY_ID, journeySnapshot, openSnapshot } from '../../test/builders/journey-snapshot.js';

/** The customer's story goes on with what a comparison found, as it would with an event. */
function finds(story: CustomerStory, amlVersion?: number) {
  const report = {
    source: 'reconciliation',
    journeyId: JOURNEY_ID,
    at: story.now,
    cause: 'reconciliation:run:j',
  } as const;
  return story.reports({ ...report, ...(amlVersion === undefined ? {} : { amlVersion }) });
}

const told = (story: CustomerStory) =>
  story.effects.flatMap((effect) =>
    effect.kind === 'aml_changed' ? [`${effect.change.fromVersion}–${effect.change.toVersion}`] : [],
  );

function approved(): CustomerStory {
  const story = new CustomerStory();
  story.sees(journeySnapshot());
  return story;
}

describe('what a comparison finds', () => {
  test('causes a look at once, and is done with the look', () => {
    const story = approved();
    expect(finds(story).agenda).toMatchObject([{ what: 'look', journeyId: JOURNEY_ID }]);
    expect(story.sees(journeySnapshot({ manualDecision: 'Rejected' })).processed).toEqual([
      'reconciliation:run:j',
    ]);
    expect(story.status).toBe('rejected');
  });

  test('changes nothing where an event was quicker', () => {
    const story = approved();
    story.hears('manually_reviewed', { manualDecision: 'Rejected' });
    story.sees(journeySnapshot({ manualDecision: 'Rejected' }));
    const { version } = story.view;
    finds(story);
    expect(story.sees(journeySnapshot({ manualDecision: 'Rejected' })).effects).toEqual([]);
    expect(story.view.version).toBe(version);
  });

  test('an AML version that came and went is told by its number and read, with every later one, and by a late event not again', () => {
    const story = approved();
    finds(story, 1);
    story.sees(journeySnapshot());
    expect(told(story)).toEqual(['0–1']);
    expect(story.waiting('aml_versions')).toMatchObject([{ versions: { from: 1, to: 1 } }]);
    story.take({
      kind: 'aml_versions',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'stored', highest: 1, complete: true },
    });
    expect(story.waiting('aml_versions')).toMatchObject([{ versions: { from: 2, to: null } }]);
    story.take({
      kind: 'aml_versions',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'stored', highest: 2, complete: true },
    });
    expect(told(story)).toEqual(['0–1', '1–2']);
    story.hears('aml_monitor_update', { amlVersion: 2 });
    story.sees(journeySnapshot());
    expect(told(story)).toEqual(['0–1', '1–2']);
  });

  test('a version that was told, and whose reading was given up, is read again', () => {
    const story = approved();
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.sees(journeySnapshot());
    const [item] = story.waiting('aml_versions');
    if (item === undefined) throw new Error('No AML versions are owed.');
    story.take({ kind: 'give_up', item });
    expect(story.waiting('aml_versions')).toEqual([]);
    finds(story, 1);
    story.sees(journeySnapshot());
    expect(story.waiting('aml_versions')).toMatchObject([{ versions: { from: 1, to: 1 } }]);
    expect(told(story)).toEqual(['0–1']);
  });
});

describe('the custom step', () => {
  const steps = (userStepsIn: boolean) => openSnapshot({ userStepsIn });

  test('is begun when a fetch shows every step of the user completed, though no word of it has come', () => {
    const story = new CustomerStory(decisionContext({}, { customStepConfigured: true }));
    story.app('journey_started');
    story.sees(steps(false));
    expect(story.waiting('custom_step')).toEqual([]);
    finds(story);
    story.sees(steps(true));
    expect(story.waiting('custom_step')).toHaveLength(1);
  });

  test('is not begun where none is configured', () => {
    const story = new CustomerStory();
    story.sees(steps(true));
    expect(story.journey().customStep).toBeNull();
  });
});
