/** An instant as RFC 3339 text in UTC; the form in which the domain carries times, because it survives JSON and reads well. */
export type Instant = string;

/** Takes an instant; returns milliseconds since the epoch. */
export function toMs(instant: Instant): number {
  return Date.parse(instant);
}

/** Takes milliseconds since the epoch; returns the instant. */
export function toInstant(ms: number): Instant {
  return new Date(ms).toISOString();
}

/** Takes an instant and a duration in milliseconds; returns the instant that much later. */
export function later(instant: Instant, byMs: number): Instant {
  return toInstant(toMs(instant) + byMs);
}

/** Takes an instant and another that may be absent; returns the later of them. */
export function latest(a: Instant, b: Instant | null): Instant {
  return b !== null && toMs(b) > toMs(a) ? b : a;
}

/** Takes an instant and another that may be absent; returns the earlier of them. */
export function earliest(a: Instant, b: Instant | null): Instant {
  return b !== null && toMs(b) < toMs(a) ? b : a;
}
