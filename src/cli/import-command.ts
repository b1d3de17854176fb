import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDuration } from '../config/duration.js';
import { readImportFile } from './import-file.js';
import { type Misfit, malformed, misfitsCsv, misfitsText } from './import-report.js';
import { type Clock, type ImportPace, type ImportResult, runImport } from './import-run.js';
import { type ExitCode, type OperatorSession, sayWhy } from './operator-session.js';
import type { ProgressBar } from './progress-bar.js';
import { count } from './terminal-text.js';

export interface ImportOptions {
  readonly rate?: string;
  readonly underWay?: string;
  readonly patience?: string;
}

export const REAL_CLOCK: Clock = {
  nowMs: () => performance.now(),
  pause: async (ms) => {
    await pause(ms);
  },
};

/** What the options are where they are not given. */
export const USUAL_PACE: ImportPace = {
  linesPerSecond: 20,
  mostUnderWay: 200,
  patienceMs: 10 * 60_000,
  pollEveryMs: 1_000,
};

/**
 * `import <file>`: takes the session, the file's path, the options and the bar; brings the customers of the file along,
 * writes what did not fit to `<file>.not-imported.csv`, and prints how it went. Starting it again goes on.
 */
export async function importCustomers(
  session: OperatorSession,
  path: string,
  options: ImportOptions,
  bar: ProgressBar,
  clock: Clock = REAL_CLOCK,
): Promise<ExitCode> {
  const pace = paceOf(options);
  if (typeof pace === 'string') return refuse(session, pace);
  const bytes = bytesOf(path);
  if (bytes === null) return refuse(session, `${path} cannot be read.`);
  const file = readImportFile(bytes);
  if (file.kind === 'unreadable') return refuse(session, `${path}: ${file.problem}`);

  const all = file.lines.length;
  const result = await runImport(session.client, file.lines, pace, clock, (progress) => {
    const misfits = progress.misfits === 0 ? '' : `, ${progress.misfits} did not fit`;
    bar.draw(progress.settled + progress.misfits, all, `${progress.note}${misfits}`);
  });
  bar.clear();
  const misfits = [...file.malformed.map(malformed), ...result.misfits].sort((a, b) => a.line - b.line);
  const reportPath = `${path.replace(/\.csv$/i, '')}.not-imported.csv`;
  session.print(summary(result, file.repeats));
  if (misfits.length > 0) session.print(`\n${misfitsText(misfits)}`);
  writeReport(session, reportPath, misfits);
  if (result.stopped !== null) {
    const code = sayWhy(session, result.stopped);
    session.say('Start it again with the same file: it goes on where it stopped.');
    return code;
  }
  return misfits.length === 0 ? 0 : 1;
}

function paceOf({ rate, underWay, patience }: ImportOptions): ImportPace | string {
  const linesPerSecond = rate === undefined ? USUAL_PACE.linesPerSecond : Number(rate);
  if (!(linesPerSecond > 0 && linesPerSecond <= 1_000))
    return '--rate takes lines per second, more than 0 and up to 1000.';
  const mostUnderWay = underWay === undefined ? USUAL_PACE.mostUnderWay : Number(underWay);
  if (!(Number.isInteger(mostUnderWay) && mostUnderWay >= 1 && mostUnderWay <= 10_000))
    return '--under-way takes a number of journeys, from 1 to 10000.';
  const patienceMs = patience === undefined ? USUAL_PACE.patienceMs : parseDuration(patience);
  if (patienceMs === null) return '--patience takes a duration such as 30s, 10m, 2h.';
  return { ...USUAL_PACE, linesPerSecond, mostUnderWay, patienceMs };
}

function summary({ imported, known, settled, statuses, matched }: ImportResult, repeats: number): string {
  const standing = [...statuses]
    .sort(([, a], [, b]) => b - a)
    .map(([status, number]) => `${number} ${status}`)
    .join(', ');
  return [
    `${count(imported + known, 'line')} taken: ${imported} imported now, ${known} known from before.`,
    ...(repeats === 0 ? [] : [`${count(repeats, 'line')} said what an earlier one says.`]),
    `${count(settled, 'journey')} found at IDWise${standing === '' ? '.' : `; their customers are: ${standing}.`}`,
    ...(matched === 0 ? [] : [`Of these customers, ${matched} with open matches on watch lists.`]),
  ].join('\n');
}

function writeReport({ print, say }: OperatorSession, path: string, misfits: readonly Misfit[]): void {
  try {
    // Whose customers they are is nobody else's business on this machine.
    writeFileSync(path, misfitsCsv(misfits), { mode: 0o600 });
    if (misfits.length > 0)
      print(`\nAlso in ${path}, with how to mend each; what is corrected there can be imported from there.`);
  } catch {
    say(`${path} cannot be written; what did not fit stands above only.`);
  }
}

function bytesOf(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function refuse({ say }: OperatorSession, problem: string): ExitCode {
  say(problem);
  return 1;
}
