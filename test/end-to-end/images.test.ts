import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { images as imagesSchema } from '../../src/http/schemas.js';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { eventually } from '../eventually.js';
import { type Product, startProduct } from './product.js';

const IMAGE_BYTES = 3 * 1024 * 1024;

interface Listed {
  readonly imageId: string;
  readonly kind: string;
  readonly journeyId: string;
  readonly bytes: number;
}

/** Policy names kinds; the product fetches them from IDWise, keeps them encrypted and gives them out, audited. */
describe('images of an approved customer', () => {
  let product: Product;
  let referenceNo: string;
  let journeyId: string;
  let listed: readonly Listed[];

  beforeAll(async () => {
    const policyFile = join(mkdtempSync(join(tmpdir(), 'policy-')), 'policy.json');
    writeFileSync(
      policyFile,
      JSON.stringify({ images: { store: ['document_front', 'selfie', 'profile'], mostBytes: 5_000_000 } }),
    );
    product = await startProduct({ environment: { POLICY_FILE: policyFile, LOG_LEVEL: 'debug' } });
    await product.sim('PUT', '/sim/settings', { imageBytes: IMAGE_BYTES });
    // The first fetch of each fails, so that the ladder is walked too.
    await product.sim('POST', '/sim/faults', { kind: 'status', status: 404, endpoint: 'image', times: 1 });
    const registered = await product.call('POST', '/v1/verifications', { customerId: 'customer-1' });
    referenceNo = String(registered.body['referenceNo']);
    ({ journeyId } = (await product.sim('POST', '/sim/sdk/journeys', { referenceNo })) as {
      journeyId: string;
    });
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await eventually('the customer is approved', async () => {
      const view = await product.call('GET', `/v1/verifications/${referenceNo}`);
      return view.body['status'] === 'approved' ? true : undefined;
    });
    await eventually('the images are stored', async () =>
      (await product.store.images.countDocuments({ referenceNo })) === 2 ? true : undefined,
    );
    const list = await product.call('GET', `/v1/verifications/${referenceNo}/images`);
    listed = imagesSchema.parse(list.body).images;
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
  });

  const get = (path: string, authorization = `Bearer ${product.apiKey}`, method = 'GET') =>
    fetch(`${product.apiUrl}/v1/verifications/${path}`, { method, headers: { authorization } });

  test('are listed with kind, journey and size; IDWise’s profile image is the selfie, stored once', () => {
    expect(listed.map(({ kind }) => kind).sort()).toEqual(['document_front', 'profile', 'selfie']);
    expect(new Set(listed.map(({ imageId }) => imageId)).size).toBe(2);
    for (const image of listed) expect(image).toMatchObject({ journeyId, bytes: IMAGE_BYTES });
  });

  test('are given to the company as they are, never to be stored, guessed at or shown by a browser', async () => {
    for (const { imageId } of listed) {
      const answer = await get(`${referenceNo}/images/${imageId}`);
      const picture = Buffer.from(await answer.arrayBuffer());
      expect([answer.status, picture.byteLength]).toEqual([200, IMAGE_BYTES]);
      expect(picture.subarray(1, 4).toString()).toBe('PNG');
      expect(picture.subarray(-8, -4).toString()).toBe('IEND');
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'image/png',
        'content-length': String(IMAGE_BYTES),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-disposition': `attachment; filename="${imageId}.png"`,
      });
    }
    const head = await get(`${referenceNo}/images/${listed[0]?.imageId}`, undefined, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('are given to nobody without the key, nor under another customer, nor by another id', async () => {
    const [image] = listed;
    const other = await product.call('POST', '/v1/verifications', { customerId: 'customer-2' });
    const refusals = await Promise.all([
      get(`${referenceNo}/images/${image?.imageId}`, 'Bearer wrong'),
      get(`${String(other.body['referenceNo'])}/images/${image?.imageId}`),
      get(`${referenceNo}/images/img_${'0'.repeat(32)}`),
      get(`${referenceNo}/images/..%2f..%2fprofiles`),
    ]);
    const codes = await Promise.all(
      refusals.map(async (answer) => [answer.status, ((await answer.json()) as { code: string }).code]),
    );
    expect(codes).toEqual([
      [401, 'unauthenticated'],
      [404, 'image_not_found'],
      [404, 'image_not_found'],
      [400, 'invalid_request'],
    ]);
    expect(
      (await product.call('GET', `/v1/verifications/${String(other.body['referenceNo'])}/images`)).body,
    ).toEqual({ images: [] });
  });

  test('leave a record of their storing and of every read, by the name of the key', async () => {
    const before = await product.store.audit.countDocuments({ referenceNo, effect: 'image_read' });
    await (await get(`${referenceNo}/images/${listed[0]?.imageId}`)).arrayBuffer();
    const audit = await product.store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray();
    expect(audit.map(({ sequence }) => sequence)).toEqual(audit.map((_row, index) => index + 1));
    const of = (effect: string) => audit.filter((row) => row.effect.startsWith(effect));
    expect(of('images_stored')).toMatchObject([
      { journeyId, cause: { kind: 'fetch' }, to: { count: 1 } },
      { journeyId, cause: { kind: 'fetch' }, to: { count: 1 } },
    ]);
    expect(of('images_listed')[0]).toMatchObject({
      actor: expect.stringMatching(/^api-key-/),
      to: { count: 2 },
    });
    expect(of('image_read')).toHaveLength(before + 1);
    expect(of('image_read').at(-1)).toMatchObject({
      actor: expect.stringMatching(/^api-key-/),
      journeyId,
      to: { imageId: listed[0]?.imageId },
    });
  });

  test('stand nowhere else: not in Temporal, not in logs, and in MongoDB only encrypted', async () => {
    const journey = (await (
      await fetch(`${product.simulator.url}/journey/v2/${journeyId}`, {
        headers: { authorization: `Basic ${btoa('simulated-api-key:simulated-api-secret')}` },
      })
    ).json()) as {
      selfie: { image_path: string };
      documents: { 0: { images: { input_image_path: string } } };
    };
    const paths = [journey.selfie.image_path, journey.documents[0].images.input_image_path];
    expect(paths.every((path) => /^[0-9a-f]{32}$/.test(path))).toBe(true);

    const connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
    const handle = new Client({ connection }).workflow.getHandle(customerWorkflowId(referenceNo));
    const history = decodedPayloads(historyToJSON(await handle.fetchHistory()));
    await connection.close();
    expect(history).toContain('storeImages');
    const { apis, workers } = product.processes;
    const logs = [...apis, ...workers].map(({ logPath }) => readFileSync(logPath, 'utf8')).join('\n');
    const collections = await product.store.connection.listCollections();
    const records = await Promise.all(
      collections
        .filter(({ name }) => name !== 'imageChunks')
        .map(async ({ name }) =>
          JSON.stringify(await product.store.connection.collection(name).find().toArray()),
        ),
    );
    for (const text of [history, logs, records.join('\n')])
      for (const secret of [...paths, 'iVBORw0KGgo']) expect(text.includes(secret)).toBe(false);
    const chunks = product.store.imageChunks.find({}, { promoteBuffers: true });
    for await (const { data } of chunks) expect(data.includes('IHDR') || data.includes('IEND')).toBe(false);
  });
});

/** Temporal's payloads are base64 in the JSON of a history; this is what they say. */
function decodedPayloads(historyJson: string): string {
  const said = [...historyJson.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map((match) =>
    Buffer.from(match[1] ?? '', 'base64').toString(),
  );
  return [historyJson, ...said].join('\n');
}
