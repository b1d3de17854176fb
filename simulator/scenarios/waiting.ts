import { setTimeout as pause } from 'node:timers/promises';

/** What a scenario had to be true and was not; its text is for people. */
export class ScenarioFailure extends Error {}

/**
 * How long to pause before looking again. It grows with the time that has been waited, by a tenth of it: who waits long
 * is told hardly later, and many who wait on a slow machine do not make it slower.
 *
 * @returns milliseconds, from 50 to two seconds
 */
export function pauseMs(waitedMs: number): number {
  return Math.min(2_000, Math.max(50, waitedMs / 10));
}

/**
 * Looks again and again until something is there.
 *
 * @param look gives undefined for "not yet"; an error counts as "not yet" too, because servers may be restarting
 * @param deadlineMs how long to go on
 * @param explain what to say when the time is over, given the last error
 * @throws ScenarioFailure with that text
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  deadlineMs: number,
  explain: (lastError: unknown) => string,
): Promise<T> {
  const beganAtMs = Date.now();
  for (;;) {
    let lastError: unknown;
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (error instanceof ScenarioFailure) throw error;
      lastError = error;
    }
    const waitedMs = Date.now() - beganAtMs;
    if (waitedMs > deadlineMs) throw new ScenarioFailure(explain(lastError));
    await pause(pauseMs(waitedMs));
  }
}

/** @returns e.g. `0.35 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
