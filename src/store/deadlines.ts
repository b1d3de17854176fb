import type mongoose from 'mongoose';

type Collection<Row extends mongoose.mongo.Document> = mongoose.mongo.Collection<Row>;

/** Where each operation takes its options. */
const OPTIONS_AT: ReadonlyMap<string | symbol, number> = new Map([
  ['find', 1],
  ['findOne', 1],
  ['aggregate', 1],
  ['countDocuments', 1],
  ['insertOne', 1],
  ['insertMany', 1],
  ['bulkWrite', 1],
  ['deleteOne', 1],
  ['deleteMany', 1],
  ['findOneAndDelete', 1],
  ['updateOne', 2],
  ['updateMany', 2],
  ['replaceOne', 2],
  ['distinct', 2],
  ['findOneAndUpdate', 2],
  ['findOneAndReplace', 2],
]);

/**
 * Gives every operation of a collection a deadline. The driver's own `timeoutMS` has no effect in this version, and its
 * socket timeout does not cover a command that is written to a socket that the server has just closed: such a command
 * waits for ever and keeps its place in the pool. An abort signal covers every stage: choosing a server, waiting for a
 * connection, writing, reading.
 *
 * Takes the collection and the usual time limit in milliseconds; a call's own `timeoutMS` or `signal` comes first.
 * Returns the collection whose operations reject with a `TimeoutError` in time (`isDeadline`).
 */
export function withDeadlines<Row extends mongoose.mongo.Document>(
  collection: Collection<Row>,
  usualMs: number,
): Collection<Row> {
  return new Proxy(collection, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const position = OPTIONS_AT.get(name);
      if (position === undefined) return member.bind(target);
      return (...args: unknown[]) => {
        args[position] = bounded(args[position], usualMs);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/**
 * Takes work and a time limit in milliseconds; returns what it brings, or rejects with a `TimeoutError`. The work
 * itself may go on behind: only for what no abort signal reaches.
 */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new DOMException('MongoDB did not answer in time', 'TimeoutError')),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Takes anything thrown; returns true for an operation that was ended by its deadline. */
export function isDeadline(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

function bounded(options: unknown, usualMs: number): object {
  const given = typeof options === 'object' && options !== null ? options : {};
  if ('signal' in given && given.signal !== undefined) return given;
  const { timeoutMS, ...rest } = given as { timeoutMS?: number };
  return { ...rest, signal: AbortSignal.timeout(Math.max(1, Math.floor(timeoutMS ?? usualMs))) };
}
