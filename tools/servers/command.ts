// Running somebody else's program to its end.

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export type CommandResult =
  | { readonly outcome: 'done'; readonly output: string }
  | { readonly outcome: 'failed'; readonly reason: string };

/**
 * Runs a program without a terminal.
 * Takes its name or path, arguments, folder, additional environment and a time limit in milliseconds.
 * Returns what it printed, or why it failed, with the last lines of its output.
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<CommandResult> {
  const { timeoutMs = 60_000 } = options;
  return await new Promise((resolve) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let timedOut = false;
    const collect = (text: string) => {
      output = (output + text).slice(-100_000);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    // Whoever stops us in the middle does not want minutes of compiling to go on.
    const killOnExit = () => child.kill('SIGKILL');
    process.once('exit', killOnExit);
    const over = () => {
      clearTimeout(timer);
      process.removeListener('exit', killOnExit);
    };
    child.once('error', (error: NodeJS.ErrnoException) => {
      over();
      const missing = error.code === 'ENOENT';
      resolve({ outcome: 'failed', reason: missing ? `${command} is not installed` : error.message });
    });
    child.once('close', (code, signal) => {
      over();
      if (code === 0) resolve({ outcome: 'done', output });
      else if (timedOut) resolve({ outcome: 'failed', reason: `no end after ${timeoutMs / 1000} s` });
      else
        resolve({
          outcome: 'failed',
          reason: `${command} ended with ${code ?? signal}: ${lastLines(output, 3)}`,
        });
    });
  });
}

/** The last non-empty lines of a text, in one line. */
export function lastLines(text: string, count: number): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.slice(-count).join(' | ');
}

/** Where on PATH a program lies, or null. */
export function findOnPath(name: string, path: string = process.env.PATH ?? ''): string | null {
  for (const folder of path.split(delimiter)) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
