import { type Instant, later, toMs } from './instant.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** Longer than one attempt may take, so that the retry of a call that timed out is as quick as any first retry. */
const QUICK_FOR_MS = 15 * SECOND_MS;

/**
 * The one ladder by which everything that must wait tries again: calls to IDWise, second looks, mail, the company's
 * endpoint, pushes. Quick at first, because most faults pass within seconds; never above 30 s in the first two
 * minutes; then growing with the age of the matter up to an hour, so that an outage of two days costs little.
 *
 * Takes the time since the matter arose, in milliseconds; returns the gap before the next attempt, in milliseconds.
 */
export function retryGapMs(elapsedMs: number): number {
  if (elapsedMs < QUICK_FOR_MS) return 3 * SECOND_MS;
  if (elapsedMs < MINUTE_MS) return 10 * SECOND_MS;
  if (elapsedMs < 2 * MINUTE_MS) return 30 * SECOND_MS;
  return Math.min(elapsedMs / 2, HOUR_MS);
}

/** Takes since when a matter stands and when it was last tried; returns when it is tried next. */
export function nextRung(since: Instant, lastAttemptAt: Instant | null): Instant {
  if (lastAttemptAt === null || toMs(lastAttemptAt) < toMs(since)) return since;
  return later(lastAttemptAt, retryGapMs(toMs(lastAttemptAt) - toMs(since)));
}
