// What was obtained once stays on the machine, outside the clone, and is never seen half written.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { withFileLock } from '../bootstrap/file-lock.mjs';
import { platformKey } from './platform.js';
import type { Report } from './progress.js';

const APP = 'idwise-customer-backend';

/** The cache's folder: under `XDG_CACHE_HOME`, else `~/.cache`. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), APP);
}

/** The folder of one thing in one version for one kind of machine. */
export function cacheFolder(name: string, version: string, platform: string = platformKey()): string {
  return join(cacheRoot(), `${name}-${version}-${platform}`);
}

/**
 * Fills a cache folder unless it is there already: under a lock, in a temporary folder that is renamed at the end.
 * Takes the folder and what fills a (new, empty) folder and returns null, or the reason why it could not.
 * Returns null when the folder is there, else the reason.
 */
export async function fillCacheFolder(
  folder: string,
  report: Report,
  fill: (partial: string) => Promise<string | null>,
): Promise<string | null> {
  if (existsSync(folder)) return null;
  const work = async () => {
    if (existsSync(folder)) return null;
    removePartials(folder);
    const partial = `${folder}.partial-${randomUUID()}`;
    mkdirSync(partial, { recursive: true });
    try {
      const problem = await fill(partial);
      if (problem !== null) return problem;
      renameSync(partial, folder);
      return null;
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  };
  const onWait = (pid: number) =>
    report(`Waiting for process ${pid}, which is obtaining ${basename(folder)} …`);
  return await withFileLock(`${folder}.lock`, work, { onWait });
}

// Left behind by a process that was killed; the lock says that nobody is at it any more.
function removePartials(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (name.startsWith(`${basename(folder)}.partial-`))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}
