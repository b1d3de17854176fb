import { describe, expect, test } from '@jest/globals';
import { CustomerStory, decisionContext } from '../../test/builders/customer-story.js';
import {
  amlHitSnapshot,
  documentOutcome,
  journeySnapshot,
  openSnapshot,
  REFER,
  type SnapshotWishes,
} from '../../test/builders/journey-snapshot.js';
import { later } from './instant.js';
import { DEFAULT_POLICY, type Policy } from './policy.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const GRACE_MS = DEFAULT_POLICY.renewal.gracePeriodMs;

/** A customer who was approved by the system a year ago. */
function approved(policy: Partial<Policy> = {}, wishes: SnapshotWishes = {}): CustomerStory {
  const story = new CustomerStory(decisionContext({ ...DEFAULT_POLICY, ...policy }));
  story.sees(journeySnapshot({ endTime: story.now, ...wishes }));
  return story.livesOn(365 * DAY_MS);
}

const step = (stepId: string, says: { reasonCode?: string; renewalDeadline?: string } = {}) => ({
  stepId,
  reasonCode: says.reasonCode ?? null,
  renewalDeadline: says.renewalDeadline ?? null,
});

/** IDWise asks for the renewal, and nothing of the journey has changed. */
function asks(story: CustomerStory, eventId = 'asked'): CustomerStory {
  const requiredSteps = [step('0', { reasonCode: 'DOCUMENT_EXPIRED' })];
  story.hears('verification_update_required', { eventId, trigger: 'KYC Renewal', requiredSteps });
  return looksAgain(story);
}

/** IDWise says that the deadline has passed. */
function exceeds(story: CustomerStory, renewalDeadline: string, eventId = 'exceeded'): CustomerStory {
  const requiredSteps = [step('0', { renewalDeadline })];
  story.hears('kyc_renewal_deadline_exceeded', { eventId, requiredSteps });
  return looksAgain(story);
}

function looksAgain(story: CustomerStory): CustomerStory {
  const { snapshot } = story.journey();
  if (snapshot !== null) story.sees(snapshot);
  return story;
}

/** The user has handed in the steps again; IDWise has not come to a result. */
function handsIn(story: CustomerStory): CustomerStory {
  story.app('journey_submitted');
  const { endTime } = story.journey().snapshot ?? journeySnapshot();
  story.sees(journeySnapshot({ endTime, pictures: 'pictures-2' }));
  return story;
}

/** IDWise has come to a result over the new steps. */
function renews(story: CustomerStory, wishes: SnapshotWishes = {}): CustomerStory {
  story.sees(journeySnapshot({ pictures: 'pictures-2', endTime: story.now, ...wishes }));
  return story;
}

const kinds = (story: CustomerStory) =>
  story.effects.flatMap(({ kind }) =>
    ['renewal_asked', 'renewed', 'hold_laid', 'hold_lifted'].includes(kind) ? [kind] : [],
  );

