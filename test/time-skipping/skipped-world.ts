import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import webpush from 'web-push';
import { type RunningSimulator, startSimulator } from '../../simulator/simulator.js';
import type { AppReport } from '../../src/domain/app-report.js';
import { appInboxRow, idwiseInboxRow } from '../../src/intake/inbox-row.js';
import { createLogger } from '../../src/observability/logger.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { InboxRow } from '../../src/store/inbox-records.js';
import { buildMissingIndexes } from '../../src/store/indexes.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { ProfileRow } from '../../src/store/records.js';
import type { Store } from '../../src/store/store.js';
import { CUSTOMER_SIGNAL, customerWorkflowId, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import { wantedSearchAttributes } from '../../src/temporal/search-attributes.js';
import { assembleWorkerParts } from '../../src/worker/assemble-worker-parts.js';
import { openPatientStore } from '../builders/patient-store.js';
import { eventually } from '../eventually.js';
import {
  FLOW_ID,
  serviceConfigOf,
  serviceEnvironment,
  startWorkers,
  type WorkerOptions,
} from '../workflows/worker-in-test.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** The worker with real MongoDB and simulator, under a Temporal whose clock skips what everybody waits for. */
export interface SkippedWorld {
  readonly environment: TestWorkflowEnvironment;
  readonly taskQueue: string;
  readonly store: Store;
  readonly simulator: RunningSimulator;
  /** Registers a customer and starts their workflow. */
  register(referenceNo: string): Promise<void>;
  app(referenceNo: string, report: AppReport): Promise<string>;
  idwise(referenceNo: string, event: string, body: Record<string, unknown>): Promise<string>;
  sim(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  profile(referenceNo: string): Promise<ProfileRow>;
  inbox(inboxId: string): Promise<InboxRow>;
  /** Registers a device of the customer for pushes. */
  registerDevice(referenceNo: string): Promise<void>;
  /** What the workflows' clock says. */
  now(): Promise<Date>;
  /** Lets the workflows' clock run on by this much, skipping what nobody needs to sit through. */
  pass(duration: string): Promise<void>;
  /** Lets it run on to that moment. */
  passUntil(moment: Date): Promise<void>;
  stop(): Promise<void>;
}

/** Takes the policy and what else is configured; starts the world. Needs TEST_TIME_SKIPPING_SERVER. */
export async function startSkippedWorld(options: WorkerOptions = {}): Promise<SkippedWorld> {
  const simulator = await startSimulator({
    flowId: FLOW_ID,
    processingMs: 20,
    summaryLimit: false,
    companyWebhookSecret: COMPANY_SECRET,
    ...(options.customStepId === undefined ? {} : { customStepId: options.customStepId }),
  });
  const path = process.env['TEST_TIME_SKIPPING_SERVER'] ?? '';
  const server = { executable: { type: 'existing-path', path } } as const;
  // The SDK gives the server five seconds to start, which may be too few for Java behind what else runs.
  const environment = await eventually('the time-skipping server', () =>
    TestWorkflowEnvironment.createTimeSkipping({ server }).catch(() => undefined),
  );
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: wantedSearchAttributes(),
  });
  const environmentOf = { ...companySide(simulator.url), ...options.environment };
  const config = serviceConfigOf(
    serviceEnvironment(simulator.url, { ...options, environment: environmentOf }),
    options.policy,
  );
  const parts = await assembleWorkerParts(config, createLogger('worker', 'error'));
  await buildMissingIndexes(config.mongodbUri);
  const store = await openPatientStore(config.mongodbUri);
  const stopWorkers = await startWorkers(environment.nativeConnection, config, parts);

  const signal = async (row: InboxRow) => {
    await store.inbox.insertOne({ ...row, state: 'signalled' });
    const event = { id: row._id, inboxId: row._id, kind: row.kind, receivedAt: row.receivedAt.toISOString() };
    await environment.client.workflow.signalWithStart(WORKFLOW_TYPES.customer, {
      workflowId: customerWorkflowId(row.referenceNo ?? ''),
      taskQueue: config.temporal.taskQueue,
      args: [{ referenceNo: row.referenceNo }],
      signal: CUSTOMER_SIGNAL,
      signalArgs: [event],
    });
    return row._id;
  };
  const now = async () => new Date(Number(await environment.currentTimeMs()));

  return {
    environment,
    taskQueue: config.temporal.taskQueue,
    store,
    simulator,
    register: async (referenceNo) => {
      const at = await now();
      await store.profiles.insertOne(
        newProfileRow(referenceNo, `customer-${referenceNo}`, at.toISOString(), config.policy),
      );
      await signal(appInboxRow({ kind: 'registered' }, referenceNo, at));
    },
    app: async (referenceNo, report) => signal(appInboxRow(report, referenceNo, await now())),
    idwise: async (referenceNo, event, body) => {
      const json = { event, body: { eventId: randomUUID(), referenceNo, ...body } };
      return signal(idwiseInboxRow(json, Buffer.from(JSON.stringify(json)), await now()).row);
    },
    sim: async (method, path, body) => {
      const response = await fetch(`${simulator.url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    },
    profile: async (referenceNo) => {
      const profile = await store.profiles.findOne({ _id: referenceNo });
      if (profile === null) throw new Error(`There is no profile ${referenceNo}.`);
      return profile;
    },
    inbox: async (inboxId) => {
      const row = await store.inbox.findOne({ _id: inboxId });
      if (row === null) throw new Error(`There is no event ${inboxId}.`);
      return row;
    },
    registerDevice: async (referenceNo) => {
      const subscription = await (
        await fetch(`${simulator.url}/sim/push/subscriptions`, { method: 'POST' })
      ).json();
      const { endpoint } = (subscription as { subscription: { endpoint: string } }).subscription;
      await store.devices.insertOne({
        _id: `d_${randomUUID()}`,
        referenceNo,
        channel: 'webpush',
        subscription: await createVault(config.service.piiKey).seal(
          referenceNo,
          (subscription as { subscription: unknown }).subscription,
        ),
        endpointDigest: createHash('sha256').update(endpoint).digest('hex'),
        createdAt: await now(),
      });
    },
    now,
    pass: (duration) => environment.sleep(duration as `${number}s`),
    passUntil: async (moment) => environment.sleep(moment.getTime() - (await now()).getTime()),
    stop: async () => {
      await stopWorkers();
      await store.connection.dropDatabase();
      await store.close();
      await parts.close();
      await environment.teardown();
      await simulator.stop();
    },
  };
}

const COMPANY_SECRET = `whsec_${randomBytes(32).toString('base64')}`;

/** The company's backend and its customers' browsers, which take whatever they are told at once. */
function companySide(simulatorUrl: string): Record<string, string> {
  const vapid = webpush.generateVAPIDKeys();
  return {
    CUSTOMER_WEBHOOK_URL: `${simulatorUrl}/company/webhook`,
    CUSTOMER_WEBHOOK_SECRETS: COMPANY_SECRET,
    VAPID_PUBLIC_KEY: vapid.publicKey,
    VAPID_PRIVATE_KEY: vapid.privateKey,
    VAPID_SUBJECT: 'mailto:ops@company.example',
    WEB_PUSH_ALLOWED_HOSTS: new URL(simulatorUrl).host,
  };
}
