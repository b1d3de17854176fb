import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { eventually } from '../../test/eventually.ts';
import { processStartTime } from './process-identity.mjs';

/** Runs a program bound to itself that would go on for a minute, and prints its process id. */
const BOOTSTRAP = `
  const { spawnBound } = await import(${JSON.stringify(new URL('bound-child.mjs', import.meta.url).href)});
  const child = spawnBound(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  child.once('spawn', () => console.log(child.pid));
`;

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  '%s ends the program too, and then whoever runs it',
  async (signal) => {
    const bootstrap = spawn(process.execPath, ['--input-type=module', '-e', BOOTSTRAP]);
    const [printed] = await once(bootstrap.stdout, 'data');
    const pid = Number(String(printed));
    expect(processStartTime(pid)).not.toBeNull();
    bootstrap.kill(signal);
    expect(await once(bootstrap, 'exit')).toEqual([null, signal]);
    await eventually('the end of the program', () => (processStartTime(pid) === null ? true : undefined));
  },
);