describe('a renewal that IDWise asks for', () => {
  test('leaves status and access as they are through the grace period, and shows what to renew, why and until when', () => {
    const story = asks(approved());
    const askedAt = story.journey().renewal?.askedAt ?? '';
    const { dueAt } = story.view;
    expect(dueAt).toBe(later(askedAt, GRACE_MS));
    expect(story.view).toMatchObject({
      status: 'approved',
      access: 'full',
      nextSteps: [
        { action: 'renew_step', journeyId: 'journey-1', stepId: '0', reason: { code: 'document_expired' } },
      ],
    });
    const { view } = story;
    story.livesOn(GRACE_MS - DAY_MS);
    expect(story.view).toBe(view);
    expect(kinds(story)).toEqual(['renewal_asked']);
  });

  test('reminds on a ladder before the deadline', () => {
    const story = asks(approved());
    const { now } = story;
    story.livesOn(100 * DAY_MS);
    expect(story.remindedAfter(now)).toEqual([16, 27, 29]);
  });

  test('reminds nobody for whom the worker wakes up only after the deadline', () => {
    const story = asks(approved());
    story.pass(2 * GRACE_MS).take({ kind: 'remind' });
    expect(story.status).toBe('suspended');
    expect(story.remindedAt).toEqual([]);
  });

  test('suspends at the deadline by our own clock, and shows the steps still', () => {
    const story = asks(approved());
    story.livesOn(GRACE_MS);
    expect(story.view).toMatchObject({
      status: 'suspended',
      access: 'none',
      nextSteps: [{ action: 'renew_step' }],
    });
    expect(kinds(story)).toEqual(['renewal_asked', 'hold_laid']);
    expect(story.waiting('clock')).toEqual([]);
    story.livesOn(100 * DAY_MS);
    expect(kinds(story)).toEqual(['renewal_asked', 'hold_laid']);
  });

  test('suspends by IDWise’s event alone where the policy says so', () => {
    const renewal = { ...DEFAULT_POLICY.renewal, suspendsWhenDue: false };
    const story = asks(approved({ renewal }));
    story.livesOn(10 * GRACE_MS);
    expect(story.status).toBe('approved');
    exceeds(story, story.view.dueAt ?? '');
    expect(story.status).toBe('suspended');
  });

  test('suspends by IDWise’s event also where the request itself was lost', () => {
    const story = approved();
    exceeds(story, story.now);
    expect(story.view).toMatchObject({ status: 'suspended', nextSteps: [{ action: 'renew_step' }] });
    renews(story);
    expect(story.status).toBe('approved');
  });

  test('ends the same, whichever of its two events comes first, and however often', () => {
    const deadline = later(approved().now, GRACE_MS);
    const told = [true, false].map((isInOrder) => {
      const story = approved();
      const hear = [() => asks(story), () => exceeds(story, deadline), () => asks(story)];
      for (const each of isInOrder ? hear : hear.toReversed()) each();
      const { steps, exceededHeardAt } = story.journey().renewal ?? {};
      expect(exceededHeardAt).not.toBeNull();
      return { steps, status: story.status, dueAt: story.view.dueAt, nextSteps: story.view.nextSteps };
    });
    expect(told[0]).toEqual(told[1]);
    expect(told[0]).toMatchObject({ status: 'suspended', dueAt: deadline, nextSteps: [{ stepId: '0' }] });
  });

  test('tells a customer only when there is something for them to do', () => {
    const story = new CustomerStory(decisionContext(DEFAULT_POLICY));
    story.sees(journeySnapshot({ ...REFER, endTime: story.now }));
    story.livesOn(365 * DAY_MS);
    asks(story);
    expect(story.view.nextSteps).toEqual([]);
    expect(kinds(story)).toEqual([]);
    story.livesOn(100 * DAY_MS);
    expect(story.stands).toMatchObject({ status: 'under_review' });
    expect(story.remindedAt).toEqual([]);
    const held = approved();
    held.facts = { ...held.facts, holds: ['compliance'] };
    asks(held);
    expect(kinds(held)).toEqual([]);
    held.facts = { ...held.facts, holds: [] };
    held.take({ kind: 'clock' });
    held.take({ kind: 'clock' });
    expect(kinds(held)).toEqual(['renewal_asked']);
  });

  test('of an older journey asks nothing of a customer whom a newer one has approved', () => {
    const story = approved();
    story.sees(journeySnapshot({ journeyId: 'journey-2', startTime: story.now, endTime: story.now }));
    const { view } = story;
    asks(story);
    story.livesOn(10 * GRACE_MS);
    exceeds(story, story.now);
    expect(story.view).toBe(view);
    expect(story.remindedAt).toEqual([]);
  });
});

