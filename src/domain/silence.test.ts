import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
  REFER,
} from '../../test/builders/journey-snapshot.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';

const DAY_MS = 86_400_000;
const SILENT_FOR_MS = DEFAULT_POLICY.expiry.afterMs ?? 0;
const REDO_FOR_MS = DEFAULT_POLICY.redo.dueAfterMs ?? 0;
const ASKED = { ...REFER, manualDecision: 'Resubmission Requested' };

const customer = (policy: Partial<Policy> = {}) =>
  new CustomerStory(decisionContext({ ...DEFAULT_POLICY, ...policy }));

/** A customer who began so and then said nothing more, and whose verification has just not expired yet. */
const silent = {
  'who never started': () => customer(),
  'who started and walked away': () => {
    const story = customer();
    story.app('journey_started');
    story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
    return story;
  },
  'who cancelled': () => {
    const story = customer();
    story.app('journey_started');
    story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
    story.app('journey_cancelled');
    story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
    return story;
  },
  'who finished, and whose result never came': () => {
    const story = customer();
    story.app('journey_submitted');
    story.sees(openSnapshot({ userStepsIn: true, startTime: story.now }));
    return story;
  },
};

describe('a verification that nobody goes on with', () => {
  test.each(Object.entries(silent))('of a customer %s expires after the policy’s time', (_who, begin) => {
    const story = begin();
    const before = story.status;
    story.livesOn(SILENT_FOR_MS - DAY_MS);
    expect(story.status).toBe(before);
    story.livesOn(DAY_MS);
    expect(story.view).toMatchObject({ status: 'expired', access: 'none', reason: { code: 'expired' } });
    expect(story.stands.ground).toBe('never_finished');
    expect(story.waiting('clock')).toEqual([]);
    expect(story.waiting('remind')).toEqual([]);
  });

  test.each(Object.entries(silent))('of a customer %s is revived by a later start', (_who, begin) => {
    const story = begin();
    story.livesOn(2 * SILENT_FOR_MS);
    expect(story.status).toBe('expired');
    expect(story.view.nextSteps).toMatchObject([{ action: 'start_verification' }]);
    story.app('journey_started', 'journey-2');
    expect(story.status).toBe('in_progress');
    story.sees(journeySnapshot({ journeyId: 'journey-2', startTime: story.now }));
    expect(story.status).toBe('approved');
  });

  test.each(Object.entries(silent))(
    'of a customer %s never expires where the policy says so',
    (_who, begin) => {
      const story = begin();
      const { status, context } = story;
      const forever = { ...DEFAULT_POLICY, expiry: { ...DEFAULT_POLICY.expiry, afterMs: null } };
      const patient = new CustomerStory({ ...context, policy: forever });
      patient.facts = story.facts;
      patient.take({ kind: 'clock' });
      patient.livesOn(10 * SILENT_FOR_MS);
      expect(patient.status).toBe(status);
    },
  );

  test('lives on with each step of the user, whoever tells of it', () => {
    const story = silent['who started and walked away']();
    const almost = SILENT_FOR_MS - DAY_MS;
    story.livesOn(almost).hears('finished_step');
    story.sees(openSnapshot({ userStepsIn: false, pictures: 'pictures-2' }));
    story.livesOn(almost);
    expect(story.status).toBe('in_progress');
    // Every event was lost; a look shows other pictures.
    story.sees(openSnapshot({ userStepsIn: false, pictures: 'pictures-3' }));
    story.livesOn(almost);
    expect(story.status).toBe('in_progress');
    story.livesOn(2 * DAY_MS);
    expect(story.status).toBe('expired');
    // A look that shows nothing new is no sign of life.
    story.sees(openSnapshot({ userStepsIn: false, pictures: 'pictures-3' }));
    expect(story.status).toBe('expired');
  });

  test('is not revived by what is no sign of the customer’s: AML, a review, a sweep', () => {
    const story = silent['who started and walked away']();
    story.livesOn(SILENT_FOR_MS);
    const { view } = story;
    story.hears('aml_monitor_update', { amlVersion: 1 });
    story.hears('updated_journey', { action: 'AML Amend' });
    story.reports({ at: story.now, cause: 'sweep', source: 'reconciliation', journeyId: JOURNEY_ID });
    const { startTime } = story.journey().snapshot ?? openSnapshot();
    story.sees(openSnapshot({ userStepsIn: false, startTime, aml: { applicability: 'Applicable' } }));
    expect(story.view).toBe(view);
  });

  test('that expired is what IDWise says as soon as a look shows a decision', () => {
    for (const begin of Object.values(silent)) {
      const story = begin();
      story.livesOn(SILENT_FOR_MS);
      story.sees(journeySnapshot());
      expect(story.status).toBe('approved');
    }
  });

  test('is closed at IDWise, once, where the policy wants that', () => {
    const story = customer({ expiry: { ...DEFAULT_POLICY.expiry, completesJourney: true } });
    story.app('journey_started');
    story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
    expect(story.waiting('close_silent_journey')).toEqual([]);
    story.livesOn(SILENT_FOR_MS);
    expect(story.waiting('close_silent_journey')).toMatchObject([{ journeyId: JOURNEY_ID }]);
    const asks = { journeyId: JOURNEY_ID, actor: 'policy', reason: 'silence' };
    story.take({ kind: 'completion_requested', ...asks });
    expect(story.waiting('close_silent_journey')).toEqual([]);
    // The word that the user is at it may have been lost: the journey is read first.
    expect(story.waiting('complete_journey')).toEqual([]);
    story.sees(story.journey().snapshot ?? openSnapshot());
    expect(story.waiting('complete_journey')).toHaveLength(1);
    story.take({ kind: 'completion', journeyId: JOURNEY_ID, outcome: { kind: 'done' } });
    expect(story.last.agenda).toEqual([]);
  });

  test('is not closed where the look before it shows that the user is at it', () => {
    const story = customer({ expiry: { ...DEFAULT_POLICY.expiry, completesJourney: true } });
    story.app('journey_started');
    story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
    const { startTime } = story.journey().snapshot ?? openSnapshot();
    story.livesOn(SILENT_FOR_MS);
    story.take({ kind: 'completion_requested', journeyId: JOURNEY_ID, actor: 'policy', reason: 'silence' });
    story.sees(openSnapshot({ userStepsIn: false, startTime, pictures: 'pictures-2' }));
    expect([story.status, story.journey().completion]).toEqual(['in_progress', null]);
    expect(story.last.effects).toContainEqual({
      kind: 'completion',
      journeyId: JOURNEY_ID,
      outcome: 'withdrawn',
      actor: 'policy',
      reason: 'silence',
    });
    expect(story.waiting('complete_journey')).toEqual([]);
    // Whoever asks for it by hand means it, whatever the user is at.
    story.take({
      kind: 'completion_requested',
      journeyId: JOURNEY_ID,
      actor: 'night-shift',
      reason: 'asked',
    });
    story.sees(openSnapshot({ userStepsIn: false, startTime, pictures: 'pictures-3' }));
    expect(story.waiting('complete_journey')).toHaveLength(1);
  });

  describe('and is to be closed for that', () => {
    const DOWN = { kind: 'unavailable', code: 'http_503', retryAfterMs: null } as const;
    const bySilence = { journeyId: JOURNEY_ID, actor: 'policy', reason: 'silence' };
    const toBeClosed = () => {
      const story = customer({ expiry: { ...DEFAULT_POLICY.expiry, completesJourney: true } });
      story.app('journey_started');
      story.sees(openSnapshot({ userStepsIn: false, startTime: story.now }));
      story.livesOn(SILENT_FOR_MS);
      story.take({ kind: 'completion_requested', ...bySilence });
      return story;
    };
    const steps = (story: CustomerStory, pictures: string) => {
      const { startTime } = story.journey().snapshot ?? openSnapshot();
      return openSnapshot({ userStepsIn: false, startTime, pictures });
    };

    test('is not, where a first attempt failed and the user has come back since', () => {
      const story = toBeClosed();
      story.sees(story.journey().snapshot ?? openSnapshot());
      story.take({ kind: 'completion', journeyId: JOURNEY_ID, outcome: DOWN });
      story.hears('finished_step');
      expect(story.waiting('complete_journey')).toEqual([]);
      story.sees(steps(story, 'pictures-2'));
      expect([story.journey().completion, story.waiting('complete_journey')]).toEqual([null, []]);
    });

    test('is not before what was heard meanwhile has been looked for', () => {
      const story = toBeClosed();
      story.sees(story.journey().snapshot ?? openSnapshot());
      expect(story.waiting('complete_journey')).toHaveLength(1);
      story.hears('finished_step');
      expect(story.waiting('complete_journey')).toEqual([]);
    });

    test('is not where it cannot be read', () => {
      const story = toBeClosed();
      story.looks(DOWN);
      const [look] = story.waiting('look');
      if (look === undefined) throw new Error('A look is owed.');
      story.pass(DEFAULT_POLICY.look.giveUpMs).take({ kind: 'give_up', item: look });
      expect(story.waiting('complete_journey')).toEqual([]);
      expect(story.alarms).toEqual(['look_gave_up']);
    });

    test('is closed all the same where somebody asks for it by hand', () => {
      const story = toBeClosed();
      story.take({ kind: 'completion_requested', ...bySilence, actor: 'night-shift', reason: 'asked' });
      story.sees(steps(story, 'pictures-2'));
      expect(story.journey().completion).toMatchObject({ actor: 'night-shift', state: 'wanted' });
      expect(story.waiting('complete_journey')).toHaveLength(1);
    });
  });

  test('never expires for a customer with an approval, whatever newer journey they leave unfinished', () => {
    const story = customer();
    story.sees(journeySnapshot());
    story.app('journey_started', 'journey-2');
    story.sees(openSnapshot({ journeyId: 'journey-2', startTime: story.now, userStepsIn: false }));
    story.livesOn(10 * SILENT_FOR_MS);
    expect(story.status).toBe('approved');
    story.sees(amlHitSnapshot());
    story.livesOn(10 * SILENT_FOR_MS);
    expect(story.status).toBe('approved');
    expect(story.remindedAt).toEqual([]);
  });

  test.each([
    ['waits for a human', REFER],
    ['was rejected', { systemDecision: 'Rejected' }],
  ])('never expires for a customer who %s', (_who, wishes) => {
    const story = customer();
    story.sees(journeySnapshot(wishes));
    const { status } = story;
    story.livesOn(10 * SILENT_FOR_MS);
    expect(story.status).toBe(status);
  });
});

