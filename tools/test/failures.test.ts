import { describe, expect, test } from '@jest/globals';
import { failuresOf } from './failures.js';

const file = '/p/a.test.ts';
const report = (
  assertionResults: Parameters<typeof failuresOf>[0]['testResults'][0]['assertionResults'],
) => ({
  ...{ startTime: 0, numPassedTests: 1, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 },
  testResults: [{ name: file, status: 'failed', message: 'SyntaxError: odd', assertionResults }],
});

describe('what is said again at the end of a run', () => {
  test('names what failed alone, with what was expected, what came, and the line of the test file', () => {
    const message = [
      'Error: \u001b[2mexpect(\u001b[22mreceived).toBe(expected)',
      '',
      'Expected: 1',
      'Received: 2',
      '    at library (/p/node_modules/library/index.js:1:1)',
      `    at Object.toBe (${file}:7:9)`,
      `    at outer (${file}:70:9)`,
    ].join('\n');
    const failures = failuresOf(
      report([
        { status: 'passed', fullName: 'one', failureMessages: [] },
        { status: 'failed', fullName: 'two', failureMessages: [message] },
      ]),
    );
    expect(failures).toEqual([
      {
        file,
        name: 'two',
        message: `Error: expect(received).toBe(expected)\n\nExpected: 1\nReceived: 2\n    at Object.toBe (${file}:7:9)`,
      },
    ]);
  });

  test('says why a file could not be loaded', () => {
    expect(failuresOf(report([]))).toEqual([{ file, name: null, message: 'SyntaxError: odd' }]);
  });

  test('cuts what is long', () => {
    const long = Array.from({ length: 1_000 }, (_, line) => `line ${line}`).join('\n');
    const [failure] = failuresOf(report([{ status: 'failed', fullName: 'f', failureMessages: [long] }]));
    expect(failure?.message.split('\n').length).toBe(25);
  });
});
