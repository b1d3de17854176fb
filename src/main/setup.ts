import { configOrExit, readServersEnvironment } from '../config/environment.js';
import type { ServiceConfig } from '../config/service-config.js';
import { createLogger } from '../observability/logger.js';
import { createIndexes, openStore } from '../store/store.js';
import { createTemporalClient, createTemporalConnection } from '../temporal/client.js';
import { ensureReconciliationSchedules } from '../temporal/reconciliation-schedules.js';
import { registerSearchAttributes } from '../temporal/search-attributes.js';
import { withPatience } from './with-patience.js';

/** Entry point of `npm run setup`: indexes in MongoDB, search attributes and schedules in Temporal. Safe to repeat. */

const SERVER_WAIT_MS = 30_000;
const GAP_MS = 1_000;
/** An index over years of events takes minutes to build. */
const ANY_TIME_MS = 0;

async function main(): Promise<void> {
  const config = configOrExit(readServersEnvironment(process.env));
  const hasIndexes = await setUpMongodb(config.mongodbUri);
  const isTemporalReady = await setUpTemporal(config);
  process.exit(hasIndexes && isTemporalReady ? 0 : 1);
}

async function setUpMongodb(uri: string): Promise<boolean> {
  const logger = createLogger('setup', 'warn');
  const store = await withPatience('MongoDB (MONGODB_URI)', SERVER_WAIT_MS, logger, () =>
    openStore(uri, ANY_TIME_MS),
  );
  try {
    await createIndexes(store);
  } catch (error) {
    return failed(
      `MongoDB refused an index (${nameOf(error)}). The user of MONGODB_URI needs the right createIndex.`,
    );
  } finally {
    await store.close();
  }
  process.stdout.write('MongoDB: every index is there.\n');
  return true;
}

async function setUpTemporal(config: Pick<ServiceConfig, 'temporal'>): Promise<boolean> {
  const { namespace, taskQueue } = config.temporal;
  const connection = createTemporalConnection();
  const endsAtMs = performance.now() + SERVER_WAIT_MS;
  try {
    for (;;) {
      try {
        const outcome = await registerSearchAttributes(connection, namespace);
        if (outcome.kind === 'conflict') {
          return failed(
            `Temporal: the search attributes ${outcome.names.join(', ')} exist with another type in namespace ${namespace}. Remove them, or use another TEMPORAL_NAMESPACE.`,
          );
        }
        const added = outcome.added.length === 0 ? 'none was missing' : `added ${outcome.added.join(', ')}`;
        process.stdout.write(`Temporal: every search attribute is there (${added}).\n`);
        await ensureReconciliationSchedules(createTemporalClient(config, connection), taskQueue);
        process.stdout.write('Temporal: the schedules of the reconciliation are there.\n');
        return true;
      } catch (error) {
        if (performance.now() + GAP_MS > endsAtMs) {
          return failed(
            `Temporal did not take the search attributes and schedules within 30 s (${nameOf(error)}). Check TEMPORAL_ADDRESS and that namespace ${namespace} exists; on Temporal Cloud add them by hand.`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, GAP_MS));
      }
    }
  } finally {
    await connection.close();
  }
}

function failed(message: string): false {
  process.stderr.write(`${message}\n`);
  return false;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown error';
}

await main();
