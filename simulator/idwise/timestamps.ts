/**
 * IDWise prints times with microseconds and without a zone (contract §4.1); they are meant as UTC.
 *
 * @param micros microseconds since the Unix epoch
 * @returns e.g. `2023-01-26T08:12:00.962462`
 */
export function idwiseTimestamp(micros: number): string {
  const milliseconds = Math.floor(micros / 1000);
  const rest = String(micros - milliseconds * 1000).padStart(3, '0');
  return `${new Date(milliseconds).toISOString().slice(0, -1)}${rest}`;
}

/** A clock in microseconds that never stands still, so that two journeys never share a start time. */
export class MicrosecondClock {
  constructor(private last: number) {}

  /** @returns microseconds since the Unix epoch, strictly greater than any value returned before */
  now(): number {
    this.last = Math.max(
      Date.now() * 1000 + Number((process.hrtime.bigint() / 1000n) % 1000n),
      this.last + 1,
    );
    return this.last;
  }
}
