import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { newJourney } from '../../src/domain/customer.js';
import { unparkFor } from '../../src/intake/unpark.js';
import { customerWorkflowId, linkWorkflowId } from '../../src/temporal/names.js';
import { journeySnapshot } from '../builders/journey-snapshot.js';
import { until } from '../eventually.js';
import { type ApiOptions, type ApiUnderTest, idwiseEvent, startApi } from '../http/api-under-test.js';
import { connectTemporalRecord, type TemporalRecord } from './signals.js';
import { startTcpGate } from './tcp-gate.js';

let temporal: TemporalRecord;
const running: ApiUnderTest[] = [];

beforeAll(async () => {
  temporal = await connectTemporalRecord();
});
afterAll(() => temporal.close());
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()));
});

async function start(options?: ApiOptions): Promise<ApiUnderTest> {
  const api = await startApi(options);
  running.push(api);
  return api;
}

async function registered(api: ApiUnderTest, referenceNo = `ref-${randomUUID()}`): Promise<string> {
  const answer = await api.call('POST', '/v1/verifications', {
    body: { customerId: randomUUID(), referenceNo },
  });
  expect(answer.status).toBe(201);
  return referenceNo;
}

async function signalled(api: ApiUnderTest, inboxId: string): Promise<void> {
  await until(async () => (await api.inboxRow(inboxId))?.state === 'signalled');
}

/** Puts a journey on the record of customers: as a fetch showed it, or as their app only named it. */
async function claim(
  api: ApiUnderTest,
  journeyId: string,
  by: Readonly<Record<string, 'fetched' | 'named'>>,
): Promise<void> {
  const startedAt = new Date().toISOString();
  for (const [_id, how] of Object.entries(by)) {
    const snapshot = how === 'fetched' ? journeySnapshot({ journeyId }) : null;
    await api.store.profiles.updateOne(
      { _id },
      {
        $set: {
          'view.journeys': [{ journeyId, state: 'open', startedAt }],
          [`facts.journeys.${journeyId}`]: { ...newJourney(journeyId, startedAt), snapshot },
        },
      },
    );
  }
}

describe('the relay', () => {
  test("signals the customer of the event's reference number with ids alone", async () => {
    const api = await start({ sweeps: false });
    const referenceNo = await registered(api, `ref/${randomUUID()}@a,b`);
    const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: 'j-1', referenceNo });
    await api.webhook(payload);
    await signalled(api, inboxId);
    // The registration is signalled too, in whichever order: only the workflow's own handling gives order.
    const event = (await temporal.signalsOf(referenceNo)).find((signal) => signal.inboxId === inboxId);
    const row = await api.inboxRow(inboxId);
    expect(event).toEqual({
      id: inboxId,
      inboxId,
      kind: 'finished_journey',
      receivedAt: row?.receivedAt.toISOString(),
    });
    expect(await temporal.startOf(customerWorkflowId(referenceNo))).toEqual({
      type: 'customerVerification',
      input: { referenceNo },
    });
  });

  test('tells each repeat of a body without event id apart, so that each causes a look', async () => {
    const api = await start({ sweeps: false });
    const referenceNo = await registered(api);
    const payload = { event: 'Finished Journey', body: { journeyId: randomUUID(), referenceNo } };
    await api.webhook(payload);
    const first = await until(() => api.store.inbox.findOne({ source: 'idwise', state: 'signalled' }));
    await api.webhook(payload);
    await until(() => api.store.inbox.findOne({ source: 'idwise', state: 'signalled', repeats: 1 }));
    const signals = (await temporal.signalsOf(referenceNo)).filter((event) => event.inboxId === first._id);
    expect(signals.map((event) => event.id)).toEqual([first._id, `${first._id}~1`]);
  });

  test('signals the one customer of whom a fetch has shown the journey, where the event bears no reference', async () => {
    const api = await start({ sweeps: false });
    const referenceNo = await registered(api);
    const journeyId = randomUUID();
    await claim(api, journeyId, { [referenceNo]: 'fetched', [await registered(api)]: 'named' });
    const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId });
    await api.webhook(payload);
    await signalled(api, inboxId);
    expect((await temporal.signalsOf(referenceNo)).map((event) => event.inboxId)).toContain(inboxId);
  });

  test('asks IDWise whose event it is where our records cannot tell, or where the journey was only named', async () => {
    const api = await start({ sweeps: false });
    const [one, other] = [await registered(api), await registered(api)];
    const [claimed, named] = [randomUUID(), randomUUID()];
    await claim(api, claimed, { [one]: 'fetched', [other]: 'fetched' });
    await claim(api, named, { [await registered(api)]: 'named' });

    for (const body of [
      { journeyId: randomUUID() },
      { journeyId: randomUUID(), referenceNo: 'nobody-we-know' },
      { journeyId: claimed },
      { journeyId: named },
      { journeyId: claimed, referenceNo: 'nobody-we-know' },
    ]) {
      const { payload, inboxId } = idwiseEvent('Finished Journey', body);
      await api.webhook(payload);
      await signalled(api, inboxId);
      expect(await temporal.startOf(linkWorkflowId(inboxId))).toEqual({
        type: 'linkEvent',
        input: { inboxId },
      });
    }
  });
});

