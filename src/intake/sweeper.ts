import type { Logger } from '../observability/logger.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import type { Deliverer } from './deliver.js';

/**
 * Takes what no relay delivered: rows of dead processes, of a time when Temporal was down, unparked ones. Any number of
 * processes may sweep at once; a lease in the row (`notBefore`) keeps them off each other, and what two should deliver
 * all the same the workflow applies once.
 */
export interface Sweeper {
  /** One round: leases and delivers what is due. Resolves with the number of rows taken; never rejects. */
  sweep(): Promise<number>;
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
}

const ROUND_GAP_MS = 1_000;
const MOST_ROWS = 50;
const LEASE_MS = 10_000;
/** The lease's end doubles as the mark of who took it, so its last digits are drawn by lot. */
const LEASE_SPREAD_MS = 1_000;

/** Takes the inbox, the deliverer and a log; returns the sweeper, not yet running. */
export function createSweeper(inbox: Store['inbox'], deliverer: Deliverer, logger: Logger): Sweeper {
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let isStopped = true;

  async function lease(now: Date): Promise<readonly InboxRow[]> {
    const due = await inbox
      .find({ state: 'received', notBefore: { $lte: now } })
      .sort({ notBefore: 1 })
      .limit(MOST_ROWS)
      .toArray();
    if (due.length === 0) return [];
    const ids = due.map((row) => row._id);
    const until = new Date(now.getTime() + LEASE_MS + Math.floor(Math.random() * LEASE_SPREAD_MS));
    const { modifiedCount } = await inbox.updateMany(
      { _id: { $in: ids }, state: 'received', notBefore: { $lte: now } },
      { $set: { notBefore: until } },
    );
    if (modifiedCount === due.length) return due;
    return await inbox.find({ _id: { $in: ids }, state: 'received', notBefore: until }).toArray();
  }

  async function sweep(): Promise<number> {
    // What is due stays due; nothing is leased for a call that would not be tried.
    if (deliverer.isDown()) return 0;
    try {
      const rows = await lease(new Date());
      await Promise.all(rows.map((row) => deliverer.deliver(row)));
      return rows.length;
    } catch (error) {
      logger.debug('A sweep found MongoDB silent', { error });
      return 0;
    }
  }

  async function rounds(): Promise<void> {
    // A full page means that more is due: a backlog is worked off without pauses.
    while ((await sweep()) >= MOST_ROWS && !isStopped);
    if (!isStopped) timer = setTimeout(() => (round = rounds()), ROUND_GAP_MS);
  }

  return {
    sweep,
    start: () => {
      isStopped = false;
      round = rounds();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