describe('a renewal is done', () => {
  test('by a result over other steps: the hold is lifted, and nothing is asked any more', () => {
    for (const isHeld of [true, false]) {
      const story = asks(approved());
      if (isHeld) story.livesOn(GRACE_MS);
      renews(handsIn(story));
      expect(story.view).toMatchObject({ status: 'approved', access: 'full', nextSteps: [], dueAt: null });
      expect(kinds(story)).toEqual(
        isHeld ? ['renewal_asked', 'hold_laid', 'renewed', 'hold_lifted'] : ['renewal_asked', 'renewed'],
      );
      expect(story.last.agenda).toEqual([]);
    }
  });

  test('also where every event of it was lost and a sweep alone finds it', () => {
    const story = asks(approved());
    story.livesOn(2 * GRACE_MS);
    renews(story);
    expect(story.status).toBe('approved');
  });

  test('by a newer journey that is approved', () => {
    const story = asks(approved());
    story.livesOn(GRACE_MS);
    story.sees(openSnapshot({ journeyId: 'journey-2', startTime: story.now }));
    expect(story.status).toBe('suspended');
    story.sees(journeySnapshot({ journeyId: 'journey-2', startTime: story.now, endTime: story.now }));
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [] });
    expect(kinds(story)).toEqual(['renewal_asked', 'hold_laid', 'hold_lifted']);
  });

  test('by a human’s approval of what the system referred', () => {
    const story = asks(approved());
    renews(handsIn(story), REFER);
    expect(story.status).toBe('under_review');
    story.livesOn(2 * GRACE_MS);
    expect(story.status).toBe('under_review');
    renews(story, {
      ...REFER,
      manualDecision: 'Approved',
      endTime: story.journey().snapshot?.endTime ?? null,
    });
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [] });
  });

  test('by nothing else: not by a rejection, a referral, AML, another result over the same steps or a newer open journey', () => {
    const story = asks(approved());
    story.livesOn(GRACE_MS);
    const { endTime } = story.journey().snapshot ?? journeySnapshot();
    story.sees(amlHitSnapshot({ endTime }));
    story.sees(journeySnapshot({ endTime, systemDecision: 'Refer', rules: { under_age: 'Failed' } }));
    story.sees(journeySnapshot({ manualDecision: 'Approved', endTime: story.now }));
    story.app('journey_started', 'journey-2');
    expect(story.status).toBe('suspended');
    expect(story.facts.holds).toEqual(['renewal']);
    story.sees(journeySnapshot({ manualDecision: 'Rejected', endTime: story.now }));
    expect(story.status).toBe('rejected');
    expect(story.facts.holds).toEqual(['renewal']);
  });

  test('by newer data over other steps where IDWise does not move the end time, once somebody said that they are in', () => {
    const story = asks(approved());
    const { endTime } = story.journey().snapshot ?? journeySnapshot();
    const renewed = { endTime, documents: [documentOutcome({ expiryDate: '2040-01-31' })] };
    renews(story, renewed);
    expect(story.view.nextSteps).toMatchObject([{ action: 'renew_step' }]);
    story.app('journey_submitted');
    renews(story, { ...renewed, pictures: 'pictures-3', rules: { document_validation: 'Passed' } });
    expect(story.view.nextSteps).toEqual([]);
  });

  test('by no result that is older than the request, however late we see it', () => {
    const story = approved();
    const endTime = story.now;
    story.pass(10 * DAY_MS);
    story.hears('verification_update_required', { trigger: 'KYC Renewal', requiredSteps: [step('0')] });
    renews(story, { endTime });
    expect(story.view.nextSteps).toMatchObject([{ action: 'renew_step' }]);
  });

  test('leaves a late or replayed word of it without effect', () => {
    const story = asks(approved());
    const deadline = story.view.dueAt ?? '';
    story.livesOn(GRACE_MS);
    renews(handsIn(story));
    const { view } = story;
    asks(story, 'asked');
    asks(story.pass(20 * MINUTE_MS), 'asked late, by another event');
    exceeds(story, deadline);
    story.pass(100 * DAY_MS);
    exceeds(story, deadline, 'exceeded late, by another event');
    expect(story.view).toBe(view);
    expect(story.facts.holds).toEqual([]);
  });

  test('and years later another one is asked for, and done', () => {
    const story = asks(approved());
    renews(handsIn(story));
    story.livesOn(730 * DAY_MS);
    asks(story, 'asked again');
    expect(story.view.nextSteps).toMatchObject([{ action: 'renew_step' }]);
    renews(story, { pictures: 'pictures-3' });
    expect(story.view.nextSteps).toEqual([]);
    expect(kinds(story)).toEqual(['renewal_asked', 'renewed', 'renewal_asked', 'renewed']);
  });
});

