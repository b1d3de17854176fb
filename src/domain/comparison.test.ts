import { describe, expect, test } from '@jest/globals';
import { journeySnapshot } from '../../test/builders/journey-snapshot.js';
import {
  amlVersionToAskFor,
  differences,
  isSettled,
  journeysToCompare,
  nextCheck,
  unreadAmlVersion,
} from './comparison.js';
import { type CustomerFacts, type JourneyFacts, newCustomer, newJourney } from './customer.js';
import { later, toMs } from './instant.js';
import type { JourneySnapshot } from './journey.js';
import { DEFAULT_POLICY } from './policy.js';
import { countFindings, NOTHING_COMPARED } from './reconciliation.js';

const AT = '2026-11-24T10:00:00.000Z';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function journey(
  journeyId: string,
  snapshot: Partial<JourneySnapshot> | null,
  more: Partial<JourneyFacts> = {},
) {
  return {
    ...newJourney(journeyId, AT),
    snapshot: snapshot === null ? null : journeySnapshot({ journeyId, ...snapshot }),
    ...more,
  };
}

function customer(...journeys: JourneyFacts[]): CustomerFacts {
  return {
    ...newCustomer('ref-1', AT),
    journeys: Object.fromEntries(journeys.map((each) => [each.journeyId, each])),
  };
}

const gapOf = (facts: CustomerFacts, status: 'approved' | 'in_progress', quietMs = 0) => {
  const { at } = nextCheck(facts, status, DEFAULT_POLICY, AT, quietMs);
  return at === null ? null : toMs(at) - toMs(AT);
};

describe('a record is compared with IDWise again', () => {
  const open = customer(journey('j', { systemDecision: 'Incomplete' }));
  const decided = customer(journey('j', {}));

  test('soon while something is under way, days later at rest, each within a tenth of what the policy says', () => {
    const { unsettledEveryMs, settledEveryMs } = DEFAULT_POLICY.reconciliation;
    for (const [gap, everyMs] of [
      [gapOf(open, 'in_progress'), unsettledEveryMs],
      [gapOf(decided, 'approved'), settledEveryMs],
    ] as const) {
      expect(gap).toBeGreaterThanOrEqual(everyMs * 0.9);
      expect(gap).toBeLessThanOrEqual(everyMs * 1.1);
    }
  });

  test('within a twentieth of the time for which nothing has happened, and never later than one at rest', () => {
    expect(gapOf(open, 'in_progress', 10 * DAY)).toBeLessThanOrEqual((10 * DAY * 1.1) / 20);
    expect(gapOf(open, 'in_progress', 10 * DAY)).toBeGreaterThan(
      DEFAULT_POLICY.reconciliation.unsettledEveryMs,
    );
    expect(gapOf(open, 'in_progress', 10_000 * DAY)).toBe(gapOf(decided, 'approved'));
  });

  test('at the same distance for one customer, at another for another', () => {
    const gaps = Array.from({ length: 50 }, (_, index) =>
      gapOf({ ...decided, referenceNo: `ref-${index}` }, 'approved'),
    );
    expect(new Set(gaps).size).toBeGreaterThan(45);
    expect(gapOf(decided, 'approved')).toBe(gapOf(decided, 'approved'));
  });

  test('never where no journey is known, nor after the customer has gone', () => {
    expect(gapOf(customer(), 'in_progress')).toBeNull();
    expect(gapOf({ ...decided, closedAt: AT }, 'approved')).toBeNull();
  });
});

describe('a customer is at rest', () => {
  const ruling = journey('ruling', { startTime: later(AT, -DAY) });

  test('when decided, and not while another journey or a renewal is under way', () => {
    expect(isSettled(customer(ruling), 'approved')).toBe(true);
    const newer = journey('newer', { systemDecision: 'Incomplete', startTime: AT });
    expect(isSettled(customer(ruling, newer), 'approved')).toBe(false);
    const renewal = {
      by: 'idwise',
      askedAt: AT,
      steps: [],
      deadline: null,
      exceededHeardAt: null,
      stepsInAt: null,
      toldAt: null,
    } as const;
    expect(isSettled(customer({ ...ruling, renewal }), 'approved')).toBe(false);
  });

  test('with an older journey that was never finished, and after giving up', () => {
    const older = journey('older', { systemDecision: 'Incomplete', startTime: later(AT, -2 * DAY) });
    expect(isSettled(customer(older, ruling), 'approved')).toBe(true);
    expect(isSettled(customer(journey('j', { systemDecision: 'Incomplete' })), 'expired')).toBe(true);
  });

  test('never in a status in which something is awaited', () => {
    for (const status of [
      'in_progress',
      'pending_verification',
      'under_review',
      'resubmission_required',
    ] as const)
      expect(isSettled(customer(ruling), status)).toBe(false);
  });
});

describe('worth a call', () => {
  const monitored = { applicability: 'Applicable', openMatches: 0, digest: 'none', version: null };
  const aml = null;

  test('of a customer who is not settled is every journey, one that nobody has seen only for a week', () => {
    const facts = customer(
      journey('fetched', { systemDecision: 'Refer', aml, startTime: later(AT, -30 * DAY) }),
      journey('named', null),
      journey('named-long-ago', null, { firstSeenAt: later(AT, -8 * DAY) }),
    );
    expect(journeysToCompare(facts, 'under_review', AT)).toEqual(['fetched', 'named']);
  });

  test('of a settled customer is the ruling journey and what IDWise monitors', () => {
    const facts = customer(
      journey('forgotten', { aml, startTime: later(AT, -3 * DAY) }),
      journey('monitored', { aml: monitored, startTime: later(AT, -2 * DAY) }),
      journey('skipped', { aml: { ...monitored, applicability: 'Skipped' }, startTime: later(AT, -2 * DAY) }),
      journey('ruling', { aml, startTime: later(AT, -DAY) }),
    );
    expect(journeysToCompare(facts, 'approved', AT)).toEqual(['monitored', 'ruling']);
  });

  test('of a customer who has gone is none', () => {
    expect(journeysToCompare({ ...customer(journey('j', {})), closedAt: AT }, 'closed', AT)).toEqual([]);
  });
});

