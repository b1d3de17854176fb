import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { SimulatorControl } from '../../simulator/control-client.js';
import { type RunningSimulator, startSimulator } from '../../simulator/simulator.js';
import { IMAGE_KINDS, type Policy } from '../../src/domain/policy.js';
import { createIdwiseClient } from '../../src/idwise/client.js';
import { createLook } from '../../src/idwise/look.js';
import { openImage, storeImage } from '../../src/idwise/stored-images.js';
import { CHUNK_BYTES } from '../../src/personal-data/sealed-stream.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { createStoreImages } from '../../src/usecases/store-images.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { until } from '../eventually.js';
import { idwiseConfig } from './http-edge.js';

const MB = 1024 * 1024;
/** Their document has two sides. */
const CARD_HOLDER = { documentType: 'Identity Card' };
const vault = createVault(randomBytes(32));
let simulator: RunningSimulator;
let control: SimulatorControl;
let store: Store;
let drop: () => Promise<void>;
let referenceNo: string;

beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  referenceNo = `ref-${randomUUID()}`;
  simulator = await startSimulator({
    apiKey: 'key',
    apiSecret: 'secret',
    flowId: 'flow-1',
    processingMs: 1,
    summaryLimit: false,
  });
  control = new SimulatorControl(simulator.url);
});
afterEach(() => simulator.stop());

const client = () => createIdwiseClient(idwiseConfig(simulator.url), { timeLimitMs: 20_000 });
const storing = (policy: Partial<Policy['images']> = {}) =>
  createStoreImages({
    client: client(),
    store,
    vault,
    policy: { store: IMAGE_KINDS, mostBytes: 10 * MB, ...policy },
  });

/** Looks until the journey is finished; returns what an attempt is about. */
async function finished(change: Record<string, unknown> = {}, journeyId?: string) {
  const id = journeyId ?? (await control.startJourney({ referenceNo, ...change }));
  if (journeyId === undefined) await control.finish(id);
  return lookedAt(id);
}

async function lookedAt(journeyId: string) {
  const look = createLook({ client: client(), vault, store, customStepId: null });
  const at = new Date().toISOString();
  let answerDigest = '';
  await until(async () => {
    const outcome = await look.look({ referenceNo, journeyId, at });
    if (outcome.kind !== 'journey') throw new Error(JSON.stringify(outcome));
    ({ answerDigest } = outcome.snapshot);
    return outcome.snapshot.systemDecision !== 'Incomplete';
  });
  return { referenceNo, journeyId, answerDigest, at };
}

const rows = () => store.images.find({ referenceNo }).sort({ _id: 1 }).toArray();
const settings = (change: Record<string, unknown>) => control.call('PUT', '/sim/settings', change);

