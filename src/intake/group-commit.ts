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
  /** A write that takes longer does not keep the rows behind it waiting: another one begins, and there are two at most. */
  readonly slowWriteMs: number;
  readonly mostRowsPerWrite: number;
  /** Far below what MongoDB takes as one command. */
  readonly mostBytesPerWrite: number;
  readonly mostRowsPending: number;
  readonly mostBytesPending: number;
}

export const GROUP_COMMIT_LIMITS: GroupCommitLimits = {
  deadlineMs: 2_500,
  writeTimeoutMs: 2_000,
  slowWriteMs: 20,
  mostRowsPerWrite: 500,
  mostBytesPerWrite: 8 * 1024 * 1024,
  mostRowsPending: 5_000,
  mostBytesPending: 48 * 1024 * 1024,
};

const SHORTEST_WRITE_MS = 50;
const MOST_WRITES_AT_ONCE = 2;

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
  /** With when each write began. */
  const inFlight = new Map<readonly Entry[], number>();
  let rowsPending = 0;
  let bytesPending = 0;
  let writers = 0;
  let isScheduled = false;
  let isWatched = false;
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

  /**
   * Starting one turn later lets everything that arrives in this turn share the write. While one is under way the rows wait
   * for it: few large writes cost MongoDB much less than many small ones.
   */
  function schedule(): void {
    if (isScheduled || writers >= MOST_WRITES_AT_ONCE) return;
    if (writers > 0) {
      if (!isWatched) setTimeout(writeBesideSlow, limits.slowWriteMs);
      isWatched = true;
      return;
    }
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void writeAll();
    });
  }

  function writeBesideSlow(): void {
    isWatched = false;
    const [beganAtMs] = inFlight.values();
    if (queue.length === 0 || beganAtMs === undefined || writers >= MOST_WRITES_AT_ONCE) return;
    if (performance.now() - beganAtMs >= limits.slowWriteMs) void writeAll();
    else schedule();
  }

  async function writeAll(): Promise<void> {
    writers += 1;
    // Of two, the one that is done first leaves the rows to the other, unless that goes on being slow.
    while (queue.length > 0) {
      const batch = nextBatch();
      inFlight.set(batch, performance.now());
      if (queue.length > 0) schedule();
      // Whoever has been answered 503 already sends again: what expired is not written any more.
      const alive = batch.filter((entry) => entry.settle !== null);
      const outcomes = await write(alive);
      inFlight.delete(batch);
      rowsPending -= batch.length;
      bytesPending = batch.reduce((bytes, entry) => bytes - entry.bytes, bytesPending);
      alive.forEach((entry, index) => {
        settle(entry, outcomes[index] ?? 'failed');
      });
      if (writers > 1) break;
    }
    writers -= 1;
    if (queue.length > 0) schedule();
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
    for (const entries of [...inFlight.keys(), queue]) {
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
