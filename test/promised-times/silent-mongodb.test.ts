import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../eventually.js';
import { type ApiUnderTest, idwiseEvent, startApi, testDatabaseUri } from '../http/api-under-test.js';
import { type OwnMongod, startOwnMongod } from '../intake/own-mongod.js';

/** What the sender is promised: an answer within 3 s. The rest of the allowance is this machine's. */
const ANSWERED_WITHIN_MS = 3_000;

let mongod: OwnMongod;
let api: ApiUnderTest;
beforeAll(async () => {
  mongod = await startOwnMongod();
  api = await startApi({ mongodbUri: testDatabaseUri(mongod.uri), sweeps: false, comesAgain: false });
});
afterEach(() => mongod.thaw());
afterAll(async () => {
  await api.close();
  await mongod.remove();
});

interface Sent {
  readonly inboxId: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly tookMs: number;
}

async function send(): Promise<Sent> {
  const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: randomUUID() });
  const startedAtMs = performance.now();
  const { status, headers } = await api.webhook(payload);
  return { inboxId, status, retryAfter: headers.get('retry-after'), tookMs: performance.now() - startedAtMs };
}

async function recovers(): Promise<Sent> {
  return await until(async () => {
    const sent = await send();
    return sent.status === 200 && sent;
  });
}

/** Sends without pause from several connections while something happens to MongoDB; returns everything sent. */
async function sendingWhile(happening: () => Promise<void>): Promise<readonly Sent[]> {
  const sent: Sent[] = [];
  let isOver = false;
  const senders = Array.from({ length: 8 }, async () => {
    while (!isOver) sent.push(await send());
  });
  await happening();
  isOver = true;
  await Promise.all(senders);
  return sent;
}

async function missing(sent: readonly Sent[]): Promise<readonly string[]> {
  const promised = sent.filter(({ status }) => status === 200).map(({ inboxId }) => inboxId);
  const found = await until(() =>
    api.store.inbox
      .find({ _id: { $in: promised } }, { projection: { _id: 1 } })
      .toArray()
      .catch(() => null),
  );
  const ids = new Set(found.map((row) => row._id));
  return promised.filter((id) => !ids.has(id));
}

describe.each([
  { name: 'frozen', silence: async () => mongod.freeze(), end: async () => mongod.thaw() },
  { name: 'killed', silence: () => mongod.kill(), end: () => mongod.restart() },
])('with MongoDB $name', ({ silence, end }) => {
  test('an event is answered 503 with Retry-After within 3 s, not ready is said, and intake recovers by itself', async () => {
    await recovers();
    await silence();
    const sent = await Promise.all([send(), send(), send()]);
    for (const { status, retryAfter, tookMs } of sent) {
      expect([status, retryAfter]).toEqual([503, '5']);
      expect(tookMs).toBeLessThan(ANSWERED_WITHIN_MS);
    }
    const later = await send();
    expect([later.status, later.tookMs < ANSWERED_WITHIN_MS]).toEqual([503, true]);
    const body = { event: 'Finished Journey', body: { journeyId: 'without-event-id' } };
    const startedAtMs = performance.now();
    expect((await api.webhook(body)).status).toBe(503);
    expect(performance.now() - startedAtMs).toBeLessThan(ANSWERED_WITHIN_MS);
    expect((await api.call('GET', '/readyz')).status).toBe(503);
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    await end();
    await recovers();
    expect((await api.call('GET', '/readyz')).status).toBe(200);
  });

  test('in the middle of a burst no event that was answered 200 is missing afterwards', async () => {
    await recovers();
    const sent = await sendingWhile(async () => {
      await recovers();
      await silence();
      await send();
      await end();
      await recovers();
    });
    expect(sent.filter(({ status }) => status === 200).length).toBeGreaterThan(10);
    expect(sent.filter(({ status }) => status === 503).length).toBeGreaterThan(0);
    expect(Math.max(...sent.map(({ tookMs }) => tookMs))).toBeLessThan(ANSWERED_WITHIN_MS);
    expect(await missing(sent)).toEqual([]);
  });
});

test('neither a new event nor a duplicate is answered 200 while a majority has not confirmed it', async () => {
  await recovers();
  const known = idwiseEvent('Finished Journey', { journeyId: randomUUID() });
  expect((await api.webhook(known.payload)).status).toBe(200);

  const admin = api.store.connection.getClient().db('admin');
  const failPoint = { configureFailPoint: 'failCommand' };
  const unconfirmed = { code: 64, errmsg: 'waiting for replication timed out' };
  await admin.command({
    ...failPoint,
    mode: 'alwaysOn',
    data: { failCommands: ['insert'], writeConcernError: unconfirmed },
  });
  try {
    const fresh = idwiseEvent('Finished Journey', { journeyId: randomUUID() });
    expect((await api.webhook(fresh.payload)).status).toBe(503);
    expect((await api.webhook(known.payload)).status).toBe(503);
    expect((await api.webhook(fresh.payload)).status).toBe(503);
  } finally {
    await admin.command({ ...failPoint, mode: 'off' });
  }
  expect((await api.webhook(known.payload)).status).toBe(200);
});

test('what was answered 503 and stored all the same is a duplicate when it comes again, answered 200', async () => {
  await recovers();
  const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: randomUUID() });
  mongod.freeze();
  expect((await api.webhook(payload)).status).toBe(503);
  mongod.thaw();
  await recovers();
  expect((await api.webhook(payload)).status).toBe(200);
  expect(await api.store.inbox.countDocuments({ _id: inboxId })).toBe(1);
});
