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
import { openOwnDatabase } from '../builders/own-database.js';
import { type StoredCase, storeCase } from '../builders/stored-case.js';

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

/** Two cases of one customer: a freezing of the first awaits its approval, and an off-boarding of the second. */
async function bothProposed(): Promise<{ freezing: StoredCase; offBoarding: StoredCase }> {
  const freezing = await storeCase(store, vault);
  const offBoarding = await storeCase(store, vault, 0, freezing.referenceNo);
  for (const [of, outcome] of [
    [freezing, 'freeze'],
    [offBoarding, 'off_board'],
  ] as const) {
    expect(await does(of, OFFICER, acknowledges)).toEqual(DONE);
    expect(await does(of, OFFICER, proposes(outcome), { words: 'Enough.' })).toEqual(DONE);
  }
  return { freezing, offBoarding };
}

const approved = (of: StoredCase) => does(of, APPROVER, approves, { words: 'Agreed.' });
const FROZEN = { kind: 'refused', refusal: 'frozen' };

test('once a case has frozen the customer no other case off-boards them, though their own workflow has not heard of it yet', async () => {
  const { freezing, offBoarding } = await bothProposed();
  const { referenceNo } = freezing;
  const unproposed = await storeCase(store, vault, 0, referenceNo);
  const stranger = (await bothProposed()).offBoarding;
  expect(await approved(freezing)).toEqual(DONE);
  const profile = await store.profiles.findOne({ _id: referenceNo });
  expect(profile?.facts).toMatchObject({ complianceHolds: [] });

  expect(await approved(offBoarding)).toEqual(FROZEN);
  const offered = await page(offBoarding);
  expect(offered?.outcomes).not.toContain('off_board');
  await does(unproposed, OFFICER, acknowledges);
  expect(await does(unproposed, OFFICER, proposes('off_board'), { words: 'Enough.' })).toEqual(FROZEN);
  expect(await does(unproposed, OFFICER, proposes('restrict'), { words: 'For now.' })).toEqual(DONE);
  // Another customer is none of its business.
  expect(await approved(stranger)).toEqual(DONE);
});

test('of a freezing and an off-boarding that are approved at once, the off-boarding is done only where it came first', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const { freezing, offBoarding } = await bothProposed();
    const answers = await Promise.all([approved(freezing), approved(offBoarding)]);
    const records = await store.audit
      .find({ referenceNo: freezing.referenceNo, effect: 'case:approved' })
      .sort({ sequence: 1 })
      .toArray();
    const order = records.map(({ to }) => (to as { outcome: string }).outcome);
    expect([answers, order]).toEqual(
      order.length === 1
        ? [[DONE, FROZEN], ['freeze']]
        : [
            [DONE, DONE],
            ['off_board', 'freeze'],
          ],
    );
  }
});
