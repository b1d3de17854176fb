import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createCustomerActivities } from '../../activities/customer-activities.js';
import { createIdwiseActivities } from '../../activities/idwise-activities.js';
import {
  createComparisonActivities,
  createReconciliationActivities,
} from '../../activities/reconciliation-activities.js';
import type { ServiceConfig } from '../../src/config/service-config.js';
import { createLogger } from '../../src/observability/logger.js';
import { idwiseTaskQueue } from '../../src/temporal/names.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import { assembleWorkerParts } from '../../src/worker/assemble-worker-parts.js';
import { LOG_SINK } from './api-under-test.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Takes an API's configuration; starts the worker that goes with it, in this process. Returns how to stop it. */
export async function startWorker(config: ServiceConfig): Promise<() => Promise<void>> {
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const client = await Connection.connect({ address });
  await registerSearchAttributes(client, config.temporal.namespace);
  await client.close();

  const parts = await assembleWorkerParts(config, createLogger('worker', 'error', LOG_SINK));
  const connection = await NativeConnection.connect({ address });
  const { taskQueue, namespace } = config.temporal;
  const workers = await Promise.all([
    Worker.create({
      connection,
      namespace,
      taskQueue,
      workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
      activities: {
        ...createCustomerActivities(parts.useCases),
        ...createReconciliationActivities(parts.reconciliation),
      },
    }),
    Worker.create({
      connection,
      namespace,
      taskQueue: idwiseTaskQueue(taskQueue),
      activities: {
        ...createIdwiseActivities(parts.useCases),
        ...createComparisonActivities(parts.comparing),
      },
    }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await running;
    await connection.close();
    await parts.close();
  };
}
