import { createDecipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { compactVerify, importJWK } from 'jose';
import webpush from 'web-push';
import { createPusher } from '../../src/delivery/web-push.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { DeviceRow } from '../../src/store/records.js';
import type { Store } from '../../src/store/store.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { type Endpoint, startEndpoint, status } from './http-endpoint.js';

const vault = createVault(randomBytes(32));
const keys = webpush.generateVAPIDKeys();
const vapid = { ...keys, subject: 'mailto:ops@bank.test' };
const message = { channel: 'web_push', deviceId: 'device-1', referenceNo: 'REF-1', version: 7 } as const;

let store: Store;
let drop: () => Promise<void>;
let endpoint: Endpoint;
let browser: ECDH;
let auth: Buffer;

beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  endpoint = await startEndpoint();
  endpoint.answer = status(201);
  browser = createECDH('prime256v1');
  browser.generateKeys();
  auth = randomBytes(16);
  await store.devices.deleteMany({});
});
afterEach(() => endpoint.close());

interface Subscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

const subscription = (): Subscription => ({
  endpoint: endpoint.url,
  keys: { p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') },
});

async function register(content: unknown = subscription(), sealedFor = vault): Promise<DeviceRow> {
  const device: DeviceRow = {
    _id: 'device-1',
    referenceNo: 'REF-1',
    channel: 'webpush',
    subscription: await sealedFor.seal('REF-1', content),
    endpointDigest: 'digest',
    createdAt: new Date(),
  };
  await store.devices.insertOne(device);
  return device;
}

const pusher = (extraAllowedHosts = [new URL(endpoint.url).host]) =>
  createPusher({ store, vault, vapid, extraAllowedHosts });

const deviceCount = () => store.devices.countDocuments({ _id: 'device-1' });

/** The browser's side of RFC 8291 and RFC 8188, written from the text of the RFCs. */
function decrypt(body: Buffer): string {
  const salt = body.subarray(0, 16);
  const serverKey = body.subarray(21, 21 + body.readUInt8(20));
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), browser.getPublicKey(), serverKey]);
  const secret = Buffer.from(hkdfSync('sha256', browser.computeSecret(serverKey), auth, info, 32));
  const derive = (label: string, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${label}\0`), bytes));
  const sealed = body.subarray(21 + serverKey.length);
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}

describe('a push', () => {
  test('reaches the browser encrypted, and tells it where to look but not what the status is', async () => {
    await register();
    expect(await pusher().send(message)).toEqual({ kind: 'delivered' });
    const body = endpoint.received[0]?.body ?? Buffer.alloc(0);
    expect(body.includes('REF-1')).toBe(false);
    expect(JSON.parse(decrypt(body))).toEqual({
      type: 'verification.status_changed',
      title: 'Your verification status changed',
      body: 'Open the app to see where you stand.',
      referenceNo: 'REF-1',
      version: 7,
    });
  });

  test('is signed with the VAPID key, for this push service only', async () => {
    await register();
    await pusher().send(message);
    const authorization = String(endpoint.received[0]?.headers.authorization);
    const [, token, key] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization) ?? [];
    expect(key).toBe(keys.publicKey);
    const point = Buffer.from(keys.publicKey, 'base64url');
    const publicKey = await importJWK(
      {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
      },
      'ES256',
    );
    const { payload } = await compactVerify(String(token), publicKey);
    expect(JSON.parse(new TextDecoder().decode(payload))).toMatchObject({
      aud: new URL(endpoint.url).origin,
      sub: vapid.subject,
    });
  });

  test('replaces an older one of the same customer that was not shown yet, and does not betray the reference', async () => {
    await register();
    await pusher().send(message);
    await pusher().send({ ...message, version: 8 });
    const [first, second] = endpoint.received.map(({ headers }) => headers);
    expect(first?.['topic']).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(second?.['topic']).toBe(first?.['topic']);
    expect(first).toMatchObject({ ttl: '86400', urgency: 'normal', 'content-encoding': 'aes128gcm' });
  });
});

describe('what the push service answers', () => {
  test.each([404, 410])('%i removes the device and drops the message', async (code) => {
    await register();
    endpoint.answer = status(code);
    expect(await pusher().send(message)).toEqual({ kind: 'dropped', code: `http_${code}` });
    expect(await deviceCount()).toBe(0);
  });

  test('a device that registered anew while its old subscription was found dead is not lost', async () => {
    await register();
    endpoint.answer = async (response) => {
      await store.devices.updateOne({ _id: 'device-1' }, { $set: { subscription: 'the new one' } });
      response.writeHead(410).end();
    };
    expect((await pusher().send(message)).kind).toBe('dropped');
    expect(await deviceCount()).toBe(1);
  });

  test.each([429, 500, 503])('%i is tried again when it asks for', async (code) => {
    await register();
    endpoint.answer = status(code, { 'retry-after': '120' });
    expect(await pusher().send(message)).toMatchObject({ kind: 'retry', retryAfterMs: 120_000 });
    expect(await deviceCount()).toBe(1);
  });

  test.each([400, 401, 403, 413])('%i ends it with an alarm and keeps the device', async (code) => {
    await register();
    endpoint.answer = status(code);
    expect(await pusher().send(message)).toEqual({
      kind: 'given_up',
      code: `http_${code}`,
      alarm: 'push_refused',
    });
    expect(await deviceCount()).toBe(1);
  });
});

describe('a push is not sent', () => {
  test('to a device that is gone, or that belongs to another customer', async () => {
    expect(await pusher().send(message)).toEqual({ kind: 'dropped', code: 'device_gone' });
    await register();
    const foreign = { ...message, referenceNo: 'REF-2' };
    expect(await pusher().send(foreign)).toEqual({ kind: 'dropped', code: 'device_gone' });
    expect(endpoint.received).toHaveLength(0);
  });

  test('to a host that is not allowed any more when it is sent', async () => {
    await register();
    expect(await pusher([]).send(message)).toMatchObject({ kind: 'given_up', code: 'push_host_not_allowed' });
    expect(endpoint.received).toHaveLength(0);
  });

  test('by following a redirect', async () => {
    await register();
    const elsewhere = await startEndpoint();
    endpoint.answer = status(307, { location: elsewhere.url });
    expect(await pusher().send(message)).toMatchObject({ kind: 'given_up', code: 'http_307' });
    expect(elsewhere.received).toHaveLength(0);
    await elsewhere.close();
  });

  test('with a subscription whose keys are no keys: the device is removed', async () => {
    await register({ ...subscription(), keys: { p256dh: 'AAAA', auth: 'AAAA' } });
    expect(await pusher().send(message)).toEqual({ kind: 'dropped', code: 'subscription_invalid' });
    expect(await deviceCount()).toBe(0);
  });

  test('while our own key does not open the subscription: the device stays, somebody must look', async () => {
    await register(subscription(), createVault(randomBytes(32)));
    expect(await pusher().send(message)).toMatchObject({ kind: 'retry', alarm: 'subscription_unreadable' });
    expect(await deviceCount()).toBe(1);
  });
});

test('wrong VAPID keys are found when the service starts, not by losing devices', () => {
  expect(() =>
    createPusher({ store, vault, vapid: { ...vapid, privateKey: 'short' }, extraAllowedHosts: [] }),
  ).toThrow();
});
