import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from './problems.js';

/** Far above any documented event, and above anything that the API takes. */
export const MOST_BODY_BYTES = 64 * 1024;

type ReadJson = { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'not_json' };

type ReadBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly code: ProblemCode };

/**
 * Takes the raw bytes of a body; returns its JSON, with `empty` for a body without any. Bytes that are not UTF-8 are
 * refused rather than replaced, because two different ids would become the same one.
 */
export function parseJson(raw: Buffer, empty: unknown): ReadJson {
  if (!isUtf8(raw)) return { kind: 'not_json' };
  const text = raw.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') return { kind: 'json', value: empty };
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return { kind: 'not_json' };
  }
}

/** Takes a request's headers; returns why its body is refused before a byte of it is read, or null. */
export function bodyRefusal({ headers }: Pick<IncomingMessage, 'headers'>): ProblemCode | null {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'content_encoding_refused';
  return Number(headers['content-length'] ?? 0) > MOST_BODY_BYTES ? 'body_too_large' : null;
}

/** Takes a request whose body nobody has read; returns its JSON (undefined for an empty body) or why there is none. */
export function readJsonBody(req: IncomingMessage): Promise<ReadBody> {
  const refused = bodyRefusal(req);
  if (refused !== null) return Promise.resolve({ kind: 'refused', code: refused });
  if (req.destroyed) return Promise.resolve(CUT_OFF);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      // What is left of too large a body Node reads and throws away, within the server's request timeout.
      if (bytes > MOST_BODY_BYTES) resolve({ kind: 'refused', code: 'body_too_large' });
      else chunks.push(chunk);
    });
    req.on('end', () => {
      const read = parseJson(Buffer.concat(chunks), undefined);
      resolve(read.kind === 'json' ? read : { kind: 'refused', code: 'not_json' });
    });
    req.on('error', () => resolve(CUT_OFF));
    req.on('close', () => resolve(CUT_OFF));
  });
}

/** A sender that hung up half-way; the answer goes nowhere. */
const CUT_OFF = { kind: 'refused', code: 'not_json' } as const;