describe('while the renewed steps are being read', () => {
  const READING = {
    pictures: 'pictures-2',
    documents: [documentOutcome({ completed: false, passed: false })],
    rules: { document_validation: '' },
    selfie: { status: 'Not Started', live: null, livenessStatusCode: null },
  };

  test('the approval stands, though the answer lacks what they had shown, and nobody is reminded or suspended', () => {
    for (const manualDecision of [null, 'Approved']) {
      const story = approved({}, { manualDecision });
      const endTime = story.journey().snapshot?.endTime ?? null;
      asks(story);
      story.app('journey_submitted');
      story.sees(journeySnapshot({ ...READING, endTime, manualDecision }));
      expect(story.view).toMatchObject({ status: 'approved', nextSteps: [], dueAt: null });
      expect(story.waiting('second_look')).toHaveLength(1);
      story.livesOn(2 * GRACE_MS);
      expect(story.status).toBe('approved');
      expect(story.remindedAt).toEqual([]);
      renews(story);
      expect(story.status).toBe('approved');
      expect(story.alarms).toEqual([]);
      expect(kinds(story)).toEqual(['renewal_asked', 'renewed']);
    }
  });

  test('nothing is taken for their result, though the request comes late and a human’s approval stands', () => {
    const story = approved({}, { manualDecision: 'Approved' });
    const endTime = story.journey().snapshot?.endTime ?? null;
    story.sees(journeySnapshot({ ...READING, endTime, manualDecision: 'Approved' }));
    story.hears('verification_update_required', { trigger: 'KYC Renewal', requiredSteps: [step('0')] });
    renews(story);
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [] });
  });

  test('half of them, of which nobody says that they are all, neither end the duty nor shield from the deadline', () => {
    const story = asks(approved());
    const endTime = story.journey().snapshot?.endTime ?? null;
    story.sees(journeySnapshot({ ...READING, endTime }));
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [{ action: 'renew_step' }] });
    const [hint] = story.waiting('second_look');
    if (hint === undefined) throw new Error('Nothing is looked for.');
    story.pass(10 * MINUTE_MS).take({ kind: 'give_up', item: hint });
    expect(story.waiting('second_look')).toEqual([]);
    expect(story.alarms).toEqual([]);
    story.livesOn(GRACE_MS);
    expect(story.status).toBe('suspended');
  });

  test('newer data under the old end time, of which nobody says that all is in, leave the renewal to its result', () => {
    const documents = [documentOutcome({ expiryDate: '2040-01-01' })];
    for (const ends of ['its own end time', 'the word that all is in'] as const) {
      const story = asks(approved());
      const endTime = story.journey().snapshot?.endTime ?? null;
      exceeds(story, story.now);
      story.sees(journeySnapshot({ endTime, pictures: 'pictures-2', documents }));
      expect(story.status).toBe('suspended');
      story.pass(MINUTE_MS);
      if (ends === 'its own end time') renews(story, { documents });
      else {
        story.app('journey_submitted');
        story.sees(journeySnapshot({ endTime, pictures: 'pictures-2', documents }));
      }
      expect(story.view).toMatchObject({ status: 'approved', nextSteps: [], dueAt: null });
    }
  });

  test('IDWise’s word that the deadline has passed counts all the same, until the result approves', () => {
    const story = handsIn(asks(approved()));
    exceeds(story, story.now);
    expect(story.view).toMatchObject({ status: 'suspended', nextSteps: [] });
    renews(story);
    expect(story.status).toBe('approved');
  });

  test('a result that never comes ends in an alarm, counted from when they were seen', () => {
    const story = asks(approved());
    story.app('journey_submitted');
    looksAgain(story);
    story.livesOn(20 * DAY_MS);
    const { endTime } = story.journey().snapshot ?? journeySnapshot();
    story.sees(journeySnapshot({ endTime, pictures: 'pictures-2' }));
    const [item] = story.waiting('second_look');
    expect(Date.parse(item?.giveUpAt ?? '') - Date.parse(story.now)).toBe(DEFAULT_POLICY.look.giveUpMs);
    if (item !== undefined) story.take({ kind: 'give_up', item });
    expect(story.alarms).toEqual(['result_overdue']);
    expect(story.waiting('second_look')).toEqual([]);
  });
});

test('another person in the renewed steps is for a human, with one alarm', () => {
  const story = asks(approved());
  const identity = { ...journeySnapshot().identity, birthDate: 'born-2' };
  renews(handsIn(story), { identity });
  expect(story.stands).toMatchObject({ status: 'under_review', ground: 'another_person' });
  looksAgain(story);
  expect(story.alarms).toEqual(['another_person']);
  renews(story, { identity, manualDecision: 'Approved' });
  expect(story.status).toBe('approved');
  story.livesOn(365 * DAY_MS);
  asks(story, 'asked again');
  renews(story, { identity, pictures: 'pictures-3', manualDecision: null });
  expect(story.status).toBe('approved');
});

