import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { later } from '../../src/domain/instant.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { createPassCaseTime, type PassCaseTime } from '../../src/usecases/cases/pass-case-time.js';
import { caseContext } from '../builders/compliance-case.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { storeCase } from '../builders/stored-case.js';

const MINUTE_MS = 60_000;
const RECIPIENTS = ['first@company.example', 'second@company.example', 'third@company.example'];
const vault = createVault(randomBytes(32));
let store: Store;
let drop: () => Promise<void>;
let passCaseTime: PassCaseTime;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
  passCaseTime = createPassCaseTime({
    store,
    context: caseContext(),
    mailRules: { recipients: RECIPIENTS },
    policyVersion: 'the-policy-of-the-test',
    onAlarm: () => undefined,
  });
});
afterAll(() => drop());
beforeEach(async () => {
  await store.cases.deleteMany({});
  await store.outbox.deleteMany({});
});

describe('the digest', () => {
  const digestAt = later(new Date().toISOString(), MINUTE_MS);

  /** A customer of their own with a case that is due in the digest. */
  async function dueInDigest(): Promise<string> {
    const { caseId } = await storeCase(store, vault);
    await store.cases.updateOne(
      { _id: caseId },
      { $set: { 'case.severity': 'low', 'case.due.severity': 'low', 'case.told.digestAt': digestAt } },
    );
    return caseId;
  }
  const threeCases = async () => [await dueInDigest(), await dueInDigest(), await dueInDigest()];
  const clockRuns = (caseId: string) => passCaseTime({ caseId, at: digestAt });

  /** Of each digest, which cases at which versions; the first one first. */
  async function digests(): Promise<readonly string[][]> {
    const rows = await store.outbox.find({}).sort({ 'message.messageKey': 1 }).toArray();
    return rows.map(({ message }) => {
      if (!('cases' in message)) throw new Error('The mail is no digest.');
      expect(message.to).toBe(RECIPIENTS[0]);
      return message.cases.map(({ caseId, version }) => `${caseId} v${version}`).sort();
    });
  }
  const at = (caseIds: readonly string[], version = 1) => caseIds.map((id) => `${id} v${version}`).sort();

  test('is one mail about all cases that are due in it, when their clocks run one after the other', async () => {
    const caseIds = await threeCases();
    for (const caseId of caseIds) await clockRuns(caseId);
    expect(await digests()).toEqual([at(caseIds)]);
  });

  test('is so when their clocks run at the same time', async () => {
    const caseIds = await threeCases();
    await Promise.all(caseIds.map(clockRuns));
    expect(await digests()).toEqual([at(caseIds)]);
  });

  test('that a case came too late for is followed by one about that case alone, as a message of its own', async () => {
    const caseIds = await threeCases();
    for (const caseId of caseIds.slice(0, 2)) await clockRuns(caseId);
    const latecomer = await dueInDigest();
    for (const caseId of [latecomer, ...caseIds.slice(2)]) await clockRuns(caseId);
    expect(await digests()).toEqual([at(caseIds), at([latecomer])]);
    expect(await store.outbox.distinct('message.messageKey')).toHaveLength(2);
  });

  test('tells also of a version that a case of it got before its own clock ran', async () => {
    const [first = '', other = ''] = [await dueInDigest(), await dueInDigest()];
    await clockRuns(first);
    const row = await store.cases.findOne({ _id: other });
    const versions = row?.case.versions.map((version) => ({ ...version, number: 2 })) ?? [];
    await store.cases.updateOne({ _id: other }, { $push: { 'case.versions': { $each: versions } } });
    await clockRuns(other);
    expect(await digests()).toEqual([at([first, other]), at([other], 2)]);
  });

  test('is about no case that was concluded before, and is written for none that has been told', async () => {
    const [first = '', concluded = ''] = await threeCases();
    await store.cases.updateOne(
      { _id: concluded },
      { $set: { isOpen: false, state: 'closed', 'case.state': 'closed', 'case.told.digestAt': null } },
    );
    await clockRuns(concluded);
    expect(await digests()).toEqual([]);
    await clockRuns(first);
    await clockRuns(first);
    expect((await digests()).flat()).not.toContain(`${concluded} v1`);
    expect(await digests()).toHaveLength(1);
  });
});

describe('a clock that looks at a case in which nothing is due', () => {
  test('notes when it is to act next, though a changed policy has put that off: the sweep finds it late no more', async () => {
    const { caseId } = await storeCase(store, vault);
    const longAgo = new Date(Date.now() - 10 * MINUTE_MS);
    await store.cases.updateOne({ _id: caseId }, { $set: { wakeAt: longAgo, untoldSince: null } });
    const { next } = await passCaseTime({ caseId, at: new Date().toISOString() });
    const row = await store.cases.findOne({ _id: caseId });
    expect(row?.wakeAt?.toISOString()).toBe(next?.at);
    expect(row?.wakeAt?.getTime()).toBeGreaterThan(Date.now());
  });

  test('notes that it has looked', async () => {
    const { caseId } = await storeCase(store, vault);
    await passCaseTime({ caseId, at: new Date().toISOString() });
    expect(await store.cases.findOne({ _id: caseId })).toMatchObject({ untoldSince: null, revision: 1 });
  });
});
