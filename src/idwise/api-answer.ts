import type { BoundedAnswer } from '../outgoing-http/bounded-request.js';
import { StreamTroubleError } from '../outgoing-http/bounded-stream.js';
import { retryAfterMs } from '../outgoing-http/retry-after.js';
import { isRecord } from './answer-schemas.js';

/** What a call to IDWise brought. Codes only: no body, no URL, nothing personal. */
export type Answer<T> = { readonly kind: 'ok'; readonly value: T } | Trouble;

export type Trouble =
  /** 404: IDWise does not know what was asked for, or not yet; or the path is wrong. */
  | { readonly kind: 'not_found'; readonly code: string }
  /**
   * Time-out, connection trouble, 5xx, 429. `maybeSent` is false only where IDWise surely did nothing: the request
   * never reached it, or was turned away by its rate limit (429).
   */
  | {
      readonly kind: 'unavailable';
      readonly code: string;
      readonly retryAfterMs: number | null;
      readonly maybeSent: boolean;
    }
  /** 401 or 403: credentials, environment or address (contract §3.11); an operator must mend it. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Any other 4xx, or `success: false`: IDWise understood the request and says no. */
  | { readonly kind: 'rejected'; readonly code: string }
  /** 200, but the content is not what the contract says. */
  | { readonly kind: 'unreadable'; readonly code: string };

const MOST_REFUSAL_BYTES = 64 * 1024;

/** The body of an answer, or why it could not be read whole. */
export type Body = Extract<BoundedAnswer, { kind: 'answered' }>['body'];
/** A good status; whether its body can be read is another question. */
export interface Ok {
  readonly kind: 'ok';
  readonly body: Body;
}

/** Takes what a request brought and the time in milliseconds since the epoch; returns the answer, or the trouble by its status. */
export function judge(answer: BoundedAnswer, nowMs: number): Ok | Trouble {
  if (answer.kind === 'no_answer') {
    return { kind: 'unavailable', code: answer.code, retryAfterMs: null, maybeSent: answer.maybeSent };
  }
  const { status, headers, body } = answer;
  return status >= 200 && status < 300 ? { kind: 'ok', body } : judgeRefusal(status, headers, body, nowMs);
}

/** Takes a status other than 2xx with its headers and body, and the time; returns what it means (contract §3.11). */
export function judgeRefusal(status: number, headers: Headers, body: Body, nowMs: number): Trouble {
  const code = `http_${status}`;
  if (status < 400) {
    return { kind: 'unavailable', code: 'redirect_refused', retryAfterMs: null, maybeSent: true };
  }
  if (status === 408 || status === 429 || status >= 500) {
    return {
      kind: 'unavailable',
      code,
      retryAfterMs: retryAfterMs(headers.get('retry-after'), nowMs),
      maybeSent: status !== 429,
    };
  }
  const ownCode = errorCodeIn(body) ?? code;
  if (status === 401 || status === 403) return { kind: 'refused', code: ownCode };
  return { kind: status === 404 ? 'not_found' : 'rejected', code: ownCode };
}

/** Takes a body as it comes; returns it whole where it is as small as a refusal is. */
export async function wholeIfSmall(body: AsyncIterable<Uint8Array>): Promise<Body> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.byteLength;
      if (size > MOST_REFUSAL_BYTES) return { kind: 'too_large' };
      pieces.push(piece);
    }
  } catch (error) {
    if (!(error instanceof StreamTroubleError)) throw error;
    return error.isTooLarge ? { kind: 'too_large' } : { kind: 'broken', code: error.code };
  }
  return { kind: 'whole', bytes: Buffer.concat(pieces) };
}

/** Takes an answer of good status; returns its bytes, or why they are not there. */
export function wholeBody({ body }: Ok): Answer<Uint8Array> {
  switch (body.kind) {
    case 'whole':
      return { kind: 'ok', value: body.bytes };
    case 'too_large':
      return { kind: 'unreadable', code: 'too_large' };
    case 'broken':
      return { kind: 'unavailable', code: `body_${body.code}`, retryAfterMs: null, maybeSent: true };
  }
}

/** Takes bytes; returns the JSON that they are. */
export function parseJson(bytes: Uint8Array): Answer<unknown> {
  try {
    return { kind: 'ok', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return { kind: 'unreadable', code: 'not_json' };
  }
}

/** Takes parsed JSON; returns the refusal where it is IDWise's error envelope, should that come with a good status. */
export function saysNo(json: unknown): Trouble | null {
  if (!isRecord(json) || json['success'] !== false) return null;
  return { kind: 'rejected', code: asCode(json['error_code']) ?? 'success_false' };
}

function errorCodeIn(body: Body): string | null {
  const json = body.kind === 'whole' ? parseJson(body.bytes) : null;
  return json?.kind === 'ok' && isRecord(json.value) ? asCode(json.value['error_code']) : null;
}

function asCode(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z_]{0,63}$/.test(value) ? value : null;
}
