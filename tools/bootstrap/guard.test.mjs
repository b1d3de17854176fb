import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from '@jest/globals';
import { processStartTime } from './process-identity.mjs';

const guardPath = fileURLToPath(new URL('./guard.mjs', import.meta.url));
const started = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(command, args, options) {
  const child = spawn(command, args, options);
  started.push(child);
  return child;
}

test('what a guard watches ends when its starter is gone, what it was told to forget lives on', async () => {
  const watched = start('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const forgotten = start('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const guard = start(process.execPath, [guardPath], { stdio: ['pipe', 'inherit', 'inherit'], env: {} });
  for (const { pid } of [watched, forgotten]) {
    guard.stdin.write(
      `${JSON.stringify({ watch: { pid, startTime: processStartTime(pid), last: false } })}\n`,
    );
  }
  guard.stdin.write(`${JSON.stringify({ forget: forgotten.pid })}\n`);
  const watchedEnd = once(watched, 'exit');
  // What the system does to the pipe when the starter is killed.
  guard.stdin.end();
  expect(await watchedEnd).toEqual([null, 'SIGTERM']);
  await once(guard, 'exit');
  expect(processStartTime(forgotten.pid)).not.toBeNull();
});

test('a guard never touches a process whose start time does not fit', async () => {
  const stranger = start('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const guard = start(process.execPath, [guardPath], { stdio: ['pipe', 'inherit', 'inherit'], env: {} });
  guard.stdin.end(
    `${JSON.stringify({ watch: { pid: stranger.pid, startTime: 'another boot/1', last: true } })}\n`,
  );
  await once(guard, 'exit');
  expect(processStartTime(stranger.pid)).not.toBeNull();
});