async function content(imageId: string, of = referenceNo): Promise<Buffer> {
  const opened = await openImage({ store, vault }, of, imageId);
  if (opened.kind !== 'image') throw new Error(JSON.stringify(opened));
  const pieces: Uint8Array[] = [];
  for await (const piece of opened.bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('images of a finished journey', () => {
  test.each(['bytes', 'base64-json'])(
    'are stored as they are, from %s, each once, under every kind',
    async (form) => {
      await settings({ imageAnswer: form });
      const about = await finished({ person: CARD_HOLDER });
      expect(await storing()(about)).toEqual({ kind: 'stored', stored: 5 });
      const stored = await rows();
      expect(await storing()(about)).toEqual({ kind: 'stored', stored: 0 });
      expect(await rows()).toEqual(stored);
      expect(await control.callCount(about.journeyId, 'image')).toBe(5);
      const kinds = stored.flatMap(({ uses }) => uses.map(({ kind }) => kind));
      expect(new Set(kinds)).toEqual(new Set(IMAGE_KINDS.filter((kind) => kind !== 'government_face')));
      // The simulator's profile image is the selfie.
      expect(stored.find(({ uses }) => uses.length > 1)?.uses.map(({ kind }) => kind)).toEqual([
        'selfie',
        'profile',
      ]);
      for (const row of stored) {
        const picture = await content(row._id);
        expect(picture.subarray(1, 4).toString()).toBe('PNG');
        expect(row).toMatchObject({ contentType: 'image/png', bytes: picture.byteLength });
      }
      expect(await store.imageChunks.countDocuments({ expiresAt: { $exists: true } })).toBe(0);
    },
  );

  test('that are more than one attempt may fetch are fetched by the next ones', async () => {
    const documents = ['0', '1', '2'].map((stepId) => ({ stepId, stepType: 'Document' }));
    const about = await finished({
      person: CARD_HOLDER,
      steps: [...documents, { stepId: '3', stepType: 'Selfie' }],
    });
    const outcomes = [await storing()(about), await storing()(about), await storing()(about)];
    expect(outcomes).toEqual([
      { kind: 'partly_stored', stored: 5 },
      { kind: 'partly_stored', stored: 5 },
      { kind: 'stored', stored: 3 },
    ]);
    expect(await control.callCount(about.journeyId, 'image')).toBe(13);
  });

  test('of the kinds that the policy names are stored, and no others fetched', async () => {
    const about = await finished();
    expect(await storing({ store: ['selfie'] })(about)).toEqual({ kind: 'stored', stored: 1 });
    expect(await control.callCount(about.journeyId, 'image')).toBe(1);
    expect(await storing({ store: 'none' })(about)).toEqual({ kind: 'stored', stored: 0 });
    expect((await rows()).map(({ uses }) => uses)).toEqual([[{ kind: 'selfie', stepId: null }]]);
    expect(await storing({ store: ['profile'] })(about)).toEqual({ kind: 'stored', stored: 0 });
    expect((await rows())[0]?.uses.map(({ kind }) => kind)).toEqual(['selfie', 'profile']);
  });

  test('are not readable in MongoDB, nor for another customer, nor in another place', async () => {
    const about = await finished();
    await storing({ store: ['selfie', 'document_front'] })(about);
    const [one, two] = await rows();
    if (one === undefined || two === undefined) throw new Error('Two images should be there.');
    const chunk = await store.imageChunks.findOne({ _id: `${one.uploadId}:0` }, { promoteBuffers: true });
    expect(chunk?.data.includes('PNG') || chunk?.data.includes('IHDR')).toBe(false);
    expect(await openImage({ store, vault }, 'another', one._id)).toEqual({ kind: 'missing' });
    await store.images.updateOne({ _id: one._id }, { $set: { referenceNo: 'another' } });
    expect(await openImage({ store, vault }, 'another', one._id)).toMatchObject({ kind: 'unopenable' });
    await store.images.updateOne(
      { _id: two._id },
      { $set: { sealedKey: one.sealedKey, uploadId: one.uploadId, chunks: one.chunks } },
    );
    expect((await openImage({ store, vault }, referenceNo, two._id)).kind).toBe('unopenable');
  });

  test('that the user redid are stored as well; what stayed the same is not fetched again', async () => {
    const before = await finished();
    await storing({ store: ['selfie', 'document_front'] })(before);
    const { journeyId } = before;
    await control.review(journeyId, 'Resubmission Requested', { steps: [{ stepId: '0' }] });
    await control.resume(journeyId);
    await control.submitStep(journeyId, '0');
    await control.finish(journeyId);
    const after = await lookedAt(journeyId);
    expect(after.answerDigest).not.toBe(before.answerDigest);
    expect(await storing({ store: ['selfie', 'document_front'] })(after)).toEqual({
      kind: 'stored',
      stored: 1,
    });
    expect(await control.callCount(journeyId, 'image')).toBe(3);
    expect(await rows()).toHaveLength(3);
  });

  test('of 10 MB go through in chunks', async () => {
    await settings({ imageBytes: 10 * MB });
    for (const imageAnswer of ['bytes', 'base64-json']) {
      await settings({ imageAnswer });
      referenceNo = `ref-${randomUUID()}`;
      const about = await finished();
      expect(await storing({ store: ['selfie'] })(about)).toEqual({ kind: 'stored', stored: 1 });
      const [row] = await rows();
      expect(row).toMatchObject({ bytes: 10 * MB, chunks: (10 * MB) / CHUNK_BYTES });
      const picture = await content(row?._id ?? '');
      expect(picture.byteLength).toBe(10 * MB);
      expect(picture.subarray(-8, -4).toString()).toBe('IEND');
    }
  });
});

describe('an image that cannot be had', () => {
  const attempt = async (policy: Partial<Policy['images']> = {}) => {
    const about = await finished();
    const store = storing({ store: ['selfie'], ...policy });
    return { about, again: () => store(about) };
  };
  const nothingIsLeft = async () => {
    expect(await rows()).toEqual([]);
    expect(await store.imageChunks.countDocuments({ expiresAt: { $exists: true } })).toBe(0);
  };

  test.each(['bytes', 'base64-json'])(
    'because it is too large is told so, and leaves nothing: %s',
    async (form) => {
      await settings({ imageAnswer: form, imageBytes: 2 * MB });
      const { again } = await attempt({ mostBytes: MB });
      expect(await again()).toEqual({ kind: 'unstorable', stored: 0 });
      await nothingIsLeft();
    },
  );

  test.each([
    [{ kind: 'not-an-image' }, 'unreadable:not_an_image'],
    [{ kind: 'truncated' }, 'unreadable:cut_off'],
    [{ kind: 'status', status: 404 }, 'not_found:missing_requested_resource'],
    [{ kind: 'status', status: 401 }, 'refused:invalid_credentials'],
    [{ kind: 'status', status: 503 }, 'unavailable:http_503'],
    [{ kind: 'reset' }, 'unavailable:econnreset'],
  ])('now, by %j, is stored once it is there', async (fault, code) => {
    const { again } = await attempt();
    await settings({ imageBytes: MB });
    await control.addFault({ ...fault, endpoint: 'image', times: 1 });
    const first = await again();
    expect(first).toMatchObject({ kind: 'trouble', stored: 0 });
    if (first.kind === 'trouble' && fault.kind !== 'reset') expect(first.code).toBe(code);
    await nothingIsLeft();
    expect(await again()).toEqual({ kind: 'stored', stored: 1 });
    expect(await content((await rows())[0]?._id ?? '')).toHaveLength(MB);
  });

  test('because IDWise asks for a pause tells how long, and asks for no other', async () => {
    const about = await finished();
    await control.addFault({ kind: 'status', status: 429, retryAfterSeconds: 7, endpoint: 'image' });
    expect(await storing()(about)).toEqual({
      kind: 'trouble',
      stored: 0,
      code: 'unavailable:http_429',
      retryAfterMs: 7_000,
    });
    expect(await control.callCount(about.journeyId, 'image')).toBe(1);
  });

  test('does not keep others from being stored', async () => {
    const about = await finished({ person: CARD_HOLDER });
    await control.addFault({ kind: 'not-an-image', endpoint: 'image', times: 1 });
    const outcome = await storing({ store: ['selfie', 'document_front', 'document_back'] })(about);
    expect(outcome).toMatchObject({ kind: 'trouble', stored: 2 });
  });

  test('because its answer is not stored is trouble, not a crash', async () => {
    const about = await finished();
    expect(await storing()({ ...about, answerDigest: 'none' })).toMatchObject({ code: 'answer:missing' });
    expect(await storing()({ ...about, referenceNo: 'another' })).toMatchObject({ code: 'answer:missing' });
  });
});

describe('an image is there whole or not at all:', () => {
  const image = () => ({
    imageId: `img_${randomUUID().replaceAll('-', '')}`,
    referenceNo,
    journeyId: 'journey',
    uses: [{ kind: 'selfie' as const, stepId: null }],
    at: new Date().toISOString(),
  });
  const shelf = () => ({ store, vault });
  async function* bytes(count: number) {
    for (let piece = 0; piece < count; piece += 1) yield Buffer.alloc(CHUNK_BYTES, piece);
  }

  test('while it is being stored nobody sees it, and what a killed worker leaves expires', async () => {
    const halfStored = image();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slow() {
      yield* bytes(4);
      await held;
      yield* bytes(1);
    }
    const storing = storeImage(shelf(), halfStored, { contentType: 'image/png', bytes: slow() });
    const unfinished = { expiresAt: { $exists: true } };
    await until(async () => (await store.imageChunks.countDocuments(unfinished)) >= 3);
    expect(await openImage(shelf(), referenceNo, halfStored.imageId)).toEqual({ kind: 'missing' });
    expect(await rows()).toEqual([]);
    // A worker that is killed here leaves just this: chunks that MongoDB removes by itself, under a key nobody has.
    const left = await store.imageChunks.find(unfinished, { projection: { data: 0 } }).toArray();
    expect(left.every(({ expiresAt }) => (expiresAt?.getTime() ?? 0) > Date.now())).toBe(true);
    const ttl = (await store.imageChunks.indexes()).find(({ key }) => 'expiresAt' in key);
    expect(ttl).toMatchObject({ expireAfterSeconds: 0 });
    goOn();
    expect(await storing).toBe('stored');
    expect(await store.imageChunks.countDocuments(unfinished)).toBe(0);
    expect(await content(halfStored.imageId)).toHaveLength(5 * CHUNK_BYTES);
  });

  test('where chunks have expired before its end it is not stored', async () => {
    const late = image();
    async function* expiring() {
      yield* bytes(3);
      await store.imageChunks.deleteMany({ expiresAt: { $exists: true } });
    }
    await expect(storeImage(shelf(), late, { contentType: 'image/png', bytes: expiring() })).rejects.toThrow(
      'expired',
    );
    expect(await openImage(shelf(), referenceNo, late.imageId)).toEqual({ kind: 'missing' });
  });

  test('stored by many at the same time it is there once, and no chunk too many', async () => {
    const same = image();
    const outcomes = await Promise.all(
      [1, 2, 3].map(() => storeImage(shelf(), same, { contentType: 'image/png', bytes: bytes(3) })),
    );
    expect(outcomes.sort()).toEqual(['already_there', 'already_there', 'stored']);
    const [row] = await rows();
    expect(await store.imageChunks.countDocuments({ expiresAt: { $exists: true } })).toBe(0);
    expect(await store.imageChunks.countDocuments({ _id: { $regex: `^${row?.uploadId}:` } })).toBe(3);
    expect(await content(same.imageId)).toHaveLength(3 * CHUNK_BYTES);
  });

  test('with a chunk missing, changed or taken from elsewhere it ends with an error and never as if whole', async () => {
    const one = image();
    await storeImage(shelf(), one, { contentType: 'image/png', bytes: bytes(3) });
    const [row] = await rows();
    const chunkId = `${row?.uploadId}:2`;
    await store.imageChunks.updateOne({ _id: chunkId }, { $set: { data: randomBytes(CHUNK_BYTES + 16) } });
    await expect(content(one.imageId)).rejects.toThrow('Chunk 2');
    await store.imageChunks.deleteOne({ _id: chunkId });
    await expect(content(one.imageId)).rejects.toThrow('Chunk 1');
    await store.imageChunks.deleteOne({ _id: `${row?.uploadId}:0` });
    expect(await openImage(shelf(), referenceNo, one.imageId)).toEqual({
      kind: 'unopenable',
      code: 'damaged',
    });
  });
});
