import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** Below 32768, where Linux begins to give ports to outgoing connections, and beside what servers have by default. */
const PORTS = { from: 10_000, blocks: 320, inBlock: 50 };

const mine: number[] = [];
let claiming: Promise<void> | null = null;

/**
 * A TCP port on loopback for a server that is started soon, and perhaps stopped and started again.
 * Nobody listens on it now, no outgoing connection is given it meanwhile, and it is named to nobody else: a block of ports
 * belongs to the process that listens on the first of them, which ends with that process however it ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = mine.shift();
    if (port === undefined) await claimOnce();
    else if ((await listenProblem(LOOPBACK, port)) === null) return port;
  }
}

async function claimOnce(): Promise<void> {
  claiming ??= claimBlock().finally(() => {
    claiming = null;
  });
  await claiming;
}

async function claimBlock(): Promise<void> {
  // Not from the first on: processes that ask at the same time would all try the same ones.
  const start = randomInt(PORTS.blocks);
  for (let tried = 0; tried < PORTS.blocks; tried += 1) {
    const first = PORTS.from + ((start + tried) % PORTS.blocks) * PORTS.inBlock;
    if (!(await holdPort(first))) continue;
    for (let port = first + 1; port < first + PORTS.inBlock; port += 1) mine.push(port);
    return;
  }
  const last = PORTS.from + PORTS.blocks * PORTS.inBlock - 1;
  throw new Error(`Every block of ports from ${PORTS.from} to ${last} is taken.`);
}

/** Listens on the port for as long as this process lives, without keeping it alive; false when somebody else has it. */
async function holdPort(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', () => resolve(false));
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => resolve(true));
  });
}

/** Whether a port can be listened on; null when it can, else the system's reason (`EADDRINUSE`, `EACCES`). */
export async function listenProblem(host: string, port: number): Promise<string | null> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** Whether somebody accepts connections there, within a second. */
export async function canConnect(host: string, port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
