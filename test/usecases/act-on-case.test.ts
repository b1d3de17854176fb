import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CaseRequest } from '../../src/domain/cases/case-actions.js';
import type { CaseOutcome } from '../../src/domain/cases/outcomes.js';
import type { Actor } from '../../src/domain/cases/roles.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { type ActedOnCase, createActOnCase } from '../../src/usecases/cases/act-on-case.js';
import { createReadCases } from '../../src/usecases/cases/read-cases.js';
import { APPROVER, caseContext, OFFICER } from '../builders/compliance-case.js';
import { type StoredCase, storeCase } from '../builders/stored-case.js';
import { openOwnDatabase } from '../idwise/own-database.js';

const vault = createVault(randomBytes(32));
const context = caseContext();
let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

/** Somebody does this now, under a request of its own where none is named; words are kept under the request's id. */
function does(
  { caseId }: Pick<StoredCase, 'caseId'>,
  actor: Actor,
  requestOf: (id: string) => CaseRequest,
  { requestId = randomUUID() as string, words = null as string | null } = {},
): Promise<ActedOnCase> {
  const act = createActOnCase({
    store,
    vault,
    context,
    mailRules: { recipients: [] },
    policyVersion: 'of the test',
    onChanged: () => undefined,
  });
  return act({ caseId, requestId, actor, request: requestOf(requestId), words }, new Date());
}

const proposes = (outcome: CaseOutcome) => (reasonId: string) =>
  ({ action: 'propose', version: 1, outcome, matches: [], reasonId }) as const;
const approves = (reasonId: string) => ({ action: 'approve', proposal: 1, reasonId }) as const;
const notes = (noteId: string) => ({ action: 'note', noteId }) as const;
const acknowledges = () => ({ action: 'acknowledge' }) as const;
const DONE = { kind: 'done' };

const page = ({ caseId }: StoredCase) =>
  createReadCases({ store, vault, policy: context.policy, studioUrlTemplate: null }).read(caseId, OFFICER);

test('the reason of a concluded case stays as it was written, whatever comes under its id a hundred requests later', async () => {
  const of = await storeCase(store, vault);
  const requestId = randomUUID();
  await does(of, OFFICER, acknowledges);
  await does(of, OFFICER, proposes('monitor'), { requestId, words: 'Known to us.' });
  await does(of, APPROVER, approves, { words: 'Agreed.' });
  const shown = await page(of);
  expect(shown?.conclusion).toMatchObject({ reason: 'Known to us.', approval: 'Agreed.' });
  // As a hundred later requests leave the list of remembered ids.
  const later = Array.from({ length: 100 }, () => randomUUID());
  await store.cases.updateOne({ _id: of.caseId }, { $set: { 'case.requestIds': later } });
  const before = await store.cases.findOne({ _id: of.caseId });

  expect(await does(of, OFFICER, notes, { requestId, words: 'Something else.' })).toEqual(DONE);
  expect(await store.cases.findOne({ _id: of.caseId })).toEqual(before);
  expect(await page(of)).toEqual(shown);
  expect(await does(of, OFFICER, notes, { words: 'A note of its own.' })).toEqual(DONE);
  expect((await page(of))?.timeline.at(-1)?.words).toBe('A note of its own.');
});
