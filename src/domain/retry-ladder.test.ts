import { describe, expect, test } from '@jest/globals';
import { later, toMs } from './instant.js';
import { nextRung, retryGapMs } from './retry-ladder.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const SINCE = '2026-01-01T09:00:00.000Z';

/** Walks the ladder for three days; each attempt takes so long. Returns when each attempt begins, and the gap before it. */
function walk(attemptMs: number): { atMs: number; gapMs: number }[] {
  const rungs: { atMs: number; gapMs: number }[] = [];
  let elapsedMs = attemptMs;
  while (elapsedMs < 72 * HOUR_MS) {
    const gapMs = retryGapMs(elapsedMs);
    rungs.push({ atMs: elapsedMs + gapMs, gapMs });
    elapsedMs += gapMs + attemptMs;
  }
  return rungs;
}

describe.each([0, 200, 10 * SECOND_MS])('the ladder, with attempts of %d ms', (attemptMs) => {
  const rungs = walk(attemptMs);

  test('the first retry comes within 5 s', () => {
    expect(rungs[0]?.gapMs).toBeLessThanOrEqual(5 * SECOND_MS);
  });

  test('gaps stay at or under 30 s for the first two minutes', () => {
    for (const { atMs, gapMs } of rungs)
      if (atMs <= 2 * MINUTE_MS) expect(gapMs).toBeLessThanOrEqual(30 * SECOND_MS);
  });

  test('gaps never shrink, grow after the first two minutes, and are never above an hour nor zero', () => {
    const gaps = rungs.map(({ gapMs }) => gapMs);
    expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
    expect(Math.min(...gaps)).toBeGreaterThan(0);
    expect(Math.max(...gaps)).toBe(HOUR_MS);
  });

  test('an outage of two days costs fewer than a hundred attempts', () => {
    expect(rungs.filter(({ atMs }) => atMs < 48 * HOUR_MS).length).toBeLessThan(100);
  });
});

describe('the next rung', () => {
  test('of a matter that has not been tried since it arose is at once', () => {
    expect(nextRung(SINCE, null)).toBe(SINCE);
    expect(nextRung(SINCE, later(SINCE, -1))).toBe(SINCE);
  });

  test('is always after the attempt that went before, also where clocks disagree', () => {
    for (const sinceLastMs of [0, 1, 5_000, HOUR_MS, 1_000 * HOUR_MS]) {
      const lastAttemptAt = later(SINCE, sinceLastMs);
      expect(toMs(nextRung(SINCE, lastAttemptAt))).toBeGreaterThan(toMs(lastAttemptAt));
    }
  });
});
