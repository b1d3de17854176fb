// MongoDB, Temporal and the mailbox: named by the operator, composed, or started here.

import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { type Attempt, found, type Resolution, refused, resolveByChain } from '../servers/chain.js';
import {
  COMPOSE,
  composeMailProblem,
  composeMongodbProblem,
  composeTemporalProblem,
} from '../servers/compose-services.js';
import { obtainMongod } from '../servers/mongod-binary.js';
import {
  bringUpReplicaSet,
  localMongodbUri,
  mongodArguments,
  mongodbHello,
} from '../servers/mongodb-server.js';
import type { Report } from '../servers/progress.js';
import { projectRoot } from '../servers/project-root.js';
import { obtainTemporal } from '../servers/temporal-binary.js';
import { configuredTemporalServes, temporalArguments, temporalServes } from '../servers/temporal-server.js';
import { withoutSecrets } from './address-table.js';
import { portProblem } from './port-check.js';
import type { Settings } from './settings.js';
import type { ChildSpec } from './supervised-child.js';

/** One server: its address, its page for people, and the child to start for it (null: it runs already). */
export interface BackingServer {
  readonly address: string;
  readonly uiUrl: string | null;
  readonly child: ChildSpec | null;
}

const DATABASE = 'idwise';
const CONFIGURED_ANSWERS_WITHIN_MS = 5_000;

/** Servers get no secret of the service: only what a program needs to run. */
export function plainEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Finds or prepares MongoDB. */
export async function findMongodb(settings: Settings, report: Report): Promise<Resolution<BackingServer>> {
  const configured = process.env.MONGODB_URI ?? '';
  if (configured !== '') return await ask(() => configuredMongodb(configured));
  const composed = await composeMongodbProblem();
  if (composed === null) {
    const uri = `mongodb://127.0.0.1:${COMPOSE.mongodbPort}/idwise_start?directConnection=true`;
    return running('docker-compose.yml', uri, null);
  }
  const busy = await portProblem(settings, ['mongod']);
  if (busy !== null) return { ok: false, message: busy };
  const binary = await obtainMongod(report);
  if (!binary.ok) return binary;
  const port = settings.ports.mongod;
  const dbPath = join(settings.dataFolder, `mongo-${binary.value.series}`);
  const isNew = !existsSync(dbPath);
  const older = isNew ? readdirSync(settings.dataFolder).filter((name) => name.startsWith('mongo-')) : [];
  if (older.length > 0) {
    report(
      `MongoDB ${binary.value.series} begins with no data; that of ${older.join(', ')} stays where it is.`,
    );
  }
  mkdirSync(dbPath, { recursive: true });
  const child: ChildSpec = {
    name: 'mongod',
    command: binary.value.path,
    args: mongodArguments(dbPath, port),
    env: plainEnvironment(process.env),
    logPath: logPath(settings, 'mongod'),
    last: true,
    // Recovery after a kill can take a while on a slow disk.
    readyWithinMs: 60_000,
    isReady: () => bringUpReplicaSet(port),
    stopGraceMs: 3_000,
  };
  const value = { address: localMongodbUri(port, DATABASE), uiUrl: null, child };
  return { ok: true, from: binary.from, value };
}

async function configuredMongodb(uri: string): Promise<Attempt<BackingServer>> {
  const hint = 'Start that server, correct MONGODB_URI, or unset it to have one started here.';
  try {
    const hello = await mongodbHello(uri, CONFIGURED_ANSWERS_WITHIN_MS);
    if (hello.setName === null && !hello.isRouter) {
      return refused(
        `MONGODB_URI names a standalone server (${withoutSecrets(uri)}); transactions need a replica set. ${hint}`,
      );
    }
    return found({ address: uri, uiUrl: null, child: null });
  } catch (error) {
    return refused(`MONGODB_URI does not answer (${withoutSecrets(uri)}: ${reasonOf(error)}). ${hint}`);
  }
}

