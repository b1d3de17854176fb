import { StreamTroubleError } from '../outgoing-http/bounded-stream.js';
import { type ImageType, sniffImageType } from '../personal-data/image-type.js';
import { stringsInJson } from './json-strings.js';

/** A picture on its way. Reading it throws `StreamTroubleError` where it is too large, or ends too early. */
export interface ImageStream {
  readonly contentType: ImageType;
  readonly bytes: AsyncIterable<Uint8Array>;
}

export type ImageBody =
  | { readonly kind: 'image'; readonly image: ImageStream }
  /** Something else; `start` is the beginning of it, for instance an error that came with a good status. */
  | { readonly kind: 'no_image'; readonly start: Uint8Array };

/** A picture's type is known by so many bytes. */
const SIGNATURE_BYTES = 12;
const MOST_START_BYTES = 64 * 1024;
/** Longer than any `data:` prefix and the base64 of a signature. */
const BASE64_START_CHARACTERS = 256;

/**
 * Takes the body of an answer as it comes and the size that a picture may have in bytes; returns the picture, whether it
 * came as bytes or as base64 within JSON (contract §11). The type is told by the first bytes and never by a header.
 * Neither form is ever held whole.
 */
export async function imageIn(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<ImageBody> {
  const { start, all } = await startOf(body, SIGNATURE_BYTES);
  const contentType = sniffImageType(start);
  if (contentType !== null) return image(contentType, all, mostBytes);
  const beginning: Uint8Array[] = [];
  const inJson = await imageInJson(remembering(all, beginning));
  if (inJson !== null) return image(inJson.contentType, inJson.bytes, mostBytes);
  return { kind: 'no_image', start: Buffer.concat(beginning) };
}

function image(contentType: ImageType, bytes: AsyncIterable<Uint8Array>, mostBytes: number): ImageBody {
  return { kind: 'image', image: { contentType, bytes: whole(contentType, atMost(bytes, mostBytes)) } };
}

/** Takes a stream; returns its first bytes, at least so many where it has them, and the stream with them in it. */
async function startOf(stream: AsyncIterable<Uint8Array>, leastBytes: number) {
  const iterator = stream[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.byteLength < leastBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    start = Buffer.concat([start, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield start;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { start, all: all() };
}

async function* remembering(
  stream: AsyncIterable<Uint8Array>,
  beginning: Uint8Array[],
): AsyncGenerator<Uint8Array> {
  let left = MOST_START_BYTES;
  for await (const bytes of stream) {
    if (left > 0) beginning.push(bytes.subarray(0, left));
    left -= bytes.byteLength;
    yield bytes;
  }
}

/** The first text of the JSON that begins as a picture's base64 does. */
async function imageInJson(body: AsyncIterable<Uint8Array>): Promise<ImageStream | null> {
  const pieces = stringsInJson(body);
  let start = '';
  for (;;) {
    const next = await pieces.next();
    if (next.done === true) return null;
    const { text, isEnd } = next.value;
    start += text;
    if (!isEnd && start.length < BASE64_START_CHARACTERS) continue;
    const base64 = start.replace(/^data:[^,]*,/, '');
    const contentType = sniffImageType(Buffer.from(base64.slice(0, BASE64_START_CHARACTERS), 'base64'));
    if (contentType !== null) return { contentType, bytes: decoded(base64, isEnd, pieces) };
    start = '';
    for (let isOver = isEnd; !isOver; ) {
      const skipped = await pieces.next();
      isOver = skipped.done === true || skipped.value.isEnd;
    }
  }
}

/** Base64 decodes by four characters; what is over waits for the next piece. */
async function* decoded(
  start: string,
  startIsAll: boolean,
  pieces: ReturnType<typeof stringsInJson>,
): AsyncGenerator<Uint8Array> {
  let waiting = '';
  const decode = (text: string): Uint8Array => {
    const characters = waiting + text.replace(/[^A-Za-z0-9+/_-]/g, '');
    const whole = characters.length - (characters.length % 4);
    waiting = characters.slice(whole);
    return Buffer.from(characters.slice(0, whole), 'base64');
  };
  yield decode(start);
  for (let isEnd = startIsAll; !isEnd; ) {
    const next = await pieces.next();
    if (next.done === true) throw new StreamTroubleError('cut_off');
    yield decode(next.value.text);
    isEnd = next.value.isEnd;
  }
  yield Buffer.from(waiting, 'base64');
}

async function* atMost(stream: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const bytes of stream) {
    size += bytes.byteLength;
    if (size > mostBytes) throw new StreamTroubleError('too_large', true);
    yield bytes;
  }
}

const END_OF_PNG = Buffer.from('IEND', 'latin1');
const END_OF_JPEG = Buffer.from([0xff, 0xd9]);
/** Cameras write up to so much behind the end of a JPEG; a preview within it has an end of its own, but near the start. */
const MOST_AFTER_JPEG_BYTES = 64 * 1024;
const WEBP_SIZE_AT = 4;
const WEBP_HEADER_BYTES = 8;

/** An answer can break off and still be good HTTP; half a picture must not be kept for the whole. */
async function* whole(contentType: ImageType, stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const mark = contentType === 'image/png' ? END_OF_PNG : END_OF_JPEG;
  let size = 0;
  let lastMarkAt = -1;
  let leastBytes = 0;
  let before = Buffer.alloc(0);
  for await (const bytes of stream) {
    if (size < SIGNATURE_BYTES) {
      const header = Buffer.concat([before, bytes]);
      if (contentType === 'image/webp' && header.byteLength >= SIGNATURE_BYTES)
        leastBytes = WEBP_HEADER_BYTES + header.readUInt32LE(WEBP_SIZE_AT);
    }
    // A mark may lie across two pieces.
    const joined = Buffer.concat([before, bytes]);
    const found = joined.lastIndexOf(mark);
    if (found !== -1) lastMarkAt = size - before.byteLength + found;
    size += bytes.byteLength;
    before = joined.subarray(-SIGNATURE_BYTES);
    yield bytes;
  }
  const isWhole =
    contentType === 'image/webp'
      ? size >= leastBytes
      : lastMarkAt !== -1 && (contentType === 'image/png' || size - lastMarkAt <= MOST_AFTER_JPEG_BYTES);
  if (!isWhole) throw new StreamTroubleError('cut_off');
}
