import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../eventually.js';
import { type ApiUnderTest, idwiseEvent, startApi } from '../http/api-under-test.js';
import { startWorker } from '../http/worker-under-test.js';

let api: ApiUnderTest;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  api = await startApi();
  stopWorker = await startWorker(api.config);
});
afterAll(async () => {
  await stopWorker();
  await api.close();
});

async function registered(): Promise<string> {
  const referenceNo = `ref-${randomUUID()}`;
  await api.call('POST', '/v1/verifications', { body: { customerId: randomUUID(), referenceNo } });
  return referenceNo;
}

const rowsOf = (eventId: string) =>
  api.store.inbox.find({ _id: { $regex: `^idwise:${eventId}` } }, { sort: { receivedAt: 1 } }).toArray();

describe('an event id that comes with another body', () => {
  test('is another event: neither is lost, each is stored once', async () => {
    const { eventId, payload } = idwiseEvent('Finished Journey', { journeyId: 'j-1', referenceNo: 'r-1' });
    const other = { event: 'Manually Reviewed', body: { ...payload.body, manualDecision: 'Rejected' } };
    for (const body of [payload, other, payload, other]) {
      expect((await api.webhook(body)).status).toBe(200);
    }
    const rows = await rowsOf(eventId);
    expect(rows.map((row) => row.kind)).toEqual(['finished_journey', 'manually_reviewed']);
    expect(rows.map((row) => row._id)).toEqual([
      `idwise:${eventId}`,
      expect.stringMatching(new RegExp(`^idwise:${eventId}~[0-9a-f]{16}$`)),
    ]);
  });

  test('reaches each customer that it names, although the other one was first', async () => {
    const [one, other] = [await registered(), await registered()];
    const { eventId, payload } = idwiseEvent('Finished Journey', { journeyId: randomUUID() });
    for (const referenceNo of [one, other]) {
      await api.webhook({ ...payload, body: { ...payload.body, journeyId: randomUUID(), referenceNo } });
    }
    const rows = await until(async () => {
      const found = await rowsOf(eventId);
      return found.every((row) => row.state === 'signalled') && found;
    });
    expect(rows.map((row) => row.referenceNo)).toEqual([one, other]);
  });

  test('is the same event where only white space or the order of members differs', async () => {
    const { eventId } = idwiseEvent('Finished Journey');
    await api.webhook(`{"event":"Finished Journey","body":{"eventId":"${eventId}","journeyId":"j"}}`);
    await api.webhook(
      `\uFEFF{ "body": {"journeyId": "j", "eventId": "${eventId}"},\n"event": "Finished Journey" }`,
    );
    expect(await rowsOf(eventId)).toHaveLength(1);
  });

  test('is stored once, however many copies of both arrive at the same moment', async () => {
    const { eventId, payload } = idwiseEvent('Finished Journey', { journeyId: 'j' });
    const other = { ...payload, body: { ...payload.body, journeyId: 'k' } };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => api.webhook(index % 2 === 0 ? payload : other)),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect((await rowsOf(eventId)).map((row) => row.journeyId).sort()).toEqual(['j', 'k']);
  });
});

describe('an event whose journey id can be none', () => {
  test.each([
    'j\u0000k',
    '\u0000',
    'a\r\nX: y',
    '__proto__',
    'constructor',
    '$set',
    'a.b',
    '\ud800',
    '../..',
  ])('never keeps the events that come after it waiting: %j', async (journeyId) => {
    const referenceNo = await registered();
    const { payload } = idwiseEvent('Finished User Steps', { referenceNo, journeyId });
    expect((await api.webhook(payload)).status).toBe(200);
    const later = idwiseEvent('Finished Step', { referenceNo, journeyId: `later-${referenceNo}` });
    await api.webhook(later.payload);
    await until(async () => {
      const profile = await api.store.profiles.findOne({ _id: referenceNo });
      return profile?.facts.journeys[`later-${referenceNo}`] !== undefined;
    });
  });
});
