/** Prints one line of progress. */
export type Report = (line: string) => void;

/**
 * Runs a step that may take minutes, and says every `everyMs` that it is still alive.
 * Takes the step's name as it shall stand in the line; returns what `work` returns.
 */
export async function withSignsOfLife<T>(
  report: Report,
  step: string,
  work: () => Promise<T>,
  everyMs = 15_000,
): Promise<T> {
  const startedMs = Date.now();
  const timer = setInterval(() => {
    report(`  … ${step}: still at it after ${Math.round((Date.now() - startedMs) / 1000)} s`);
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
