import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { CHUNK_BYTES, DamagedStreamError, openStream, sealStream } from './sealed-stream.js';
import { createVault } from './vault.js';

const vault = createVault(randomBytes(32));
const CONTENT = randomBytes(2 * CHUNK_BYTES + 12_345);

describe('what is sealed as a stream', () => {
  test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 1_000_000])(
    'opens for the same customer as the same content: %d bytes',
    async (size) => {
      const content = randomBytes(size);
      const { sealedKey, chunks } = await sealed(content);
      expect(chunks).toHaveLength(Math.max(1, Math.ceil(size / CHUNK_BYTES)));
      expect((await opened(sealedKey, chunks)).equals(content)).toBe(true);
    },
  );

  test('is the same whatever the size of the pieces that it comes in', async () => {
    for (const pieceBytes of [1_000, CHUNK_BYTES, 10 * CHUNK_BYTES]) {
      const { sealedKey, chunks } = await sealed(CONTENT, 'img_1', pieceBytes);
      expect((await opened(sealedKey, chunks)).equals(CONTENT)).toBe(true);
    }
  });

  test('holds nothing readable, and never twice the same', async () => {
    const text = 'Zoe Testperson '.repeat(100);
    const one = await sealed(Buffer.from(text));
    const two = await sealed(Buffer.from(text));
    expect(Buffer.concat(one.chunks).toString('latin1') + one.sealedKey).not.toContain('Testperson');
    expect(one.chunks[0]?.equals(two.chunks[0] ?? Buffer.alloc(0))).toBe(false);
    expect(one.sealedKey).not.toBe(two.sealedKey);
  });

  test('is made and opened as it is asked for: of 40 chunks no more than two are ever ahead', async () => {
    let given = 0;
    async function* source() {
      for (; given < 40; given += 1) yield Buffer.alloc(CHUNK_BYTES, given);
    }
    const { sealedKey, chunks } = await sealStream(vault, 'ref', 'img_1', source());
    const opening = await openStream(vault, 'ref', 'img_1', sealedKey);
    if (opening.kind !== 'opened') throw new Error(opening.code);
    let taken = 0;
    for await (const content of opening.content(chunks)) {
      expect(content.byteLength).toBe(CHUNK_BYTES);
      taken += 1;
      expect(given - taken).toBeLessThanOrEqual(2);
    }
    expect(taken).toBe(40);
  });
});

describe('it does not open', () => {
  test('for another customer, with another key, or as something else', async () => {
    const { sealedKey } = await sealed(CONTENT);
    expect(await openStream(vault, 'another', 'img_1', sealedKey)).toEqual({
      kind: 'unopenable',
      code: 'another_customer',
    });
    expect(await openStream(createVault(randomBytes(32)), 'ref', 'img_1', sealedKey)).toEqual({
      kind: 'unopenable',
      code: 'another_key',
    });
    expect(await openStream(vault, 'ref', 'img_2', sealedKey)).toEqual({
      kind: 'unopenable',
      code: 'damaged',
    });
    expect((await openStream(vault, 'ref', 'img_1', 'no.sealed.text')).kind).toBe('unopenable');
    expect((await openStream(vault, 'ref', 'img_1', await vault.seal('ref', { about: 'img_1' }))).kind).toBe(
      'unopenable',
    );
  });

  test('when any byte of any chunk was changed', async () => {
    const { sealedKey, chunks } = await sealed(CONTENT);
    for (const [place, chunk] of chunks.entries()) {
      for (const at of [0, chunk.byteLength - 17, chunk.byteLength - 1]) {
        const changed = Buffer.from(chunk);
        changed[at] = (changed[at] ?? 0) ^ 1;
        await expectDamaged(sealedKey, chunks.with(place, changed));
      }
    }
  });

  test('when it was cut off, within a chunk or between two', async () => {
    const { sealedKey, chunks } = await sealed(CONTENT);
    const [first = Buffer.alloc(0)] = chunks;
    await expectDamaged(sealedKey, []);
    await expectDamaged(sealedKey, chunks.slice(0, 1));
    await expectDamaged(sealedKey, chunks.slice(0, 2));
    await expectDamaged(sealedKey, [first.subarray(0, 1_000)]);
    await expectDamaged(sealedKey, [first.subarray(0, 5)]);
  });

  test('when chunks change places, are left out, come twice or are added', async () => {
    const { sealedKey, chunks } = await sealed(CONTENT);
    const [a, b, c] = chunks as [Buffer, Buffer, Buffer];
    for (const order of [[b, a, c], [a, c, b], [a, c], [b, c], [c], [a, a, b, c], [a, b, c, c], [a, b, c, a]])
      await expectDamaged(sealedKey, order);
  });

  test('with a chunk of another stream of the same customer', async () => {
    const { sealedKey, chunks } = await sealed(CONTENT);
    const other = await sealed(CONTENT);
    for (const [place, chunk] of other.chunks.entries())
      await expectDamaged(sealedKey, chunks.with(place, chunk));
    await expectDamaged(other.sealedKey, chunks);
  });
});

async function sealed(content: Buffer, about = 'img_1', pieceBytes = 64 * 1024) {
  async function* pieces() {
    for (let at = 0; at < content.byteLength; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
  }
  const { sealedKey, chunks } = await sealStream(vault, 'ref', about, pieces());
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return { sealedKey, chunks: all };
}

async function opened(sealedKey: string, chunks: readonly Uint8Array[]): Promise<Buffer> {
  const opening = await openStream(vault, 'ref', 'img_1', sealedKey);
  if (opening.kind !== 'opened') throw new Error(opening.code);
  async function* source() {
    yield* chunks;
  }
  const contents: Uint8Array[] = [];
  for await (const content of opening.content(source())) contents.push(content);
  return Buffer.concat(contents);
}

async function expectDamaged(sealedKey: string, chunks: readonly Uint8Array[]): Promise<void> {
  await expect(opened(sealedKey, chunks)).rejects.toThrow(DamagedStreamError);
}
