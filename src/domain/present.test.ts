import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  documentOutcome,
  JOURNEY_ID,
  journeySnapshot,
  openSnapshot,
} from '../../test/builders/journey-snapshot.js';
import { propertyRuns } from '../../test/builders/property-runs.js';
import { WORDS_NOT_FOR_CUSTOMERS } from '../../test/builders/words-not-for-customers.js';
import type { CustomerFacts } from './customer.js';
import { DEFAULT_POLICY } from './policy.js';
import { nextView, present } from './present.js';
import type { ProfileView } from './profile-view.js';
import { type Ground, judge } from './status.js';
import { createTextCatalogue } from './texts/catalogue.js';
import { viewInLanguage } from './view-in-language.js';

/** What each ground is called; a view that bears one of these words bears a ground. */
const GROUNDS = [
  'held',
  'no_journey',
  'manual_decision',
  'resubmission_requested',
  'capture_failed',
  'newer_steps_in',
  'aml_not_ready',
  'aml_not_ready_too_long',
  'checks_passed',
  'checks_not_passed',
  'foreign_flow',
  'another_person',
  'rejected_before',
  'system_rejected',
  'referred',
  'awaiting_result',
  'awaiting_user',
  'unknown_decision',
  'approval_stands',
  'only_aml_worsened',
  'redo_cap_reached',
  'never_finished',
] as const satisfies readonly Ground[];
const SILENCED =
  /aml|launder|sanction|watch.?list|politically|\bpep\b|compliance|fraud|\brisk|suspic|match|monitor|reviewer|manual|digest|hold/i;

const A_GROUND = new RegExp(`"(${GROUNDS.join('|')})"`);

describe('the view', () => {
  test('lists which functions are open, and what to do next', () => {
    const story = new CustomerStory();
    expect(story.view).toMatchObject({
      status: 'created',
      access: 'none',
      functions: [],
      nextSteps: [{ action: 'start_verification', journeyId: null }],
      journeys: [],
    });
    story.app('journey_started');
    expect(story.view.nextSteps).toMatchObject([{ action: 'continue_verification', journeyId: JOURNEY_ID }]);
    story.app('journey_submitted');
    expect(story.view).toMatchObject({
      status: 'pending_verification',
      access: 'limited',
      functions: DEFAULT_POLICY.functions.limited,
      nextSteps: [],
      reason: { code: 'being_checked' },
    });
    story.sees(journeySnapshot());
    expect(story.view).toMatchObject({
      functions: DEFAULT_POLICY.functions.full,
      nextSteps: [],
      journeys: [{ journeyId: JOURNEY_ID, state: 'finished', startedAt: journeySnapshot().startTime }],
    });
  });

  test('says what to redo and why, where the failed capture rule tells', () => {
    const story = new CustomerStory();
    story.sees(
      journeySnapshot({
        systemDecision: 'Refer',
        rules: { unrecognized_document: 'Failed' },
        selfie: { status: 'Refer', live: null, livenessStatusCode: 'FACE_TOO_CLOSE' },
      }),
    );
    expect(story.view.nextSteps.map((step) => step.reason?.code)).toEqual([
      'unrecognized_document',
      'face_too_close',
    ]);
  });

  test('lists the customer’s journeys in the order of their start, each with the user’s own part', () => {
    const story = new CustomerStory();
    const at = (day: number) => `2026-01-0${day}T08:00:00.000Z`;
    story.sees(openSnapshot({ journeyId: 'c', startTime: at(3) }));
    story.sees(journeySnapshot({ journeyId: 'a', startTime: at(1) }));
    story.sees(openSnapshot({ journeyId: 'b', startTime: at(2) }));
    story.app('journey_cancelled', 'b');
    story.hears('finished_user_steps', { journeyId: 'c' });
    expect(story.view.journeys.map(({ journeyId, state }) => `${journeyId} ${state}`)).toEqual([
      'a finished',
      'b cancelled',
      'c submitted',
    ]);
  });
});

describe('a journey’s state does not tell of AML', () => {
  const states = (story: CustomerStory) => story.view.journeys.map(({ state }) => state);

  test('it is submitted until its first result is whole, as any that is being checked', () => {
    const story = new CustomerStory();
    story.app('journey_submitted');
    const waiting = story.view;
    expect(states(story)).toEqual(['submitted']);
    story.sees(openSnapshot({ userStepsIn: true }));
    story.sees(journeySnapshot({ aml: { applicability: 'Not Ready Yet' } }));
    expect(story.view).toMatchObject({ status: waiting.status, reason: waiting.reason, nextSteps: [] });
    expect(states(story)).toEqual(['submitted']);
    story.sees(journeySnapshot());
    expect(states(story)).toEqual(['finished']);
  });

  test('a newer journey that waits for AML behind an approval is submitted too', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    const newer = { journeyId: 'journey-2', startTime: '2026-01-02T08:00:00.000Z' };
    story.sees(journeySnapshot({ ...newer, aml: { applicability: 'Not Ready Yet' } }));
    expect(states(story)).toEqual(['finished', 'submitted']);
  });

  test('after an approval a new search changes nothing', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    const { view } = story;
    story.sees(journeySnapshot({ aml: { applicability: 'Not Ready Yet' } }));
    expect(story.view).toBe(view);
  });
});

