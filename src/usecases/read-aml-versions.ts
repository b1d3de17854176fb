import type { AmlVersionsOutcome } from '../domain/aml-changes.js';
import type { Instant } from '../domain/instant.js';
import type { Look } from '../idwise/look.js';

/** So many versions are read in one attempt at most; the next attempt goes on where this one stopped. */
const MOST_VERSIONS_PER_ATTEMPT = 5;
/** One that begins later could outlast the attempt, of which nothing would be known then. */
const BEGINS_NONE_AFTER_MS = 4_000;

/**
 * Makes the use case that reads AML versions one by one and stores each, so that a version whose event was lost is
 * fetched as well (design §4.3). Where the last version is not known it reads while there are any.
 */
export function createReadAmlVersions(look: Pick<Look, 'readAmlVersion'>) {
  return async (about: {
    referenceNo: string;
    journeyId: string;
    from: number;
    to: number | null;
    at: Instant;
  }): Promise<AmlVersionsOutcome> => {
    const { referenceNo, journeyId, from, to, at } = about;
    const beganAtMs = performance.now();
    const mayBegin = () => performance.now() - beganAtMs < BEGINS_NONE_AFTER_MS;
    let highest = from - 1;
    while (highest - from + 1 < MOST_VERSIONS_PER_ATTEMPT && mayBegin()) {
      if (to !== null && highest >= to) return { kind: 'stored', highest, complete: true };
      const reading = await look.readAmlVersion({ referenceNo, journeyId, version: highest + 1, at });
      if (reading.kind === 'recorded' && (to !== null || !reading.empty)) {
        highest += 1;
      } else if (reading.kind === 'recorded' || reading.kind === 'no_such_version') {
        return { kind: 'stored', highest, complete: to === null };
      } else {
        const retryAfterMs = 'retryAfterMs' in reading ? reading.retryAfterMs : null;
        // What has been stored is progress, and the rest is tried again from there.
        if (highest >= from) return { kind: 'stored', highest, complete: false, retryAfterMs };
        const code = 'code' in reading ? `${reading.kind}:${reading.code}` : reading.kind;
        return { kind: 'trouble', code, retryAfterMs };
      }
    }
    return { kind: 'stored', highest, complete: to !== null && highest >= to };
  };
}
