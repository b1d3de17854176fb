import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { projectRoot } from '../../tools/servers/project-root.js';

/** Where the recorded histories stand: one file per path through the business, named after it. */
export const HISTORIES = join(projectRoot, 'test/histories');

/** One recorded run: its workflow id, and the history as Temporal gives it out. */
export interface RecordedHistory {
  readonly workflowId: string;
  readonly history: unknown;
}

/** The names of the recorded paths. */
export function recordedPaths(): string[] {
  return readdirSync(HISTORIES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length));
}

/** Takes the name of a recorded path; returns its history. */
export function readRecorded(path: string): RecordedHistory {
  return JSON.parse(readFileSync(join(HISTORIES, `${path}.json`), 'utf8')) as RecordedHistory;
}

/**
 * Takes a history; replays it through the workflow code as it is now, without any server.
 * @throws DeterminismViolationError when the code would have done something else than it did then
 */
export async function replay({ history, workflowId }: RecordedHistory): Promise<void> {
  const workflowBundle = { codePath: process.env['TEST_WORKFLOW_BUNDLE'] ?? '' };
  await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}
