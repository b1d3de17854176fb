import { connect, createServer, type Socket } from 'node:net';

/** A way to a MongoDB on which answers to what is inserted can be held up, while everything that is sent still arrives. */
export interface HeldAnswers {
  readonly port: number;
  /** From the next insert into this collection on, nothing comes back on the connection that brought it. */
  holdInserts(collection: string): void;
  close(): Promise<void>;
}

/** Takes the server's host and port; returns the way to it, with answers passing. */
export async function startHeldAnswers(host: string, port: number): Promise<HeldAnswers> {
  const pairs = new Map<Socket, Socket>();
  let beginning: Buffer | null = null;
  const server = createServer((inner) => {
    const outer = connect({ host, port });
    pairs.set(inner, outer);
    inner.on('data', (sent: Buffer) => {
      if (beginning === null || !sent.includes(beginning)) return;
      outer.unpipe(inner);
      outer.pause();
    });
    inner.pipe(outer);
    outer.pipe(inner);
    for (const [socket, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        pairs.delete(inner);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port');
  return {
    port: address.port,
    holdInserts: (collection) => {
      beginning = insertInto(collection);
    },
    close: async () => {
      for (const [inner, outer] of pairs) {
        inner.destroy();
        outer.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** How such a command begins in BSON: a string named `insert`, its length, and the collection's name. */
function insertInto(collection: string): Buffer {
  const name = Buffer.from(`${collection}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32LE(name.length);
  return Buffer.concat([Buffer.from('\x02insert\0'), length, name]);
}
