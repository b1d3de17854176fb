import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createCompanyWebhook } from '../../src/delivery/company-webhook.js';
import { type Endpoint, startEndpoint, status } from './http-endpoint.js';
import { STATUS_EVENT } from './outbox-fixture.js';

const secrets = [0, 1].map(() => `whsec_${randomBytes(32).toString('base64')}`);
let endpoint: Endpoint;

beforeEach(async () => {
  endpoint = await startEndpoint();
});
afterEach(() => endpoint.close());

const send = (url = endpoint.url) =>
  createCompanyWebhook({ url, secrets }).send('msg_1', STATUS_EVENT, new Date());

function verify(secret: string, received: Endpoint['received'][number] | undefined): unknown {
  if (received === undefined) throw new Error('nothing was received');
  return new Webhook(secret).verify(received.body, {
    'webhook-id': String(received.headers['webhook-id']),
    'webhook-timestamp': String(received.headers['webhook-timestamp']),
    'webhook-signature': String(received.headers['webhook-signature']),
  });
}

describe('the signed event', () => {
  test('verifies under each of two secrets, so that the company can change its secret in peace', async () => {
    expect(await send()).toEqual({ kind: 'delivered' });
    for (const secret of secrets) expect(verify(secret, endpoint.received[0])).toEqual(STATUS_EVENT.event);
  });

  test('does not verify under another secret, nor with a changed body', async () => {
    await send();
    const received = endpoint.received[0];
    expect(() => verify(`whsec_${randomBytes(32).toString('base64')}`, received)).toThrow();
    const forged = Buffer.from(String(received?.body).replace('approved', 'rejected'));
    expect(() => verify(secrets[0] ?? '', received && { ...received, body: forged })).toThrow();
  });

  test('has the same id and the same bytes on each attempt', async () => {
    endpoint.answer = status(500);
    await send();
    await send();
    const [first, second] = endpoint.received;
    expect(first?.headers['webhook-id']).toBe('msg_1');
    expect(second?.headers['webhook-id']).toBe('msg_1');
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
  });

  test('is posted as JSON and says nothing of how we work', async () => {
    await send();
    const headers = endpoint.received[0]?.headers ?? {};
    expect(endpoint.received[0]?.method).toBe('POST');
    expect(headers['content-type']).toBe('application/json');
    expect(headers['user-agent']).toBe('idwise-customer-backend');
  });

  test('carries the credentials of an address that has some', async () => {
    const url = new URL(endpoint.url);
    url.username = 'user';
    url.password = 'p@ss';
    expect(await send(url.href)).toEqual({ kind: 'delivered' });
    const expected = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(endpoint.received[0]?.headers.authorization).toBe(expected);
  });
});

describe('what the company answers', () => {
  test.each([200, 201, 202, 204])('%i is a delivery', async (code) => {
    endpoint.answer = status(code);
    expect(await send()).toEqual({ kind: 'delivered' });
  });

  test.each([400, 401, 403, 404, 500, 502, 504])('%i is tried again', async (code) => {
    endpoint.answer = status(code, { 'retry-after': '100' });
    expect(await send()).toEqual({ kind: 'retry', code: `http_${code}`, retryAfterMs: null, alarm: null });
  });

  test.each([429, 503])('%i is tried again when it asks for', async (code) => {
    endpoint.answer = status(code, { 'retry-after': '100' });
    expect(await send()).toEqual({ kind: 'retry', code: `http_${code}`, retryAfterMs: 100_000, alarm: null });
  });

  test('a date in Retry-After is understood, and nonsense is not heeded', async () => {
    endpoint.answer = status(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() });
    const asked = await send();
    expect(asked.kind === 'retry' && asked.retryAfterMs).toBeGreaterThan(55_000);
    endpoint.answer = status(503, { 'retry-after': 'soon' });
    expect(await send()).toMatchObject({ kind: 'retry', retryAfterMs: null });
  });

  test('410 ends it, with an alarm', async () => {
    endpoint.answer = status(410);
    expect(await send()).toEqual({ kind: 'given_up', code: 'http_410', alarm: 'company_webhook_gone' });
  });

  test('a redirect is not followed: nobody but the named address sees the event', async () => {
    const elsewhere = await startEndpoint();
    endpoint.answer = status(307, { location: elsewhere.url });
    expect(await send()).toMatchObject({ kind: 'retry', code: 'http_307' });
    expect(elsewhere.received).toHaveLength(0);
    await elsewhere.close();
  });

  test('a body without end is not read', async () => {
    const connection = new Promise<void>((resolve) => {
      endpoint.answer = (response) => {
        response.once('close', resolve);
        response.writeHead(200);
        const pour = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', pour);
        pour();
      };
    });
    expect(await send()).toEqual({ kind: 'delivered' });
    await connection;
  });

  test('nobody there, or a connection that breaks, is tried again', async () => {
    endpoint.answer = (response) => response.socket?.destroy();
    expect(await send()).toMatchObject({ kind: 'retry', code: 'connection_lost' });
    await endpoint.close();
    expect(await send()).toMatchObject({ kind: 'retry', code: 'connection_refused' });
    endpoint = await startEndpoint();
  });

  test('silence is ended before Temporal takes the attempt for dead', async () => {
    endpoint.answer = () => undefined;
    const startedMs = performance.now();
    expect(await send()).toMatchObject({ kind: 'retry', code: 'timeout' });
    expect(performance.now() - startedMs).toBeLessThan(12_000);
  });
});
