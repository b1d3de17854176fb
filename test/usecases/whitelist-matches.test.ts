import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { amlDifference } from '../../src/domain/cases/aml-difference.js';
import type { CustomerFacts } from '../../src/domain/customer.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { upgradeFacts } from '../../src/domain/upgrade-facts.js';
import { parseJourney } from '../../src/idwise/answers.js';
import { toSnapshot } from '../../src/idwise/snapshot.js';
import { storeAnswer } from '../../src/idwise/stored-answers.js';
import { createVault } from '../../src/personal-data/vault.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import { referBy } from '../../src/usecases/cases/known-matches.js';
import { createWhitelistMatches } from '../../src/usecases/cases/whitelist-matches.js';
import { factsOf2, SEEN_AT_2 } from '../builders/facts-of-2.js';
import { JOURNEY_ID } from '../builders/journey-snapshot.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { amlMatch, finishedJourney } from '../idwise/journey-answers.js';

const vault = createVault(randomBytes(32));
let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

/** What IDWise was sent. */
const sent: (readonly string[])[] = [];
beforeEach(() => {
  sent.length = 0;
});

const WITH_ID = amlMatch({ name: 'With An Id', resource_id: 'r-1' });
const WITHOUT_ID = amlMatch({ name: 'Without An Id', resource_id: null });
const WHITELISTED = amlMatch({ name: 'Weighed', resource_id: 'r-2', is_whitelisted: true });

/** Takes the matches that IDWise showed last, those that it showed before, and those that a case wants whitelisted. */
async function customerWith(of: {
  readonly shown: readonly Record<string, unknown>[];
  readonly shownLater?: readonly Record<string, unknown>[];
  readonly wanted: readonly Record<string, unknown>[];
}) {
  const referenceNo = `ref-${randomUUID()}`;
  const key = vault.digestKey(referenceNo);
  const answer = async (matches: readonly unknown[], at: string) => {
    const aml = { applicability: 'Applicable', matches };
    const members = { reference_number: referenceNo, journey_id: JOURNEY_ID, aml };
    const parsed = parseJourney(finishedJourney(members));
    if (parsed.kind !== 'parsed') throw new Error('The sample does not parse.');
    const snapshot = toSnapshot(parsed.answer, key);
    await storeAnswer({ store, vault }, referenceNo, parsed.answer, snapshot.answerDigest, at);
    return snapshot;
  };
  const snapshot = await answer(of.shown, SEEN_AT_2);
  if (of.shownLater !== undefined) await answer(of.shownLater, '2026-01-02T09:00:00.000Z');
  const refs = amlDifference(
    [],
    of.wanted.map((match) => ({ ...match, is_whitelisted: false })),
    referBy(vault, referenceNo),
  ).open.map(({ ref }) => ref);
  const known = upgradeFacts({ ...factsOf2(snapshot), referenceNo });
  const [journey] = Object.values(known.journeys);
  if (journey === undefined) throw new Error('The record has no journey.');
  const whitelisting = {
    caseId: 'case-1',
    matches: refs,
    since: SEEN_AT_2,
    lastAttemptAt: null,
    trouble: null,
  };
  const facts: CustomerFacts = { ...known, journeys: { [JOURNEY_ID]: { ...journey, whitelisting } } };
  await store.profiles.insertOne({
    ...newProfileRow(referenceNo, undefined, SEEN_AT_2, DEFAULT_POLICY),
    facts,
  });
  const whitelist = createWhitelistMatches({
    store,
    vault,
    client: {
      setWhitelist: async (_journeyId, resourceIds) => {
        sent.push(resourceIds);
        return { kind: 'ok', value: null };
      },
    },
  });
  return { refs, outcome: await whitelist({ referenceNo, journeyId: JOURNEY_ID }) };
}

describe('whitelisting at IDWise', () => {
  test('names those that were sent, and not a match that has no id', async () => {
    const { refs, outcome } = await customerWith({
      shown: [WITH_ID, WITHOUT_ID],
      wanted: [WITH_ID, WITHOUT_ID],
    });
    expect(sent).toEqual([['r-1']]);
    expect(outcome).toEqual({ kind: 'done', matches: [refs[0]], gone: [] });
  });

  test('is rejected where no match has an id, and sends nothing', async () => {
    const { outcome } = await customerWith({ shown: [WITHOUT_ID], wanted: [WITHOUT_ID] });
    expect(sent).toEqual([]);
    expect(outcome).toEqual({ kind: 'rejected', code: 'no_resource_id' });
  });

  test('is done with, without a word of success, where the matches count no more', async () => {
    const { refs, outcome } = await customerWith({ shown: [WHITELISTED], wanted: [WHITELISTED, WITH_ID] });
    expect(sent).toEqual([]);
    expect(outcome).toEqual({ kind: 'done', matches: [], gone: refs });
  });

  test('goes by the answer that the record rests on, not by one that was stored later', async () => {
    const { refs, outcome } = await customerWith({ shown: [WITH_ID], shownLater: [], wanted: [WITH_ID] });
    expect(outcome).toEqual({ kind: 'done', matches: refs, gone: [] });
  });
});
