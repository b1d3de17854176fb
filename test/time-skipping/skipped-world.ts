import { randomBytes, randomUUID } from 'node:crypto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createCustomerActivities } from '../../activities/customer-activities.js';
import { createDeliveryActivities } from '../../activities/delivery-activities.js';
import { createIdwiseActivities } from '../../activities/idwise-activities.js';
import {
  createComparisonActivities,
  createReconciliationActivities,
} from '../../activities/reconciliation-activities.js';
import { type RunningSimulator, startSimulator } from '../../simulator/simulator.js';
import { configOrExit, readEnvironment } from '../../src/config/environment.js';
import type { ServiceConfig } from '../../src/config/service-config.js';
import type { AppReport } from '../../src/domain/app-report.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.js';
import { appInboxRow, idwiseInboxRow } from '../../src/intake/inbox-row.js';
import { createLogger } from '../../src/observability/logger.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { InboxRow, ProfileRow } from '../../src/store/records.js';
import { createIndexes, type Store } from '../../src/store/store.js';
import {
  CUSTOMER_SIGNAL,
  customerWorkflowId,
  deliveryTaskQueue,
  idwiseTaskQueue,
  WORKFLOW_TYPES,
} from '../../src/temporal/names.js';
import { wantedSearchAttributes } from '../../src/temporal/search-attributes.js';
import { assembleWorkerParts, type WorkerParts } from '../../src/worker/assemble-worker-parts.js';

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
  /** Lets the workflows' clock run on by this much, skipping what nobody needs to sit through. */
  pass(duration: string): Promise<void>;
  stop(): Promise<void>;
}

interface WorldOptions {
  readonly policy?: Partial<Policy>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly customStepId?: string;
}

const FLOW_ID = 'flow-under-test';

/** Takes the policy and what else is configured; starts the world. Needs TEST_TIME_SKIPPING_SERVER. */
export async function startSkippedWorld(options: WorldOptions = {}): Promise<SkippedWorld> {
  const simulator = await startSimulator({
    flowId: FLOW_ID,
    processingMs: 20,
    summaryLimit: false,
    ...(options.customStepId === undefined ? {} : { customStepId: options.customStepId }),
  });
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: process.env['TEST_TIME_SKIPPING_SERVER'] ?? '' } },
  });
  await environment.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: wantedSearchAttributes(),
  });
  const config = worldConfig(simulator.url, options);
  const parts = await assembleWorkerParts(config, createLogger('worker', 'error'));
  await createIndexes(parts.store);
  const workers = await startWorkers(environment, config, parts);
  const running = Promise.all(workers.map((worker) => worker.run()));

  const signal = async (row: InboxRow) => {
    await parts.store.inbox.insertOne({ ...row, state: 'signalled' });
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
    store: parts.store,
    simulator,
    register: async (referenceNo) => {
      const at = await now();
      await parts.store.profiles.insertOne(
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
      const profile = await parts.store.profiles.findOne({ _id: referenceNo });
      if (profile === null) throw new Error(`There is no profile ${referenceNo}.`);
      return profile;
    },
    inbox: async (inboxId) => {
      const row = await parts.store.inbox.findOne({ _id: inboxId });
      if (row === null) throw new Error(`There is no event ${inboxId}.`);
      return row;
    },
    pass: (duration) => environment.sleep(duration as `${number}s`),
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await parts.store.connection.dropDatabase();
      await parts.close();
      await environment.teardown();
      await simulator.stop();
    },
  };
}

async function startWorkers(
  environment: TestWorkflowEnvironment,
  config: ServiceConfig,
  parts: WorkerParts,
): Promise<Worker[]> {
  const { taskQueue } = config.temporal;
  const common = { connection: environment.nativeConnection, namespace: 'default' };
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      workflowBundle: { codePath: process.env['TEST_WORKFLOW_BUNDLE'] ?? '' },
      activities: {
        ...createCustomerActivities(parts.useCases),
        ...createReconciliationActivities(parts.reconciliation),
      },
    }),
    Worker.create({
      ...common,
      taskQueue: idwiseTaskQueue(taskQueue),
      activities: {
        ...createIdwiseActivities(parts.useCases),
        ...createComparisonActivities(parts.comparing),
      },
    }),
    Worker.create({
      ...common,
      taskQueue: deliveryTaskQueue(taskQueue),
      activities: createDeliveryActivities(parts.delivery),
    }),
  ]);
}

function worldConfig(simulatorUrl: string, options: WorldOptions): ServiceConfig {
  const uri = new URL(process.env['TEST_MONGODB_URI'] ?? '');
  uri.pathname = `/t-${randomUUID()}`;
  const config = configOrExit(
    readEnvironment({
      API_KEYS: randomBytes(24).toString('hex'),
      PII_KEY: randomBytes(32).toString('base64'),
      MONGODB_URI: uri.toString(),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      TEMPORAL_TASK_QUEUE: `t-${randomUUID()}`,
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'no-reply@company.example',
      COMPLIANCE_EMAIL_TO: 'first.officer@company.example',
      IDWISE_BASE_URL: simulatorUrl,
      IDWISE_API_KEY: 'simulated-api-key',
      IDWISE_API_SECRET: 'simulated-api-secret',
      IDWISE_FLOW_ID: FLOW_ID,
      IDWISE_WEBHOOK_AUTH: 'bearer',
      IDWISE_WEBHOOK_SECRETS: randomBytes(24).toString('hex'),
      ...(options.customStepId === undefined
        ? {}
        : {
            IDWISE_CUSTOM_STEP_ID: options.customStepId,
            GOVERNMENT_FACE_URL: `${simulatorUrl}/government-face`,
          }),
      ...options.environment,
    }),
  );
  return { ...config, policy: { ...DEFAULT_POLICY, ...options.policy } };
}
