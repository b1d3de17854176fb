import { describe, expect, test } from '@jest/globals';
import {
  CustomerStory,
  decisionContext,
  idwiseEvent,
  STORY_BEGINS_AT,
} from '../../test/builders/customer-story.js';
import { journeySnapshot, openSnapshot } from '../../test/builders/journey-snapshot.js';
import { later } from './instant.js';
import { DEFAULT_POLICY } from './policy.js';
import type { Report } from './reports.js';

const REFER = { systemDecision: 'Refer', rules: { document_validation: 'Failed' } };
const ASKED = { ...REFER, manualDecision: 'Resubmission Requested' };
const step = (stepId: string) => ({ stepId, reasonCode: 'RESUBMIT_BLUR', renewalDeadline: null });
const redo = (story: CustomerStory) => story.view.nextSteps.map(({ stepId }) => stepId);

describe('what a report brings about', () => {
  test('every event of IDWise and every word of the app about a journey causes a look at once', () => {
    for (const kind of [
      'finished_step',
      'finished_user_steps',
      'finished_journey',
      'manually_reviewed',
      'updated_journey',
      'aml_monitor_update',
      'verification_update_required',
      'kyc_renewal_deadline_exceeded',
      'finished_spot_check',
    ] as const) {
      const story = new CustomerStory();
      const turn = story.hears(kind);
      expect(turn.agenda).toMatchObject([{ what: 'look', journeyId: 'journey-1', nextAttemptAt: story.now }]);
      expect(turn.processed).toEqual([]);
      expect(story.sees(openSnapshot()).processed).toEqual(['inbox-1']);
    }
    for (const kind of ['journey_started', 'journey_submitted', 'journey_cancelled'] as const) {
      expect(new CustomerStory().app(kind).agenda).toMatchObject([{ what: 'look' }]);
    }
  });

  test('an event without a journey causes a look at every journey we know, and is done at once where there is none', () => {
    const story = new CustomerStory();
    expect(story.hears('finished_spot_check', { journeyId: null }).processed).toEqual(['inbox-1']);
    story.sees(journeySnapshot());
    story.sees(journeySnapshot({ journeyId: 'journey-2' }));
    story.hears('finished_spot_check', { journeyId: null });
    expect(story.waiting('look').map(({ journeyId }) => journeyId)).toEqual(['journey-1', 'journey-2']);
  });

  test('a registration is done with as soon as it is recorded', () => {
    const story = new CustomerStory();
    const turn = story.reports({ at: story.now, cause: 'r', source: 'app', report: { kind: 'registered' } });
    expect(turn.processed).toEqual(['r']);
    expect(turn.agenda).toEqual([]);
  });

  test('of very many reports that wait for one look none is left without an end', () => {
    const story = new CustomerStory();
    const settled: string[] = [];
    for (let i = 0; i < 130; i += 1) settled.push(...story.hears('finished_step').processed);
    settled.push(...story.sees(openSnapshot()).processed);
    expect(settled.sort()).toEqual(Array.from({ length: 130 }, (_, i) => `inbox-${i + 1}`).sort());
  });
});

describe('reports that come late', () => {
  const early = later(STORY_BEGINS_AT, -60_000);

  test('never turn the times of the app’s word, of the last step or of the end back', () => {
    const story = new CustomerStory();
    story.app('journey_started');
    story.app('journey_cancelled');
    story.app('journey_submitted');
    story.hears('finished_step');
    story.hears('finished_journey');
    const { startReportedAt: _start, ...before } = story.journey();
    for (const kind of ['journey_started', 'journey_cancelled', 'journey_submitted'] as const)
      story.app(kind, 'journey-1', early);
    story.hears('finished_step', {}, early);
    story.hears('finished_journey', {}, early);
    const { submittedReportedAt, cancelledReportedAt, lastStepAt, finishedHeardAt } = before;
    expect(story.journey()).toMatchObject({
      submittedReportedAt,
      cancelledReportedAt,
      lastStepAt,
      finishedHeardAt,
      startReportedAt: early,
    });
    expect(story.status).toBe('pending_verification');
  });

  test('an older review’s word does not take the place of a newer one’s', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot(REFER));
    story.hears('manually_reviewed', { manualDecision: 'Rejected' });
    story.hears('manually_reviewed', { manualDecision: 'Approved' }, early);
    expect(story.journey().heardManualDecision?.value).toBe('Rejected');
  });
});

