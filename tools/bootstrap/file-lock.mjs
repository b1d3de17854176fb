// One process at a time, across processes and safe against a holder that was killed.

import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isSameProcess, ownIdentity } from './process-identity.mjs';

const POLL_MS = 200;

/**
 * Runs `work` while holding the lock file, waiting as long as another living process holds it.
 * Takes the file's path and `{onWait(pid)}`, called once when somebody else is found to be at it.
 * Returns what `work` returns.
 */
export async function withFileLock(path, work, { onWait = () => {} } = {}) {
  let told = false;
  for (;;) {
    const attempt = tryLock(path);
    if (attempt.outcome === 'locked') break;
    if (!told) onWait(attempt.holder.pid);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

/**
 * Takes the lock file if no living process holds it, and does not wait.
 * Returns `{outcome: 'locked'}` or `{outcome: 'held', holder}`. The file is left to the caller to remove.
 */
export function tryLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  // Written first and linked then, so that nobody ever reads a lock file that is half written.
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, JSON.stringify(ownIdentity()));
  try {
    for (;;) {
      try {
        linkSync(draft, path);
        return { outcome: 'locked' };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (holder !== null && isSameProcess(holder)) return { outcome: 'held', holder };
      removeStale(path, holder);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function removeStale(path, stale) {
  const aside = `${path}.stale.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  // Between reading and renaming, another process may have cleared the stale file and locked anew: give it back.
  const taken = readHolder(aside);
  const wasFresh = taken !== null && (stale === null || taken.pid !== stale.pid) && isSameProcess(taken);
  if (wasFresh) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}
