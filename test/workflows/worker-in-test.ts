import { randomBytes, randomUUID } from 'node:crypto';
import { type NativeConnection, Worker } from '@temporalio/worker';
import { createCaseActivities } from '../../activities/case-activities.js';
import { createCustomerActivities } from '../../activities/customer-activities.js';
import { createDeliveryActivities } from '../../activities/delivery-activities.js';
import { createIdwiseActivities } from '../../activities/idwise-activities.js';
import {
  createComparisonActivities,
  createReconciliationActivities,
} from '../../activities/reconciliation-activities.js';
import { configOrExit, readEnvironment } from '../../src/config/environment.js';
import type { ServiceConfig } from '../../src/config/service-config.js';
import { DEFAULT_POLICY, type Policy } from '../../src/domain/policy.js';
import { deliveryTaskQueue, idwiseTaskQueue } from '../../src/temporal/names.js';
import type { WorkerParts } from '../../src/worker/assemble-worker-parts.js';

export const FLOW_ID = 'flow-under-test';

export interface WorkerOptions {
  readonly policy?: Partial<Policy>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly customStepId?: string;
}

/** Takes the simulator's address and what differs from the usual; returns the environment of a service of its own. */
export function serviceEnvironment(
  simulatorUrl: string,
  { customStepId, environment }: WorkerOptions,
): Record<string, string> {
  const uri = new URL(process.env['TEST_MONGODB_URI'] ?? '');
  uri.pathname = `/t-${randomUUID()}`;
  return {
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
    ...(customStepId === undefined
      ? {}
      : { IDWISE_CUSTOM_STEP_ID: customStepId, GOVERNMENT_FACE_URL: `${simulatorUrl}/government-face` }),
    ...environment,
  };
}

/** Takes a service's environment and its policy; returns the configuration. */
export function serviceConfigOf(
  environment: Readonly<Record<string, string>>,
  policy: Partial<Policy> = {},
): ServiceConfig {
  const config = configOrExit(readEnvironment(environment));
  return { ...config, policy: { ...DEFAULT_POLICY, ...policy } };
}

type Queue = 'main' | 'idwise' | 'deliveries';

/** Starts the worker's queues in this process, all three unless said, on the bundle that is shipped; returns how to stop them. */
export async function startWorkers(
  connection: NativeConnection,
  config: ServiceConfig,
  parts: Pick<WorkerParts, 'useCases' | 'delivery'> &
    Partial<Pick<WorkerParts, 'reconciliation' | 'comparing'>>,
  queues: readonly Queue[] = ['main', 'idwise', 'deliveries'],
): Promise<() => Promise<void>> {
  const { taskQueue } = config.temporal;
  const common = { connection, namespace: 'default' };
  const start: Readonly<Record<Queue, () => Promise<Worker>>> = {
    main: () =>
      Worker.create({
        ...common,
        taskQueue,
        workflowBundle: { codePath: process.env['TEST_WORKFLOW_BUNDLE'] ?? '' },
        activities: {
          ...createCustomerActivities(parts.useCases),
          ...createCaseActivities(parts.useCases),
          ...(parts.reconciliation && createReconciliationActivities(parts.reconciliation)),
        },
      }),
    idwise: () =>
      Worker.create({
        ...common,
        taskQueue: idwiseTaskQueue(taskQueue),
        activities: {
          ...createIdwiseActivities(parts.useCases),
          ...(parts.comparing && createComparisonActivities(parts.comparing)),
        },
      }),
    deliveries: () =>
      Worker.create({
        ...common,
        taskQueue: deliveryTaskQueue(taskQueue),
        activities: createDeliveryActivities(parts.delivery),
      }),
  };
  const workers = await Promise.all(queues.map((queue) => start[queue]()));
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await running;
  };
}
