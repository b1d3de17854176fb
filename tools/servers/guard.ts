// The starting side of the guard process: see ../bootstrap/guard.mjs for what it guarantees.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProcessIdentity } from '../bootstrap/process-identity.mjs';
import { projectRoot } from './project-root.js';

export interface Guard {
  /** From now on, this process (the leader of its group) is stopped when we die. `last`: after all the others. */
  watch(identity: ProcessIdentity, last: boolean): void;
  forget(pid: number): void;
  /** Ends the guard itself; what it still watches is stopped. Returns when it has ended. */
  close(): Promise<void>;
}

/** Starts a guard. */
export function startGuard(): Guard {
  const child: ChildProcess = spawn(process.execPath, [join(projectRoot, 'tools/bootstrap/guard.mjs')], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
    // Not the project's NODE_OPTIONS (inspector ports, module loaders): this process must always come up.
    env: { PATH: process.env.PATH ?? '' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.on('error', () => {});
  child.unref();
  const tell = (message: object) => child.stdin?.write(`${JSON.stringify(message)}\n`);
  return {
    watch: ({ pid, startTime }, last) => tell({ watch: { pid, startTime, last } }),
    forget: (pid) => tell({ forget: pid }),
    close: async () => {
      // Unreferenced, it would not keep us alive while we wait for it.
      child.ref();
      child.stdin?.end();
      await ended;
    },
  };
}
