import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { createDeliveryActivities } from '../../activities/delivery-activities.js';
import { createAttemptDelivery } from '../../src/delivery/attempt-delivery.js';
import { createComplianceMailer } from '../../src/delivery/case-mail.js';
import { createCompanyWebhook } from '../../src/delivery/company-webhook.js';
import { createMailer, type Mailer } from '../../src/delivery/mailer.js';
import { createOutboxSweeper } from '../../src/delivery/outbox-sweeper.js';
import { createStartDelivery, type StartDelivery } from '../../src/delivery/start-delivery.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { OutboxRow } from '../../src/store/outbox-records.js';
import type { Store } from '../../src/store/store.js';
import { deliveryTaskQueue, deliveryWorkflowId } from '../../src/temporal/names.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { type Endpoint, startEndpoint, status } from './http-endpoint.js';
import { type MailServer, startMailServer } from './mail-server.js';
import { CASE_MAIL, owed, STATUS_EVENT } from './outbox-fixture.js';

const FROM = 'no-reply@bank.test';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const silent = { info: () => undefined, warn: () => undefined };

let store: Store;
let drop: () => Promise<void>;
let bundle: WorkflowBundle;
let native: NativeConnection;
let client: Client;
let endpoint: Endpoint;
let mailServer: MailServer;
let mailer: Mailer;

beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection: await Connection.connect({ address }) });
  const workflowsPath = fileURLToPath(new URL('../../workflows/deliver-message.ts', import.meta.url));
  bundle = await bundleWorkflowCode({ workflowsPath, logger });
  mailServer = await startMailServer();
  mailer = createMailer({ smtpUrl: mailServer.url, from: FROM });
});
afterAll(async () => {
  mailer.close();
  await Promise.all([native.close(), client.connection.close(), mailServer.close(), drop()]);
});

let taskQueue: string;
let start: StartDelivery;
let running: { worker: Worker; done: Promise<void> }[];

beforeEach(async () => {
  endpoint = await startEndpoint();
  mailServer.received.length = 0;
  mailServer.refuse = {};
  taskQueue = `delivery-test-${randomUUID().slice(0, 8)}`;
  start = createStartDelivery(client, taskQueue);
  running = [];
});
afterEach(async () => {
  await stopWorkers();
  await endpoint.close();
  await store.outbox.deleteMany({});
});

type Attempt = ReturnType<typeof createAttemptDelivery>;

/**
 * Starts the two workers of a process, one for workflows and one for the queue of deliveries. Takes what is done to
 * its attempts; nothing, unless a test says otherwise.
 */
async function startWorkers(wrap: (attempt: Attempt) => Attempt = (attempt) => attempt): Promise<void> {
  const attempt = createAttemptDelivery({
    store,
    companyWebhook: createCompanyWebhook({ url: endpoint.url, secrets: [SECRET] }),
    pusher: null,
    complianceMailer: createComplianceMailer({
      mailer,
      from: FROM,
      deskUrl: null,
      studioUrlTemplate: null,
      systemOwner: null,
    }),
    complianceRecipients: ['first@bank.test', 'second@bank.test'],
    policy: DEFAULT_POLICY,
    metrics: { attempted: () => undefined },
    log: silent,
    alarm: () => undefined,
  });
  const activities = createDeliveryActivities({
    attempt: wrap(attempt),
    log: silent,
    alarm: () => undefined,
  });
  const options = { connection: native, namespace: 'default' };
  const workers = [
    await Worker.create({ ...options, taskQueue, workflowBundle: bundle }),
    await Worker.create({
      ...options,
      taskQueue: deliveryTaskQueue(taskQueue),
      activities: { ...activities },
    }),
  ];
  running = workers.map((worker) => ({ worker, done: worker.run() }));
}

async function stopWorkers(): Promise<void> {
  for (const { worker } of running) worker.shutdown();
  await Promise.all(running.map(({ done }) => done));
  running = [];
}

async function owe(row: OutboxRow): Promise<OutboxRow> {
  await store.outbox.insertOne(row);
  return row;
}

const read = (id: string) => store.outbox.findOne({ _id: id });
const workflow = (row: OutboxRow) => client.workflow.getHandle(deliveryWorkflowId(row._id));

