import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { createActOnCase } from '../../src/usecases/cases/act-on-case.js';
import { createPassCaseTime } from '../../src/usecases/cases/pass-case-time.js';
import { createReadCases } from '../../src/usecases/cases/read-cases.js';
import { caseContext, OFFICER } from '../builders/compliance-case.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { storeCase } from '../builders/stored-case.js';

const vault = createVault(randomBytes(32));
const context = caseContext();
let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

test('a case that a later release wrote is neither shown, nor acted on, nor overwritten', async () => {
  const { caseId } = await storeCase(store, vault);
  const rules = { store, vault, context, mailRules: { recipients: [] }, policyVersion: 'of the test' };
  const read = createReadCases({ store, vault, policy: context.policy, studioUrlTemplate: null });
  const act = createActOnCase({ ...rules, onChanged: () => undefined });
  const pass = createPassCaseTime({ ...rules, onAlarm: () => undefined });
  const acknowledge = {
    caseId,
    requestId: randomUUID(),
    actor: OFFICER,
    request: { action: 'acknowledge' },
    words: null,
  } as const;
  const query = {
    view: 'open',
    severity: null,
    state: null,
    due: null,
    referenceNo: null,
    cursor: null,
  } as const;
  expect((await read.list(query, OFFICER, new Date())).cases).toMatchObject([{ caseId }]);

  await store.cases.updateOne({ _id: caseId }, { $set: { 'case.schema': 2 } });
  const before = await store.cases.findOne({ _id: caseId });
  const newer = /form 2.*newer than this release/;
  await expect(read.list(query, OFFICER, new Date())).rejects.toThrow(newer);
  await expect(read.read(caseId, OFFICER)).rejects.toThrow(newer);
  await expect(act(acknowledge, new Date())).rejects.toThrow(newer);
  await expect(pass({ caseId, at: '2030-01-01T10:00:00.000Z' })).rejects.toThrow(newer);
  expect(await store.cases.findOne({ _id: caseId })).toEqual(before);
});
