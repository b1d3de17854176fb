import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { tryLock, withFileLock } from './file-lock.mjs';
import { isSameProcess, ownIdentity, processStartTime } from './process-identity.mjs';

let folder;
let lock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  lock = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const module = fileURLToPath(new URL('./file-lock.mjs', import.meta.url));

/** Another process that takes the lock and keeps it until it is killed. */
async function otherHolder() {
  const script = `const { tryLock } = await import(${JSON.stringify(module)});
    console.log(tryLock(${JSON.stringify(lock)}).outcome); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [text] = await once(child.stdout, 'data');
  expect(String(text).trim()).toBe('locked');
  return child;
}

test('a lock that a living process holds is not taken', async () => {
  const holder = await otherHolder();
  expect(tryLock(lock)).toMatchObject({ outcome: 'held', holder: { pid: holder.pid } });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
});

test('the lock of a process that was killed is taken over', async () => {
  const holder = await otherHolder();
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(tryLock(lock).outcome).toBe('locked');
});

test('the lock of an earlier process whose id is used again is taken over', () => {
  writeFileSync(lock, JSON.stringify({ pid: process.pid, startTime: 'another boot/1' }));
  expect(tryLock(lock).outcome).toBe('locked');
});

test('a lock file with rubbish in it is taken over', () => {
  writeFileSync(lock, '{"pid":');
  expect(tryLock(lock).outcome).toBe('locked');
});

test('whoever waits gets the lock when the holder dies, and leaves no lock behind', async () => {
  const holder = await otherHolder();
  const waiting = withFileLock(lock, async () => 'done', { onWait: () => holder.kill('SIGKILL') });
  expect(await waiting).toBe('done');
  expect(existsSync(lock)).toBe(false);
});

test('a process is told from another one with the same id by its start time', () => {
  const own = ownIdentity();
  expect(isSameProcess(own)).toBe(true);
  expect(isSameProcess({ ...own, startTime: 'earlier' })).toBe(false);
  expect(processStartTime(2 ** 22 + 1)).toBeNull();
  expect(isSameProcess({ pid: 2 ** 22 + 1, startTime: null })).toBe(false);
});
