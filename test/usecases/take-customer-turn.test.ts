import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { measureInboxRow } from '../../src/intake/inbox-row.js';
import { createVault } from '../../src/personal-data/vault.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import type { TellCases } from '../../src/usecases/cases/tell-cases.js';
import type { CustomerTurnInput } from '../../src/usecases/customer-turn-command.js';
import { createTakeCustomerTurn } from '../../src/usecases/take-customer-turn.js';
import { FLOW_ID, journeySnapshot } from '../builders/journey-snapshot.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { storeCase } from '../builders/stored-case.js';

let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

const at = '2026-11-23T10:00:00.000Z';

/** Nobody is told: these tests are about the customer's own record. */
const NO_CASES: TellCases = async () => ({ holds: [], audit: [], mails: [], caseIds: [] });

async function customer() {
  const referenceNo = `ref-${randomUUID()}`;
  await store.profiles.insertOne(newProfileRow(referenceNo, undefined, at, DEFAULT_POLICY));
  const take = (turn: number, input: CustomerTurnInput, tellCases = NO_CASES, askedAt = at) =>
    createTakeCustomerTurn({
      store,
      context: { policy: DEFAULT_POLICY, flowId: FLOW_ID, customStepConfigured: false },
      messageRules: { companyWebhook: false, webPush: false },
      tellCases,
      onCaseChanged: () => undefined,
      onAlarm: () => {},
      onParked: () => {},
      onRequestFailed: () => {},
    })({ referenceNo, turn, runId: 'run', at: askedAt, input });
  const effects = async () =>
    (await store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray()).map(({ effect }) => effect);
  return { referenceNo, take, effects };
}

const looked = (journeyId: string, fetchId: string): CustomerTurnInput => ({
  kind: 'look',
  journeyId,
  outcome: { kind: 'journey', snapshot: journeySnapshot({ journeyId }), fetchId },
});

describe('a turn that a fetched journey takes to the record', () => {
  test.each(['a.b', 'a.b.c', '$set', '$a.$b', '__proto__', 'constructor', '.', ''])(
    'is recorded with its details under the very id, which may be any text: %j',
    async (journeyId) => {
      const { referenceNo, take } = await customer();
      expect(await take(1, looked(journeyId, 'f-1'))).toMatchObject({ kind: 'done', status: 'approved' });
      expect(await take(2, looked('another', 'f-2'))).toMatchObject({ kind: 'done' });
      const row = await store.profiles.findOne({ _id: referenceNo });
      expect(Object.entries(row?.details ?? {})).toEqual([
        [journeyId, 'f-1'],
        ['another', 'f-2'],
      ]);
    },
  );
});

describe('a turn under the number and run of the last one', () => {
  test('is that one where it bears the same time, and gets its result again', async () => {
    const { take, effects } = await customer();
    const first = await take(1, looked('j-1', 'f-1'));
    const written = await effects();
    expect(await take(1, looked('j-1', 'f-1'))).toEqual(first);
    expect(await effects()).toEqual(written);
  });

  test('is another one where it bears another time: Temporal was set back with the run, and the run is told to look first', async () => {
    const { take } = await customer();
    await take(1, looked('j-1', 'f-1'));
    const later = '2026-11-23T12:00:00.000Z';
    const input = looked('j-2', 'f-2');
    expect(await take(1, input, NO_CASES, later)).toEqual({ kind: 'overtaken' });
    expect(await take(2, input, NO_CASES, later)).toMatchObject({ kind: 'done', turn: 2 });
  });
});

describe('what a case wants of the customer', () => {
  test('is a hold already in the turn that shows why, and none a second time when the case’s own word arrives', async () => {
    const { referenceNo, take, effects } = await customer();
    await take(1, looked('j-1', 'f-1'));
    const measure = { kind: 'lay_hold', hold: 'held' } as const;
    const word = { caseId: 'case-1', revision: 1, journeyId: 'j-1', measure };
    const holding: TellCases = async () => ({ holds: [word], audit: [], mails: [], caseIds: [] });
    expect(await take(2, { kind: 'clock' }, holding)).toMatchObject({ status: 'suspended', access: 'none' });
    const laid = await effects();
    expect(laid.slice(-2)).toEqual(['hold_laid', 'status_changed:suspended']);
    const row = measureInboxRow(word, `case:${randomUUID()}`, referenceNo, new Date(at));
    await store.inbox.insertOne(row);
    const events = [{ id: row._id, inboxId: row._id, kind: row.kind, receivedAt: at }];
    expect(await take(3, { kind: 'events', events })).toMatchObject({ status: 'suspended' });
    expect(await effects()).toEqual(laid);
    expect(await store.inbox.findOne({ _id: row._id })).toMatchObject({ state: 'processed' });
  });

  test('keeps a customer from being closed as soon as the case has frozen them, though the word is still on its way', async () => {
    const { referenceNo, take } = await customer();
    const vault = createVault(randomBytes(32));
    const { caseId } = await storeCase(store, vault, 0, referenceNo);
    await store.cases.updateOne({ _id: caseId }, { $set: { 'case.hold': 'frozen' } });
    const close: CustomerTurnInput = { kind: 'close', actor: 'night-shift', reason: 'asked for' };
    expect(await take(1, close)).toMatchObject({ closed: false });
    await store.cases.updateOne({ _id: caseId }, { $set: { 'case.hold': 'none' } });
    expect(await take(2, close)).toMatchObject({ closed: true });
  });
});
