/**
 * Items that arrive while a call is in flight share the next one: under load a database sees few large calls instead
 * of many small ones, and an idle service answers at once. Used wherever many requests want the same kind of thing.
 */
export interface Batcher<Item, Result> {
  /** Resolves with this item's own result; rejects when the call for its batch failed as a whole. */
  add(item: Item): Promise<Result>;
}

/**
 * Takes the call (which must return one result per item, in order) and the most items that it takes; returns the
 * batcher. One call is in flight at a time.
 */
export function createBatcher<Item, Result>(
  call: (items: readonly Item[]) => Promise<readonly Result[]>,
  most: number,
): Batcher<Item, Result> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const results = await call(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => {
          const result = results[index];
          if (result === undefined) entry.reject(new Error('The batch call returned too few results'));
          else entry.resolve(result);
        });
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    isRunning = false;
  }

  return {
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        // Starting one turn later lets everything that arrived in this turn share the first call too.
        if (!isRunning) {
          isRunning = true;
          setImmediate(() => void run());
        }
      }),
  };
}
