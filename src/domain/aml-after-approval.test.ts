import { describe, expect, test } from '@jest/globals';
import { CustomerStory, seen } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  documentOutcome,
  JOURNEY_ID,
  journeySnapshot,
  REFER,
  type SnapshotWishes,
} from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY } from './policy.js';

const MINUTE_MS = 60_000;

describe('AML after approval', () => {
  /** Takes what is fetched after an approval; expects that the customer sees no change and that the approval stands. */
  function unseen(story: CustomerStory, wishes: SnapshotWishes = {}) {
    const { view } = story;
    const approval = story.facts.approval;
    story.sees(amlHitSnapshot(wishes));
    expect(story.view).toBe(view);
    expect(story.facts.approval).toBe(approval);
    return story;
  }
  const told = (story: CustomerStory) => story.effects.filter(({ kind }) => kind === 'aml_changed').length;

  test('system Refer by AML only changes nothing that the customer can see; compliance is told', () => {
    const story = seen({});
    story.hears('aml_monitor_update', { amlVersion: 1 });
    unseen(story);
    expect(told(story)).toBe(1);
  });

  test('it is the same when no event, but a sweep or a replay, brought the look about', () => {
    const story = unseen(seen({}));
    expect(story.waiting('aml_versions')).toHaveLength(1);
    story.take({
      kind: 'aml_versions',
      journeyId: JOURNEY_ID,
      outcome: { kind: 'stored', highest: 1, complete: true },
    });
    expect(told(story)).toBe(1);
    unseen(story);
    expect(told(story)).toBe(1);
  });

  test('system Rejected by AML only changes nothing either', () => {
    unseen(seen({}), { systemDecision: 'Rejected' });
  });

  test('neither do matches that are removed or amended, nor AML that waits for a new search', () => {
    const story = unseen(seen({}));
    unseen(story, { aml: { openMatches: 2, digest: 'two-matches' } });
    unseen(story, { systemDecision: 'Complete', aml: { applicability: 'Not Ready Yet' }, rules: {} });
    const { view } = story;
    story.pass(24 * 60 * MINUTE_MS).take({ kind: 'clock' });
    expect(story.view).toBe(view);
    unseen(story, { aml: { openMatches: 1, digest: 'another-match' } });
    story.sees(journeySnapshot());
    expect(story.view).toBe(view);
  });

  test('the decision that is given with the details stays, until something else worsens or AML is clear again', () => {
    const story = unseen(seen({}));
    unseen(story, { systemDecision: 'Rejected' });
    story.sees(journeySnapshot());
    story.sees(amlHitSnapshot({ rules: { under_age: 'Failed', no_aml_records: 'Failed' } }));
    const stands = story.effects.flatMap((effect) =>
      effect.kind === 'details_saved' ? [effect.decisionStands] : [],
    );
    expect(stands).toEqual([false, true, true, false, false]);
  });

  test('AML’s rule failed though the system’s decision did not follow: the customer sees nothing', () => {
    unseen(seen({}), { systemDecision: 'Complete' });
    const other = seen({});
    other.sees(
      amlHitSnapshot({
        systemDecision: 'Complete',
        rules: { under_age: 'Failed', no_aml_records: 'Failed' },
      }),
    );
    expect(other.stands).toMatchObject({ status: 'under_review', ground: 'checks_not_passed' });
  });

  test('another person, or a check that the policy wants and that is gone, is more than AML', () => {
    const governmentFace = { ...DEFAULT_POLICY.requiredChecks, governmentFace: 'always' as const };
    const faceless = seen({ governmentFaceMatched: true }, { requiredChecks: governmentFace });
    faceless.sees(amlHitSnapshot());
    expect(faceless.status).toBe('under_review');
    const story = seen({});
    story.sees(
      journeySnapshot({
        journeyId: 'earlier',
        startTime: '2025-01-01T00:00:00.000Z',
        identity: { ...journeySnapshot().identity, birthDate: 'born-2' },
      }),
    );
    story.sees(amlHitSnapshot());
    expect(story.status).toBe('under_review');
  });

  test('an AML version from before the approval excuses no later Refer', () => {
    const story = new CustomerStory();
    story.hears('aml_monitor_update', { amlVersion: 3 });
    story.sees(journeySnapshot());
    expect(story.status).toBe('approved');
    story.sees(journeySnapshot({ systemDecision: 'Refer' }));
    expect(story.status).toBe('under_review');
  });

  test('an approval by hand stands in the same way', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    unseen(story, { ...REFER, manualDecision: 'Approved', aml: { openMatches: 1, digest: 'one-match' } });
    expect(story.last.judgement.ground).toBe('manual_decision');
  });

  test('an approval by hand stands when IDWise takes the decision back on the ground of AML', () => {
    const failed = { document_validation: 'Failed', no_aml_records: 'Failed' };
    unseen(seen({ ...REFER, manualDecision: 'Approved' }), { rules: failed });
  });

  test('what a human forgave is not forgiven of newer steps, whatever AML does', () => {
    const story = seen({ ...REFER, manualDecision: 'Approved' });
    const failed = { document_validation: 'Failed', no_aml_records: 'Failed' };
    story.sees(
      amlHitSnapshot({ rules: failed, pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' }),
    );
    expect(story.status).toBe('under_review');
    const passed = seen({ ...REFER, manualDecision: 'Approved' });
    unseen(passed, { pictures: 'pictures-2', endTime: '2026-01-01T10:00:00.000Z' });
  });

  test('AML together with another check that worsened is a matter for a human', () => {
    for (const wishes of [
      { documents: [documentOutcome({ passed: false })] },
      { selfie: { status: 'Refer', live: true, livenessStatusCode: null } },
      { rules: { expired_document: 'Failed', no_aml_records: 'Failed' } },
      { governmentFaceMatched: false },
    ]) {
      const story = seen({});
      story.sees(amlHitSnapshot(wishes));
      expect(story.stands).toMatchObject({ status: 'under_review', ground: 'referred' });
      expect(story.facts.approval).toBeNull();
    }
  });

  test('Refer though AML is as it was is a matter for a human', () => {
    const story = seen({});
    story.sees(journeySnapshot({ systemDecision: 'Refer' }));
    expect(story.status).toBe('under_review');
  });

  test('without a recorded approval AML’s Refer is a Refer', () => {
    const story = new CustomerStory();
    story.sees(amlHitSnapshot());
    expect(story.status).toBe('under_review');
  });

  test('a later manual decision changes the status, with a reason that does not name AML', () => {
    const story = unseen(seen({}));
    story.sees(amlHitSnapshot({ manualDecision: 'Rejected' }));
    expect(story.status).toBe('rejected');
    expect(JSON.stringify(story.view)).not.toMatch(/aml|sanction|compliance|fraud/i);
  });
});
