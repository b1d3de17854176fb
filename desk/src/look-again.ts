import { useIdle } from '@mantine/hooks';

/** Nobody is taken to sit before a page that nobody has touched for so long. */
const AWAY_MS = 5 * 60_000;

/**
 * Takes how often a page looks again by itself, in milliseconds; returns that, and false while nobody is there: a page that
 * is left open must not keep the session from ending.
 */
export function useLookAgain(everyMs: number): number | false {
  return useIdle(AWAY_MS, { initialState: false }) ? false : everyMs;
}
