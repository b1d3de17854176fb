import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { StreamTroubleError } from '../outgoing-http/bounded-stream.js';
import { imageIn } from './image-body.js';

const MB = 1024 * 1024;
const JPEG = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  randomBytes(5_000).map((byte) => (byte === 0xff ? 0 : byte)),
  Buffer.from([0xff, 0xd9]),
]);
const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(6_000, 7),
  Buffer.from('\0\0\0\0IENDcrc4', 'latin1'),
]);
const WEBP = (() => {
  const bytes = Buffer.concat([Buffer.from('RIFF----WEBPVP8 ', 'latin1'), Buffer.alloc(5_000, 3)]);
  bytes.writeUInt32LE(bytes.byteLength - 8, 4);
  return bytes;
})();
const PICTURES = [
  ['image/jpeg', JPEG],
  ['image/png', PNG],
  ['image/webp', WEBP],
] as const;

describe('a picture', () => {
  test.each(PICTURES)('%s is the same by any way and in pieces of any size', async (contentType, picture) => {
    const base64 = picture.toString('base64');
    const forms: Record<string, Buffer> = {
      bytes: picture,
      member: json({ success: true, image: base64 }),
      dataUrl: json({ note: 'Zoe "T" \\ ü', image: `data:${contentType};base64,${base64}` }),
      alone: json(base64),
      deep: json({ data: { images: [{ id: '1' }, { content: base64 }] } }),
      broken_lines: json({ image: base64.replace(/(.{76})/g, '$1\r\n') }),
      escaped: Buffer.from(`{"image":"${base64.replaceAll('/', '\\/').replaceAll('+', '\\u002b')}"}`),
    };
    for (const [form, body] of Object.entries(forms)) {
      for (const pieceBytes of form === 'bytes' ? [5, 4_096, MB] : [7, 4_096, MB]) {
        const read = await readFrom(body, pieceBytes);
        expect({ form, pieceBytes, type: read.contentType, same: read.bytes.equals(picture) }).toEqual({
          form,
          pieceBytes,
          type: contentType,
          same: true,
        });
      }
    }
  });

  test('is read as it is asked for: nothing of 10 MB is ever ahead but one piece', async () => {
    for (const form of ['bytes', 'base64'] as const) {
      let given = 0;
      async function* source() {
        const first =
          form === 'bytes'
            ? PNG.subarray(0, 1_000)
            : Buffer.from(`{"image":"${PNG.toString('base64', 0, 900)}`);
        yield first;
        for (; given < 10 * MB; given += 64 * 1024)
          yield form === 'bytes' ? Buffer.alloc(64 * 1024) : Buffer.alloc(64 * 1024, 'A');
        yield Buffer.from(form === 'bytes' ? 'IEND' : `${Buffer.from('xxIEND').toString('base64')}"}`);
      }
      const body = await imageIn(source(), 20 * MB);
      if (body.kind !== 'image') throw new Error(body.kind);
      let taken = 0;
      for await (const piece of body.image.bytes) {
        taken += piece.byteLength;
        const asked = form === 'bytes' ? taken : (taken * 4) / 3;
        expect(given - asked).toBeLessThanOrEqual(64 * 1024);
      }
      expect(taken).toBeGreaterThan(7 * MB);
    }
  });

  test.each(PICTURES)('%s that breaks off is no picture', async (_type, picture) => {
    const half = picture.subarray(0, picture.byteLength / 2);
    for (const body of [half, json({ image: half.toString('base64') })])
      await expect(readFrom(body)).rejects.toMatchObject({ code: 'cut_off' });
    const whole = json({ image: picture.toString('base64') });
    await expect(readFrom(whole.subarray(0, whole.byteLength / 2))).rejects.toThrow(StreamTroubleError);
  });

  test('may have something behind its end, as cameras write it', async () => {
    const body = Buffer.concat([JPEG, Buffer.alloc(5_000)]);
    expect((await readFrom(body)).bytes).toHaveLength(body.byteLength);
  });

  test('larger than allowed is not read to its end, by bytes or base64', async () => {
    for (const form of ['bytes', 'base64'] as const) {
      let given = 0;
      async function* source() {
        yield form === 'bytes' ? PNG : Buffer.from(`{"image":"${PNG.toString('base64')}`);
        for (; given < 100; given += 1) yield Buffer.alloc(MB, 'A');
      }
      const body = await imageIn(source(), MB);
      if (body.kind !== 'image') throw new Error(body.kind);
      const { bytes } = body.image;
      const read = async () => {
        for await (const _piece of bytes);
      };
      await expect(read()).rejects.toMatchObject({ code: 'too_large', isTooLarge: true });
      expect(given).toBeLessThan(3);
    }
  });
});

test.each([
  ['nothing', ''],
  ['a page', '<!doctype html><title>Please sign in</title>'],
  ['an error', '{"success":false,"error_code":"nope"}'],
  ['a drawing that can hold scripts', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  ['a GIF', 'GIF89a----------------'],
  ['JSON with other texts', JSON.stringify({ a: 'R0lGODlhAQABAAAAACw=', b: ['x'.repeat(100_000)], c: null })],
])('%s is no picture', async (_what, text) => {
  const body = await imageIn(pieces(Buffer.from(text), 1_000), MB);
  expect(body.kind).toBe('no_image');
  if (body.kind === 'no_image') expect(String(body.start)).toBe(text.slice(0, 64 * 1024));
});

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

async function* pieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function readFrom(body: Buffer, pieceBytes = 4_096) {
  const found = await imageIn(pieces(body, pieceBytes), 10 * MB);
  if (found.kind !== 'image') throw new Error(found.kind);
  const read: Uint8Array[] = [];
  for await (const piece of found.image.bytes) read.push(piece);
  return { contentType: found.image.contentType, bytes: Buffer.concat(read) };
}
