import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aboutWords } from '../../src/desk/case-words.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { StoredFacts } from '../../src/domain/upgrade-facts.js';
import { parseJourney } from '../../src/idwise/answers.js';
import { toSnapshot } from '../../src/idwise/snapshot.js';
import { storeAnswer } from '../../src/idwise/stored-answers.js';
import { createVault } from '../../src/personal-data/vault.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import { createTellCases } from '../../src/usecases/cases/tell-cases.js';
import { createTakeCustomerTurn } from '../../src/usecases/take-customer-turn.js';
import { caseContext } from '../builders/compliance-case.js';
import { CustomerStory } from '../builders/customer-story.js';
import { factsOf2 } from '../builders/facts-of-2.js';
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

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 10, minute)).toISOString();
const SANCTIONED = amlMatch({ name: 'Old Hit', resource_id: 'old', datasets: ['Sanctions'] });
const EXPOSED = amlMatch({ name: 'New Hit', resource_id: 'new', datasets: ['Politically Exposed Person'] });

/** A customer whose turns are taken on a real MongoDB, with everything that tells cases. */
class Customer {
  readonly referenceNo = `ref-${randomUUID()}`;
  private turn = 0;

  /** IDWise shows these matches; the answer is stored, as each look does. */
  async answers(matches: readonly unknown[], minute: number) {
    const parsed = parseJourney(
      finishedJourney({
        reference_number: this.referenceNo,
        journey_id: JOURNEY_ID,
        aml: { applicability: 'Applicable', matches },
      }),
    );
    if (parsed.kind !== 'parsed') throw new Error('The sample does not parse.');
    const snapshot = toSnapshot(parsed.answer, vault.digestKey(this.referenceNo));
    const shelf = { store, vault };
    const fetchId = await storeAnswer(
      shelf,
      this.referenceNo,
      parsed.answer,
      snapshot.answerDigest,
      at(minute),
    );
    return { kind: 'journey' as const, snapshot, fetchId };
  }

  /** The record as a release left it that told of matches and knew no cases. */
  async isKnownWith(matches: readonly unknown[]): Promise<void> {
    const { snapshot } = await this.answers(matches, 0);
    await this.isRegistered({ ...factsOf2(snapshot), referenceNo: this.referenceNo });
  }

  /** An import has named the journey, and nobody has looked at it yet. */
  async isImported(): Promise<void> {
    const story = new CustomerStory();
    const { now } = story;
    story.reports({ at: now, cause: 'import:1', source: 'operator', journeyId: JOURNEY_ID, isImport: true });
    await this.isRegistered({ ...story.facts, referenceNo: this.referenceNo });
  }

  async isRegistered(facts?: StoredFacts): Promise<void> {
    const row = newProfileRow(this.referenceNo, undefined, at(0), DEFAULT_POLICY);
    await store.profiles.insertOne(facts === undefined ? row : { ...row, facts });
  }

  /** A look shows these matches, and the history is found to have no version of them. */
  async changesTo(matches: readonly unknown[], minute = 5): Promise<void> {
    const { referenceNo } = this;
    const journeyId = JOURNEY_ID;
    const context = caseContext();
    const takeTurn = createTakeCustomerTurn({
      store,
      context: { policy: DEFAULT_POLICY, flowId: 'flow-1', customStepConfigured: false },
      messageRules: { companyWebhook: false, webPush: false },
      tellCases: createTellCases({
        store,
        vault,
        context,
        mailRules: { recipients: [] },
        policyVersion: 'the-policy-of-the-test',
      }),
      onCaseChanged: () => undefined,
      onAlarm: () => undefined,
      onParked: () => undefined,
      onRequestFailed: () => undefined,
    });
    const outcome = await this.answers(matches, minute);
    const take = (input: Parameters<typeof takeTurn>[0]['input']) => {
      this.turn += 1;
      return takeTurn({ referenceNo, turn: this.turn, runId: 'run', at: at(minute), input });
    };
    await take({ kind: 'look', journeyId, outcome });
    await take({
      kind: 'aml_versions',
      journeyId,
      outcome: { kind: 'stored', highest: 0, complete: true },
    });
  }

  async recordsOf(effect: string) {
    return await store.audit
      .find({ referenceNo: this.referenceNo, effect: new RegExp(`^${effect}`) })
      .toArray();
  }

  async losesAnswers(): Promise<void> {
    await store.journeyAnswers.deleteMany({ referenceNo: this.referenceNo });
  }

  async case() {
    const row = await store.cases.findOne({ referenceNo: this.referenceNo, 'case.kind': 'aml' });
    return row?.case;
  }

  async lastSummary() {
    const because = (await this.case())?.versions.at(-1)?.because;
    return because?.kind === 'aml' ? because.summary : undefined;
  }
}

const count = (matches: number) => expect.objectContaining({ matches });

