import type { OwedLook } from './customer.js';
import { type Instant, latest } from './instant.js';

const MOST_CAUSES = 50;

/**
 * Takes the look that is owed already, if any; returns the one owed now: due at once, for this cause too, and with the
 * ladder and its end counted anew, so that a fresh event never waits as long as an old matter does.
 */
export function oweLook(owed: OwedLook | null, at: Instant, cause: string | null): OwedLook {
  const causes = withCause(owed?.causes ?? [], cause);
  return owed === null
    ? { since: at, attempts: 0, lastAttemptAt: null, trouble: null, notBefore: null, causes }
    : { ...owed, since: latest(owed.since, at), attempts: 0, causes };
}

/** Takes a look that is owed and a further cause; returns it for that cause too, as soon and as long as before. */
export function owedAlsoFor(owed: OwedLook, cause: string): OwedLook {
  return { ...owed, causes: withCause(owed.causes, cause) };
}

function withCause(causes: readonly string[], cause: string | null): readonly string[] {
  return [...new Set([...causes, ...(cause === null ? [] : [cause])])].slice(-MOST_CAUSES);
}
