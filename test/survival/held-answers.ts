import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on which answers can be held up while everything that is sent still arrives. */
export interface HeldAnswers {
  readonly port: number;
  /** From now on nothing comes back. */
  hold(): void;
  close(): Promise<void>;
}

/** Takes a server's host and port; returns the way to it, with answers passing. */
export async function startHeldAnswers(host: string, port: number): Promise<HeldAnswers> {
  const pairs = new Map<Socket, Socket>();
  let isHeld = false;
  const server = createServer((inner) => {
    const outer = connect({ host, port });
    pairs.set(inner, outer);
    inner.pipe(outer);
    if (!isHeld) outer.pipe(inner);
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
    hold: () => {
      isHeld = true;
      for (const [inner, outer] of pairs) {
        outer.unpipe(inner);
        outer.pause();
      }
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
