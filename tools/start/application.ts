// The project's own processes: simulator, sign-in, API, worker.

import { join } from 'node:path';
import { runCommand } from '../servers/command.js';
import { projectRoot } from '../servers/project-root.js';
import { answersOk, logPath, plainEnvironment } from './backing-servers.js';
import { simulatorEnvironment } from './demo-environment.js';
import type { Settings } from './settings.js';
import type { ChildSpec } from './supervised-child.js';

/** The environment of API and worker: the operator's, the invented, and nothing of Temporal but ours where it is ours. */
export function serviceEnvironment(
  operator: NodeJS.ProcessEnv,
  invented: Readonly<Record<string, string>>,
  settings: Settings,
  ownTemporal: boolean,
): Record<string, string> {
  const ports = { HOST: settings.host, PORT: String(settings.ports.api) };
  const workerHealth = { WORKER_HEALTH_PORT: String(settings.ports.workerHealth) };
  const merged = Object.entries({ ...operator, ...invented, ...ports, ...workerHealth });
  const entries = merged.filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  if (!ownTemporal) return Object.fromEntries(entries);
  // A profile or an API key for Temporal Cloud must not reach the local server, which would refuse it.
  const ours = [
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_TASK_QUEUE',
    'TEMPORAL_PORT',
    'TEMPORAL_UI_PORT',
  ];
  const kept = entries.filter(([name]) => !name.startsWith('TEMPORAL_') || ours.includes(name));
  return Object.fromEntries(kept);
}

/** Runs the service's own set-up (indexes, search attributes). Returns null, or the reason why it failed. */
export async function runSetup(environment: Readonly<Record<string, string>>): Promise<string | null> {
  const result = await runCommand(process.execPath, [compiled('src/main/setup.js')], {
    cwd: projectRoot,
    env: environment,
    timeoutMs: 120_000,
  });
  return result.outcome === 'done' ? null : result.reason;
}

export function simulatorUrl(settings: Settings): string {
  return `http://127.0.0.1:${settings.ports.simulator}`;
}

export function apiUrl(settings: Settings): string {
  const host = settings.callHost.includes(':') ? `[${settings.callHost}]` : settings.callHost;
  return `http://${host}:${settings.ports.api}`;
}

/** The IDWise stand-in; it knows the account's secrets, and nothing of ours beyond. */
export function simulatorChild(settings: Settings, service: Readonly<Record<string, string>>): ChildSpec {
  const own = simulatorEnvironment(service, {
    host: '127.0.0.1',
    port: settings.ports.simulator,
    webhookUrl: `${apiUrl(settings)}/webhooks/idwise`,
    dataFile: join(settings.dataFolder, 'simulator.json'),
  });
  return {
    name: 'simulator',
    ...node('simulator/main.js'),
    env: { ...plainEnvironment(process.env), ...own },
    logPath: logPath(settings, 'simulator'),
    last: false,
    readyWithinMs: 30_000,
    isReady: () => answersOk(`${simulatorUrl(settings)}/healthz`),
    stopGraceMs: 4_000,
  };
}

export function identityUrl(settings: Settings): string {
  return `http://127.0.0.1:${settings.ports.identity}`;
}

/** The demo's identity provider; it knows the desk's registration and nothing else of ours. */
export function identityChild(settings: Settings, service: Readonly<Record<string, string>>): ChildSpec {
  const own = {
    IDP_PORT: String(settings.ports.identity),
    IDP_CLIENT_ID: service.OIDC_CLIENT_ID ?? '',
    IDP_CLIENT_SECRET: service.OIDC_CLIENT_SECRET ?? '',
    IDP_PUBLIC_URLS: service.PUBLIC_URL ?? '',
  };
  return {
    name: 'sign-in',
    ...node('tools/identity-provider/main.js'),
    env: { ...plainEnvironment(process.env), ...own },
    logPath: logPath(settings, 'sign-in'),
    last: false,
    readyWithinMs: 30_000,
    isReady: () => answersOk(`${identityUrl(settings)}/healthz`),
    stopGraceMs: 4_000,
  };
}

export function apiChild(settings: Settings, service: Readonly<Record<string, string>>): ChildSpec {
  return {
    name: 'api',
    ...node('src/main/api.js'),
    env: service,
    logPath: logPath(settings, 'api'),
    last: false,
    readyWithinMs: 60_000,
    isReady: () => answersOk(`${apiUrl(settings)}/readyz`),
    stopGraceMs: 6_000,
  };
}

export function workerChild(settings: Settings, service: Readonly<Record<string, string>>): ChildSpec {
  return {
    name: 'worker',
    ...node('src/main/worker.js'),
    env: service,
    logPath: logPath(settings, 'worker'),
    last: false,
    readyWithinMs: 60_000,
    isReady: () => answersOk(`http://127.0.0.1:${settings.ports.workerHealth}/readyz`),
    stopGraceMs: 6_000,
  };
}

function node(script: string) {
  return { command: process.execPath, args: ['--enable-source-maps', compiled(script)], cwd: projectRoot };
}

function compiled(script: string): string {
  return join(projectRoot, 'dist', script);
}
