import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listening HTTP server. */
export interface Listening {
  readonly port: number;
  /** Ends it gracefully; resolves when the requests under way are answered, or after the time limit in ms. */
  close(timeoutMs: number): Promise<void>;
}

export type ListenOutcome =
  | { readonly kind: 'listening'; readonly listening: Listening }
  | { readonly kind: 'refused'; readonly code: 'EADDRINUSE' | 'EADDRNOTAVAIL' | 'EACCES' | 'other' };

/** Limits for slow senders; none is near what IDWise or an app needs. */
const REQUEST_TIMEOUT_MS = 15_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** Above the minute that load balancers keep idle connections, so that it is they who close them. */
const KEEP_ALIVE_MS = 65_000;
const MOST_CONNECTIONS = 10_000;
const LONGEST_HEADERS_BYTES = 16 * 1024;
/** How long requests that are on their way at the end are still taken. */
const LAST_REQUESTS_MS = 500;

/** Takes the handler, host and port (0: any free one); resolves when the server listens or cannot. */
export function listen(handler: RequestListener, host: string, port: number): Promise<ListenOutcome> {
  let isClosing = false;
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: LONGEST_HEADERS_BYTES,
    },
    (req, res) => {
      if (isClosing) res.shouldKeepAlive = false;
      handler(req, res);
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const known = (['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'] as const).find((code) => code === error.code);
      resolve({ kind: 'refused', code: known ?? 'other' });
    });
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      resolve({
        kind: 'listening',
        listening: {
          port: address.port,
          close: (timeoutMs) => {
            isClosing = true;
            return close(server, timeoutMs);
          },
        },
      });
    });
  });
}

/**
 * For a moment it still takes what is on its way, on new connections too, but keeps none alive; then it takes no more.
 * Closing at once would reset connections whose request has been sent and not been read yet.
 */
function close(server: Server, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const all = setTimeout(() => server.closeAllConnections(), timeoutMs);
    setTimeout(
      () => {
        server.close(() => {
          clearTimeout(all);
          resolve();
        });
      },
      Math.min(LAST_REQUESTS_MS, timeoutMs),
    );
  });
}
