import { randomUUID } from 'node:crypto';
import type { Instant } from '../domain/instant.js';
import { DamagedStreamError, openStream, sealStream } from '../personal-data/sealed-stream.js';
import type { Vault } from '../personal-data/vault.js';
import { isDuplicateKey } from '../store/insert-once.js';
import type { ImageRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { ImageUse } from './answer-images.js';
import type { ImageStream } from './image-body.js';

/** Images as fetched, encrypted in chunks, in MongoDB. */
export interface ImageShelf {
  readonly store: Pick<Store, 'images' | 'imageChunks' | 'transaction'>;
  readonly vault: Vault;
}

/** What an image is, beside its bytes. */
export interface ImageToStore {
  readonly imageId: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly uses: readonly ImageUse[];
  readonly at: Instant;
}

/** Far longer than any attempt lasts; afterwards MongoDB removes what a dead one left, whose key was never kept. */
const ABANDONED_AFTER_MS = 60 * 60_000;
const KEEP_MS = 6_000;

/**
 * Takes an image and its bytes as they come; stores it sealed. It can be seen once it is complete and not before: each
 * chunk bears a date of expiry until one transaction takes these dates away and adds the image's row. One chunk is held
 * at a time. Of two who store the same image at the same time the second finds it there.
 * @throws when MongoDB does not take it, or what reading the bytes throws; nothing of it is left then.
 */
export async function storeImage(
  { store, vault }: ImageShelf,
  image: ImageToStore,
  { contentType, bytes }: ImageStream,
): Promise<'stored' | 'already_there'> {
  const { imageId, referenceNo, journeyId, uses, at } = image;
  const uploadId = randomUUID();
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      size += piece.byteLength;
      yield piece;
    }
  }
  const { sealedKey, chunks } = await sealStream(vault, referenceNo, imageId, counted());
  const chunkIds: string[] = [];
  try {
    for await (const chunk of chunks) {
      const chunkId = chunkIdOf(uploadId, chunkIds.length);
      chunkIds.push(chunkId);
      const expiresAt = new Date(Date.now() + ABANDONED_AFTER_MS);
      await store.imageChunks.insertOne({ _id: chunkId, data: Buffer.from(chunk), expiresAt });
    }
    await store.transaction(`image:${imageId}`, async (session) => {
      const kept = await store.imageChunks.updateMany(
        { _id: { $in: chunkIds } },
        { $unset: { expiresAt: '' } },
        { session, timeoutMS: KEEP_MS },
      );
      if (kept.matchedCount !== chunkIds.length)
        throw new Error('Chunks expired before their image was complete');
      await store.images.insertOne(
        {
          _id: imageId,
          referenceNo,
          journeyId,
          uses: [...uses],
          contentType,
          bytes: size,
          uploadId,
          chunks: chunkIds.length,
          sealedKey,
          storedAt: new Date(at),
        },
        { session },
      );
    });
    return 'stored';
  } catch (error) {
    // Should this fail too, they expire. What does not expire belongs to an image whose commit we did not hear of.
    await store.imageChunks
      .deleteMany({ _id: { $in: chunkIds }, expiresAt: { $exists: true } })
      .catch(() => {});
    if (isDuplicateKey(error)) return 'already_there';
    throw error;
  }
}

/** Takes a stored image and where a later answer shows it; notes the places that are new. */
export async function noteUses(
  { store }: Pick<ImageShelf, 'store'>,
  imageId: string,
  uses: readonly ImageUse[],
): Promise<void> {
  await store.images.updateOne({ _id: imageId }, { $addToSet: { uses: { $each: [...uses] } } });
}

export type OpenedImage =
  | {
      readonly kind: 'image';
      readonly row: ImageRow;
      /** The whole picture, chunk by chunk; throws `DamagedStreamError` where it does not go on as it should. */
      readonly bytes: AsyncGenerator<Uint8Array>;
    }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unopenable'; readonly code: string };

/**
 * Takes a customer and an image's id; returns the image. Its first chunk is proven before anything is returned, so that
 * an image that does not open is a value, save one that is damaged further on.
 */
export async function openImage(
  { store, vault }: ImageShelf,
  referenceNo: string,
  imageId: string,
): Promise<OpenedImage> {
  const row = await store.images.findOne({ _id: imageId, referenceNo });
  if (row === null) return { kind: 'missing' };
  const opened = await openStream(vault, referenceNo, imageId, row.sealedKey);
  if (opened.kind === 'unopenable') return opened;
  const content = opened.content(chunksOf(store, row));
  try {
    const first = await content.next();
    return { kind: 'image', row, bytes: beginningWith(first, content) };
  } catch (error) {
    if (error instanceof DamagedStreamError) return { kind: 'unopenable', code: 'damaged' };
    throw error;
  }
}

/** One by one and not by a cursor, which a slow reader would keep open for longer than any operation may last. */
async function* chunksOf(store: ImageShelf['store'], row: ImageRow): AsyncGenerator<Uint8Array> {
  for (let place = 0; place < row.chunks; place += 1) {
    const chunk = await store.imageChunks.findOne(
      { _id: chunkIdOf(row.uploadId, place) },
      { promoteBuffers: true },
    );
    if (chunk === null) return;
    yield chunk.data;
  }
}

async function* beginningWith(
  first: IteratorResult<Uint8Array>,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function chunkIdOf(uploadId: string, place: number): string {
  return `${uploadId}:${place}`;
}
