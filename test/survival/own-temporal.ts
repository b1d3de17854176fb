import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuard } from '../../tools/servers/guard.js';
import { freePort } from '../../tools/servers/ports.js';
import {
  lastLogLines,
  type ServerProcess,
  startServerProcess,
  waitUntilReady,
} from '../../tools/servers/server-process.js';
import { obtainTemporal } from '../../tools/servers/temporal-binary.js';
import { temporalArguments, temporalServes } from '../../tools/servers/temporal-server.js';

/** A Temporal server for one test alone, on a database file, which may be killed. */
export interface OwnTemporal {
  readonly address: string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same file, as the supervisor of `npm start` does; resolves when it serves. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/** Starts a Temporal server of its own, by the same chain and with the same arguments as `npm start`. */
export async function startOwnTemporal(): Promise<OwnTemporal> {
  const binary = await obtainTemporal(() => {});
  if (!binary.ok) throw new Error(binary.message);
  const folder = mkdtempSync(join(tmpdir(), 'own-temporal-'));
  const databasePath = join(folder, `temporal-${binary.value.series}.db`);
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const guard = startGuard();

  const launch = async (): Promise<ServerProcess> => {
    const server = await startServerProcess({
      name: 'temporal',
      command: binary.value.path,
      args: temporalArguments({ databasePath, port, uiPort: null, namespace: 'default' }),
      logPath: join(folder, 'temporal.log'),
    });
    guard.watch(server.identity, true);
    const problem = await waitUntilReady(
      server,
      () => temporalServes(address, 'default', 1_000),
      READY_WITHIN_MS,
    );
    if (problem !== null) throw new Error(`${problem}:\n${lastLogLines(server.logPath)}`);
    return server;
  };

  let server = await launch();
  const kill = async () => {
    server.kill();
    await server.ended;
    guard.forget(server.identity.pid);
  };
  return {
    address,
    kill,
    restart: async () => {
      server = await launch();
    },
    remove: async () => {
      await kill();
      await guard.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