describe('a request to do steps again', () => {
  test('names its steps, whether it was heard before or after a fetch showed it', () => {
    for (const heardFirst of [true, false]) {
      const story = new CustomerStory();
      story.sees(journeySnapshot(REFER));
      const hear = () => story.hears('verification_update_required', { requiredSteps: [step('0')] });
      if (heardFirst) hear();
      story.sees(journeySnapshot(ASKED));
      if (!heardFirst) {
        expect(redo(story)).toEqual([null]);
        hear();
      }
      expect(story.status).toBe('resubmission_required');
      expect(redo(story)).toEqual(['0']);
    }
  });

  test('shows none of the steps that an earlier request named', () => {
    const story = new CustomerStory();
    story.hears('verification_update_required', { eventId: 'one', requiredSteps: [step('0')] });
    story.sees(journeySnapshot(ASKED));
    story.sees(journeySnapshot({ ...REFER, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
    story.sees(journeySnapshot({ ...ASKED, pictures: 'pictures-2' }));
    expect(redo(story)).toEqual([null]);
    story.hears('verification_update_required', { eventId: 'two', requiredSteps: [step('1')] });
    expect(redo(story)).toEqual(['1']);
  });

  test('a further request over newer steps asks again, in whichever order its event and the fetch come', () => {
    for (const heardFirst of [true, false]) {
      const story = new CustomerStory();
      story.hears('verification_update_required', { eventId: 'one', requiredSteps: [step('0')] });
      story.sees(journeySnapshot(ASKED));
      const hear = () =>
        story.hears('verification_update_required', { eventId: 'two', requiredSteps: [step('1')] });
      // IDWise may keep the decision while it processes again: the fetch shows the same word over newer steps.
      const again = { ...ASKED, pictures: 'pictures-2', endTime: '2026-01-02T00:00:00.000Z' };
      if (heardFirst) hear();
      story.sees(journeySnapshot(again));
      if (!heardFirst) hear();
      story.sees(journeySnapshot(again));
      expect(story.status).toBe('resubmission_required');
      expect(redo(story)).toEqual(['1']);
    }
  });

  test('a further request over the same steps does not hide that newer ones are in', () => {
    const story = new CustomerStory();
    story.hears('verification_update_required', { eventId: 'one', requiredSteps: [step('0')] });
    story.sees(journeySnapshot(ASKED));
    story.hears('verification_update_required', { eventId: 'two', requiredSteps: [step('1')] });
    expect(redo(story)).toEqual(['1']);
    story.app('journey_submitted');
    story.sees(journeySnapshot({ ...ASKED, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
    story.sees(journeySnapshot({ manualDecision: 'Resubmission Requested', pictures: 'pictures-2' }));
    expect(story.status).toBe('approved');
  });

  test('the same request replayed asks for nothing more', () => {
    const story = new CustomerStory();
    const ask = { eventId: 'one', requiredSteps: [step('0')] };
    story.hears('verification_update_required', ask);
    story.sees(journeySnapshot(ASKED));
    story.app('journey_submitted');
    story.sees(journeySnapshot({ ...ASKED, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
    story.hears('verification_update_required', ask);
    story.sees(journeySnapshot({ ...ASKED, pictures: 'pictures-2' }));
    expect(story.status).toBe('under_review');
  });

  test('a renewal’s request is no reviewer’s: it neither asks an approved customer nor names steps for a later request', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    story.hears('verification_update_required', { trigger: 'KYC Renewal', requiredSteps: [step('9')] });
    story.sees(journeySnapshot());
    expect(story.status).toBe('approved');
    story.sees(journeySnapshot(ASKED));
    expect(redo(story)).toEqual([null]);
  });

  test('heard in a body alone it changes nothing: a fetch must show it', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    const { view } = story;
    story.hears('verification_update_required', { trigger: 'Manual Review', requiredSteps: [step('0')] });
    expect(story.view).toBe(view);
  });
});

describe('a replay', () => {
  const LONG_MS = 40 * 24 * 3_600_000;
  const replayOf = (report: Report): Report => ({
    ...report,
    cause: `${report.cause}#1`,
    replay: { of: report.cause, actor: 'night-shift', reason: 'a test' },
  });
  const submitted = (at: string): Report => ({
    at,
    cause: 'app:1',
    source: 'app',
    report: { kind: 'journey_submitted', journeyId: 'journey-1' },
  });

  test('causes a look at once, with the whole time that a look has, however old the event is', () => {
    const story = new CustomerStory();
    const old: Report = {
      at: story.now,
      cause: 'idwise:1',
      source: 'idwise',
      event: idwiseEvent('finished_journey'),
    };
    story.pass(LONG_MS);
    const turn = story.reports(replayOf(old));
    expect(turn.agenda).toMatchObject([{ what: 'look', nextAttemptAt: story.now }]);
    story.looks({ kind: 'unavailable', code: 'http_503', retryAfterMs: null });
    const [look] = story.waiting('look');
    expect(Date.parse(look?.giveUpAt ?? '')).toBeGreaterThan(Date.parse(story.now));
  });

  test('says who wanted it and why, under its own cause', () => {
    const story = new CustomerStory();
    const turn = story.reports(replayOf(submitted(story.now)));
    expect(turn.effects).toContainEqual({
      kind: 'event_replayed',
      inboxId: 'app:1#1',
      of: 'app:1',
      actor: 'night-shift',
      reason: 'a test',
    });
    expect(story.sees(journeySnapshot()).processed).toEqual(['app:1#1']);
  });

  test('of what the app said takes nothing back that a fetch has said since', () => {
    const story = new CustomerStory();
    const said = submitted(later(story.now, 1_000));
    story.reports(said);
    expect(story.status).toBe('pending_verification');
    story.sees(openSnapshot({ userStepsIn: false }));
    expect(story.status).toBe('in_progress');
    const { view } = story;
    story.reports(replayOf(said));
    expect(story.view).toBe(view);
    story.app('journey_submitted');
    expect(story.status).toBe('pending_verification');
  });

  test('is no sign of life: a verification that nobody went on with stays expired', () => {
    const story = new CustomerStory(decisionContext({ expiry: DEFAULT_POLICY.expiry }));
    const started: Report = {
      at: later(story.now, 1_000),
      cause: 'app:1',
      source: 'app',
      report: { kind: 'journey_started', journeyId: 'journey-1' },
    };
    story.reports(started);
    story.sees(openSnapshot());
    story.pass(LONG_MS).take({ kind: 'clock' });
    expect(story.status).toBe('expired');
    story.reports(replayOf(started));
    story.sees(openSnapshot());
    expect(story.status).toBe('expired');
    story.app('journey_started');
    expect(story.status).toBe('in_progress');
  });

  test('for a customer who is off-boarded is on record and changes nothing', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    story.take({ kind: 'close', actor: 'night-shift', reason: 'left' });
    const turn = story.reports(replayOf(submitted(story.now)));
    expect(turn.effects.map(({ kind }) => kind)).toEqual(['event_replayed', 'late_events', 'alarm']);
    expect([story.status, turn.processed, turn.agenda]).toEqual(['closed', ['app:1#1'], []]);
  });
});

describe('an event that was held up on its way to the customer’s workflow', () => {
  const HELD_UP_MS = 3 * 3_600_000;
  const heldUp = (story: CustomerStory) => later(story.now, -HELD_UP_MS);
  const gapMs = (story: CustomerStory, what: 'look' | 'second_look') =>
    Date.parse(story.waiting(what)[0]?.nextAttemptAt ?? '') - Date.parse(story.now);

  test('has its look tried as soon, and as often, as one that came at once', () => {
    const story = new CustomerStory();
    story.hears('finished_journey', {}, heldUp(story));
    story.looks({ kind: 'unavailable', code: 'http_503', retryAfterMs: null });
    expect(gapMs(story, 'look')).toBeLessThanOrEqual(5_000);
  });

  test('has the result that it announces looked for as soon, and as often', () => {
    const story = new CustomerStory();
    story.hears('finished_journey', {}, heldUp(story));
    story.sees(openSnapshot());
    expect(gapMs(story, 'second_look')).toBeLessThanOrEqual(5_000);
  });
});

test('no body, whatever it says, approves or rejects', () => {
  const story = new CustomerStory();
  story.sees(journeySnapshot(REFER));
  for (const kind of [
    'finished_journey',
    'manually_reviewed',
    'updated_journey',
    'aml_monitor_update',
  ] as const) {
    for (const manualDecision of ['Approved', 'Rejected'])
      story.reports({
        at: story.now,
        cause: `${kind} ${manualDecision}`,
        source: 'idwise',
        event: idwiseEvent(kind, { manualDecision, action: 'Manual Review', amlVersion: 5 }),
      });
  }
  expect(story.status).toBe('under_review');
  expect(story.facts.approval).toBeNull();
});
