import { describe, expect, test } from '@jest/globals';
import { closingLine, countsOf, type JestReport, skippedTests, sum } from './counts.js';

const report: JestReport = {
  startTime: 0,
  numPassedTests: 3,
  numFailedTests: 1,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    {
      name: '/p/a.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [
        { status: 'passed', fullName: 'one' },
        { status: 'failed', fullName: 'two' },
        { status: 'pending', fullName: 'three' },
        { status: 'todo', fullName: 'four' },
      ],
    },
    { name: '/p/broken.test.ts', status: 'failed', message: 'SyntaxError', assertionResults: [] },
  ],
};

describe('the closing line', () => {
  test('counts a test file that could not be loaded as a failure', () => {
    expect(countsOf(report)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  test('sums several runs', () => {
    const total = sum(countsOf(report), { passed: 1, failed: 0, skipped: 0 });
    expect(closingLine(total)).toBe('4 passed, 2 failed, 2 skipped');
  });

  test('names every test that did not run', () => {
    expect(skippedTests(report)).toEqual(['/p/a.test.ts: three', '/p/a.test.ts: four']);
  });
});
