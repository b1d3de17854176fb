import { errorCode, NEVER_SENT } from './bounded-request.js';

/** A request whose answer is too large to be held whole; limits as in `bounded-request.ts`. */
interface StreamedRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Until the answer has been taken in whole. */
  readonly timeLimitMs: number;
  readonly maxBytes: number;
}

/** An answer whose body is still on its way. Whoever reads on after the end of `take` finds it ended. */
export interface StreamedAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Throws `StreamTroubleError` where the body is too large, breaks off or is too late. */
  readonly body: AsyncIterable<Uint8Array>;
}

export type Streamed<T> =
  | { readonly kind: 'taken'; readonly value: T }
  /** The status was there, but the body could not be taken in whole. */
  | { readonly kind: 'body_trouble'; readonly code: string; readonly isTooLarge: boolean }
  /** No status came. `maybeSent` is false only where the request surely never reached the other side. */
  | { readonly kind: 'no_answer'; readonly code: string; readonly maybeSent: boolean };

/** Thrown to whoever reads a stream, because it can only be known in the middle that it will not end well. */
export class StreamTroubleError extends Error {
  override readonly name = 'StreamTroubleError';
  constructor(
    readonly code: string,
    readonly isTooLarge = false,
  ) {
    super(code);
  }
}

/**
 * Takes the request, its limits (milliseconds, bytes) and who takes the answer in; returns what the taking brought, or
 * why it came to no end. Too large an answer is not read on: the connection is closed.
 * @throws what `take` itself throws.
 */
export async function boundedStream<T>(
  request: StreamedRequest,
  take: (answer: StreamedAnswer) => Promise<T>,
): Promise<Streamed<T>> {
  const { url, method, headers, timeLimitMs, maxBytes } = request;
  const ending = new AbortController();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    ending.abort();
  }, timeLimitMs);
  const codeOf = (error: unknown) => (isLate ? 'timeout' : errorCode(error));
  try {
    let response: Response;
    try {
      response = await fetch(url, { method, headers, redirect: 'manual', signal: ending.signal });
    } catch (error) {
      const code = codeOf(error);
      return { kind: 'no_answer', code, maybeSent: !NEVER_SENT.has(code) };
    }
    const body = bodyOf(response, maxBytes, codeOf);
    return { kind: 'taken', value: await take({ status: response.status, headers: response.headers, body }) };
  } catch (error) {
    if (!(error instanceof StreamTroubleError)) throw error;
    return { kind: 'body_trouble', code: error.code, isTooLarge: error.isTooLarge };
  } finally {
    clearTimeout(timer);
    // What was not read is not wanted any more.
    ending.abort();
  }
}

async function* bodyOf(
  response: Response,
  maxBytes: number,
  codeOf: (error: unknown) => string,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes)
    throw new StreamTroubleError('too_large', true);
  const reader = response.body.getReader();
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new StreamTroubleError(codeOf(error));
    });
    if (done) return;
    size += value.byteLength;
    if (size > maxBytes) throw new StreamTroubleError('too_large', true);
    yield value;
  }
}
