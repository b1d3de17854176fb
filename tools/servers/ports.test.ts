import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { freePort, listenProblem } from './ports.js';
import { projectRoot } from './project-root.js';

const ASKED = 120;

/** What a process was told is its own until it ends. */
const others: ChildProcess[] = [];
afterAll(() => {
  for (const other of others) other.disconnect();
});

describe('a free port', () => {
  it('is named once, to one process, also when many are asked for at the same time in several', async () => {
    const here = await Promise.all(Array.from({ length: ASKED }, freePort));
    const elsewhere = await Promise.all([askedElsewhere(), askedElsewhere(), askedElsewhere()]);
    const all = [...here, ...elsewhere.flat()];
    expect(all).toHaveLength(4 * ASKED);
    expect(new Set(all).size).toBe(4 * ASKED);
  });

  it('is none that the system gives to an outgoing connection', async () => {
    expect(await freePort()).toBeLessThan(32_768);
  });

  it('is none that somebody listens on', async () => {
    const port = await freePort();
    const next = createServer();
    next.listen(port + 1, '127.0.0.1');
    await once(next, 'listening');
    expect(await listenProblem('127.0.0.1', port + 1)).toBe('EADDRINUSE');
    expect(await freePort()).not.toBe(port + 1);
    next.close();
  });
});

/** Another process asks at the same time, and lives as long as this one; returns what it was told. */
async function askedElsewhere(): Promise<number[]> {
  const module = pathToFileURL(join(projectRoot, 'dist/tools/servers/ports.js')).href;
  const script = `
    const { freePort } = await import(${JSON.stringify(module)});
    process.on('disconnect', () => process.exit());
    process.send(await Promise.all(Array.from({ length: ${ASKED} }, freePort)));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  others.push(child);
  const ended = once(child, 'exit').then(() => {
    throw new Error('It ended without an answer.');
  });
  const [ports] = (await Promise.race([once(child, 'message'), ended])) as [number[]];
  return ports;
}
