import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { getPriority, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../servers/project-root.js';
import { countsOf, type JestReport, skippedTests, type TestCounts } from './counts.js';
import { failuresOf, type TestFailure } from './failures.js';
import type { Suite } from './suites.js';

export interface JestRun {
  readonly project: string;
  readonly counts: TestCounts;
  readonly skipped: readonly string[];
  readonly failures: readonly TestFailure[];
  readonly took: JestTimes;
  /** False also when jest itself broke (a server that could not be started), whatever the counts say. */
  readonly succeeded: boolean;
  /** Somebody wants it to end: what would come after it is not begun. */
  readonly wasInterrupted: boolean;
}

export interface JestTimes {
  readonly allMs: number;
  /** Of these, before the first test file: to compile, and to obtain and start the servers. */
  readonly setupMs: number;
}

/**
 * Runs the tests of one jest project.
 * Takes it and further jest arguments (path patterns, `-t`).
 * Returns what jest counted; jest's own output goes to the terminal.
 */
export async function runJest(
  { project, workers, niceness }: Suite,
  args: readonly string[],
): Promise<JestRun> {
  const startedAtMs = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'idwise-jest-'));
  const reportPath = join(folder, 'report.json');
  const jest = [
    join(projectRoot, 'node_modules/jest/bin/jest.js'),
    ...['--selectProjects', project, '--passWithNoTests', `--maxWorkers=${workers}`],
    // What libraries print is noise in a run over everything; whoever runs one file wants to see it.
    ...(args.length === 0 ? ['--silent'] : []),
    ...['--json', `--outputFile=${reportPath}`, ...args],
  ];
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, jest, {
    cwd: projectRoot,
    // Worker processes of jest get the flags only by environment. The report goes to the file, so stdout is noise.
    env: { ...process.env, NODE_OPTIONS: [process.env.NODE_OPTIONS, ...flags].filter(Boolean).join(' ') },
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  if (child.pid !== undefined && niceness !== undefined) standBack(child.pid, niceness);
  let wasInterrupted = false;
  const forward = (signal: NodeJS.Signals) => {
    wasInterrupted = true;
    child.kill(signal);
  };
  process.on('SIGTERM', forward).on('SIGINT', forward);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  process.removeListener('SIGTERM', forward).removeListener('SIGINT', forward);
  const report = readReport(reportPath);
  const allMs = Date.now() - startedAtMs;
  rmSync(folder, { recursive: true, force: true });
  if (report === null) {
    // Without a report nothing is known; that must not look like success.
    const counts = { passed: 0, failed: 1, skipped: 0 };
    const took = { allMs, setupMs: allMs };
    return { project, counts, skipped: [], failures: [], took, succeeded: false, wasInterrupted };
  }
  const counts = countsOf(report);
  return {
    project,
    counts,
    skipped: skippedTests(report),
    failures: failuresOf(report),
    took: { allMs, setupMs: Math.max(0, report.startTime - startedAtMs) },
    succeeded: code === 0 && counts.failed === 0,
    wasInterrupted,
  };
}

/** Takes a process that has just been started; its workers and servers come later and are born with its priority. */
function standBack(pid: number, niceness: number): void {
  try {
    setPriority(pid, Math.max(getPriority(), niceness));
  } catch {
    // A courtesy to what runs beside it, which some sandboxes do not allow.
  }
}

function readReport(path: string): JestReport | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as JestReport;
  } catch {
    return null;
  }
}
