import { setTimeout as pause } from 'node:timers/promises';
import { pauseMs } from '../simulator/scenarios/waiting.js';

/**
 * How long a test waits for what must come. Long, because a machine that does much else, or is three times slower for an
 * hour, is no failure; what must be quick is measured where it is promised.
 */
export const PATIENCE_MS = 180_000;

/**
 * Looks again and again until there is something, which it returns.
 *
 * @param look gives undefined for "not yet"
 * @throws when the time is over, with what has not been seen
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => T | undefined | Promise<T | undefined>,
  timeoutMs = PATIENCE_MS,
): Promise<T> {
  const beganAtMs = Date.now();
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    const waitedMs = Date.now() - beganAtMs;
    if (waitedMs > timeoutMs)
      throw new Error(`Not seen within ${timeoutMs / 1_000} s: ${typeof what === 'string' ? what : what()}`);
    await pause(pauseMs(waitedMs));
  }
}

/**
 * Takes a condition; returns its first answer that is neither null nor false.
 *
 * @throws when the time is over; where a test waits for several things, `eventually` tells which
 */
export function until<T>(condition: () => Promise<T | null | false>): Promise<T> {
  const look = async () => {
    const answer = await condition();
    return answer === null || answer === false ? undefined : answer;
  };
  return eventually('what the condition asks for', look);
}
