/**
 * One outgoing request with a limit on everything: total time including the body, size of the answer as it streams in,
 * no redirects. What goes wrong is a code; no URL, no body and no message of a library gets into it (design §4.7).
 */

interface BoundedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FormData;
  readonly timeLimitMs: number;
  readonly maxBytes: number;
}

export type BoundedAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Headers;
      /** The body, or why it could not be read whole; the status counts all the same where only it matters. */
      readonly body:
        | { readonly kind: 'whole'; readonly bytes: Uint8Array }
        | { readonly kind: 'too_large' }
        | { readonly kind: 'broken'; readonly code: string };
    }
  /** No status came. `maybeSent` is false only where the request surely never reached the other side. */
  | { readonly kind: 'no_answer'; readonly code: string; readonly maybeSent: boolean };

/** Takes the request and its limits (milliseconds, bytes); returns the answer or why there is none. Never throws. */
export async function boundedRequest(request: BoundedRequest): Promise<BoundedAnswer> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeLimitMs);
  const codeOf = (error: unknown) => (deadline.signal.aborted ? 'timeout' : errorCode(error));
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: 'manual',
      signal: deadline.signal,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const { status, headers } = response;
    try {
      const bytes = await readUpTo(response, request.maxBytes);
      return {
        kind: 'answered',
        status,
        headers,
        body: bytes ? { kind: 'whole', bytes } : { kind: 'too_large' },
      };
    } catch (error) {
      return { kind: 'answered', status, headers, body: { kind: 'broken', code: codeOf(error) } };
    }
  } catch (error) {
    const code = codeOf(error);
    return { kind: 'no_answer', code, maybeSent: !NEVER_SENT.has(code) };
  } finally {
    clearTimeout(timer);
  }
}

async function readUpTo(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream, which closes the connection.
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Failures before the first byte of a request leaves: no name, no route, no connection, no trusted certificate. */
export const NEVER_SENT: ReadonlySet<string> = new Set([
  'econnrefused',
  'enotfound',
  'eai_again',
  'enetunreach',
  'ehostunreach',
  'und_err_connect_timeout',
  'err_invalid_url',
  'cert_has_expired',
  'depth_zero_self_signed_cert',
  'self_signed_cert_in_chain',
  'unable_to_verify_leaf_signature',
  'err_tls_cert_altname_invalid',
]);

/** Takes what a fetch threw; returns the system's own code, in lower case, or `connection_error` where there is none. */
export function errorCode(error: unknown): string {
  const code = memberOf(memberOf(error, 'cause') ?? error, 'code');
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code.toLowerCase() : 'connection_error';
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
}
