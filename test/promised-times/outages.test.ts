import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InboxRow } from '../../src/store/inbox-records.js';
import {
  approvedCustomer,
  becomes,
  finishedStep,
  finishes,
  type OneCustomer,
  posts,
  starts,
  startsUnregistered,
} from '../end-to-end/customers.js';
import { type CompanyEvent, discrepancies, type SimulatedCall, settledLedger } from '../end-to-end/ledger.js';
import { type Mailbox, startMailbox } from '../end-to-end/mailbox.js';
import { kill9, type Product, startProduct } from '../end-to-end/product.js';
import { eventually } from '../eventually.js';
import { type OwnTemporal, startOwnTemporal } from '../survival/own-temporal.js';
import { startHeldAnswers } from './held-answers.js';

/** What one server's end does to the others, one at a time, and how soon all is well again. */
describe('while one server is away', () => {
  let temporal: OwnTemporal;
  let mailbox: Mailbox;
  let product: Product;

  beforeAll(async () => {
    [temporal, mailbox] = await Promise.all([startOwnTemporal(), startMailbox()]);
    product = await startProduct({
      temporalAddress: temporal.address,
      simulator: { customStepId: '90', retryScale: 0.03 },
      environment: { SMTP_URL: mailbox.smtpUrl, IDWISE_CUSTOM_STEP_ID: '90' },
    });
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
    await Promise.all([temporal?.remove(), mailbox?.close()]);
  });

  const rowsOf = async (events: readonly { inboxId: string }[]): Promise<InboxRow[]> =>
    await product.store.inbox.find({ _id: { $in: events.map((event) => event.inboxId) } }).toArray();

  const allProcessed = (what: string, filter: object) =>
    eventually(what, async () => {
      const open = await product.store.inbox.countDocuments({ ...filter, state: { $ne: 'processed' } });
      return open === 0 ? true : undefined;
    });

  /** IDWise's own persistence: every event is sent again until it is answered 200. */
  async function sentUntilTaken(payloads: readonly unknown[]): Promise<void> {
    let left = payloads;
    await eventually('every event is answered 200', async () => {
      const statuses = await Promise.all(left.map((payload) => posts(product, payload)));
      left = left.filter((_payload, index) => statuses[index] !== 200);
      return left.length === 0 ? true : undefined;
    });
  }

  test('an API killed after the insert and before its answer: the vendor’s retry finds the row, one row and one effect', async () => {
    const customer = await approvedCustomer(product);
    const before = await product.store.audit.countDocuments({ referenceNo: customer.referenceNo });
    const mongodb = new URL(product.environment['MONGODB_URI'] ?? '');
    const way = await startHeldAnswers(mongodb.hostname, Number(mongodb.port));
    await kill9(product.processes.apis[0]);
    mongodb.port = String(way.port);
    await product.startApi(0, { MONGODB_URI: mongodb.toString() });

    const events = Array.from({ length: 200 }, () => finishedStep(customer));
    way.holdInserts('inbox');
    try {
      const answers = Promise.all(events.map(({ payload }) => posts(product, payload)));
      await eventually('rows are in the inbox', async () =>
        (await rowsOf(events)).length > 0 ? true : undefined,
      );
      await kill9(product.processes.apis[0]);
      expect(await answers).not.toContain(200);
    } finally {
      await way.close();
    }

    await product.startApi(0);
    await sentUntilTaken(events.map(({ payload }) => payload));
    expect((await rowsOf(events)).length).toBe(events.length);
    await allProcessed('each of the events', { referenceNo: customer.referenceNo });
    expect(await product.store.audit.countDocuments({ referenceNo: customer.referenceNo })).toBe(before);
  });

  test('an API killed under load keeps what it answered 200, and takes the rest when it comes again', async () => {
    const customer = await approvedCustomer(product);
    const events = Array.from({ length: 400 }, () => finishedStep(customer));
    let answered = 0;
    const answers = Promise.all(
      events.map(async ({ payload }) => {
        const status = await posts(product, payload);
        if (status === 200) answered += 1;
        return status;
      }),
    );
    await eventually('the first answers', async () => (answered > 0 ? true : undefined));
    await kill9(product.processes.apis[0]);
    const statuses = await answers;
    const taken = events.filter((_event, index) => statuses[index] === 200);
    expect((await rowsOf(taken)).length).toBe(taken.length);

    await product.startApi(0);
    await sentUntilTaken(events.map(({ payload }) => payload));
    expect((await rowsOf(events)).length).toBe(events.length);
    await allProcessed('each of the events', { referenceNo: customer.referenceNo });
  });

  test('Temporal down: intake, registration and the app’s callbacks answer as ever, also after the API has died; all is delivered within seconds of its return', async () => {
    const known = await approvedCustomer(product);
    await temporal.kill();

    const startedAtMs = performance.now();
    // Without the custom step IDWise comes to its decision while we are away; lacking the face it is one for review.
    const early = await starts(product, { customStep: false });
    const path = `/v1/verifications/${early.referenceNo}/journeys/${early.journeyId}/completed`;
    const callback = await product.call('POST', path);
    expect(callback).toMatchObject({
      status: 200,
      body: { referenceNo: early.referenceNo, status: 'created' },
    });
    expect(performance.now() - startedAtMs).toBeLessThan(8_000);
    await finishes(product, early);
    await product.sim('POST', `/sim/studio/journeys/${known.journeyId}/review`, { decision: 'Rejected' });

    await kill9(product.processes.apis[0]);
    await product.startApi(0);
    const late = await starts(product, { customStep: false });
    await finishes(product, late);
    const customers = [known, early, late];
    await eventually('IDWise has been answered 200 about each', async () => {
      const { deliveries } = await product.sim('GET', '/sim/deliveries');
      const own = (deliveries as { referenceNo: string; state: string; event: string }[]).filter((delivery) =>
        customers.some((customer) => customer.referenceNo === delivery.referenceNo),
      );
      const finished = own.filter((delivery) => delivery.event === 'Finished Journey');
      return finished.length === 3 && own.every((delivery) => delivery.state === 'delivered')
        ? true
        : undefined;
    });
    await eventually('no relay keeps them any more', async () => {
      const leased = { state: 'received' as const, notBefore: { $gt: new Date() } };
      return (await product.store.inbox.countDocuments(leased)) === 0 ? true : undefined;
    });
    expect(await product.store.inbox.countDocuments({ state: 'received' })).toBeGreaterThan(8);

    await temporal.restart();
    const backAtMs = performance.now();
    await Promise.all([
      becomes(product, early, 'under_review'),
      becomes(product, late, 'under_review'),
      becomes(product, known, 'rejected'),
    ]);
    await allProcessed('every event', {});
    const tookMs = performance.now() - backAtMs;
    report('Temporal back, everything processed', tookMs);
    expect(tookMs).toBeLessThan(20_000);
  });

  test('no worker: events wait, callbacks answer with the present view, and all is processed within 30 s of a worker’s return', async () => {
    await kill9(product.processes.workers.at(-1));
    const customers = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const customer = await starts(product, { customStep: false });
        await finishes(product, customer);
        return customer;
      }),
    );
    const referenceNo = { $in: customers.map((customer) => customer.referenceNo) };
    await eventually('each journey’s last event is handed to Temporal', async () => {
      const finished = { referenceNo, kind: 'finished_journey', state: 'signalled' as const };
      return (await product.store.inbox.countDocuments(finished)) === customers.length ? true : undefined;
    });
    expect(await product.store.inbox.countDocuments({ referenceNo, state: 'processed' })).toBe(0);

    const startedAtMs = performance.now();
    await product.startWorker();
    await Promise.all(customers.map((customer) => becomes(product, customer, 'under_review')));
    await allProcessed('every event', {});
    const tookMs = performance.now() - startedAtMs;
    report('a worker back, everything processed', tookMs);
    expect(tookMs).toBeLessThan(30_000);
  });

  test('a worker killed in the middle of a fetch, of finding an event’s owner, of both calls of the custom step and of a delivery: each resumes within 30 s, and takes effect once', async () => {
    const known = await approvedCustomer(product);
    const [sending, completing] = await Promise.all([starts(product), starts(product)]);
    const unknown = await startsUnregistered(product, { customStep: false });
    const hang = async (endpoint: string, customer?: OneCustomer) =>
      await product.sim('POST', '/sim/faults', {
        kind: 'timeout-after-effect',
        endpoint,
        times: 1,
        ...(customer === undefined ? {} : { journeyId: customer.journeyId }),
      });
    await hang('process-custom-journey-step', sending);
    await hang('complete-custom-step', completing);
    await Promise.all([finishes(product, sending), finishes(product, completing)]);
    await hung('process-custom-journey-step', sending);
    await hung('complete-custom-step', completing);
    for (const customer of [known, unknown]) {
      await hang('get-journey', customer);
      await posts(product, finishedStep(customer).payload);
    }
    const fetchedAtMs = await hung('get-journey', known);
    const soughtAtMs = await hung('get-journey', unknown);
    // The next event that is told is to be the one that hangs.
    await eventually('the company is owed nothing', async () => {
      const owed = { state: 'pending', 'message.channel': 'company_webhook' } as const;
      return (await product.store.outbox.countDocuments(owed)) === 0 ? true : undefined;
    });
    await hang('company-webhook');
    const told = await starts(product);
    await hung('company-webhook', null);
    const untaken = await product.store.outbox.findOne({ referenceNo: told.referenceNo, state: 'pending' });

    const killedAtMs = Date.now();
    await kill9(product.processes.workers.at(-1));
    await product.startWorker();
    // What hung so long on a slow machine that it was given up before the kill has been tried again already.
    const resumed = await Promise.all([
      nextCall('get-journey', known.journeyId, fetchedAtMs),
      nextCall('get-journey', unknown.journeyId, soughtAtMs),
      nextCall('get-journey', sending.journeyId, killedAtMs),
      nextCall('get-journey', completing.journeyId, killedAtMs),
      nextDelivery(untaken?._id),
    ]);
    const [fetch, owner, face, completion, delivery] = resumed.map((call) => call.atMs - killedAtMs);
    report('a killed worker’s fetch resumed', fetch);
    report('its search for an event’s owner', owner);
    report('its government face', face);
    report('its completion', completion);
    report('its delivery', delivery);
    for (const tookMs of [fetch, owner, face, completion, delivery]) expect(tookMs).toBeLessThan(30_000);
    await Promise.all([finishes(product, unknown), finishes(product, told)]);
    await Promise.all([
      becomes(product, sending, 'approved'),
      becomes(product, completing, 'approved'),
      becomes(product, told, 'approved'),
      becomes(product, unknown, 'under_review'),
    ]);
  });

  test('after all of that the books balance', async () => {
    expect(discrepancies(await settledLedger(product, mailbox.mails))).toEqual([]);
  });

  const callsOf = async (endpoint: string, journeyId: string | null): Promise<SimulatedCall[]> => {
    const query = journeyId === null ? { endpoint } : { endpoint, journeyId };
    const { calls } = await product.sim('GET', `/sim/calls?${new URLSearchParams(query)}`);
    return calls as SimulatedCall[];
  };
  /** Waits until a call hangs; returns when it was made. */
  const hung = (endpoint: string, customer: OneCustomer | null) =>
    eventually(`${endpoint} hangs`, async () => {
      const calls = await callsOf(endpoint, customer?.journeyId ?? null);
      return calls.find((call) => call.fault === 'timeout-after-effect')?.atMs;
    });
  const nextDelivery = (webhookId: string | undefined) =>
    eventually(`${webhookId} is delivered again`, async () => {
      const { events } = await product.sim('GET', '/sim/company/events');
      const again = (events as CompanyEvent[]).filter((event) => event.webhookId === webhookId);
      return again[1];
    });
  const nextCall = (endpoint: string, journeyId: string, afterMs: number) =>
    eventually(`${endpoint} is called again`, async () =>
      (await callsOf(endpoint, journeyId)).find((call) => call.atMs > afterMs),
    );
});

function report(what: string, tookMs: number | undefined): void {
  process.stderr.write(`      ${what} after ${((tookMs ?? Number.NaN) / 1_000).toFixed(1)} s\n`);
}