/** Polls until the row has so many attempts on record. */
async function untilAttempts(id: string, count: number): Promise<void> {
  while (((await read(id))?.attemptCount ?? 0) < count) await new Promise((resolve) => setImmediate(resolve));
}

describe('a delivery', () => {
  test('to an endpoint that is down, then up, arrives once, with each attempt on record', async () => {
    await startWorkers();
    endpoint.answer = status(503);
    const row = await owe(owed(STATUS_EVENT));
    await start({ outboxId: row._id, channel: 'company_webhook' });
    await untilAttempts(row._id, 1);
    endpoint.answer = status(204);
    expect(await workflow(row).result()).toEqual({
      state: 'delivered',
      attemptCount: 2,
      nextOutboxId: null,
    });
    expect(endpoint.received.map(({ headers }) => headers['webhook-id'])).toEqual([row._id, row._id]);
    expect(await read(row._id)).toMatchObject({
      state: 'delivered',
      attempts: [{ outcome: 'http_503' }, { outcome: 'delivered' }],
    });
    const [first, second] = (await read(row._id))?.attempts ?? [];
    const gapMs = Number(second?.at) - Number(first?.at);
    // Three seconds, on a machine that other tests keep busy.
    expect(gapMs).toBeLessThan(10_000);
  });

  test('outlives its workers: what one process began another ends', async () => {
    await startWorkers();
    endpoint.answer = status(503);
    const row = await owe(owed(STATUS_EVENT));
    await start({ outboxId: row._id, channel: 'company_webhook' });
    await untilAttempts(row._id, 1);
    await stopWorkers();
    endpoint.answer = status(204);
    await startWorkers();
    expect(await workflow(row).result()).toMatchObject({ state: 'delivered', attemptCount: 2 });
  });

  test('whose worker dies in the middle of an attempt goes on within 30 s', async () => {
    let die = (): void => undefined;
    const death = new Promise<void>((resolve) => {
      die = resolve;
    });
    let calls = 0;
    await startWorkers((attempt) => async (input) => {
      calls += 1;
      // To Temporal, a worker that never answers is a dead worker.
      if (calls === 1) await death;
      return attempt(input);
    });
    const row = await owe(owed(STATUS_EVENT));
    try {
      await start({ outboxId: row._id, channel: 'company_webhook' });
      expect(await workflow(row).result()).toMatchObject({ state: 'delivered', attemptCount: 1 });
    } finally {
      die();
    }
    const events = (await workflow(row).fetchHistory()).events ?? [];
    const begun = events.find(({ activityTaskStartedEventAttributes: started }) => started?.attempt === 2);
    expect(begun?.activityTaskStartedEventAttributes?.lastFailure?.timeoutFailureInfo).toBeDefined();
    // By the limits that Temporal was told, because the clock on the wall also counts how busy this machine is.
    const told = events.find((event) => event.activityTaskScheduledEventAttributes != null);
    const { startToCloseTimeout, retryPolicy } = told?.activityTaskScheduledEventAttributes ?? {};
    const seconds = [startToCloseTimeout, retryPolicy?.initialInterval].map((limit) =>
      Number(limit?.seconds),
    );
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeLessThan(30);
  });

  test('shows in Temporal what it does, and nothing of the message', async () => {
    await startWorkers();
    const row = await owe(owed(CASE_MAIL));
    await start({ outboxId: row._id, channel: 'compliance_mail' });
    await workflow(row).result();
    const history = JSON.stringify(await workflow(row).fetchHistory());
    const readable = history.replace(/"data":"([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    );
    expect(readable).toContain('e-mail to compliance');
    expect(readable).not.toMatch(/bank\.test|REF-1|case_1/);
    const details: unknown = await workflow(row).query('__temporal_workflow_metadata');
    expect(JSON.stringify(details)).toContain('Delivered:** e-mail to compliance, 1 attempt.');
  });

  test('that one recipient refuses for good goes on to the next, and both workflows complete', async () => {
    await startWorkers();
    mailServer.refuse = { recipient: (address) => (address === 'first@bank.test' ? 550 : null) };
    const row = await owe(owed(CASE_MAIL));
    await start({ outboxId: row._id, channel: 'compliance_mail' });
    const nextOutboxId = `${row._id}:2`;
    expect(await workflow(row).result()).toEqual({ state: 'given_up', attemptCount: 1, nextOutboxId });
    const next = client.workflow.getHandle(deliveryWorkflowId(nextOutboxId));
    expect(await next.result()).toMatchObject({ state: 'delivered' });
    expect(mailServer.received.map(({ to }) => to)).toEqual([['second@bank.test']]);
  });

  test('of a row that is gone completes, because a delivery never fails', async () => {
    await startWorkers();
    const row = owed(STATUS_EVENT);
    await start({ outboxId: row._id, channel: 'company_webhook' });
    expect(await workflow(row).result()).toMatchObject({ state: 'missing' });
  });

  test('started twice runs once', async () => {
    const row = await owe(owed(STATUS_EVENT));
    await start({ outboxId: row._id, channel: 'company_webhook' });
    await start({ outboxId: row._id, channel: 'company_webhook' });
    await startWorkers();
    await workflow(row).result();
    expect(endpoint.received).toHaveLength(1);
  });
});

describe('the sweeper', () => {
  const MINUTE_MS = 60_000;
  const ago = (ms: number) => new Date(Date.now() - ms);
  const sweeper = (startDelivery: StartDelivery = start) =>
    createOutboxSweeper({ store, startDelivery, log: silent, alarm: () => undefined });

  test('delivers a message whose workflow was never started', async () => {
    await startWorkers();
    const row = await owe(owed(STATUS_EVENT, { createdAt: ago(2 * MINUTE_MS) }));
    expect(await sweeper().sweepOnce()).toBe(1);
    expect(await workflow(row).result()).toMatchObject({ state: 'delivered' });
    expect(await sweeper().sweepOnce()).toBe(0);
  });

  test('delivers a message whose workflow was ended by hand', async () => {
    const row = await owe(owed(STATUS_EVENT, { createdAt: ago(2 * MINUTE_MS) }));
    await start({ outboxId: row._id, channel: 'company_webhook' });
    await workflow(row).terminate('by hand');
    await sweeper().sweepOnce();
    await startWorkers();
    expect(await workflow(row).result()).toMatchObject({ state: 'delivered' });
  });

  test('leaves alone what is fresh, under way or settled', async () => {
    const tried = (ms: number) => ({ at: ago(ms), durationMs: 1, outcome: 'http_500' });
    const old = { createdAt: ago(300 * MINUTE_MS) };
    await owe(owed(STATUS_EVENT));
    await owe(owed(STATUS_EVENT, { ...old, attempts: [tried(250 * MINUTE_MS), tried(50 * MINUTE_MS)] }));
    await owe(owed(STATUS_EVENT, { ...old, state: 'given_up' }));
    const forgotten = await owe(owed(STATUS_EVENT, { ...old, attempts: [tried(121 * MINUTE_MS)] }));
    const started: string[] = [];
    await sweeper(async ({ outboxId }) => {
      started.push(outboxId);
    }).sweepOnce();
    expect(started).toEqual([forgotten._id]);
  });

  test('of many processes starts a message once', async () => {
    const row = await owe(owed(STATUS_EVENT, { createdAt: ago(2 * MINUTE_MS) }));
    await Promise.all([sweeper().sweepOnce(), sweeper().sweepOnce(), sweeper().sweepOnce()]);
    await startWorkers();
    await workflow(row).result();
    expect(endpoint.received).toHaveLength(1);
  });

  test('gets to every message, however many look neglected, and past one that cannot be started', async () => {
    const rows = Array.from({ length: 1_100 }, (_, n) =>
      owed(STATUS_EVENT, { createdAt: ago(2 * MINUTE_MS + n) }),
    );
    await store.outbox.insertMany(rows);
    const poison = rows[700]?._id;
    const started = new Set<string>();
    const { sweepOnce } = sweeper(async ({ outboxId }) => {
      if (outboxId === poison) throw new Error('never startable');
      started.add(outboxId);
    });
    for (let sweep = 0; sweep < 6; sweep += 1) await sweepOnce().catch(() => 0);
    expect(started.size).toBe(1_099);
  });
});
