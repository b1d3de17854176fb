import { setTimeout as pause } from 'node:timers/promises';

/** A sweep that is made again and again. */
export interface RepeatedSweep {
  /** Resolves when the sweep under way has ended; no other one begins. */
  stop(): Promise<void>;
}

/**
 * Takes a sweep, which is told the time, the gap in milliseconds between two of them, and who is told of one that failed; begins at once. A sweep
 * that goes from one to the next looks at its signal in between, so that a process can stop in the middle of it.
 */
export function repeatSweep(
  sweep: (now: Date, stopping: AbortSignal) => Promise<unknown>,
  gapMs: number,
  onFailure: (error: unknown) => void,
): RepeatedSweep {
  const stopping = new AbortController();
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await sweep(new Date(), stopping.signal).catch(onFailure);
      await pause(gapMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