describe('a request to do steps again', () => {
  test('stands for the policy’s time, of which the customer sees the end, and then the verification expires', () => {
    const story = customer();
    story.sees(journeySnapshot(ASKED));
    const askedAt = Date.parse(story.now);
    expect(story.view).toMatchObject({
      status: 'resubmission_required',
      dueAt: new Date(askedAt + REDO_FOR_MS).toISOString(),
    });
    story.livesOn(REDO_FOR_MS - DAY_MS);
    expect(story.status).toBe('resubmission_required');
    story.livesOn(DAY_MS);
    expect(story.view).toMatchObject({ status: 'expired', dueAt: null });
  });

  test('does not show by its due date that AML alone has changed IDWise’s decision', () => {
    const wishes = { systemDecision: 'Complete', rules: { unrecognized_document: 'Failed' } };
    const story = customer();
    story.sees(journeySnapshot(wishes));
    const { view } = story;
    story.pass(DAY_MS);
    story.sees(
      journeySnapshot({ ...wishes, systemDecision: 'Refer', aml: { openMatches: 1, digest: 'one' } }),
    );
    expect(story.view).toBe(view);
  });

  test('whoever comes back after its end gets the time once more', () => {
    const story = customer();
    story.sees(journeySnapshot(ASKED));
    story.livesOn(2 * REDO_FOR_MS);
    expect(story.status).toBe('expired');
    story.app('journey_started');
    expect(story.status).toBe('resubmission_required');
    story.livesOn(REDO_FOR_MS);
    expect(story.status).toBe('expired');
  });

  test('made once more by a reviewer begins its time anew', () => {
    const story = customer();
    story.hears('verification_update_required', { eventId: 'one' });
    story.sees(journeySnapshot(ASKED));
    story.livesOn(2 * REDO_FOR_MS);
    story.hears('verification_update_required', { eventId: 'two' });
    story.sees(journeySnapshot(ASKED));
    expect(story.status).toBe('resubmission_required');
    story.livesOn(REDO_FOR_MS);
    expect(story.status).toBe('expired');
    story.hears('verification_update_required', { eventId: 'two' });
    story.sees(journeySnapshot(ASKED));
    expect(story.status).toBe('expired');
  });

  test('expires for nobody who has done a newer journey instead and waits for its result', () => {
    const story = customer();
    story.sees(journeySnapshot(ASKED));
    story.livesOn(REDO_FOR_MS - DAY_MS);
    story.app('journey_submitted', 'journey-2');
    story.sees(openSnapshot({ journeyId: 'journey-2', startTime: story.now, userStepsIn: true }));
    story.livesOn(2 * DAY_MS);
    expect(story.status).toBe('resubmission_required');
    expect(story.remindedAfter(story.now).every((days) => days < -2)).toBe(true);
  });

  test('stands without end where the policy says so', () => {
    const story = customer({ redo: { ...DEFAULT_POLICY.redo, dueAfterMs: null } });
    story.sees(journeySnapshot(ASKED));
    expect(story.view.dueAt).toBeNull();
    story.livesOn(1_000 * DAY_MS);
    expect(story.status).toBe('resubmission_required');
  });
});
