import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createAuditActivities } from '../../activities/audit-activities.js';
import { createCaseActivities } from '../../activities/case-activities.js';
import { createCustomerActivities } from '../../activities/customer-activities.js';
import { createDeliveryActivities } from '../../activities/delivery-activities.js';
import { createIdwiseActivities } from '../../activities/idwise-activities.js';
import {
  createComparisonActivities,
  createReconciliationActivities,
} from '../../activities/reconciliation-activities.js';
import { configOrExit, readEnvironment } from '../config/environment.js';
import { createLogger } from '../observability/logger.js';
import { temporalConnectionOptions } from '../temporal/client.js';
import { deliveryTaskQueue, idwiseTaskQueue } from '../temporal/names.js';
import { assembleWorkerParts, type WorkerParts } from '../worker/assemble-worker-parts.js';
import { keepReconciliationSchedules } from '../worker/keep-reconciliation-schedules.js';
import { temporalLogger } from '../worker/temporal-logger.js';
import { withPatience } from './with-patience.js';

/** The workflow code, bundled once at build time, so that every process of a release runs the same. */
const WORKFLOW_BUNDLE = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
const SERVERS_PATIENCE_MS = 60_000;
const OUTBOX_SWEEP_GAP_MS = 30_000;
const CASE_SWEEP_GAP_MS = 10_000;
const RUN_SWEEP_GAP_MS = 60_000;
const REQUEST_SWEEP_GAP_MS = 60_000;

const config = configOrExit(readEnvironment(process.env));
const logger = createLogger('worker', config.service.logLevel);
Runtime.install({
  logger: temporalLogger(logger),
  telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } } },
  shutdownSignals: [],
});

const parts = await withPatience('MongoDB (MONGODB_URI)', SERVERS_PATIENCE_MS, logger, () =>
  assembleWorkerParts(config, logger),
);
const connection = await withPatience('Temporal (TEMPORAL_ADDRESS)', SERVERS_PATIENCE_MS, logger, () =>
  NativeConnection.connect(temporalConnectionOptions()),
);
const workers = await createWorkers(parts, connection);
const sweeps = [
  parts.outboxSweeper.run(OUTBOX_SWEEP_GAP_MS),
  parts.caseClocks.run(CASE_SWEEP_GAP_MS),
  parts.customerRunSweeper.run(RUN_SWEEP_GAP_MS),
  parts.requestSweeper.run(REQUEST_SWEEP_GAP_MS),
];
const schedules = keepReconciliationSchedules(parts.temporal, config.temporal.taskQueue, logger);
const health = serveHealth(parts);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop);
if (config.audit.signingKey === null) {
  logger.warn(
    'AUDIT_SIGNING_KEY is not set: the audit trail gets no checkpoints, so a cut end would not be noticed',
  );
}
logger.info('Worker started', { taskQueue: config.temporal.taskQueue });

await Promise.all(workers.map((worker) => worker.run()));
schedules.stop();
await stopSweeps();
health?.close();
await connection.close();
await parts.close();
logger.info('Worker stopped');

/** One worker per queue: a hanging endpoint or a slow IDWise takes no slot from a decision. */
async function createWorkers(
  { useCases, comparing, reconciliation, delivery, dailyCheckpoint }: WorkerParts,
  native: NativeConnection,
): Promise<Worker[]> {
  const { namespace, taskQueue } = config.temporal;
  const common = { connection: native, namespace, shutdownGraceTime: '5s', shutdownForceTime: '8s' } as const;
  return Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      workflowBundle: { codePath: WORKFLOW_BUNDLE },
      activities: {
        ...createCustomerActivities(useCases),
        ...createCaseActivities(useCases),
        ...createReconciliationActivities(reconciliation),
        ...createAuditActivities(dailyCheckpoint),
      },
      maxCachedWorkflows: 500,
      // What waits for a worker that died goes to another one after this; half of the usual time is still plenty.
      stickyQueueScheduleToStartTimeout: '5s',
    }),
    Worker.create({
      ...common,
      taskQueue: idwiseTaskQueue(taskQueue),
      activities: { ...createIdwiseActivities(useCases), ...createComparisonActivities(comparing) },
      maxTaskQueueActivitiesPerSecond: config.idwise.callsPerSecond,
    }),
    Worker.create({
      ...common,
      taskQueue: deliveryTaskQueue(taskQueue),
      activities: createDeliveryActivities(delivery),
    }),
  ]);
}

/** The sweeps end while the workers finish what they have begun. */
function stop(): void {
  workers.forEach(shutDown);
  void stopSweeps();
}

async function stopSweeps(): Promise<void> {
  await Promise.all(sweeps.map((sweep) => sweep.stop()));
}

function shutDown(worker: Worker): void {
  if (worker.getState() === 'RUNNING') worker.shutdown();
}

/** Without checkpoints the worker works, but whoever looks should know. */
function auditNote(): string {
  return config.audit.signingKey === null ? 'no audit checkpoints: AUDIT_SIGNING_KEY is not set\n' : '';
}

/** Readiness and metrics for whoever runs the worker; without a port there is nothing to ask. */
function serveHealth({ store, metrics }: WorkerParts): Server | null {
  const { host, workerHealthPort } = config.service;
  if (workerHealthPort === null) return null;
  const server = createServer(async (request, response) => {
    if (request.url === '/metrics') {
      response.setHeader('content-type', metrics.registry.contentType).end(await metrics.registry.metrics());
      return;
    }
    const isReady =
      workers.every((worker) => worker.getState() === 'RUNNING') &&
      (await store.ping(1_000).then(
        () => true,
        () => false,
      ));
    response
      .writeHead(isReady ? 200 : 503, { 'content-type': 'text/plain' })
      .end(isReady ? `ready\n${auditNote()}` : 'not ready\n');
  });
  return server.listen(workerHealthPort, host);
}
