import { stripVTControlCharacters } from 'node:util';
import type { JestReport } from './counts.js';

export interface TestFailure {
  /** As jest writes it: absolute. */
  readonly file: string;
  /** The test's full name; of a file that could not be loaded, none. */
  readonly name: string | null;
  readonly message: string;
}

/** Enough for what was expected and what came; the rest stands where jest told it. */
const MESSAGE_LINES = 25;

/** What failed in one report of jest, each with the beginning of what jest said about it, and where in the file. */
export function failuresOf(report: JestReport): TestFailure[] {
  return report.testResults.flatMap(({ name: file, status, message, assertionResults }): TestFailure[] => {
    if (status === 'failed' && assertionResults.length === 0)
      return [{ file, name: null, message: beginningOf(message, file) }];
    return assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => ({
        file,
        name: test.fullName,
        message: beginningOf((test.failureMessages ?? []).join('\n'), file),
      }));
  });
}

function beginningOf(message: string, file: string): string {
  const lines = stripVTControlCharacters(message).trim().split('\n');
  const isFrame = (line: string) => /^\s+at /.test(line);
  const said = lines.filter((line) => !isFrame(line)).slice(0, MESSAGE_LINES);
  const where = lines.find((line) => isFrame(line) && line.includes(file));
  return [...said, ...(where === undefined ? [] : [where])].join('\n');
}
