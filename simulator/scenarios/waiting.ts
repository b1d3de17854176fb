/** What a scenario had to be true and was not; its text is for people. */
export class ScenarioFailure extends Error {}

const pollMs = 150;

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
  const endsAtMs = Date.now() + deadlineMs;
  for (;;) {
    let lastError: unknown;
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      if (error instanceof ScenarioFailure) throw error;
      lastError = error;
    }
    if (Date.now() > endsAtMs) throw new ScenarioFailure(explain(lastError));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** @returns e.g. `0.35 s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
