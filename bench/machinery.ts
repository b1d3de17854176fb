import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../tools/servers/command.js';
import { startGuard } from '../tools/servers/guard.js';
import { obtainMongod } from '../tools/servers/mongod-binary.js';
import { bringUpReplicaSet, localMongodbUri, mongodArguments } from '../tools/servers/mongodb-server.js';
import { freePort } from '../tools/servers/ports.js';
import { projectRoot } from '../tools/servers/project-root.js';
import {
  lastLogLines,
  type ServerCommand,
  type ServerProcess,
  startServerProcess,
  waitUntilReady,
} from '../tools/servers/server-process.js';
import { obtainTemporal } from '../tools/servers/temporal-binary.js';
import { temporalArguments, temporalServes } from '../tools/servers/temporal-server.js';

/** Real servers on this machine for one run of the benchmark, in a temporary folder that goes with them. */
export interface Machinery {
  /** What the service's processes are told; every call's database and task queue are its own. */
  environment(changes?: Readonly<Record<string, string>>): Record<string, string>;
  /** Starts a compiled script; resolves when it is ready, by what its output says or its port answers. */
  run(script: string, args: readonly string[], options: RunOptions): Promise<ServerProcess>;
  /** Runs a compiled script to its end; rejects where it does not end with code 0. */
  finish(script: string, environment: Readonly<Record<string, string>>): Promise<void>;
  /** What a process has printed so far. */
  output(process: ServerProcess): string;
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly isReady: (output: string) => Promise<boolean>;
}

export const BENCH_API_KEY = randomBytes(24).toString('hex');
export const BENCH_WEBHOOK_SECRET = randomBytes(24).toString('hex');
export const BENCH_FLOW_ID = 'flow-of-the-benchmark';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

/** Obtains and starts MongoDB and Temporal by the same chain as `npm start`. */
export async function startMachinery(report: (line: string) => void): Promise<Machinery> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const guard = startGuard();
  const started: ServerProcess[] = [];
  const launch = async (command: ServerCommand, isReady: () => Promise<boolean>): Promise<ServerProcess> => {
    const server = await startServerProcess(command);
    started.push(server);
    guard.watch(server.identity, started.length <= 2);
    const problem = await waitUntilReady(server, isReady, READY_WITHIN_MS);
    if (problem !== null) throw new Error(`${problem}:\n${lastLogLines(command.logPath)}`);
    return server;
  };

  const [mongod, temporal] = await Promise.all([obtainMongod(report), obtainTemporal(report)]);
  if (!mongod.ok) throw new Error(mongod.message);
  if (!temporal.ok) throw new Error(temporal.message);
  const [mongoPort, temporalPort] = [await freePort(), await freePort()];
  const dbPath = join(folder, 'mongo');
  mkdirSync(dbPath);
  const mongodCommand = {
    name: 'mongod',
    command: mongod.value.path,
    args: mongodArguments(dbPath, mongoPort),
    logPath: join(folder, 'mongod.log'),
  };
  await launch(mongodCommand, () => bringUpReplicaSet(mongoPort));
  const temporalOptions = {
    databasePath: join(folder, 'temporal.db'),
    port: temporalPort,
    uiPort: null,
    namespace: 'default',
  };
  const temporalCommand = {
    name: 'temporal',
    command: temporal.value.path,
    args: temporalArguments(temporalOptions),
    logPath: join(folder, 'temporal.log'),
  };
  const temporalAddress = `127.0.0.1:${temporalPort}`;
  await launch(temporalCommand, () => temporalServes(temporalAddress, 'default', 1_000));

  return {
    environment: (changes = {}) => ({
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      API_KEYS: BENCH_API_KEY,
      PII_KEY: randomBytes(32).toString('base64'),
      MONGODB_URI: localMongodbUri(mongoPort, `bench-${randomUUID()}`),
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_TASK_QUEUE: `bench-${randomUUID()}`,
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'bench@example.com',
      COMPLIANCE_EMAIL_TO: 'bench@example.com',
      IDWISE_BASE_URL: 'http://127.0.0.1:9',
      IDWISE_API_KEY: 'simulated-api-key',
      IDWISE_API_SECRET: 'simulated-api-secret',
      IDWISE_FLOW_ID: BENCH_FLOW_ID,
      IDWISE_WEBHOOK_AUTH: 'bearer',
      IDWISE_WEBHOOK_SECRETS: BENCH_WEBHOOK_SECRET,
      LOG_LEVEL: 'info',
      ...changes,
    }),
    run: async (script, args, { environment, isReady }) => {
      const logPath = join(folder, `${started.length}.log`);
      const command = {
        name: script,
        command: process.execPath,
        args: [join(projectRoot, 'dist', script), ...args],
        env: environment,
        cwd: projectRoot,
        logPath,
      };
      return launch(command, () => isReady(read(logPath)));
    },
    finish: async (script, environment) => {
      const args = [join(projectRoot, 'dist', script)];
      const options = { cwd: projectRoot, env: environment, timeoutMs: READY_WITHIN_MS };
      const result = await runCommand(process.execPath, args, options);
      if (result.outcome === 'failed') throw new Error(`${script}: ${result.reason}`);
    },
    output: (server) => read(server.logPath),
    stop: async () => {
      // Servers last: what uses them ends first.
      const [mongodServer, temporalServer, ...others] = started;
      await Promise.all(others.map((server) => server.stop(STOP_WITHIN_MS)));
      await Promise.all([mongodServer?.stop(STOP_WITHIN_MS), temporalServer?.stop(STOP_WITHIN_MS)]);
      await guard.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