/** Finds or prepares Temporal; `namespace` is the one that the service will use. */
export async function findTemporal(
  settings: Settings,
  namespace: string,
  report: Report,
): Promise<Resolution<BackingServer & { readonly namespace: string }>> {
  const configured = process.env.TEMPORAL_ADDRESS ?? '';
  if (configured !== '') {
    const answer = await ask(() => configuredTemporal(configured, namespace));
    return answer.ok ? { ...answer, value: { ...answer.value, namespace } } : answer;
  }
  const namedNamespace = process.env.TEMPORAL_NAMESPACE ?? '';
  const fitsCompose = namedNamespace === '' || namedNamespace === COMPOSE.temporalNamespace;
  if (fitsCompose && (await composeTemporalProblem()) === null) {
    const ui = `http://127.0.0.1:${COMPOSE.temporalUiPort}`;
    const server = running('docker-compose.yml', `127.0.0.1:${COMPOSE.temporalPort}`, ui);
    return { ...server, value: { ...server.value, namespace: COMPOSE.temporalNamespace } };
  }
  const busy = await portProblem(settings, ['temporal', 'temporalUi']);
  if (busy !== null) return { ok: false, message: busy };
  const binary = await obtainTemporal(report);
  if (!binary.ok) return binary;
  const { temporal: port, temporalUi: uiPort } = settings.ports;
  const address = `127.0.0.1:${port}`;
  const databasePath = join(settings.dataFolder, `temporal-${binary.value.series}.db`);
  const child: ChildSpec = {
    name: 'temporal',
    command: binary.value.path,
    args: temporalArguments({ databasePath, port, uiPort, namespace }),
    env: plainEnvironment(process.env),
    logPath: logPath(settings, 'temporal'),
    last: true,
    readyWithinMs: 60_000,
    isReady: () => temporalServes(address, namespace, 1_000),
    stopGraceMs: 3_000,
  };
  const value = { address, uiUrl: `http://127.0.0.1:${uiPort}`, child, namespace };
  return { ok: true, from: binary.from, value };
}

async function configuredTemporal(address: string, namespace: string): Promise<Attempt<BackingServer>> {
  try {
    await configuredTemporalServes(namespace, CONFIGURED_ANSWERS_WITHIN_MS);
    return found({ address, uiUrl: null, child: null });
  } catch (error) {
    return refused(
      `TEMPORAL_ADDRESS does not serve the namespace ${namespace} (${address}: ${reasonOf(error)}). Start that ` +
        'server, correct TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, or unset them to have one started here.',
    );
  }
}

/** Finds or prepares the mailbox. */
export async function findMailbox(settings: Settings): Promise<Resolution<BackingServer>> {
  const configured = process.env.SMTP_URL ?? '';
  if (configured !== '') return await ask(() => configuredSmtp(configured));
  if ((await composeMailProblem()) === null) {
    const ui = `http://127.0.0.1:${COMPOSE.mailUiPort}`;
    return running('docker-compose.yml', `smtp://127.0.0.1:${COMPOSE.smtpPort}`, ui);
  }
  const busy = await portProblem(settings, ['mailSmtp', 'mailUi']);
  if (busy !== null) return { ok: false, message: busy };
  const { mailSmtp, mailUi } = settings.ports;
  const folder = join(settings.dataFolder, 'mail');
  mkdirSync(folder, { recursive: true });
  const uiUrl = `http://127.0.0.1:${mailUi}`;
  const child: ChildSpec = {
    name: 'mailbox',
    command: process.execPath,
    args: [
      join(projectRoot, 'node_modules/maildev/dist/bin/maildev.js'),
      ...['--smtp', String(mailSmtp), '--ip', '127.0.0.1', '--web', String(mailUi), '--web-ip', '127.0.0.1'],
      ...['--mail-directory', folder],
    ],
    env: plainEnvironment(process.env),
    logPath: logPath(settings, 'mailbox'),
    last: false,
    readyWithinMs: 30_000,
    isReady: () => answersOk(`${uiUrl}/api/healthz`),
    stopGraceMs: 3_000,
  };
  const value = { address: `smtp://127.0.0.1:${mailSmtp}`, uiUrl, child };
  return { ok: true, from: 'MailDev', value };
}

async function configuredSmtp(url: string): Promise<Attempt<BackingServer>> {
  const hint = 'Start that server, correct SMTP_URL, or unset it to have a mailbox started here.';
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !['smtp:', 'smtps:'].includes(parsed.protocol)) {
    return refused(`SMTP_URL must look like smtp://host:port or smtps://user:password@host:port. ${hint}`);
  }
  const standardPort = parsed.protocol === 'smtps:' ? 465 : 587;
  const problem = await connectProblem(parsed.hostname, Number(parsed.port || standardPort));
  return problem === null
    ? found({ address: url, uiUrl: null, child: null })
    : refused(`SMTP_URL does not answer (${withoutSecrets(url)}: ${problem}). ${hint}`);
}

async function connectProblem(host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const answer = (problem: string | null) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(CONFIGURED_ANSWERS_WITHIN_MS, () => answer('no answer in time'));
    socket.once('connect', () => answer(null));
    socket.once('error', (error) => answer(reasonOf(error)));
  });
}

/** Whether a health address answers 2xx within a second. Throws when nobody answers. */
export async function answersOk(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  await response.body?.cancel();
  return response.ok;
}

export function logPath(settings: Settings, name: string): string {
  return join(settings.dataFolder, 'logs', `${name}.log`);
}

function running(from: string, address: string, uiUrl: string | null) {
  return { ok: true, from, value: { address, uiUrl, child: null } } as const;
}

// A configured address is a chain of one: it works, or the start ends there.
async function ask(attempt: () => Promise<Attempt<BackingServer>>): Promise<Resolution<BackingServer>> {
  return await resolveByChain('server', [{ name: 'configured address', attempt }], []);
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error instanceof Error ? error.message : String(error);
}
