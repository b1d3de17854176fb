// Ctrl-C and its relatives.

/** Under npm one Ctrl-C arrives twice: from the terminal and forwarded by npm. */
const SAME_KEYSTROKE_MS = 1_000;

export interface StopSignals {
  /** Resolves at the first signal. */
  readonly requested: Promise<void>;
}

/**
 * Listens for SIGINT, SIGTERM and SIGHUP instead of dying from them.
 * Takes what is to be done at once when somebody insists with a second one.
 */
export function listenForStop(onInsist: () => void): StopSignals {
  let firstMs: number | null = null;
  const requested = new Promise<void>((resolve) => {
    const onSignal = () => {
      if (firstMs === null) {
        firstMs = Date.now();
        resolve();
      } else if (Date.now() - firstMs > SAME_KEYSTROKE_MS) {
        onInsist();
      }
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  return { requested };
}