test('what worsens after a renewal is compared with the renewed result, not with the one years ago', () => {
  const story = approved();
  story.hears('aml_monitor_update', { amlVersion: 1 });
  const { endTime } = story.journey().snapshot ?? journeySnapshot();
  story.sees(journeySnapshot({ endTime, aml: { digest: 'matches-1' } }));
  asks(story);
  renews(handsIn(story), { aml: { digest: 'matches-1' } });
  expect(story.facts.approval).toMatchObject({ amlDigest: 'matches-1', stepsDigest: 'steps pictures-2' });
  renews(story, { aml: { digest: 'matches-1' }, systemDecision: 'Refer' });
  expect(story.status).toBe('under_review');
});

describe('a document that expires, where the policy watches it', () => {
  const NOTICE_MS = 30 * DAY_MS;
  const watching = { renewal: { ...DEFAULT_POLICY.renewal, documentExpiryNoticeMs: NOTICE_MS } };
  const withExpiry = (expiryDate: string | null) => ({ documents: [documentOutcome({ expiryDate })] });
  /** Approved on 1 January 2026, with a document that expires on 31 March. */
  const begun = (expiryDate: string | null = '2026-03-31') => {
    const story = new CustomerStory(decisionContext({ ...DEFAULT_POLICY, ...watching }));
    story.sees(journeySnapshot({ endTime: story.now, ...withExpiry(expiryDate) }));
    return story;
  };

  test('is asked for in time, with its expiry as the deadline, and suspends when it has expired', () => {
    const story = begun();
    story.livesOn(59 * DAY_MS);
    expect(story.view.nextSteps).toEqual([]);
    story.livesOn(2 * DAY_MS);
    expect(story.view).toMatchObject({
      status: 'approved',
      dueAt: '2026-04-01T00:00:00.000Z',
      nextSteps: [{ action: 'renew_step', stepId: '0', reason: { code: 'document_expired' } }],
    });
    story.livesOn(40 * DAY_MS);
    expect(story.status).toBe('suspended');
    expect(story.remindedAt).toHaveLength(3);
    renews(story, withExpiry('2036-03-31'));
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [] });
    expect(story.waiting('clock')).toMatchObject([{ nextAttemptAt: '2036-03-02T00:00:00.000Z' }]);
    expect(kinds(story)).toEqual(['renewal_asked', 'hold_laid', 'renewed', 'hold_lifted']);
  });

  test('is not renewed by steps in which the same document is shown again, and not asked for anew either', () => {
    const story = begun();
    story.livesOn(70 * DAY_MS);
    const { dueAt } = story.view;
    story.app('journey_submitted');
    renews(story, withExpiry('2026-03-31'));
    expect(story.view).toMatchObject({ dueAt, nextSteps: [{ action: 'renew_step' }] });
    expect(kinds(story)).toEqual(['renewal_asked']);
    renews(story, { pictures: 'pictures-3', ...withExpiry('2036-03-31') });
    expect(story.view.nextSteps).toEqual([]);
  });

  test('that had expired before the result was let pass with it, and is not asked for', () => {
    const story = begun('2025-06-30');
    story.livesOn(365 * DAY_MS);
    expect(story.view).toMatchObject({ status: 'approved', nextSteps: [] });
  });

  test('that expired unwatched has the grace of the policy: nobody is suspended who was never asked', () => {
    const unwatched = new CustomerStory(decisionContext(DEFAULT_POLICY));
    unwatched.sees(journeySnapshot({ endTime: unwatched.now, ...withExpiry('2026-03-31') }));
    unwatched.livesOn(365 * DAY_MS);
    const story = begun();
    story.facts = unwatched.facts;
    story.now = unwatched.now;
    story.take({ kind: 'clock' });
    expect(story.view).toMatchObject({ status: 'approved', dueAt: later(story.now, GRACE_MS) });
    story.livesOn(GRACE_MS);
    expect(story.status).toBe('suspended');
  });

  test.each([null, '9999-12-31', 'unlimited', '2026-02-31x'])('dated %j is never asked for', (expiryDate) => {
    const story = begun(expiryDate);
    expect(story.last.agenda).toEqual([]);
  });

  test('is one duty with IDWise’s own request for it', () => {
    const story = begun();
    story.livesOn(70 * DAY_MS);
    asks(story);
    expect(story.view.nextSteps).toHaveLength(1);
    expect(story.view.dueAt).toBe('2026-04-01T00:00:00.000Z');
    expect(kinds(story)).toEqual(['renewal_asked']);
  });
});
