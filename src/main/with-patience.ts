import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../observability/logger.js';

const GAP_MS = 1_000;

/**
 * Takes a server's name with the variable that names its address, a patience in milliseconds and how to reach it;
 * returns what reaching it returns. A server that starts beside us is waited for; one that stays away ends the process
 * with exit code 1 and a line that says which.
 */
export async function withPatience<T>(
  server: string,
  patienceMs: number,
  logger: Logger,
  reach: () => Promise<T>,
): Promise<T> {
  const endsAtMs = Date.now() + patienceMs;
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await reach();
    } catch (error) {
      if (Date.now() >= endsAtMs) {
        process.stderr.write(
          `${server} did not answer for ${patienceMs / 1_000} s. Is it running, and is the address right?\n`,
        );
        logger.error('A server did not answer', { reason: server, error });
        process.exit(1);
      }
      if (attempts === 1) logger.warn('Waiting for a server', { reason: server, error });
      await pause(GAP_MS);
    }
  }
}