describe('the version', () => {
  const content = (story: CustomerStory) =>
    present(story.facts, judge(story.facts, story.context, story.now), story.context);

  test('grows by one with each change of the view, and updatedAt with it, and with nothing else', () => {
    const story = new CustomerStory();
    const { view } = story;
    story.hears('aml_monitor_update', { journeyId: null, amlVersion: 1 });
    expect(story.view).toBe(view);
    story.app('journey_started');
    expect(story.view).toMatchObject({ version: 2, updatedAt: story.now });
    story.sees(openSnapshot());
    const third = story.view;
    expect(third.version).toBe(3);
    story.sees(openSnapshot());
    story.hears('finished_step');
    expect(story.view).toBe(third);
  });

  test('does not grow because a view came back from a database with its members in another order', () => {
    const story = new CustomerStory();
    story.sees(journeySnapshot());
    const stored = JSON.parse(
      JSON.stringify(Object.fromEntries(Object.entries(story.view).reverse())),
    ) as ProfileView;
    expect(nextView(stored, content(story), '2027-01-01T00:00:00.000Z')).toBe(stored);
  });

  test('grows when the policy opens other functions', () => {
    const story = new CustomerStory();
    const changed = decisionContext({ functions: { ...DEFAULT_POLICY.functions, none: ['read_help'] } });
    const next = nextView(
      story.view,
      present(story.facts, judge(story.facts, changed, story.now), changed),
      '2027-01-01T00:00:00.000Z',
    );
    expect(next).toMatchObject({
      version: 2,
      functions: ['read_help'],
      updatedAt: '2027-01-01T00:00:00.000Z',
    });
  });
});

