import type { AmlVersionsOutcome } from '../domain/aml-changes.js';
import type { Instant } from '../domain/instant.js';
import type { Look } from '../idwise/look.js';

/** So many versions are read in one attempt at most; the next attempt goes on where this one stopped. */
const MOST_VERSIONS_PER_ATTEMPT = 5;

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
    let highest = from - 1;
    while (highest - from + 1 < MOST_VERSIONS_PER_ATTEMPT) {
      if (to !== null && highest >= to) return { kind: 'stored', highest, complete: true };
      const reading = await look.readAmlVersion({ referenceNo, journeyId, version: highest + 1, at });
      if (reading.kind === 'recorded' && (to !== null || !reading.empty)) {
        highest += 1;
      } else if (reading.kind === 'recorded' || reading.kind === 'no_such_version') {
        return { kind: 'stored', highest, complete: to === null };
      } else {
        return {
          kind: 'trouble',
          code: 'code' in reading ? `${reading.kind}:${reading.code}` : reading.kind,
        };
      }
    }
    return { kind: 'stored', highest, complete: to !== null && highest >= to };
  };
}
