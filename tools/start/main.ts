// `npm start`: everything on this machine, from nothing to a table of addresses, until Ctrl-C.

import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { tryLock } from '../bootstrap/file-lock.mjs';
import { holdsNone } from '../servers/mongodb-server.js';
import { projectRoot } from '../servers/project-root.js';
import { addressTable } from './address-table.js';
import { logPath } from './backing-servers.js';
import { type BringUp, bringUp } from './bring-up.js';
import { HELP, parseOptions } from './options.js';
import { pendingStories, populate } from './population.js';
import { endLeftovers, leftoversOf, readRunRecord } from './run-record.js';
import { readSettings, type Settings } from './settings.js';
import { createStack } from './stack.js';
import { listenForStop } from './stop-signals.js';

const report = (line: string) => console.log(line);
// A terminal that was closed is no reason to leave the children behind.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
// Explicitly: something may still be under way (a download, a build) when a stop is requested.
process.exit(await main());

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.kind === 'help') {
    console.log(HELP);
    return 0;
  }
  if (options.kind === 'invalid') return fail(options.message);
  const read = readSettings(process.env, projectRoot);
  if (!read.ok) return fail(read.message);
  const { settings } = read;

  mkdirSync(join(settings.dataFolder, 'logs'), { recursive: true });
  const lockPath = join(settings.dataFolder, 'supervisor.lock');
  const lock = tryLock(lockPath);
  if (lock.outcome === 'held') return fail(alreadyRunning(lock.holder.pid, settings));
  try {
    return await run(settings, options.empty, () => rmSync(lockPath, { force: true }));
  } finally {
    rmSync(lockPath, { force: true });
  }
}

async function run(settings: Settings, empty: boolean, releaseLock: () => void): Promise<number> {
  await clearLeftovers(settings);
  const stack = createStack(settings.dataFolder, report);
  const stop = listenForStop(() => {
    stack.kill();
    releaseLock();
    process.exit(130);
  });
  const brought = await Promise.race([bringUp(settings, stack, report), stop.requested.then(() => null)]);
  let code = 0;
  if (brought?.ok === true) {
    printReady(brought, settings);
    // Not awaited: the stack is usable meanwhile.
    if (!empty) void playPopulation(brought, settings);
    await stop.requested;
  } else if (brought?.ok === false) {
    code = fail(brought.message);
  }
  const startedMs = Date.now();
  if (!stack.isEmpty()) report('\nStopping …');
  await stack.stop();
  if (!stack.isEmpty()) report(`Everything has stopped (${((Date.now() - startedMs) / 1000).toFixed(1)} s).`);
  return code;
}

// Children of a start that was ended by kill -9 would hold the ports and the database files.
async function clearLeftovers(settings: Settings): Promise<void> {
  const leftovers = leftoversOf(readRunRecord(join(settings.dataFolder, 'run.json')));
  if (leftovers.length === 0) return;
  report(`Ending what an earlier start left behind: ${leftovers.map((child) => child.name).join(', ')} …`);
  await endLeftovers(leftovers, 8_000);
}

function alreadyRunning(pid: number, settings: Settings): string {
  const api = readRunRecord(join(settings.dataFolder, 'run.json'))?.addresses.api;
  return [
    `npm start runs already for ${shown(settings.dataFolder)}: process ${pid}${api === undefined ? '' : `, API at ${api}`}.`,
    'Stop that one first (Ctrl-C in its terminal), or start a second stack with DATA_DIR and ports of its own (npm start -- --help).',
  ].join('\n');
}

function printReady(brought: Extract<BringUp, { ok: true }>, settings: Settings): void {
  report(`\nReady after ${Math.round(performance.now() / 1000)} s.\n`);
  report(addressTable([...brought.table, ['Logs', shown(join(settings.dataFolder, 'logs'))]]));
  const file = shown(join(settings.dataFolder, 'demo.env'));
  if (brought.newlyInvented.length > 0) {
    report(
      `\nInvented for this demo and kept in ${file} (readable by you only):\n  ${brought.newlyInvented.join(', ')}`,
    );
  } else {
    report(`\nSettings that nobody has set come from ${file}.`);
  }
  if (brought.usesSimulator) report('\nNow type in a second terminal:  npm run simulate -- approved');
  report('');
}

async function playPopulation(brought: Extract<BringUp, { ok: true }>, settings: Settings): Promise<void> {
  const { api, simulator, mailUi } = brought.addresses;
  if (!brought.ownsServers || api === undefined || simulator === undefined) return;
  const recordPath = join(settings.dataFolder, 'population.json');
  const isEmpty = await holdsNone(brought.environment.MONGODB_URI ?? '', 'profiles').catch(() => false);
  const stories = pendingStories(recordPath, isEmpty);
  if (stories.length === 0) return;
  report(`Playing the first customers (${stories.join(', ')}) …`);
  const place = {
    apiUrl: api,
    simulatorUrl: simulator,
    mailUrl: mailUi ?? null,
    apiKey: brought.environment.API_KEYS?.split(',')[0]?.trim() ?? '',
    recordPath,
    logPath: logPath(settings, 'population'),
  };
  await populate(stories, place, report);
}

function shown(path: string): string {
  const short = relative(projectRoot, path);
  return short.startsWith('..') ? path : short;
}

function fail(message: string): number {
  console.error(`\n${message}\n`);
  return 1;
}
