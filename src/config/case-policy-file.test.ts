import { describe, expect, test } from '@jest/globals';
import { DEFAULT_CASE_POLICY } from '../domain/cases/case-policy.js';
import { readPolicy } from './policy-file.js';

function casesOf(cases: unknown) {
  const read = readPolicy(JSON.stringify({ cases }));
  if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
  return read.policy.cases;
}

function problemsOf(cases: unknown): readonly string[] {
  const read = readPolicy(JSON.stringify({ cases }));
  return read.kind === 'invalid' ? read.problems : [];
}

describe('the member cases of the policy file', () => {
  test('changes what it names, and nothing beside it', () => {
    const cases = casesOf({
      calendar: { timeZone: 'Asia/Dubai', workingDays: ['sun', 'mon'], holidays: ['2026-12-02'] },
      severity: { removed: 'medium' },
      clocks: { high: { acknowledgeWithin: null }, low: { mail: 'at_once', remindBefore: ['1h', '30m'] } },
      overdueEvery: '2h',
      holdOnSanctions: false,
      seniorApproval: ['freeze'],
    });
    const { calendar, severity, clocks } = DEFAULT_CASE_POLICY;
    expect(cases).toEqual({
      calendar: {
        ...calendar,
        timeZone: 'Asia/Dubai',
        workingDays: ['sun', 'mon'],
        holidays: ['2026-12-02'],
      },
      severity: { ...severity, removed: 'medium' },
      clocks: {
        ...clocks,
        high: { ...clocks.high, acknowledgeWithinMs: null },
        low: { ...clocks.low, mail: 'at_once', remindBeforeMs: [3_600_000, 1_800_000] },
      },
      overdueEveryMs: 7_200_000,
      holdOnSanctions: false,
      seniorApproval: ['freeze'],
    });
  });

  test.each([
    [
      'a zone that nobody knows',
      { calendar: { timeZone: 'Europe/Nowhere' } },
      'cases.calendar.timeZone must be',
    ],
    ['no working day at all', { calendar: { workingDays: [] } }, 'cases.calendar.workingDays must name'],
    [
      'a day that is none',
      { calendar: { holidays: ['2026-02-30'] } },
      'cases.calendar.holidays.0 must be a date',
    ],
    ['a time that is none', { calendar: { opensAt: '9am' } }, 'cases.calendar.opensAt must be a time'],
    [
      'hours that end before they begin',
      { calendar: { opensAt: '18:00' } },
      'cases.calendar must open before',
    ],
    ['an outcome that is none', { seniorApproval: ['shrug'] }, 'cases.seniorApproval.0 must be an outcome'],
    ['a severity that is none', { severity: { removed: 'huge' } }, 'cases.severity.removed must be'],
    ['a misspelt member', { clocks: { high: { dueIn: '1h' } } }, 'unknown member cases.clocks.high.dueIn'],
  ])('is refused with %s, and says where', (_what, cases, problem) => {
    expect(problemsOf(cases).join('\n')).toContain(problem);
  });
});
