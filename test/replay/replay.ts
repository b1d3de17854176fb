import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { projectRoot } from '../../tools/servers/project-root.js';

/**
 * Where recorded runs stand: a numbered folder for each recording, and in it one file per path through the business. A
 * recording is never replaced by a later one, because runs that began under its code may be open for years.
 */
const HISTORIES = join(projectRoot, 'test/histories');

/** One recorded run: its workflow id, and the history as Temporal gives it out. */
export interface RecordedHistory {
  readonly workflowId: string;
  readonly history: unknown;
}

/** Every recorded run by its place, such as `1/approved`. */
export function recordedRuns(): string[] {
  return recordings().flatMap((recording) =>
    readdirSync(join(HISTORIES, String(recording)))
      .filter((file) => file.endsWith('.json'))
      .map((file) => `${recording}/${basename(file, '.json')}`),
  );
}

/** Takes the place of a recorded run; returns its history. */
export function readRecorded(run: string): RecordedHistory {
  return JSON.parse(readFileSync(join(HISTORIES, `${run}.json`), 'utf8')) as RecordedHistory;
}

/**
 * Returns how to keep runs as a recording: takes the name of a path through the business and its run. Keeps nothing
 * unless `npm run record:histories` is what runs.
 */
export function recorder(): (path: string, recorded: RecordedHistory) => void {
  const recording = process.env['TEST_RECORDING'] ?? '';
  if (recording === '') return () => undefined;
  const folder = join(HISTORIES, recording);
  return (path, recorded) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${path}.json`), `${JSON.stringify(recorded)}\n`);
  };
}

/**
 * Takes runs; replays them through the workflow code as it is now, without any server, all by one worker. Returns for
 * each, in their order, why it would not go on, or null.
 */
export async function replayAll(runs: readonly RecordedHistory[]): Promise<readonly (Error | null)[]> {
  const workflowBundle = { codePath: process.env['TEST_WORKFLOW_BUNDLE'] ?? '' };
  const outcomes: (Error | null)[] = [];
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, runs)) {
    if (error instanceof DeterminismViolationError) error.message = `${ADVICE}\n\n${error.message}`;
    outcomes.push(error ?? null);
  }
  return outcomes;
}

/**
 * Takes a run; replays it as `replayAll` does, after those that were asked for before: the SDK's runtime ends with its
 * last worker, and takes along one that is just beginning.
 * @throws DeterminismViolationError when the code would have done something else than it did then
 */
export async function replay(run: RecordedHistory): Promise<void> {
  const mine = before.then(() => replayAll([run]));
  before = mine.catch(() => undefined);
  const [error] = await mine;
  if (error !== null) throw error ?? new Error('The run was not replayed.');
}
let before: Promise<unknown> = Promise.resolve();

const ADVICE =
  'Runs like this one are open at companies, some for years, and the workflow code now does something else than they ' +
  'did: they would stand still. Put what is new behind patched(), so that they go on in the old way; CONTRIBUTING.md ' +
  'shows how, under "Workflow code". To remove this recording instead would only hide it.';

function recordings(): number[] {
  return readdirSync(HISTORIES)
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
