import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { approvedCustomer, becomes, finishedStep, posts } from '../end-to-end/customers.js';
import { discrepancies, settledLedger, summary } from '../end-to-end/ledger.js';
import { type Mailbox, startMailbox } from '../end-to-end/mailbox.js';
import { kill9, type Product, startProduct } from '../end-to-end/product.js';
import { eventually } from '../eventually.js';
import { type Balancer, startBalancer } from './balancer.js';
import { startWave, type Wave } from './wave.js';

/** The roles as in production: processes that know each other only through the servers that their environment names. */
describe('two APIs and two workers', () => {
  let mailbox: Mailbox;
  let product: Product;
  let balancer: Balancer;

  beforeAll(async () => {
    mailbox = await startMailbox();
    product = await startProduct({
      apis: 2,
      workers: 2,
      simulator: { customStepId: '90', retryScale: 0.03 },
      environment: { SMTP_URL: mailbox.smtpUrl, IDWISE_CUSTOM_STEP_ID: '90' },
    });
    balancer = await startBalancer(product.apiUrls);
    await product.sim('PUT', '/sim/webhook', { url: `${balancer.url}/webhooks/idwise` });
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
    await Promise.all([balancer?.close(), mailbox?.close()]);
  });

  const inTheMiddle = (wave: Wave) =>
    eventually('half of the stories are under way', async () => (wave.isUnderWay() ? true : undefined));
  const changesOf = (referenceNo: string) =>
    product.store.audit.countDocuments({ referenceNo, effect: /^status_changed/ });
  const processed = (filter: object) =>
    eventually('every event is processed', async () => {
      const open = await product.store.inbox.countDocuments({ ...filter, state: { $ne: 'processed' } });
      return open === 0 ? true : undefined;
    });

  test('take the same event ten times at once, by turns: one row, one effect, told once', async () => {
    const { referenceNo, journeyId } = await approvedCustomer(product);
    await processed({ referenceNo });
    const before = await changesOf(referenceNo);
    const served = [...balancer.answered];
    const { faultId } = await product.sim('POST', '/sim/faults', {
      kind: 'duplicate',
      copies: 10,
      referenceNo,
    });
    await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision: 'Rejected' });
    await becomes(product, { referenceNo }, 'rejected');
    const reviews = await eventually('each copy is answered 200', async () => {
      const { deliveries } = await product.sim('GET', `/sim/deliveries?journeyId=${journeyId}`);
      const copies = (deliveries as { event: string; eventId: string; state: string }[]).filter(
        (delivery) => delivery.event === 'Manually Reviewed',
      );
      return copies.length === 10 && copies.every((copy) => copy.state === 'delivered') ? copies : undefined;
    });
    await product.sim('DELETE', `/sim/faults/${String(faultId)}`);
    await processed({ referenceNo });
    const [eventId] = new Set(reviews.map((copy) => copy.eventId));
    expect(await product.store.inbox.countDocuments({ _id: `idwise:${eventId}` })).toBe(1);
    expect(await product.store.inbox.countDocuments({ referenceNo, kind: 'manually_reviewed' })).toBe(1);
    expect(await changesOf(referenceNo)).toBe(before + 1);
    for (const [index, count] of balancer.answered.entries())
      expect(count).toBeGreaterThan(served[index] ?? 0);
  });

  test('take a body without event id ten times at once, by turns: one row that counts its repeats', async () => {
    const customer = await approvedCustomer(product);
    await processed({ referenceNo: customer.referenceNo });
    const before = await product.store.audit.countDocuments({ referenceNo: customer.referenceNo });
    const { payload } = finishedStep(customer);
    const { eventId: _none, ...body } = payload.body;
    const nameless = { ...payload, body: { ...body, note: randomUUID() } };
    const statuses = await Promise.all(
      Array.from({ length: 10 }, (_, turn) => posts(product, nameless, product.apiUrls[turn % 2])),
    );
    expect(statuses).toEqual(statuses.map(() => 200));
    await processed({ referenceNo: customer.referenceNo });
    const rows = await product.store.inbox
      .find({ referenceNo: customer.referenceNo, bodyHash: { $ne: null } })
      .toArray();
    expect(rows.map((row) => row.repeats)).toEqual([9]);
    expect(await product.store.audit.countDocuments({ referenceNo: customer.referenceNo })).toBe(before);
  });

  test('lose one of each in the middle of every story, and the others carry on', async () => {
    const wave = startWave(product, balancer.url, mailbox);
    await inTheMiddle(wave);
    await eventually('both workers have taken part', async () => {
      const seen = await workerIdentities(product);
      return seen.size === 2 ? seen : undefined;
    });
    expect(wave.isOver()).toBe(false);
    await Promise.all([kill9(product.processes.apis[1]), kill9(product.processes.workers[1])]);
    expect((await wave.ended).filter((result) => !result.ok)).toEqual([]);
    const ledger = await settledLedger(product, mailbox.mails);
    expect(discrepancies(ledger)).toEqual([]);
    process.stderr.write(`      carried on: ${summary(ledger)}\n`);
  });

  test('take over from a worker that froze, and what it does when it thaws changes nothing', async () => {
    await product.startWorker();
    const frozen = product.processes.workers[0]?.identity.pid ?? 0;
    const wave = startWave(product, balancer.url, mailbox);
    await inTheMiddle(wave);
    process.kill(frozen, 'SIGSTOP');
    const results = await wave.ended.finally(() => process.kill(frozen, 'SIGCONT'));
    expect(results.filter((result) => !result.ok)).toEqual([]);
    // It is awake when it works again for somebody.
    await kill9(product.processes.workers[2]);
    await approvedCustomer(product);
    expect(discrepancies(await settledLedger(product, mailbox.mails))).toEqual([]);
  });
});

/** Which workers have taken work of customers so far: `<pid>@<host>` each. */
async function workerIdentities(product: Product): Promise<Set<string>> {
  const connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
  const { workflow } = new Client({ connection });
  const profiles = await product.store.profiles.find({}, { projection: { _id: 1 } }).toArray();
  const identities = new Set<string>();
  for (const { _id } of profiles) {
    const { events } = await workflow.getHandle(customerWorkflowId(_id)).fetchHistory();
    for (const event of events ?? []) {
      const identity = event.activityTaskStartedEventAttributes?.identity;
      if (identity) identities.add(identity);
    }
  }
  await connection.close();
  return identities;
}
