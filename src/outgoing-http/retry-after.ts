/** Whoever we call may ask for any pause; more than this is a mistake of somebody's clock. */
const LONGEST_PAUSE_MS = 60 * 60 * 1_000;

/**
 * Takes the value of a Retry-After header, in seconds or as a date (RFC 9110 §10.2.3), and the time in milliseconds
 * since the epoch; returns the pause in milliseconds, an hour at most, or null where there is none that makes sense.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const pauseMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(pauseMs) ? null : Math.min(Math.max(pauseMs, 0), LONGEST_PAUSE_MS);
}
