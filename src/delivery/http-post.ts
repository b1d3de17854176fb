import { withoutCredentials } from '../outgoing-http/address-credentials.js';
import { retryAfterMs } from '../outgoing-http/retry-after.js';
import { thrownMember } from './thrown.js';

/** An HTTP POST that was made once. The body of the answer is never read. */
export type PostResult =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'failed'; readonly code: string };

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** Limit for the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Posts once. Redirects are not followed, because the address that the operator named is the only one that may see
 * the message. The answer's body is dropped unread, so that no size of it can matter.
 *
 * Takes the request; returns the status with the wait that the answer asks for, or a code for why there is none
 * (`timeout`, `connection_refused`, `host_not_found`, `connection_lost`, `tls`, `network`). Never rejects.
 */
export async function postOnce({ url, headers, body, timeoutMs }: Post): Promise<PostResult> {
  try {
    const target = withoutCredentials(url);
    const response = await fetch(target.url, {
      method: 'POST',
      headers: { 'user-agent': 'idwise-customer-backend', ...target.headers, ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel().catch(() => undefined);
    return {
      kind: 'answered',
      status: response.status,
      retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
    };
  } catch (error) {
    return { kind: 'failed', code: networkErrorCode(error) };
  }
}

const CODE_BY_CAUSE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'host_not_found',
  EAI_AGAIN: 'host_not_found',
  ECONNRESET: 'connection_lost',
  EPIPE: 'connection_lost',
  UND_ERR_SOCKET: 'connection_lost',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  EPROTO: 'tls',
};

function networkErrorCode(error: unknown): string {
  if (thrownMember(error, 'name') === 'TimeoutError') return 'timeout';
  const cause: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'cause') : undefined;
  const code = String(thrownMember(cause, 'code') ?? '');
  if (/CERT|^ERR_TLS|^ERR_SSL|SIGNATURE/.test(code)) return 'tls';
  return CODE_BY_CAUSE[code] ?? 'network';
}
