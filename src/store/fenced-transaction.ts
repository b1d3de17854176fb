import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';

type Session = mongoose.mongo.ClientSession;

/**
 * A process that dies or freezes inside a transaction leaves it open, and MongoDB keeps its locks for a minute and more
 * (`transactionLifetimeLimitSeconds`): so long, whoever takes its work over would run into them. Therefore transactions
 * about the same thing share one logical session. MongoDB itself ends a session's transaction when one with a higher
 * number begins, so the later one fences off the earlier, dead or alive, and what a thawed process sends is refused.
 */
const SLOT_BITS = 14;

/** What MongoDB answers to the one that was fenced off. */
const OVERTAKEN: ReadonlySet<unknown> = new Set([
  117, // ConflictingOperationInProgress: two began with the same number
  225, // TransactionTooOld
  251, // NoSuchTransaction
]);
const SHORTEST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;
/** On a slow server one attempt takes longer than that, and whoever comes back sooner only fences off the next one. */
const MOST_ATTEMPTS_TO_PAUSE = 4;

const OPTIONS = {
  writeConcern: { w: 'majority' },
  readConcern: { level: 'snapshot' },
  maxCommitTimeMS: 5_000,
} as const;

let lastNumber = 0;

/**
 * Takes a client, what the transaction is about, the work and a time limit in milliseconds; returns what the work
 * brings. Two that are alive at once disturb each other and are repeated until each had its turn.
 * @throws what the work throws, and MongoDB's errors; an attempt that begins after the time limit is not made.
 */
export async function fencedTransaction<T>(
  client: mongoose.mongo.MongoClient,
  about: string,
  work: (session: Session) => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  const endsAtMs = performance.now() + timeoutMs;
  for (let tries = 1; ; tries += 1) {
    const beganAtMs = performance.now();
    const session = beginSession(client, about);
    try {
      return await session.withTransaction(() => {
        // The driver would repeat for two minutes, long after the caller has given up.
        if (performance.now() > endsAtMs) throw new DOMException('No time is left to repeat', 'TimeoutError');
        return work(session);
      }, OPTIONS);
    } catch (error) {
      if (!isOvertaken(error) || performance.now() > endsAtMs) throw error;
      lastNumber = Math.max(lastNumber, numberThatOvertook(error));
    } finally {
      await session.endSession();
    }
    await pause(Math.random() * longestPauseMs(tries, performance.now() - beganAtMs));
  }
}

/** So long that of those who disturb each other one has the time to finish, however long that takes now. */
function longestPauseMs(tries: number, attemptMs: number): number {
  const usual = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** tries);
  return Math.max(usual, attemptMs * Math.min(tries, MOST_ATTEMPTS_TO_PAUSE));
}

function beginSession(client: mongoose.mongo.MongoClient, about: string): Session {
  const session = client.startSession();
  const { serverSession } = session;
  serverSession.id = { id: slotOf(about) };
  serverSession.txnNumber = nextNumber();
  // Never into the driver's pool, which would use it for anything.
  serverSession.isDirty = true;
  return session;
}

/** A bounded number of sessions, because MongoDB remembers each for half an hour. Two things may share a slot. */
function slotOf(about: string): mongoose.mongo.Binary {
  const slot = createHash('sha256').update(about).digest().readUInt32BE(0) >>> (32 - SLOT_BITS);
  const id = createHash('sha256').update(`transactions of slot ${slot}`).digest().subarray(0, 16);
  return new mongoose.mongo.Binary(id, mongoose.mongo.Binary.SUBTYPE_UUID);
}

/** Grows over all processes: by their clocks, and where one's is ahead, the others learn of it from MongoDB's refusal. */
function nextNumber(): number {
  lastNumber = Math.max(lastNumber + 1, Date.now() * 1_000 + Math.floor(Math.random() * 1_000));
  return lastNumber;
}

/** The number of the transaction that fenced this one off, as MongoDB's message names it; 0 where it does not. */
function numberThatOvertook(error: mongoose.mongo.MongoServerError): number {
  return Number(/newer transaction with \D*(\d+)/.exec(error.message)?.[1] ?? 0);
}

function isOvertaken(error: unknown): error is mongoose.mongo.MongoServerError {
  return error instanceof mongoose.mongo.MongoServerError && OVERTAKEN.has(error.code);
}
