// The real servers of one test run: a MongoDB replica set and a Temporal development server, in a temporary folder,
// on free ports. Configured addresses (MONGODB_URI, TEMPORAL_ADDRESS) are deliberately not used: tests write.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resolution } from '../servers/chain.js';
import { startGuard } from '../servers/guard.js';
import { type MongodBinary, obtainMongod } from '../servers/mongod-binary.js';
import {
  bringUpReplicaSet,
  localMongodbUri,
  mongodArguments,
  mongodbHello,
} from '../servers/mongodb-server.js';
import { freePort } from '../servers/ports.js';
import type { Report } from '../servers/progress.js';
import {
  lastLogLines,
  type ServerCommand,
  type ServerProcess,
  startServerProcess,
  waitUntilReady,
} from '../servers/server-process.js';
import { obtainTemporal, type TemporalBinary } from '../servers/temporal-binary.js';
import { temporalArguments, temporalServes } from '../servers/temporal-server.js';
import { obtainTimeSkippingServer } from '../servers/time-skipping-server.js';

export interface TestServers {
  /** Environment for the tests: TEST_MONGODB_URI (no database named), TEST_TEMPORAL_ADDRESS, … */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The programs of the servers that nobody has named an address for. */
interface TestPrograms {
  readonly mongod: MongodBinary | null;
  readonly temporal: TemporalBinary | null;
  /** Empty where it cannot be had: the tests that skip time are reported as skipped then, by name. */
  readonly timeSkippingServer: string;
}

const READY_WITHIN_MS = 60_000;

/**
 * Obtains what the tests need, each beside the others: what is downloaded does not wait for what is compiled. The first
 * time that takes minutes, later nothing. Throws with a message for the terminal when a server cannot be had.
 */
export async function obtainTestPrograms(report: Report): Promise<TestPrograms> {
  const { TEST_MONGODB_URI, TEST_TEMPORAL_ADDRESS } = process.env;
  const [mongod, temporal, timeSkippingServer] = await Promise.all([
    TEST_MONGODB_URI ? null : obtainMongod(report).then(orThrow),
    TEST_TEMPORAL_ADDRESS ? null : obtainTemporal(report).then(orThrow),
    orTold(obtainTimeSkippingServer(report), report),
  ]);
  return { mongod, temporal, timeSkippingServer };
}

/**
 * Obtains and starts what the tests need. An address that is set already (TEST_MONGODB_URI, TEST_TEMPORAL_ADDRESS)
 * is used instead, and must answer. Throws with a message for the terminal when a server cannot be had.
 */
export async function startTestServers(report: Report): Promise<TestServers> {
  const folder = mkdtempSync(join(tmpdir(), 'idwise-test-'));
  const guard = startGuard();
  const started: ServerProcess[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop(5_000)));
    await guard.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const launch: Launch = async (command, isReady) => {
    const server = await startServerProcess(command);
    started.push(server);
    guard.watch(server.identity, true);
    const problem = await waitUntilReady(server, isReady, READY_WITHIN_MS);
    if (problem !== null) throw new Error(`${problem}. Its last lines:\n${lastLogLines(command.logPath)}`);
  };
  try {
    const { TEST_MONGODB_URI, TEST_TEMPORAL_ADDRESS } = process.env;
    const { mongod, temporal, timeSkippingServer } = await obtainTestPrograms(report);
    const mongodbUri = mongod === null ? String(TEST_MONGODB_URI) : await startMongod(mongod, folder, launch);
    const temporalAddress =
      temporal === null ? String(TEST_TEMPORAL_ADDRESS) : await startTemporal(temporal, folder, launch);
    await checkConfigured(mongodbUri, temporalAddress);
    return {
      environment: {
        TEST_MONGODB_URI: mongodbUri,
        TEST_TEMPORAL_ADDRESS: temporalAddress,
        TEST_TIME_SKIPPING_SERVER: timeSkippingServer,
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Launch = (command: ServerCommand, isReady: () => Promise<boolean>) => Promise<void>;

async function startMongod(binary: MongodBinary, folder: string, launch: Launch): Promise<string> {
  const port = await freePort();
  const dbPath = join(folder, `mongo-${binary.series}`);
  mkdirSync(dbPath);
  // Expired documents go within a second or two, so that a test can wait for it.
  const args = mongodArguments(dbPath, port, ['--setParameter', 'ttlMonitorSleepSecs=1']);
  const command = { name: 'mongod', command: binary.path, args, logPath: join(folder, 'mongod.log') };
  await launch(command, () => bringUpReplicaSet(port));
  return localMongodbUri(port, '');
}

async function startTemporal(binary: TemporalBinary, folder: string, launch: Launch): Promise<string> {
  const port = await freePort();
  const databasePath = join(folder, `temporal-${binary.series}.db`);
  const args = temporalArguments({ databasePath, port, uiPort: null, namespace: 'default' });
  const command = { name: 'temporal', command: binary.path, args, logPath: join(folder, 'temporal.log') };
  await launch(command, () => temporalServes(`127.0.0.1:${port}`, 'default', 1_000));
  return `127.0.0.1:${port}`;
}

async function checkConfigured(mongodbUri: string, temporalAddress: string): Promise<void> {
  await mongodbHello(mongodbUri, 5_000).catch((error: unknown) => {
    throw new Error(`TEST_MONGODB_URI names a server that does not answer: ${String(error)}`);
  });
  await temporalServes(temporalAddress, 'default', 5_000).catch((error: unknown) => {
    throw new Error(`TEST_TEMPORAL_ADDRESS names a server that does not answer: ${String(error)}`);
  });
}

// Java is the one thing a machine may lack: then the tests that skip time are reported as skipped, by name.
async function orTold(obtained: Promise<Resolution<string>>, report: Report): Promise<string> {
  const resolution = await obtained;
  if (resolution.ok) return resolution.value;
  report(resolution.message);
  return '';
}

function orThrow<T>(resolution: Resolution<T>): T {
  if (!resolution.ok) throw new Error(resolution.message);
  return resolution.value;
}
