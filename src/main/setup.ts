import { configOrExit, readServersEnvironment } from '../config/environment.js';
import type { ServiceConfig } from '../config/service-config.js';
import { createLogger } from '../observability/logger.js';
import { createIndexes } from '../store/indexes.js';
import { createServiceRole } from '../store/service-role.js';
import { ANY_TIME_MS, openStore } from '../store/store.js';
import { createAuditSchedule } from '../temporal/audit-schedule.js';
import { createTemporalClient, createTemporalConnection } from '../temporal/client.js';
import { ensureReconciliationSchedules } from '../temporal/reconciliation-schedules.js';
import { registerSearchAttributes } from '../temporal/search-attributes.js';
import { withPatience } from './with-patience.js';

/** Entry point of `npm run setup`: indexes in MongoDB, search attributes and schedules in Temporal. Safe to repeat. */

const SERVER_WAIT_MS = 30_000;
const GAP_MS = 1_000;

async function main(): Promise<void> {
  const config = configOrExit(readServersEnvironment(process.env));
  const { mongodbUri, mongodbSetupUri } = config;
  const hasIndexes =
    mongodbSetupUri === null
      ? await setUpMongodb(mongodbUri)
      : await setUpWithRole(mongodbSetupUri, mongodbUri);
  const isTemporalReady = await setUpTemporal(config);
  process.exit(hasIndexes && isTemporalReady ? 0 : 1);
}

async function setUpWithRole(setupUri: string, serviceUri: string): Promise<boolean> {
  try {
    const outcome = await createServiceRole(setupUri, serviceUri);
    if (outcome.kind === 'no_user') {
      return failed('MONGODB_URI names no user, so there is nobody to give the role to. Add one to it.');
    }
    const { role, user, isNewUser, otherRoles, database } = outcome;
    process.stdout.write(
      `MongoDB: ${isNewUser ? 'made the user' : 'the user'} ${user}${isNewUser ? ', who' : ''} has the role ${role}.\n`,
    );
    if (otherRoles.length > 0) {
      process.stderr.write(
        `MongoDB: ${user} also has ${otherRoles.join(', ')}, which may let the service change audit records. Revoke what it does not need (db.revokeRolesFromUser).\n`,
      );
    }
    return await setUpMongodb(setupUri, database);
  } catch (error) {
    return failed(
      `MongoDB refused the role of the service (${nameOf(error)}). The user of MONGODB_SETUP_URI needs to manage users and roles (userAdminAnyDatabase) and to make indexes (dbAdminAnyDatabase).`,
    );
  }
}

async function setUpMongodb(uri: string, database?: string): Promise<boolean> {
  const logger = createLogger('setup', 'warn');
  const store = await withPatience('MongoDB (MONGODB_URI)', SERVER_WAIT_MS, logger, () =>
    openStore(uri, ANY_TIME_MS, database),
  );
  try {
    await createIndexes(store);
  } catch (error) {
    return failed(
      `MongoDB refused an index (${nameOf(error)}). The user of ${database === undefined ? 'MONGODB_URI' : 'MONGODB_SETUP_URI'} needs the right createIndex (role dbAdmin).`,
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
        const client = createTemporalClient(config, connection);
        await ensureReconciliationSchedules(client, taskQueue);
        await createAuditSchedule(client, taskQueue);
        process.stdout.write('Temporal: the schedules of reconciliation and audit checkpoints are there.\n');
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
