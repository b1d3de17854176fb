/** How many ids are remembered; far more than IDWise can have under way for one customer at once. */
const MOST_SEEN_IDS = 500;

/** What this customer's runs have already taken in, so that whatever is sent again is known as a repeat. */
export interface SeenIds {
  has(id: string): boolean;
  add(id: string): void;
}

/**
 * Takes the list of ids that the state carries, the latest last; returns the look-up over it. What is added goes into
 * that same list, and the oldest leave it, so that the next run knows them and the state stays small.
 */
export function createSeenIds(carried: string[]): SeenIds {
  const known = new Set(carried);
  return {
    has: (id) => known.has(id),
    add: (id) => {
      known.add(id);
      carried.push(id);
      for (const forgotten of carried.splice(0, carried.length - MOST_SEEN_IDS)) known.delete(forgotten);
    },
  };
}
