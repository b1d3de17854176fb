import type { JourneyFacts } from './customer.js';
import { type Instant, later, toMs } from './instant.js';
import type { Policy } from './policy.js';

const DAY_MS = 24 * 60 * 60_000;
/** Documents without an end bear dates such as 9999-12-31; nothing is planned for so long. */
const LONGEST_VALIDITY_MS = 100 * 366 * DAY_MS;

/** When a renewal is to be asked for because a document will expire. */
export interface DocumentNotice {
  readonly at: Instant;
  /** When the first of the documents expires. */
  readonly expiresAt: Instant;
  /** Takes a time; returns the steps whose documents are to be renewed as seen then. */
  readonly stepIds: (at: Instant) => readonly string[];
}

/**
 * Takes a journey and the policy; returns when its documents give reason to ask for a renewal, or null: the policy leaves
 * that to IDWise, or no document bears a date of expiry. One that had expired before IDWise's result was let pass with it.
 */
export function documentNotice({ snapshot }: JourneyFacts, { renewal }: Policy): DocumentNotice | null {
  const { documentExpiryNoticeMs } = renewal;
  if (documentExpiryNoticeMs === null || snapshot === null) return null;
  const resultMs = toMs(snapshot.endTime ?? snapshot.startTime);
  const expiring = snapshot.documents
    .flatMap(({ stepId, expiryDate }) => {
      const expiresMs = endOfDayMs(expiryDate);
      const isWatched = expiresMs > resultMs && expiresMs < resultMs + LONGEST_VALIDITY_MS;
      return isWatched ? [{ stepId, expiresMs }] : [];
    })
    .sort((a, b) => a.expiresMs - b.expiresMs);
  const [first] = expiring;
  if (first === undefined) return null;
  const expiresAt = new Date(first.expiresMs).toISOString();
  return {
    at: later(expiresAt, -documentExpiryNoticeMs),
    expiresAt,
    stepIds: (at) =>
      expiring
        .filter(({ expiresMs }) => expiresMs - toMs(at) <= documentExpiryNoticeMs)
        .map(({ stepId }) => stepId),
  };
}

/** A document is valid to the end of its last day, in UTC; NaN where there is no such day. */
function endOfDayMs(date: string | null): number {
  return date === null ? Number.NaN : Date.parse(`${date}T00:00:00Z`) + DAY_MS;
}
