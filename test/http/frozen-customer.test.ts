import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CustomerMeasure } from '../../src/domain/cases/outcomes.js';
import { measureInboxRow } from '../../src/intake/inbox-row.js';
import { until } from '../eventually.js';
import { OPERATOR_KEY } from './api-under-test.js';
import { startUnheardIdwise, type UnheardIdwise } from './unheard-idwise.js';

/** A frozen customer cannot be off-boarded before an outcome of the case has released them, whoever asks. */

let idwise: UnheardIdwise;
beforeAll(async () => {
  idwise = await startUnheardIdwise();
});
afterAll(() => idwise.stop());

const caseId = 'case_00112233445566778899';
const TWO_PEOPLE = { proposedBy: 'officer', approvedBy: 'approver' };

let revision = 0;

/** What a case wants done takes this way to the customer's workflow; resolves when the workflow knows that it is done. */
async function carriesOut(referenceNo: string, measure: CustomerMeasure): Promise<void> {
  revision += 1;
  const _id = `case:${caseId}:${randomUUID()}`;
  const row = measureInboxRow({ caseId, revision, journeyId: 'none', measure }, _id, referenceNo, new Date());
  await idwise.api.store.inbox.insertOne(row);
  await until(async () => (await idwise.api.inboxRow(_id))?.state === 'processed');
  await idwise.rests(referenceNo);
}

const asks = (referenceNo: string, kind: string) =>
  idwise.api.call('POST', `/v1/operator/customers/${encodeURIComponent(referenceNo)}/requests`, {
    authorization: `Bearer ${OPERATOR_KEY}`,
    body: { kind, reason: 'asked for by phone' },
  });

const recordsOf = async (referenceNo: string) => {
  const audit = await idwise.api.store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray();
  return audit.map(({ effect }) => effect);
};

test('a frozen customer is not closed: 409 with its own code, and nothing is on record', async () => {
  const referenceNo = await idwise.registered();
  await carriesOut(referenceNo, { kind: 'lay_hold', hold: 'frozen' });
  const before = await recordsOf(referenceNo);
  const refused = await asks(referenceNo, 'close');
  expect([refused.status, refused.json['code']]).toEqual([409, 'customer_frozen']);
  // To look again, or to take back whom nobody closed, has nothing to do with it.
  expect((await asks(referenceNo, 'reopen')).json['code']).toBe('customer_not_closed');
  expect((await asks(referenceNo, 'reprocess')).status).toBe(202);
  expect(await recordsOf(referenceNo)).toEqual(expect.arrayContaining(before));
  expect(await recordsOf(referenceNo)).not.toContain('close_refused');
  expect(await idwise.statusOf(referenceNo)).toBe('suspended');
});

test('they are closed once an outcome of two people has released them, also where it keeps the hold', async () => {
  const referenceNo = await idwise.registered();
  await carriesOut(referenceNo, { kind: 'lay_hold', hold: 'frozen' });
  expect((await asks(referenceNo, 'close')).status).toBe(409);
  await carriesOut(referenceNo, { kind: 'lift_hold', to: 'held', ...TWO_PEOPLE });
  expect((await asks(referenceNo, 'close')).status).toBe(202);
  await until(async () => (await idwise.statusOf(referenceNo)) === 'closed');
});

test('a hold that does not freeze keeps nobody from being closed', async () => {
  const referenceNo = await idwise.registered();
  await carriesOut(referenceNo, { kind: 'lay_hold', hold: 'held' });
  expect((await asks(referenceNo, 'close')).status).toBe(202);
  await until(async () => (await idwise.statusOf(referenceNo)) === 'closed');
});
