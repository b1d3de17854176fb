import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import webpush from 'web-push';
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../../simulator/simulator.js';
import type { Store } from '../../src/store/store.js';
import { auditScheduleId } from '../../src/temporal/audit-schedule.js';
import { reconciliationScheduleId } from '../../src/temporal/reconciliation-schedules.js';
import { startGuard } from '../../tools/servers/guard.js';
import { freePort } from '../../tools/servers/ports.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { lastLogLines, type ServerProcess, startServerProcess } from '../../tools/servers/server-process.js';
import { openPatientStore } from '../builders/patient-store.js';
import { eventually } from '../eventually.js';
import { sentAgain } from '../http/sent-again.js';

export interface ProductOptions {
  readonly apis?: number;
  readonly workers?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly simulator?: SimulatorOptions;
  readonly mongodbUri?: string;
  readonly temporalAddress?: string;
}

/** The whole product as it runs in production: separate processes, told everything by their environment alone. */
export interface Product {
  readonly apiUrls: readonly string[];
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly simulator: RunningSimulator;
  readonly store: Store;
  readonly environment: Readonly<Record<string, string>>;
  readonly processes: { readonly apis: ServerProcess[]; readonly workers: ServerProcess[] };
  /** Calls the API with the API key; returns status and parsed body. */
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Calls the simulator's control API. */
  sim(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Starts API number `index` under its address; `environment` is what differs from the others this once. */
  startApi(index: number, environment?: Readonly<Record<string, string>>): Promise<void>;
  startWorker(environment?: Readonly<Record<string, string>>): Promise<void>;
  stop(): Promise<void>;
}

const FLOW_ID = 'flow-under-test';
const WEBHOOK_SECRET = 'idwise:correct-horse-battery-staple';

/** Starts simulator, API and worker processes against the servers of the test run, with a database and queue of their own. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const apiPorts = await Promise.all(Array.from({ length: options.apis ?? 1 }, freePort));
  const apiUrls = apiPorts.map((port) => `http://127.0.0.1:${port}`);
  const firstApi = apiUrls[0] ?? '';
  const whsec = `whsec_${randomBytes(32).toString('base64')}`;
  const simulator = await startSimulator({
    webhookUrl: `${firstApi}/webhooks/idwise`,
    webhookAuth: 'basic',
    webhookSecret: WEBHOOK_SECRET,
    flowId: FLOW_ID,
    retryScale: 0.002,
    processingMs: 50,
    companyWebhookSecret: whsec,
    ...options.simulator,
  });
  const vapid = webpush.generateVAPIDKeys();
  const apiKey = randomBytes(24).toString('hex');
  const mongodbUri = withDatabase(
    options.mongodbUri ?? process.env['TEST_MONGODB_URI'] ?? '',
    `t-${randomUUID()}`,
  );
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOST: '127.0.0.1',
    PUBLIC_URL: firstApi,
    API_KEYS: apiKey,
    PII_KEY: randomBytes(32).toString('base64'),
    MONGODB_URI: mongodbUri,
    TEMPORAL_ADDRESS: options.temporalAddress ?? process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
    TEMPORAL_TASK_QUEUE: `t-${randomUUID()}`,
    SMTP_URL: 'smtp://127.0.0.1:1',
    MAIL_FROM: 'no-reply@company.example',
    COMPLIANCE_EMAIL_TO: 'first.officer@company.example,second.officer@company.example',
    IDWISE_BASE_URL: simulator.url,
    IDWISE_API_KEY: 'simulated-api-key',
    IDWISE_API_SECRET: 'simulated-api-secret',
    IDWISE_FLOW_ID: FLOW_ID,
    IDWISE_CLIENT_KEY: 'client-key',
    IDWISE_CALLS_PER_SECOND: '50',
    IDWISE_WEBHOOK_AUTH: 'basic',
    IDWISE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
    GOVERNMENT_FACE_URL: `${simulator.url}/government-face`,
    CUSTOMER_WEBHOOK_URL: `${simulator.url}/company/webhook`,
    CUSTOMER_WEBHOOK_SECRETS: whsec,
    VAPID_PUBLIC_KEY: vapid.publicKey,
    VAPID_PRIVATE_KEY: vapid.privateKey,
    VAPID_SUBJECT: 'mailto:ops@company.example',
    WEB_PUSH_ALLOWED_HOSTS: new URL(simulator.url).host,
    LOG_LEVEL: 'warn',
    ...options.environment,
  };
  const logs = mkdtempSync(join(tmpdir(), 'product-'));
  // However this test run ends, its processes end with it.
  const guard = startGuard();
  const processes = { apis: [] as ServerProcess[], workers: [] as ServerProcess[] };
  let started = 0;

  const run = async (script: string, env: Record<string, string>) => {
    started += 1;
    const logPath = join(logs, `${script}-${started}.log`);
    const child = await startServerProcess({
      name: script,
      command: process.execPath,
      args: [join(projectRoot, 'dist', 'src', 'main', `${script}.js`)],
      env,
      cwd: projectRoot,
      logPath,
    });
    guard.watch(child.identity, false);
    void child.ended.then(() => guard.forget(child.identity.pid));
    return child;
  };
  const startApi: Product['startApi'] = async (index, changes = {}) => {
    const child = await run('api', { ...environment, ...changes, PORT: String(apiPorts[index]) });
    processes.apis[index] = child;
    await ready(child, `${apiUrls[index]}/readyz`);
  };
  const startWorker: Product['startWorker'] = async (changes = {}) => {
    const port = await freePort();
    const child = await run('worker', { ...environment, ...changes, WORKER_HEALTH_PORT: String(port) });
    processes.workers.push(child);
    await ready(child, `http://127.0.0.1:${port}/readyz`);
  };

  const setup = await run('setup', environment);
  const ended = await setup.ended;
  if (ended !== 'ended with code 0') throw new Error(`setup ${ended}:\n${lastLogLines(setup.logPath)}`);
  for (const index of apiPorts.keys()) await startApi(index);
  for (let worker = 0; worker < (options.workers ?? 1); worker += 1) await startWorker();
  // The test looks on while servers are killed and cores are busy; it may be kept waiting longer than the product.
  const store = await eventually('MongoDB is there', () =>
    openPatientStore(mongodbUri).catch(() => undefined),
  );

  return {
    apiUrls,
    apiUrl: firstApi,
    apiKey,
    simulator,
    store,
    environment,
    processes,
    call: (method, path, body) =>
      sentAgain(
        async () => {
          const response = await fetch(`${firstApi}${path}`, {
            method,
            headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          });
          const text = await response.text();
          return {
            status: response.status,
            body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
          };
        },
        (answer) => answer.body,
      ),
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
    startApi,
    startWorker,
    stop: async () => {
      await Promise.all([...processes.apis, ...processes.workers].map((child) => child.stop(10_000)));
      await removeSchedules(environment['TEMPORAL_ADDRESS'] ?? '', environment['TEMPORAL_TASK_QUEUE'] ?? '');
      await guard.close();
      await simulator.stop();
      await store.connection.dropDatabase();
      await store.close();
    },
  };
}

/** kill -9, at once; resolves when the process is gone. */
export async function kill9(child: ServerProcess | undefined): Promise<void> {
  if (child === undefined || child.hasEnded()) throw new Error('There is nothing to kill');
  child.kill();
  await child.ended;
}

async function ready(child: ServerProcess, url: string): Promise<void> {
  await eventually(`${child.name} is ready`, async () => {
    if (child.hasEnded())
      throw new Error(`${child.name} ${await child.ended}:\n${lastLogLines(child.logPath)}`);
    return (
      (await fetch(url).then(
        (response) => response.ok,
        () => false,
      )) || undefined
    );
  });
}

/**
 * Takes Temporal's address and a task queue; removes the queue's schedules. A schedule outlives its workers, on a server
 * that outlives the test. Where the server is gone, so are they.
 */
export async function removeSchedules(address: string, taskQueue: string): Promise<void> {
  const connection = Connection.lazy({ address });
  const { schedule } = new Client({ connection });
  const scheduleIds = [
    reconciliationScheduleId('unsettled', taskQueue),
    reconciliationScheduleId('settled', taskQueue),
    auditScheduleId(taskQueue),
  ];
  for (const scheduleId of scheduleIds) {
    await connection
      .withDeadline(Date.now() + 3_000, () => schedule.getHandle(scheduleId).delete())
      .catch(() => undefined);
  }
  await connection.close();
}

function withDatabase(uri: string, database: string): string {
  const url = new URL(uri);
  url.pathname = `/${database}`;
  return url.toString();
}
