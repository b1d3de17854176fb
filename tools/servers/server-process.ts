// One child process in its own process group, its output in a log file.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ProcessIdentity, processStartTime } from '../bootstrap/process-identity.mjs';

export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly logPath: string;
}

export interface ServerProcess {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly logPath: string;
  /** Resolves with a sentence about how it ended; never rejects. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** SIGTERM to the group, SIGKILL after the grace (milliseconds); returns when it has ended. */
  stop(graceMs: number): Promise<void>;
  /** SIGKILL to the group, at once. */
  kill(): void;
}

/** Starts a program. Throws when the program does not exist. */
export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  mkdirSync(dirname(server.logPath), { recursive: true });
  const log = openSync(server.logPath, 'a', 0o600);
  const child = spawn(server.command, server.args, {
    ...(server.cwd === undefined ? {} : { cwd: server.cwd }),
    env: { ...(server.env ?? process.env) },
    stdio: ['ignore', log, log],
    // Its own group: the terminal's Ctrl-C reaches only the supervisor, and the group can be ended as a whole.
    detached: true,
  });
  closeSync(log);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Error(`${server.name} could not be started: ${error.message}`)),
    );
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  let over = false;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      over = true;
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
    });
  });
  return {
    name: server.name,
    identity: { pid, startTime: processStartTime(pid) },
    logPath: server.logPath,
    ended,
    hasEnded: () => over,
    stop: async (graceMs) => {
      if (over) return;
      signalGroup(pid, 'SIGTERM');
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    kill: () => killUnlessOver(child, pid, () => over),
  };
}

function killUnlessOver(child: ChildProcess, pid: number, isOver: () => boolean): void {
  if (!isOver() && child.exitCode === null) signalGroup(pid, 'SIGKILL');
}

/** Sends a signal to a process group; a group that has ended already is no error. */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leaderPid, signal);
  } catch {
    // Gone already.
  }
}

/** The last lines of a log file, for a failure message; empty when there is none. */
export function lastLogLines(path: string, count = 15): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}

/**
 * Polls until `isReady` holds, the process ends or the time is over.
 * Returns null when it is ready, else the reason. `isReady` may throw: that counts as not yet.
 */
export async function waitUntilReady(
  server: Pick<ServerProcess, 'name' | 'ended' | 'hasEnded'>,
  isReady: () => Promise<boolean>,
  limitMs: number,
): Promise<string | null> {
  const giveUpAtMs = Date.now() + limitMs;
  for (;;) {
    if (server.hasEnded()) return `${server.name} ${await server.ended}`;
    if (await isReady().catch(() => false))
      return server.hasEnded() ? `${server.name} ${await server.ended}` : null;
    if (Date.now() > giveUpAtMs) return `${server.name} was not ready after ${Math.round(limitMs / 1000)} s`;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
