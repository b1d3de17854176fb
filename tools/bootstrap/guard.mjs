// Outlives whoever started it by a few seconds, to end the processes that its starter can no longer end: when the
// starter dies, even by kill -9, the pipe to this process closes, and what is registered is stopped.
//
// Each line on standard input is JSON: {"watch": {pid, startTime, last}} or {"forget": pid}. Processes with `last`
// (databases) are stopped after the others. Killing means the whole process group.

import { createInterface } from 'node:readline';
import { isSameProcess } from './process-identity.mjs';

const GRACE_MS = 4_000;
const watched = new Map();

// The signals of the terminal are for the starter, which ends the children itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.watch) watched.set(message.watch.pid, message.watch);
  if (message.forget) watched.delete(message.forget);
}
const all = [...watched.values()];
await stop(all.filter((entry) => !entry.last));
await stop(all.filter((entry) => entry.last));

async function stop(entries) {
  signal(entries, 'SIGTERM');
  const giveUpAtMs = Date.now() + GRACE_MS;
  while (Date.now() < giveUpAtMs && entries.some(isSameProcess)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  signal(entries, 'SIGKILL');
}

function signal(entries, name) {
  for (const entry of entries) {
    if (!isSameProcess(entry)) continue;
    try {
      process.kill(-entry.pid, name);
    } catch {
      // It ended in this very moment.
    }
  }
}