describe('an event that belongs to nobody yet', () => {
  test('is parked, and goes to its customer as soon as that one registers', async () => {
    const api = await start();
    const referenceNo = `ref-${randomUUID()}`;
    const { payload, inboxId } = idwiseEvent('Finished Spot Check', { referenceNo });
    await api.webhook(payload);
    await until(async () => (await api.inboxRow(inboxId))?.parkReason === 'unknown_reference');
    await registered(api, referenceNo);
    await signalled(api, inboxId);
    expect((await temporal.signalsOf(referenceNo)).map((event) => event.inboxId)).toContain(inboxId);
  });

  test('reaches its customer also when that one registers at the very moment', async () => {
    const api = await start();
    const pairs = Array.from({ length: 20 }, () => {
      const referenceNo = `ref-${randomUUID()}`;
      return { referenceNo, ...idwiseEvent('Finished Spot Check', { referenceNo }) };
    });
    await Promise.all(
      pairs.flatMap(({ referenceNo, payload }) => [api.webhook(payload), registered(api, referenceNo)]),
    );
    for (const { inboxId } of pairs) await signalled(api, inboxId);
  });

  test('is tried again under a name that its run has not had, where that run had parked it', async () => {
    const api = await start();
    const referenceNo = await registered(api);
    const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: 'j-1', referenceNo });
    await api.webhook(payload);
    await signalled(api, inboxId);
    const parked = { state: 'parked', parkReason: 'unknown_journey', outcome: 'parked' } as const;
    await api.store.inbox.updateOne({ _id: inboxId }, { $set: parked });
    expect(await unparkFor(api.store, undefined, { referenceNo }, new Date())).toBe(1);
    await signalled(api, inboxId);
    const signals = (await temporal.signalsOf(referenceNo)).filter((event) => event.inboxId === inboxId);
    expect(signals.map(({ id }) => id)).toEqual([inboxId, `${inboxId}~1`]);
    expect(await api.inboxRow(inboxId)).toMatchObject({ outcome: null, parkReason: null });
  });

  test('is parked as no_reference where it names neither customer nor journey', async () => {
    const api = await start();
    const { payload, inboxId } = idwiseEvent('Finished Spot Check');
    await api.webhook(payload);
    await until(async () => (await api.inboxRow(inboxId))?.parkReason === 'no_reference');
  });
});