describe('a customer whose matches compliance was told of before there were cases', () => {
  test('is not held for a match that was there: only what is new weighs', async () => {
    const customer = new Customer();
    await customer.isKnownWith([SANCTIONED]);
    await customer.changesTo([SANCTIONED, EXPOSED]);
    expect(await customer.case()).toMatchObject({
      severity: 'high',
      hold: 'none',
      versions: [{ number: 1 }],
    });
    expect(await customer.lastSummary()).toMatchObject({ added: count(1), changed: count(0) });
  });

  test('is held for a match that is new on a sanctions list', async () => {
    const customer = new Customer();
    await customer.isKnownWith([EXPOSED]);
    await customer.changesTo([EXPOSED, SANCTIONED]);
    expect(await customer.case()).toMatchObject({ severity: 'critical', hold: 'held' });
  });

  test('has the matches compared that they had when told of, whatever answers came before', async () => {
    const customer = new Customer();
    await customer.answers([], -10);
    await customer.answers([SANCTIONED, EXPOSED], -5);
    await customer.isKnownWith([SANCTIONED]);
    await customer.changesTo([]);
    expect(await customer.lastSummary()).toMatchObject({ added: count(0), removed: count(1) });
  });

  test('whose earlier matches cannot be had is not held, and has a case that says so', async () => {
    const customer = new Customer();
    await customer.isKnownWith([SANCTIONED]);
    await customer.losesAnswers();
    await customer.changesTo([SANCTIONED, EXPOSED]);
    const found = await customer.case();
    expect(found).toMatchObject({ severity: 'medium', hold: 'none' });
    expect(found?.versions.map(aboutWords)).toEqual([
      'Matches changed; what they were before is not on record',
    ]);
    expect(await customer.lastSummary()).toMatchObject({ added: count(0), beforeIsUnknown: true });

    await customer.changesTo([EXPOSED], 10);
    expect(await customer.lastSummary()).toMatchObject({ added: count(0), removed: count(1) });
    expect(await customer.lastSummary()).not.toHaveProperty('beforeIsUnknown');
  });
});

describe('a customer whom an import brought along', () => {
  test('has no case of the matches that its look shows, and has them on record', async () => {
    const customer = new Customer();
    await customer.isImported();
    await customer.changesTo([SANCTIONED, EXPOSED]);
    expect(await customer.case()).toBeUndefined();
    expect(await store.inbox.countDocuments({ referenceNo: customer.referenceNo })).toBe(0);
    const records = await customer.recordsOf('matches_known');
    expect(records).toMatchObject([
      { actor: 'system', journeyId: JOURNEY_ID, to: { openMatches: 2, untold: 'imported' } },
    ]);
    expect(records[0]?.snapshotDigest).not.toBeNull();
  });

  test('has a case of the match that is added later and of no other, whatever answers are left', async () => {
    const customer = new Customer();
    await customer.isImported();
    await customer.changesTo([SANCTIONED]);
    await customer.losesAnswers();
    await customer.changesTo([SANCTIONED, EXPOSED], 10);
    expect(await customer.case()).toMatchObject({ severity: 'high', hold: 'none' });
    const summary = await customer.lastSummary();
    expect(summary).toMatchObject({ added: count(1), removed: count(0), changed: count(0) });
    expect(summary).not.toHaveProperty('beforeIsUnknown');
  });

  test('is held for a match that is added later on a sanctions list', async () => {
    const customer = new Customer();
    await customer.isImported();
    await customer.changesTo([EXPOSED]);
    await customer.changesTo([EXPOSED, SANCTIONED], 10);
    expect(await customer.case()).toMatchObject({ severity: 'critical', hold: 'held' });
    expect(await customer.lastSummary()).toMatchObject({ added: count(1) });
  });

  test('is held where a match that was known comes onto a sanctions list', async () => {
    const customer = new Customer();
    const listed = amlMatch({ name: 'New Hit', resource_id: 'new', datasets: ['Sanctions'] });
    await customer.isImported();
    await customer.changesTo([EXPOSED]);
    await customer.changesTo([listed], 10);
    expect(await customer.case()).toMatchObject({ severity: 'critical', hold: 'held' });
    expect(await customer.lastSummary()).toMatchObject({ added: count(0), changed: count(1) });
  });
});

describe('a customer whom cases have known from the beginning', () => {
  test('has every match of the first result in the case, and is held for one on a sanctions list', async () => {
    const customer = new Customer();
    await customer.isRegistered();
    await customer.changesTo([SANCTIONED, EXPOSED]);
    expect(await customer.case()).toMatchObject({ severity: 'critical', hold: 'held' });
    expect(await customer.lastSummary()).toMatchObject({ added: count(2) });
  });

  test('with a first result without matches has the first one that comes as added', async () => {
    const customer = new Customer();
    await customer.isRegistered();
    await customer.changesTo([]);
    expect(await customer.case()).toBeUndefined();
    await customer.changesTo([SANCTIONED], 10);
    expect(await customer.case()).toMatchObject({ severity: 'critical', hold: 'held' });
    expect(await customer.lastSummary()).toMatchObject({ added: count(1) });
  });
});
