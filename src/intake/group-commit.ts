import type { InboxRow } from '../store/inbox-records.js';
import type { InsertRows, RowOutcome } from './insert-rows.js';

/**
 * Group commit into the inbox: rows that arrive while a write is in flight share the next insertion. It gives every
 * request majority durability at a fraction of the cost of a write each.
 *
 * Nothing here waits longer than a row's own deadline: a frozen MongoDB keeps its sockets open, so each write has a
 * time limit, a row whose deadline passed is not written any more, and queue and batch are bounded in rows and bytes.
 */
export interface GroupCommit {
  /**
   * Takes a row, its size in bytes and, where it has less time left than usual, how many milliseconds; resolves within
   * them, never rejects.
   */
  add(row: InboxRow, bytes: number, deadlineMs?: number): Promise<CommitOutcome>;
  /** Rows that wait or are being written. */
  pending(): number;
}

/** `full`: too many wait already, the row has not been taken. */
export type CommitOutcome = RowOutcome | 'full';

export interface GroupCommitLimits {
  /** A row that is not durable after this many milliseconds fails. */
  readonly deadlineMs: number;
  readonly writeTimeoutMs: number;
  /** Two, so that one is prepared and answered while the other waits for the disk. */
  readonly writesAtOnce: number;
  readonly mostRowsPerWrite: number;
  /** Far below what MongoDB takes as one command. */
  readonly mostBytesPerWrite: number;
  readonly mostRowsPending: number;
  readonly mostBytesPending: number;
}

export const GROUP_COMMIT_LIMITS: GroupCommitLimits = {
  deadlineMs: 2_500,
  writeTimeoutMs: 2_000,
  writesAtOnce: 2,
  mostRowsPerWrite: 500,
  mostBytesPerWrite: 8 * 1024 * 1024,
  mostRowsPending: 5_000,
  mostBytesPending: 48 * 1024 * 1024,
};

const SHORTEST_WRITE_MS = 50;

interface Entry {
  readonly row: InboxRow;
  readonly bytes: number;
  readonly expiresAtMs: number;
  settle: ((outcome: CommitOutcome) => void) | null;
}

/** Takes the insertion and the limits; returns the group commit. */
export function createGroupCommit(
  insertRows: InsertRows,
  limits: GroupCommitLimits = GROUP_COMMIT_LIMITS,
): GroupCommit {
  let queue: Entry[] = [];
  const inFlight = new Set<readonly Entry[]>();
  let rowsPending = 0;
  let bytesPending = 0;
  let writers = 0;
  let isScheduled = false;
  let expiry: NodeJS.Timeout | undefined;
  let expiryAtMs = Number.POSITIVE_INFINITY;

  function settle(entry: Entry, outcome: CommitOutcome): void {
    entry.settle?.(outcome);
    entry.settle = null;
  }

  /** Takes from the queue what fits into one write, at least one row. */
  function nextBatch(): readonly Entry[] {
    let bytes = 0;
    let rows = 0;
    for (const entry of queue) {
      bytes += entry.bytes;
      if (rows > 0 && (rows >= limits.mostRowsPerWrite || bytes > limits.mostBytesPerWrite)) break;
      rows += 1;
    }
    const batch = rows === queue.length ? queue : queue.slice(0, rows);
    queue = rows === queue.length ? [] : queue.slice(rows);
    return batch;
  }

  /** Starting one turn later lets everything that arrives in this turn share the write. */
  function schedule(): void {
    if (isScheduled || writers >= limits.writesAtOnce) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void writeAll();
    });
  }

  async function writeAll(): Promise<void> {
    writers += 1;
    while (queue.length > 0) {
      const batch = nextBatch();
      inFlight.add(batch);
      // Whoever has been answered 503 already sends again: what expired is not written any more.
      const alive = batch.filter((entry) => entry.settle !== null);
      const outcomes = await write(alive);
      inFlight.delete(batch);
      rowsPending -= batch.length;
      bytesPending = batch.reduce((bytes, entry) => bytes - entry.bytes, bytesPending);
      alive.forEach((entry, index) => {
        settle(entry, outcomes[index] ?? 'failed');
      });
    }
    writers -= 1;
    if (rowsPending > 0) return;
    clearTimeout(expiry);
    expiryAtMs = Number.POSITIVE_INFINITY;
  }

  async function write(entries: readonly Entry[]): Promise<readonly CommitOutcome[]> {
    if (entries.length === 0) return [];
    const latestMs = entries.reduce((latest, entry) => Math.max(latest, entry.expiresAtMs), 0);
    const timeoutMs = Math.min(limits.writeTimeoutMs, latestMs - performance.now());
    return await insertRows(
      entries.map((entry) => entry.row),
      Math.max(SHORTEST_WRITE_MS, timeoutMs),
    );
  }

  /** One timer for all, for whichever row expires first. */
  function watchExpiry(atMs: number): void {
    if (atMs >= expiryAtMs) return;
    clearTimeout(expiry);
    expiryAtMs = atMs;
    expiry = setTimeout(expire, Math.max(1, atMs - performance.now()));
  }

  function expire(): void {
    const now = performance.now();
    expiryAtMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entries of [...inFlight, queue]) {
      for (const entry of entries) {
        if (entry.settle === null) continue;
        if (entry.expiresAtMs <= now) settle(entry, 'failed');
        else nextMs = Math.min(nextMs, entry.expiresAtMs);
      }
    }
    if (nextMs < Number.POSITIVE_INFINITY) watchExpiry(nextMs);
  }

  return {
    add: (row, bytes, deadlineMs = limits.deadlineMs) =>
      new Promise((resolve) => {
        const isFull =
          rowsPending >= limits.mostRowsPending || bytesPending + bytes > limits.mostBytesPending;
        if (isFull) {
          resolve('full');
          return;
        }
        rowsPending += 1;
        bytesPending += bytes;
        const expiresAtMs = performance.now() + deadlineMs;
        queue.push({ row, bytes, expiresAtMs, settle: resolve });
        schedule();
        watchExpiry(expiresAtMs);
      }),
    pending: () => rowsPending,
  };
}
