import mongoose from 'mongoose';
import type { InboxRow } from '../store/inbox-records.js';

/** `inserted` and `duplicate` hold on a majority; of a row that `failed` nothing is known. */
export type RowOutcome = 'inserted' | 'duplicate' | 'failed';

/** Takes rows and a time limit in milliseconds; resolves within it with each row's outcome, in order; never rejects. */
export type InsertRows = (rows: readonly InboxRow[], timeoutMs: number) => Promise<readonly RowOutcome[]>;

const DUPLICATE_KEY = 11_000;
/** Codes by which a server says that another one is, or soon will be, the primary (retryable writes specification). */
const ANOTHER_PRIMARY = new Set([6, 7, 89, 91, 189, 262, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436]);
/** Less is no time for another attempt. */
const SHORTEST_RETRY_MS = 200;

/**
 * Takes the connection; returns the insertion into the inbox. It sends the plain command, because `insertMany` walks
 * each row twice and makes objects of its own for it, at two thirds of the cost. What `insertMany` would do in return,
 * one more attempt where the primary changes, is done here: rows of the first attempt then show as duplicates.
 */
export function createInsertRows(connection: mongoose.Connection): InsertRows {
  const database = connection.getClient().db(connection.name);

  async function insert(rows: readonly InboxRow[], timeoutMs: number): Promise<readonly RowOutcome[]> {
    const reply = await database.command(
      { insert: 'inbox', documents: rows, ordered: false, writeConcern: { w: 'majority' } },
      { signal: AbortSignal.timeout(timeoutMs) },
    );
    return outcomesOf(rows.length, reply);
  }

  return async (rows, timeoutMs) => {
    const endsAtMs = performance.now() + timeoutMs;
    for (let isRetry = false; ; isRetry = true) {
      try {
        return await insert(rows, Math.max(1, Math.floor(endsAtMs - performance.now())));
      } catch (error) {
        const canRetry = !isRetry && endsAtMs - performance.now() > SHORTEST_RETRY_MS;
        if (!canRetry || !meansAnotherPrimary(error)) return rows.map(() => 'failed');
      }
    }
  };
}

/**
 * Takes the number of rows and MongoDB's reply; returns each row's outcome. A reply with a write-concern error never
 * comes here: the driver throws it, and then neither insertion nor duplicate is known to be on a majority.
 */
function outcomesOf(rows: number, reply: mongoose.mongo.Document): readonly RowOutcome[] {
  const errors = (reply['writeErrors'] ?? []) as readonly { readonly index: number; readonly code: number }[];
  const outcomes = Array<RowOutcome>(rows).fill('inserted');
  for (const { index, code } of errors) outcomes[index] = code === DUPLICATE_KEY ? 'duplicate' : 'failed';
  // Each row is accounted for, or none is believed.
  return reply['n'] === rows - errors.length && !('writeConcernError' in reply)
    ? outcomes
    : outcomes.map(() => 'failed');
}

function meansAnotherPrimary(error: unknown): boolean {
  if (error instanceof mongoose.mongo.MongoNetworkError) return true;
  return error instanceof mongoose.mongo.MongoServerError && ANOTHER_PRIMARY.has(Number(error.code));
}
