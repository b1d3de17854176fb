import {
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands before the APIs in production: each request goes to the next one, and past one that is not there. */
export interface Balancer {
  readonly url: string;
  /** How many answers came from each target, in the order in which the targets were given. */
  readonly answered: readonly number[];
  close(): Promise<void>;
}

/** Takes the addresses to share requests among; starts on a free port. */
export async function startBalancer(targets: readonly string[]): Promise<Balancer> {
  const answered = targets.map(() => 0);
  let next = 0;

  function forward(
    incoming: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
    triesLeft: number,
  ): void {
    const index = next % targets.length;
    next += 1;
    const options: RequestOptions = {
      method: incoming.method ?? 'GET',
      headers: incoming.headers,
      agent: false,
    };
    const outgoing = request(new URL(incoming.url ?? '/', targets[index]), options, (answer) => {
      answered[index] = (answered[index] ?? 0) + 1;
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // Nobody listens there: nothing was sent. A connection that broke later is the sender's to repeat.
      if (error.code === 'ECONNREFUSED' && triesLeft > 0) forward(incoming, body, response, triesLeft - 1);
      else if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    });
    outgoing.end(body);
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => forward(incoming, Buffer.concat(chunks), response, targets.length - 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
