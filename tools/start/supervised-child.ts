// A child that is brought up, watched, and brought up again when it dies.

import type { Guard } from '../servers/guard.js';
import type { Report } from '../servers/progress.js';
import {
  type ServerCommand,
  type ServerProcess,
  startServerProcess,
  waitUntilReady,
} from '../servers/server-process.js';
import { rotateLog } from './log-files.js';
import type { RecordedChild } from './run-record.js';

export interface ChildSpec extends ServerCommand {
  /** Databases are stopped after those that write to them. */
  readonly last: boolean;
  readonly readyWithinMs: number;
  readonly isReady: () => Promise<boolean>;
  readonly stopGraceMs: number;
}

export interface SupervisedChild {
  readonly spec: ChildSpec;
  /** Starts it and waits until it is ready; from then on it is restarted when it ends. Returns null, or why not. */
  start(): Promise<string | null>;
  stop(): Promise<void>;
  kill(): void;
  /** What runs at this moment, or null between two lives. */
  recorded(): RecordedChild | null;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;
const STEADY_AFTER_MS = 60_000;

/** How long to wait before restart number `restarts` (from 0) in a row, in milliseconds. */
export function restartDelayMs(restarts: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** restarts);
}

/** Takes what to run, the guard that ends it should we die, and what is to be called when a process comes or goes. */
export function superviseChild(
  spec: ChildSpec,
  context: { guard: Guard; report: Report; onChange: () => void },
): SupervisedChild {
  const { guard, report, onChange } = context;
  let current: ServerProcess | null = null;
  let stopping = false;
  let restarts = 0;
  let pendingRestart: NodeJS.Timeout | undefined;
  let launching: Promise<unknown> = Promise.resolve();

  const launch = (): Promise<ServerProcess> => {
    const launched = launchNow();
    launching = launched.catch(() => {});
    return launched;
  };

  const launchNow = async (): Promise<ServerProcess> => {
    const server = await startServerProcess(spec);
    current = server;
    guard.watch(server.identity, spec.last);
    onChange();
    void server.ended.then(() => {
      guard.forget(server.identity.pid);
      if (current === server) current = null;
      onChange();
    });
    return server;
  };

  const watch = (server: ServerProcess, sinceMs: number) => {
    void server.ended.then((how) => {
      if (stopping) return;
      if (Date.now() - sinceMs > STEADY_AFTER_MS) restarts = 0;
      scheduleRestart(`${spec.name} ${how}`);
    });
  };

  const scheduleRestart = (why: string) => {
    const delayMs = restartDelayMs(restarts);
    restarts += 1;
    report(`${why}; starting it again in ${delayMs / 1000} s (log: ${spec.logPath})`);
    pendingRestart = setTimeout(() => void restart(), delayMs);
  };

  const restart = async () => {
    try {
      const server = await launch();
      watch(server, Date.now());
      const problem = await waitUntilReady(server, spec.isReady, spec.readyWithinMs);
      if (stopping) return;
      if (problem === null) report(`${spec.name} is up again.`);
      // Alive but not answering helps nobody: its end brings the next restart.
      else server.kill();
    } catch (error) {
      if (!stopping) scheduleRestart(error instanceof Error ? error.message : String(error));
    }
  };

  return {
    spec,
    start: async () => {
      rotateLog(spec.logPath);
      const startedMs = Date.now();
      const server = await launch();
      const problem = await waitUntilReady(server, spec.isReady, spec.readyWithinMs);
      if (problem === null) watch(server, startedMs);
      return problem;
    },
    stop: async () => {
      stopping = true;
      clearTimeout(pendingRestart);
      // A process that is being started in this very moment must not be forgotten.
      await launching;
      await current?.stop(spec.stopGraceMs);
    },
    kill: () => {
      stopping = true;
      clearTimeout(pendingRestart);
      current?.kill();
    },
    recorded: () => (current === null ? null : { name: spec.name, last: spec.last, ...current.identity }),
  };
}
