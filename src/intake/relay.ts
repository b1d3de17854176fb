import type { InboxRow } from '../store/inbox-records.js';
import type { Deliverer } from './deliver.js';

/**
 * Brings what this process has just stored to Temporal, right after the answer. It is only the fast way: whatever it
 * drops (full, Temporal down, process dead) a sweeper finds by its lease in the inbox.
 */
export interface Relay {
  /** Takes a stored row; returns at once. */
  offer(row: InboxRow): void;
  /** Rows that wait or are under way. */
  pending(): number;
  /** Takes nothing more; resolves when all is delivered, or after the time limit in milliseconds. */
  drain(timeoutMs: number): Promise<void>;
}

const MOST_WAITING = 10_000;
const MOST_UNDER_WAY = 25;
/** A delivery that begins later than this before the lease's end might overlap with a sweeper's. */
const DELIVERY_TAKES_MS = 4_000;
/** While Temporal is down the rows wait here until it is back or their lease goes to a sweeper. */
const LOOK_AGAIN_MS = 250;

/** Takes the deliverer; returns the relay. */
export function createRelay(deliverer: Deliverer): Relay {
  let waiting: InboxRow[] = [];
  let underWay = 0;
  let isClosed = false;
  let onIdle: (() => void) | null = null;
  let lookAgain: NodeJS.Timeout | undefined;

  function pump(): void {
    while (underWay < MOST_UNDER_WAY) {
      const row = waiting.shift();
      if (row === undefined) break;
      if (row.notBefore.getTime() - Date.now() < DELIVERY_TAKES_MS) continue;
      if (deliverer.isDown()) {
        waiting.unshift(row);
        if (lookAgain === undefined) {
          lookAgain = setTimeout(() => {
            lookAgain = undefined;
            pump();
          }, LOOK_AGAIN_MS);
        }
        break;
      }
      underWay += 1;
      void deliverer.deliver(row).then(() => {
        underWay -= 1;
        pump();
      });
    }
    if (underWay === 0 && waiting.length === 0) onIdle?.();
  }

  return {
    offer: (row) => {
      if (isClosed || waiting.length >= MOST_WAITING) return;
      waiting.push(row);
      if (underWay < MOST_UNDER_WAY) pump();
    },
    pending: () => waiting.length + underWay,
    drain: async (timeoutMs) => {
      isClosed = true;
      if (deliverer.isDown()) waiting = [];
      if (underWay === 0 && waiting.length === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => {
          waiting = [];
          resolve();
        }, timeoutMs);
        onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}
