import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGuard } from '../../tools/servers/guard.js';
import { obtainMongod } from '../../tools/servers/mongod-binary.js';
import { bringUpReplicaSet, localMongodbUri, mongodArguments } from '../../tools/servers/mongodb-server.js';
import { freePort } from '../../tools/servers/ports.js';
import {
  type ServerProcess,
  startServerProcess,
  waitUntilReady,
} from '../../tools/servers/server-process.js';

/** A mongod for one test alone, which may be frozen and killed. */
export interface OwnMongod {
  readonly uri: string;
  /** Stops its world (SIGSTOP): sockets stay open, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL, as a power cut. */
  kill(): Promise<void>;
  /** Starts it again on the same data. */
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

const READY_WITHIN_MS = 30_000;

/** Starts a mongod of its own, by the same chain as the test run's; `withAccessControl`: it lets nobody in unknown. */
export async function startOwnMongod(withAccessControl = false): Promise<OwnMongod> {
  const binary = await obtainMongod(() => {});
  if (!binary.ok) throw new Error(binary.message);
  const folder = mkdtempSync(join(tmpdir(), 'own-mongod-'));
  const dbPath = join(folder, 'data');
  mkdirSync(dbPath);
  const keyFile = join(folder, 'members.key');
  writeFileSync(keyFile, randomBytes(48).toString('base64'), { mode: 0o400 });
  const port = await freePort();
  const guard = startGuard();

  const launch = async (): Promise<ServerProcess> => {
    const server = await startServerProcess({
      name: 'mongod',
      command: binary.value.path,
      // Fail points belong to the test commands.
      args: mongodArguments(dbPath, port, [
        '--setParameter',
        'enableTestCommands=1',
        ...(withAccessControl ? ['--auth', '--keyFile', keyFile] : []),
      ]),
      logPath: join(folder, 'mongod.log'),
    });
    guard.watch(server.identity, true);
    const problem = await waitUntilReady(server, () => bringUpReplicaSet(port), READY_WITHIN_MS);
    if (problem !== null) throw new Error(problem);
    return server;
  };

  let server = await launch();
  return {
    uri: localMongodbUri(port, ''),
    freeze: () => process.kill(server.identity.pid, 'SIGSTOP'),
    thaw: () => process.kill(server.identity.pid, 'SIGCONT'),
    kill: async () => {
      server.kill();
      await server.ended;
    },
    restart: async () => {
      server = await launch();
    },
    remove: async () => {
      server.kill();
      await server.ended;
      await guard.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
