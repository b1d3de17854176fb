// `npm start` as a process under test: own folder, own ports, its terminal read line by line.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processStartTime } from '../../tools/bootstrap/process-identity.mjs';
import { projectRoot } from '../../tools/servers/project-root.js';
import { eventually, PATIENCE_MS } from '../eventually.js';

export interface RunRecordView {
  readonly children: readonly { readonly name: string; readonly pid: number }[];
  readonly addresses: Readonly<Record<string, string>>;
}

export class RunningStart {
  private text = '';
  private readonly exited: Promise<unknown>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly dataFolder: string,
  ) {
    this.exited = once(child, 'exit');
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
      });
    }
  }

  static launch(
    environment: Readonly<Record<string, string>>,
    args: readonly string[] = ['--empty'],
  ): RunningStart {
    const child = spawn(process.execPath, [join(projectRoot, 'tools/start.mjs'), ...args], {
      cwd: projectRoot,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningStart(child, environment.DATA_DIR ?? '');
  }

  /** Everything that stood in the terminal so far. */
  get terminal(): string {
    return this.text;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async says(text: string): Promise<void> {
    await eventually(
      () => `"${text}" in:\n${this.text}`,
      () => this.text.includes(text) || this.child.exitCode !== null || undefined,
    );
    if (!this.text.includes(text)) throw new Error(`It ended without saying "${text}":\n${this.text}`);
  }

  /** How often a text stood in the terminal. */
  timesSaid(text: string): number {
    return this.text.split(text).length - 1;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits for the end; returns the exit code, null after a signal that killed it. */
  async end(withinMs = PATIENCE_MS): Promise<number | null> {
    await Promise.race([this.exited, expire(withinMs, () => `the end of:\n${this.text}`)]);
    return this.child.exitCode;
  }

  record(): RunRecordView {
    return JSON.parse(readFileSync(join(this.dataFolder, 'run.json'), 'utf8')) as RunRecordView;
  }

  pidOf(name: string): number {
    const found = this.record().children.find((child) => child.name === name);
    if (found === undefined) throw new Error(`${name} does not run`);
    return found.pid;
  }

  /** kill -9 of some children at once, and waits until each is up again. */
  async killsAndRecovers(names: readonly string[]): Promise<void> {
    const before = names.map((name) => this.timesSaid(`${name} is up again.`));
    for (const name of names) process.kill(this.pidOf(name), 'SIGKILL');
    const isUp = (name: string, index: number) =>
      this.timesSaid(`${name} is up again.`) > (before[index] ?? 0);
    await eventually(
      () => `${names.join(', ')} up again in:\n${this.text}`,
      () => names.every(isUp) || undefined,
    );
  }
}

/** Waits until none of the processes runs any more. */
export async function allGone(pids: readonly number[], withinMs: number): Promise<void> {
  const alive = () => pids.filter((pid) => processStartTime(pid) !== null);
  await eventually(
    () => `the end of ${alive().join(', ')}`,
    () => alive().length === 0 || undefined,
    withinMs,
  );
}

async function expire(ms: number, what: () => string): Promise<never> {
  await pause(ms, undefined, { ref: false });
  throw new Error(`Waited ${ms / 1000} s in vain for ${what()}`);
}
