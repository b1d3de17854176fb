import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Vault } from './vault.js';

/**
 * The streaming form of the vault, for content that is too large to be held whole: chunks under a key of the stream's
 * own (AES-256-GCM), which the vault seals for its customer like any other content. So a stream that is moved to another
 * customer does not open, and a new wrapping of the key is enough to rotate `PII_KEY`.
 *
 * Each chunk's nonce is its place and whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway
 * and Vizár). The key is used for one stream only, so no nonce comes twice; a chunk that is missing, added, repeated or
 * out of its place does not open, nor does a stream that was cut off.
 */

/** So many bytes of content are in every chunk but the last; sealed it is longer by its tag. */
export const CHUNK_BYTES = 256 * 1024;

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealedStream {
  /** The stream's key, sealed by the vault for this customer and for what the stream is. */
  readonly sealedKey: string;
  /** Made as they are asked for: one chunk of content is held at a time. */
  readonly chunks: AsyncGenerator<Uint8Array>;
}

/**
 * Takes the customer, what the content is (its id, which must be given again to open it) and the content as it comes;
 * returns the sealed key, and the sealed chunks as they are asked for.
 */
export async function sealStream(
  vault: Vault,
  referenceNo: string,
  about: string,
  content: AsyncIterable<Uint8Array>,
): Promise<SealedStream> {
  const key = randomBytes(KEY_BYTES);
  const sealedKey = await vault.seal(referenceNo, { about, key: key.toString('base64url') });
  return { sealedKey, chunks: sealChunks(key, content) };
}

export type OpenedStream =
  | {
      readonly kind: 'opened';
      /**
       * Takes the sealed chunks in their order; gives the content of each as soon as it is proven. It throws
       * `DamagedStreamError` at the first chunk that is not what it should be: what was given until then is genuine, but not
       * the whole.
       */
      readonly content: (chunks: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;
    }
  | { readonly kind: 'unopenable'; readonly code: 'another_key' | 'another_customer' | 'damaged' };

/** Takes the customer, what the stream should be, and its sealed key; returns how to open its chunks, or why not. */
export async function openStream(
  vault: Vault,
  referenceNo: string,
  about: string,
  sealedKey: string,
): Promise<OpenedStream> {
  const opened = await vault.open(referenceNo, sealedKey);
  if (opened.kind === 'unopenable') return opened;
  const key = opened.kind === 'json' ? keyIn(opened.value, about) : null;
  if (key === null) return { kind: 'unopenable', code: 'damaged' };
  return { kind: 'opened', content: (chunks) => openChunks(key, chunks) };
}

/** A chunk is missing, added, out of its place, or was changed. */
export class DamagedStreamError extends Error {
  override readonly name = 'DamagedStreamError';
}

function keyIn(sealed: unknown, about: string): Buffer | null {
  if (typeof sealed !== 'object' || sealed === null || !('key' in sealed) || !('about' in sealed))
    return null;
  if (sealed.about !== about || typeof sealed.key !== 'string') return null;
  const key = Buffer.from(sealed.key, 'base64url');
  return key.byteLength === KEY_BYTES ? key : null;
}

async function* sealChunks(key: Buffer, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let place = 0;
  for await (const { bytes, isLast } of evenChunks(content)) {
    const cipher = createCipheriv(CIPHER, key, nonceOf(place, isLast));
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    place += 1;
  }
}

async function* openChunks(key: Buffer, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let place = 0;
  let waiting: Uint8Array | null = null;
  for await (const chunk of chunks) {
    if (waiting !== null) yield openChunk(key, waiting, place++, false);
    waiting = chunk;
  }
  if (waiting === null) throw new DamagedStreamError('The stream has no chunk.');
  yield openChunk(key, waiting, place, true);
}

function openChunk(key: Buffer, sealed: Uint8Array, place: number, isLast: boolean): Uint8Array {
  const contentBytes = sealed.byteLength - TAG_BYTES;
  if (contentBytes < 0) throw new DamagedStreamError('A chunk is too short.');
  const decipher = createDecipheriv(CIPHER, key, nonceOf(place, isLast), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(contentBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, contentBytes)), decipher.final()]);
  } catch {
    throw new DamagedStreamError(`Chunk ${place} is not what it should be.`);
  }
}

function nonceOf(place: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(place, NONCE_BYTES - 5);
  nonce.writeUInt8(isLast ? 1 : 0, NONCE_BYTES - 1);
  return nonce;
}

interface Chunk {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** Content as it comes, in pieces of any size, cut into chunks of one size; even no content is one (last) chunk. */
async function* evenChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Chunk> {
  let chunk = Buffer.alloc(CHUNK_BYTES);
  let filled = 0;
  for await (const piece of content) {
    let taken = 0;
    while (taken < piece.byteLength) {
      // A full chunk waits for what follows, because only then it is known not to be the last.
      if (filled === CHUNK_BYTES) {
        yield { bytes: chunk, isLast: false };
        chunk = Buffer.alloc(CHUNK_BYTES);
        filled = 0;
      }
      const part = piece.subarray(taken, taken + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.byteLength;
      taken += part.byteLength;
    }
  }
  yield { bytes: chunk.subarray(0, filled), isLast: true };
}