describe('while Temporal is unreachable', () => {
  test('the API starts, intake and registration answer as ever, and all is delivered once Temporal is back', async () => {
    const gate = await startTcpGate(process.env['TEST_TEMPORAL_ADDRESS'] ?? '');
    gate.shut();
    const api = await start({ temporalAddress: `127.0.0.1:${gate.port}` });
    const referenceNo = await registered(api);
    const events = Array.from({ length: 40 }, () =>
      idwiseEvent('Finished Journey', { journeyId: 'j', referenceNo }),
    );
    const startedAtMs = performance.now();
    for (const { payload } of events) expect((await api.webhook(payload)).status).toBe(200);
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    expect((await api.call('GET', '/readyz')).status).toBe(200);

    const oldest = await api.call('GET', '/metrics');
    expect(Number(/^idwise_oldest_undelivered_seconds (\S+)/m.exec(oldest.text)?.[1])).toBeGreaterThan(0);

    gate.open();
    for (const { inboxId } of events) await signalled(api, inboxId);
    const ids = (await temporal.signalsOf(referenceNo)).map((event) => event.inboxId);
    expect(ids).toEqual(expect.arrayContaining(events.map((event) => event.inboxId)));
    await until(async () =>
      /idwise_oldest_undelivered_seconds 0\n/.test((await api.call('GET', '/metrics')).text),
    );
    await gate.close();
  });

  test("an event that has waited for two hours is delivered within seconds of Temporal's return, not at its next hourly try", async () => {
    const gate = await startTcpGate(process.env['TEST_TEMPORAL_ADDRESS'] ?? '');
    const api = await start({ temporalAddress: `127.0.0.1:${gate.port}` });
    const referenceNo = await registered(api);
    await until(async () => (await temporal.signalsOf(referenceNo)).length === 1);
    gate.shut();
    const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: 'j', referenceNo });
    await api.webhook(payload);
    const longAgo = new Date(Date.now() - 7_200_000);
    await api.store.inbox.updateOne({ _id: inboxId }, { $set: { receivedAt: longAgo, notBefore: longAgo } });
    await until(async () => ((await api.inboxRow(inboxId))?.notBefore.getTime() ?? 0) > longAgo.getTime());
    const row = await api.inboxRow(inboxId);
    expect(row?.notBefore.getTime()).toBeLessThan(Date.now() + 11_000);
    await api.store.inbox.updateOne({ _id: inboxId }, { $set: { notBefore: new Date() } });
    gate.open();
    await signalled(api, inboxId);
    await gate.close();
  });
});

describe('the sweeper', () => {
  test('delivers what a process that died had only stored, after its lease', async () => {
    const dead = await start({ sweeps: false, temporalAddress: '127.0.0.1:9' });
    const referenceNo = await registered(dead);
    const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: 'j', referenceNo });
    await dead.webhook(payload);
    const row = await dead.inboxRow(inboxId);
    expect(row?.notBefore.getTime()).toBe((row?.receivedAt.getTime() ?? 0) + 10_000);

    await start({ mongodbUri: dead.config.mongodbUri });
    await new Promise((resolve) => setImmediate(resolve));
    expect((await dead.inboxRow(inboxId))?.state).toBe('received');
    // Its lease runs out now.
    await dead.store.inbox.updateMany({}, { $set: { notBefore: new Date() } });
    await signalled(dead, inboxId);
  });

  test('of many processes shares the work: each due event is taken by one of them', async () => {
    const api = await start({ sweeps: false, temporalAddress: '127.0.0.1:9' });
    const referenceNo = await registered(api);
    const events = Array.from({ length: 120 }, () =>
      idwiseEvent('Finished Journey', { journeyId: 'j', referenceNo }),
    );
    await Promise.all(events.map(({ payload }) => api.webhook(payload)));
    await api.store.inbox.updateMany({}, { $set: { notBefore: new Date() } });

    const { mongodbUri } = api.config;
    await Promise.all([start({ mongodbUri }), start({ mongodbUri }), start({ mongodbUri })]);
    for (const { inboxId } of events) await signalled(api, inboxId);
    const ids = (await temporal.signalsOf(referenceNo)).map((event) => event.inboxId);
    expect(new Set(ids).size).toBe(events.length + 1);
    // Two may race for the same end of a lease; more than a handful of double deliveries would mean no lease at all.
    expect(ids.length).toBeLessThanOrEqual(events.length + 10);
  });
});

test('a repeat that arrives while its event is being delivered is not lost', async () => {
  const api = await start();
  const referenceNo = await registered(api);
  const journeyId = randomUUID();
  const payload = { event: 'Finished Journey', body: { journeyId, referenceNo } };
  await Promise.all(Array.from({ length: 10 }, () => api.webhook(payload)));
  const row = await until(() => api.store.inbox.findOne({ journeyId, state: 'signalled', repeats: 9 }));
  const ids = (await temporal.signalsOf(referenceNo)).map((event) => event.id);
  expect(ids).toContain(`${row._id}~9`);
});
