import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { registered as registeredSchema } from '../../src/http/schemas.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import { until } from '../eventually.js';
import { connectTemporalRecord, type TemporalRecord } from '../intake/signals.js';
import { type ApiUnderTest, startApi } from './api-under-test.js';
import { sentAgain } from './sent-again.js';

let api: ApiUnderTest;
let temporal: TemporalRecord;
beforeAll(async () => {
  [api, temporal] = await Promise.all([startApi({ comesAgain: false }), connectTemporalRecord()]);
});
afterAll(async () => {
  await Promise.all([api.close(), temporal.close()]);
});

const registerOnce = (body: unknown) => api.call('POST', '/v1/verifications', { body });
const register = (body: unknown) =>
  sentAgain(
    () => registerOnce(body),
    ({ json }) => json,
  );

/** As a caller does who is told by 503 to come again: a busy MongoDB may keep those who want the same at one moment. */
async function registerUntilAnswered(body: unknown) {
  let tries = 0;
  const { status } = await until(async () => {
    tries += 1;
    const answer = await registerOnce(body);
    return answer.status !== 503 && answer;
  });
  return { status, tries };
}

describe('registering a customer', () => {
  test('gives a new opaque reference, the view and what the SDK needs, and starts the workflow', async () => {
    const answer = await register({ customerId: randomUUID() });
    expect(answer.status).toBe(201);
    const view = registeredSchema.parse(answer.json);
    expect(view.referenceNo).toMatch(/^c_[a-z2-7]{20}$/);
    expect(view).toMatchObject({
      status: 'created',
      access: 'none',
      version: 1,
      sdk: { flowId: 'flow-1', clientKey: 'client-key' },
    });
    const [event] = await until(async () => {
      const signals = await temporal.signalsOf(view.referenceNo);
      return signals.length > 0 && signals;
    });
    expect(event?.kind).toBe('registered');
  });

  test('again changes nothing and answers 200, with or without the reference', async () => {
    const body = { customerId: randomUUID(), referenceNo: `ours-${randomUUID()}` };
    const first = await register(body);
    const again = await register(body);
    const without = await register({ customerId: body.customerId });
    expect([first.status, again.status, without.status]).toEqual([201, 200, 200]);
    expect(again.json).toEqual(first.json);
    expect(without.json).toEqual(first.json);
    const rows = { referenceNo: body.referenceNo };
    expect(await api.store.inbox.countDocuments(rows)).toBe(1);
    expect(await api.store.audit.countDocuments(rows)).toBe(1);
  });

  test('many times at one moment makes one profile, one inbox row and one audit record', async () => {
    const body = { customerId: randomUUID(), referenceNo: `ours-${randomUUID()}` };
    const answers = await Promise.all(Array.from({ length: 12 }, () => registerUntilAnswered(body)));
    const made = answers.filter(({ status }) => status === 201).length;
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12 - made);
    // What made it may have been answered 503, when the commit was confirmed too late.
    expect(answers.some(({ tries }) => tries > 1) ? [0, 1] : [1]).toContain(made);
    expect(await api.store.profiles.countDocuments({ customerId: body.customerId })).toBe(1);
    expect(await api.store.inbox.countDocuments({ referenceNo: body.referenceNo })).toBe(1);
    expect(await api.store.audit.distinct('sequence', { referenceNo: body.referenceNo })).toEqual([1]);
  });

  test('under a reference or for a customer that is bound otherwise is a conflict, also at one moment', async () => {
    const [customerId, referenceNo] = [randomUUID(), randomUUID()];
    await register({ customerId, referenceNo });
    const otherReference = await register({ customerId, referenceNo: randomUUID() });
    const otherCustomer = await register({ customerId: randomUUID(), referenceNo });
    expect([otherReference.status, otherReference.json['code']]).toEqual([409, 'customer_bound']);
    expect([otherCustomer.status, otherCustomer.json['code']]).toEqual([409, 'reference_bound']);

    const contested = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        registerUntilAnswered({ customerId: randomUUID(), referenceNo: contested }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  });

  test('whose app verified before binds the profile that stands already', async () => {
    const [customerId, referenceNo] = [randomUUID(), randomUUID()];
    const row = newProfileRow(referenceNo, undefined, '2026-01-01T00:00:00.000Z', api.config.policy);
    await api.store.profiles.insertOne({ ...row, view: { ...row.view, version: 7 } });
    const answer = await register({ customerId, referenceNo });
    expect([answer.status, answer.json['version']]).toEqual([201, 7]);
    expect((await register({ customerId })).status).toBe(200);
    expect((await register({ customerId: randomUUID(), referenceNo })).status).toBe(409);
    const profile = await api.store.profiles.findOne({ _id: referenceNo });
    expect(profile).toMatchObject({ customerId, revision: 1, auditSequence: 1 });
  });

  test('is on the audit record with the credential that asked, without showing it', async () => {
    const { json } = await register({ customerId: 'customer-of-record' });
    const record = await api.store.audit.findOne({ referenceNo: String(json['referenceNo']) });
    expect(record).toMatchObject({
      sequence: 1,
      effect: 'customer_registered',
      cause: { kind: 'person' },
      to: { customerId: 'customer-of-record' },
    });
    expect(record?.actor).toMatch(/^api-key-[0-9a-f]{8}$/);
  });

  test.each(['A-b_c/d\\e,f.g+h@i', 'x'.repeat(200)])(
    'takes every character that IDWise allows in a reference (%s), and finds it again by its path',
    async (referenceNo) => {
      expect((await register({ customerId: randomUUID(), referenceNo: `  ${referenceNo} ` })).status).toBe(
        201,
      );
      const view = await api.call('GET', `/v1/verifications/${encodeURIComponent(referenceNo)}`);
      expect([view.status, view.json['referenceNo']]).toEqual([200, referenceNo]);
    },
  );

  test.each([
    [{}, 'body.customerId'],
    [{ customerId: '' }, 'body.customerId'],
    [{ customerId: 7 }, 'body.customerId'],
    [{ customerId: 'x'.repeat(201) }, 'body.customerId'],
    [{ customerId: 'a\u0000b' }, 'body.customerId'],
    [{ customerId: 'a\ud800' }, 'body.customerId'],
    [{ customerId: 'a', referenceNo: '' }, 'body.referenceNo'],
    [{ customerId: 'a', referenceNo: 'two words' }, 'body.referenceNo'],
    [{ customerId: 'a', referenceNo: '..' }, 'body.referenceNo'],
    [{ customerId: 'a', referenceNo: 'x'.repeat(201) }, 'body.referenceNo'],
    [{ customerId: 'a', referenceNo: 'ü' }, 'body.referenceNo'],
    [{ customerId: 'a', reference: 'b' }, 'body'],
    [[], 'body'],
  ])('refuses %j and names the member', async (body, at) => {
    const answer = await register(body);
    expect([answer.status, answer.json['code']]).toEqual([400, 'invalid_request']);
    expect(answer.json['errors']).toContainEqual({ at, problem: expect.any(String) });
  });

  test('refuses what is no JSON, with a problem document', async () => {
    const answer = await register('{"customerId": ');
    expect([answer.status, answer.json['code']]).toEqual([400, 'not_json']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

test('a failed registration leaves nothing behind: profile, inbox row and audit record stand together or not at all', async () => {
  const referenceNo = randomUUID();
  // The audit sequence is taken already, so that the transaction breaks half-way.
  await api.store.audit.insertOne({
    _id: randomUUID(),
    referenceNo,
    sequence: 1,
    at: new Date(),
    cause: { kind: 'person', id: 'blocker' },
    actor: 'test',
    effect: 'blocked',
    journeyId: null,
    from: null,
    to: null,
    policyVersion: '',
    snapshotDigest: null,
    previousHash: '',
    hash: '',
  });
  expect((await registerOnce({ customerId: randomUUID(), referenceNo })).status).toBe(503);
  expect(await api.store.profiles.countDocuments({ _id: referenceNo })).toBe(0);
  expect(await api.store.inbox.countDocuments({ referenceNo })).toBe(0);
});
