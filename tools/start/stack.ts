// All children of one start: brought up in order, recorded, stopped in reverse.

import { join } from 'node:path';
import { ownIdentity } from '../bootstrap/process-identity.mjs';
import { startGuard } from '../servers/guard.js';
import type { Report } from '../servers/progress.js';
import { lastLogLines } from '../servers/server-process.js';
import { writeRunRecord } from './run-record.js';
import { type ChildSpec, type SupervisedChild, superviseChild } from './supervised-child.js';

export interface Stack {
  /** Brings up some children at the same time. Returns null, or the message about those that did not come up. */
  start(specs: readonly ChildSpec[]): Promise<string | null>;
  /** Notes where things can be reached, for commands in other terminals. */
  publish(addresses: Readonly<Record<string, string>>): void;
  /** Whether anything was started at all. */
  isEmpty(): boolean;
  /** Ends the project's own processes, then the databases; at most about 9 s. */
  stop(): Promise<void>;
  /** Ends everything at once. */
  kill(): void;
}

/** Takes the data folder and where to report. */
export function createStack(dataFolder: string, report: Report): Stack {
  const guard = startGuard();
  const children: SupervisedChild[] = [];
  let addresses: Readonly<Record<string, string>> = {};
  let stopping = false;
  const record = () => {
    const running = children.flatMap((child) => child.recorded() ?? []);
    writeRunRecord(join(dataFolder, 'run.json'), { supervisor: ownIdentity(), children: running, addresses });
  };
  const stopAll = async (some: readonly SupervisedChild[]) => {
    await Promise.all(some.map((child) => child.stop()));
  };
  return {
    start: async (specs) => {
      if (stopping) return 'Stopped before everything was up.';
      const fresh = specs.map((spec) => superviseChild(spec, { guard, report, onChange: record }));
      children.push(...fresh);
      const problems = await Promise.all(fresh.map((child) => startProblem(child)));
      const messages = problems.filter((problem) => problem !== null);
      return messages.length === 0 ? null : messages.join('\n\n');
    },
    publish: (published) => {
      addresses = published;
      record();
    },
    isEmpty: () => children.length === 0,
    stop: async () => {
      stopping = true;
      addresses = {};
      await stopAll(children.filter((child) => !child.spec.last));
      await stopAll(children.filter((child) => child.spec.last));
      await guard.close();
    },
    kill: () => {
      for (const child of children) child.kill();
    },
  };
}

async function startProblem(child: SupervisedChild): Promise<string | null> {
  const problem = await child.start().catch((error: unknown) => String(error));
  if (problem === null) return null;
  const lines = lastLogLines(child.spec.logPath);
  return `${problem}. The last lines of ${child.spec.logPath}:\n${lines.replace(/^/gm, '  | ')}`;
}