describe('a comparison', () => {
  const known = journey('j', {});
  const fetched = (change: Partial<JourneySnapshot>) => ({
    ...journeySnapshot({ journeyId: 'j' }),
    ...change,
  });

  test('finds nothing where only what bears on no decision has changed', () => {
    expect(differences(known, fetched({ answerDigest: 'monitoring ran once more' }))).toEqual([]);
    const rules = Object.fromEntries(Object.entries(fetched({}).rules).reverse());
    expect(differences(known, fetched({ rules }))).toEqual([]);
  });

  test.each<[string, Partial<JourneySnapshot>]>([
    ['system_decision', { systemDecision: 'Rejected' }],
    ['manual_decision', { manualDecision: 'Rejected' }],
    ['steps', { stepsDigest: 'other pictures' }],
    ['result', { resultDigest: 'another result' }],
    ['rules', { rules: { document_valid: 'Failed' } }],
    ['government_face', { governmentFaceMatched: false }],
    ['flow', { flowId: 'another flow' }],
    ['identity', { identity: { ...journeySnapshot({}).identity, fullName: 'another name' } }],
    ['aml', { aml: { applicability: 'Applicable', openMatches: 1, digest: 'a match', version: null } }],
  ])('tells of a changed %s, and of that alone', (name, change) => {
    expect(differences(known, fetched(change))).toEqual([name]);
  });

  test('tells that a journey which was only named exists', () => {
    expect(differences(journey('j', null), fetched({}))).toEqual(['never_fetched']);
  });
});

describe('the history of AML matches', () => {
  const monitored = (change: Partial<JourneySnapshot> = {}) =>
    journeySnapshot({
      aml: { applicability: 'Applicable', openMatches: 0, digest: 'none', version: null },
      ...change,
    });
  const withAml = (aml: Partial<JourneyFacts['aml']>) => {
    const plain = journey('j', {});
    return { ...plain, aml: { ...plain.aml, ...aml } };
  };

  test('is asked for the version after the highest that is known in whichever way', () => {
    expect(amlVersionToAskFor(withAml({}), monitored())).toBe(1);
    expect(amlVersionToAskFor(withAml({ version: 2 }), monitored())).toBe(3);
    expect(amlVersionToAskFor(withAml({ version: 2, heardVersion: 5 }), monitored())).toBe(6);
    expect(amlVersionToAskFor(withAml({ storedVersion: 7 }), monitored())).toBe(8);
  });

  test('is not asked for where nobody is monitored, or the journey is not decided', () => {
    const aml = { openMatches: 0, digest: 'none', version: null };
    for (const applicability of ['Not Ready Yet', 'Skipped', 'Disabled'])
      expect(amlVersionToAskFor(withAml({}), monitored({ aml: { ...aml, applicability } }))).toBeNull();
    expect(amlVersionToAskFor(withAml({}), monitored({ aml: null }))).toBeNull();
    expect(amlVersionToAskFor(withAml({}), monitored({ systemDecision: 'Incomplete' }))).toBeNull();
  });

  test('has an unread version where reading it was given up, not while it is still tried', () => {
    expect(unreadAmlVersion(withAml({ heardVersion: 3, storedVersion: 1 }))).toBe(3);
    expect(unreadAmlVersion(withAml({ heardVersion: 3, storedVersion: 3 }))).toBeNull();
    const owed = { since: AT, attempts: 2, lastAttemptAt: AT, trouble: null, notBefore: null, causes: [] };
    expect(unreadAmlVersion(withAml({ heardVersion: 3, storedVersion: 1, owed }))).toBeNull();
  });
});

test('a run counts every journey under what was found of it, and every difference under its name', () => {
  const counts = countFindings(NOTHING_COMPARED, [
    {
      referenceNo: 'a',
      calls: 3,
      journeys: [
        {
          journeyId: 'a1',
          finding: { kind: 'differs', differences: ['manual_decision', 'result'], amlVersion: null },
        },
        { journeyId: 'a2', finding: { kind: 'unknown_journey' } },
      ],
    },
    {
      referenceNo: 'b',
      calls: 2,
      journeys: [
        { journeyId: 'b1', finding: { kind: 'differs', differences: ['manual_decision'], amlVersion: null } },
        { journeyId: 'b2', finding: { kind: 'not_ours' } },
        { journeyId: 'b3', finding: { kind: 'same' } },
        {
          journeyId: 'b4',
          finding: { kind: 'failed', reason: 'unavailable', code: 'http_503', retryAfterMs: null },
        },
      ],
    },
  ]);
  expect(countFindings(counts, [])).toEqual(counts);
  expect(counts).toEqual({
    customers: 2,
    journeys: 6,
    calls: 5,
    repairs: 2,
    differences: { manual_decision: 2, result: 1 },
    unknown: 1,
    notOurs: 1,
    failed: 1,
  });
});