describe('what a customer never sees', () => {
  const decision = fc.constantFrom('Complete', 'Refer', 'Rejected', 'Incomplete', 'Odd');
  const manual = fc.constantFrom(null, 'Approved', 'Rejected', 'Resubmission Requested', 'Odd');
  const rule = fc.constantFrom('Passed', 'Failed');
  const snapshot = fc
    .record({
      systemDecision: decision,
      manualDecision: manual,
      recognised: rule,
      amlRule: rule,
      applicability: fc.constantFrom('Applicable', 'Not Ready Yet', 'Skipped'),
      matches: fc.constantFrom('none', 'one', 'two'),
      face: fc.constantFrom(null, 'FACE_CROPPED', 'SPOOF_SUSPECTED_FRAUD'),
      passed: fc.boolean(),
      pictures: fc.constantFrom('pictures-1', 'pictures-2'),
      flowId: fc.constantFrom('flow-1', 'flow-2'),
      journeyId: fc.constantFrom('journey-1', 'journey-2'),
    })
    .map(({ recognised, amlRule, applicability, matches, face, passed, journeyId, ...rest }) =>
      journeySnapshot({
        ...rest,
        journeyId,
        startTime: journeyId === 'journey-1' ? '2026-01-01T08:00:00.000Z' : '2026-01-02T08:00:00.000Z',
        documents: [documentOutcome({ passed })],
        selfie: { status: 'Complete', live: true, livenessStatusCode: face },
        rules: { unrecognized_document: recognised, no_aml_records: amlRule },
        aml: { applicability, openMatches: matches === 'none' ? 0 : 1, digest: matches },
      }),
    );
  const event = fc.record({
    kind: fc.constantFrom(
      'verification_update_required',
      'aml_monitor_update',
      'manually_reviewed',
      'updated_journey',
    ),
    amlVersion: fc.nat(3),
    manualDecision: manual,
    action: fc.constantFrom('AML OGM Update', 'Step Update', 'Manual Review'),
    trigger: fc.constantFrom('Manual Review', 'KYC Renewal'),
    requiredSteps: fc.array(
      fc.record({
        stepId: fc.constantFrom('0', '1'),
        reasonCode: fc.oneof(
          fc.constantFrom(null, 'RESUBMIT_BLUR', 'AML_HIT', 'FRAUD_SUSPECTED', 'SANCTIONS_MATCH'),
          fc.constantFrom('toString', 'RESUBMIT_AML', 'document_validation'),
          fc.string({ maxLength: 12 }),
        ),
        renewalDeadline: fc.constant(null),
      }),
      { maxLength: 2 },
    ),
  } as const);

  const steps = fc.array(fc.oneof(snapshot, event), { minLength: 1, maxLength: 8 });
  const holds = fc.subarray(['renewal', 'compliance'] as const);

  test('a word that is not on the allow-list, in any language, in whatever facts can be reached', () => {
    const { languages } = createTextCatalogue({ 'de-AT': { verified: 'Passt.' } });
    const checked = new Set<string>();
    const words = new Set<string>();
    expect(languages.map(({ tag }) => tag)).toEqual(['ar', 'de', 'de-AT', 'en', 'es', 'fr']);
    fc.assert(
      fc.property(steps, holds, (taken, laid) => {
        const story = new CustomerStory();
        for (const step of taken) {
          if ('kind' in step) story.hears(step.kind, step);
          else story.sees(step);
          const facts: CustomerFacts = { ...story.facts, holds: laid };
          const content = present(facts, judge(facts, story.context, story.now), story.context);
          const stored: ProfileView = { ...content, version: 1, updatedAt: '2026-01-01T00:00:00.000Z' };
          if (checked.has(JSON.stringify(stored))) continue;
          checked.add(JSON.stringify(stored));
          for (const { tag, texts } of languages) {
            const view = viewInLanguage(stored, texts);
            const told = [view.reason, ...view.nextSteps.map(({ reason }) => reason)].filter(
              (each) => each !== null,
            );
            const listed: Readonly<Record<string, string | undefined>> = texts;
            expect(told.map(({ code, text }) => [code, text])).toEqual(
              told.map(({ code }) => [code, listed[code]]),
            );
            for (const { text } of told) words.add(text);
            expect(withoutTexts(view)).toEqual(withoutTexts(stored));
            if (tag === 'en') expect(view).toEqual(stored);
          }
        }
      }),
      { seed: 20_260_101, numRuns: propertyRuns(150) },
    );
    for (const forbidden of Object.values(WORDS_NOT_FOR_CUSTOMERS))
      expect([...words].filter((text) => forbidden.test(text))).toEqual([]);
  });

  test('AML, compliance, fraud or the ground of a decision, in whatever facts can be reached', () => {
    fc.assert(
      fc.property(steps, holds, fc.boolean(), (taken, laid, isClosed) => {
        const story = new CustomerStory();
        for (const step of taken) {
          if ('kind' in step) story.hears(step.kind, step);
          else story.sees(step);
          const covered: CustomerFacts = {
            ...story.facts,
            holds: laid,
            closedAt: isClosed ? story.now : null,
          };
          for (const facts of [story.facts, covered]) {
            const judgement = judge(facts, story.context, story.now);
            const { referenceNo: _ours, status: _status, ...seen } = present(facts, judgement, story.context);
            const text = JSON.stringify(seen);
            expect(text.match(SILENCED) ?? text.match(A_GROUND)).toBeNull();
          }
        }
      }),
      { seed: 20_260_101, numRuns: propertyRuns(150) },
    );
  });

  test('why a status is what it is: one status, one reason, whatever the ground', () => {
    const reasonsOf = (stories: CustomerStory[]) =>
      new Set(stories.map(({ view }) => JSON.stringify([view.status, view.reason])));
    const saw = (...snapshots: Parameters<CustomerStory['sees']>[0][]) => {
      const story = new CustomerStory();
      for (const each of snapshots) story.sees(each);
      return story;
    };
    const reviews = [
      saw(amlHitSnapshot()),
      saw(journeySnapshot({ systemDecision: 'Refer' })),
      saw(journeySnapshot({ systemDecision: 'Odd' })),
      saw(journeySnapshot({ flowId: 'flow-2' })),
      saw(journeySnapshot({ documents: [documentOutcome({ passed: false })] })),
    ];
    expect(reasonsOf(reviews).size).toBe(1);
    const refusals = [
      saw(amlHitSnapshot({ manualDecision: 'Rejected' })),
      saw(amlHitSnapshot({ systemDecision: 'Rejected' })),
      saw(journeySnapshot({ systemDecision: 'Rejected' })),
    ];
    expect(reasonsOf(refusals).size).toBe(1);
    expect(reasonsOf([saw(journeySnapshot()), saw(journeySnapshot(), amlHitSnapshot())]).size).toBe(1);
  });
});

/** What of a view is the same in every language. */
function withoutTexts(view: ProfileView): unknown {
  return JSON.parse(JSON.stringify(view, (name, member: unknown) => (name === 'text' ? '' : member)));
}
