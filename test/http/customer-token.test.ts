import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type Endpoint, startEndpoint } from '../delivery/http-endpoint.js';
import { API_KEY, type ApiUnderTest, startApi } from './api-under-test.js';

const ISSUER = 'https://login.example.com';
const AUDIENCE = 'verification';

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let keys: Keys;
let otherKeys: Keys;
let issuer: Endpoint;
let api: ApiUnderTest;
let own: string;
let foreign: string;
const customerId = randomUUID();

beforeAll(async () => {
  [keys, otherKeys] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  issuer = await startEndpoint();
  issuer.answer = (res) => {
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  };
  api = await startApi({
    config: { customerJwt: { issuer: ISSUER, audience: AUDIENCE, jwksUrl: `${issuer.url}/jwks` } },
  });
  const register = async (id: string) =>
    String((await api.call('POST', '/v1/verifications', { body: { customerId: id } })).json['referenceNo']);
  [own, foreign] = [await register(customerId), await register(randomUUID())];
});
afterAll(async () => {
  await api.close();
  await issuer.close();
});

interface Signing {
  readonly claims?: JWTPayload;
  readonly key?: Keys['privateKey'];
  readonly kid?: string;
  readonly expires?: string;
}

async function token({
  claims = {},
  key = keys.privateKey,
  kid = 'k1',
  expires = '5m',
}: Signing = {}): Promise<string> {
  return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: customerId, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setExpirationTime(expires)
    .sign(key);
}

async function as(jwt: string, method: string, path: string, body?: unknown) {
  return await api.call(method, path, {
    authorization: `Bearer ${jwt}`,
    ...(body === undefined ? {} : { body }),
  });
}

describe("an end customer's token", () => {
  test("opens that customer's own view, stream and journey reports", async () => {
    const jwt = await token();
    expect((await as(jwt, 'GET', `/v1/verifications/${own}`)).status).toBe(200);
    expect((await as(jwt, 'POST', `/v1/verifications/${own}/journeys`, { journeyId: 'j1' })).status).toBe(
      200,
    );
    expect((await as(jwt, 'POST', `/v1/verifications/${own}/journeys/j1/completed`)).status).toBe(200);
    expect((await as(jwt, 'POST', `/v1/verifications/${own}/journeys/j1/cancelled`)).status).toBe(200);
    const stream = await fetch(`${api.url}/v1/verifications/${own}/events`, {
      headers: { authorization: `Bearer ${jwt}` },
    });
    expect([stream.status, stream.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    await stream.body?.cancel();
  });

  test('finds nothing else: 404, not 403, and the same answer as for what does not exist', async () => {
    const jwt = await token();
    const body = { journeyId: 'j2' };
    const answers = await Promise.all([
      as(jwt, 'GET', `/v1/verifications/${foreign}`),
      as(jwt, 'GET', `/v1/verifications/${foreign}/events`),
      as(jwt, 'POST', `/v1/verifications/${foreign}/journeys`, body),
      as(jwt, 'POST', `/v1/verifications/${foreign}/journeys/j1/completed`),
      as(jwt, 'GET', `/v1/verifications/${own}/details`),
      as(jwt, 'POST', `/v1/verifications/${own}/journeys/j1/complete`, { reason: 'x' }),
      as(jwt, 'POST', `/v1/verifications/${own}/devices`, {}),
      as(jwt, 'DELETE', `/v1/verifications/${own}/devices/d`),
      as(jwt, 'POST', '/v1/verifications', { customerId }),
      as(jwt, 'GET', '/v1/verifications/nobody'),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(answer.text).toBe(answers.at(-1)?.text);
    }
  });

  test('of a profile without customer opens nothing', async () => {
    await api.store.profiles.updateOne({ _id: foreign }, { $unset: { customerId: '' } });
    expect((await as(await token(), 'GET', `/v1/verifications/${foreign}`)).status).toBe(404);
  });
});

describe('a token that does not hold', () => {
  const forgeries: [string, () => Promise<string>][] = [
    ['signed with another key', () => token({ key: otherKeys.privateKey })],
    ['of a key that the issuer does not publish', () => token({ kid: 'k2' })],
    ['expired', () => token({ expires: '-1m' })],
    ['of another issuer', () => token({ claims: { iss: 'https://evil.example.com' } })],
    ['for another audience', () => token({ claims: { aud: 'billing' } })],
    ['without subject', () => token({ claims: { sub: '' } })],
    [
      'without end',
      () =>
        new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: customerId })
          .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
          .sign(keys.privateKey),
    ],
    [
      'signed with a shared secret',
      () =>
        new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: customerId })
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .setExpirationTime('5m')
          .sign(new TextEncoder().encode(API_KEY.padEnd(32, '-'))),
    ],
    [
      'unsigned',
      async () => {
        const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
        const exp = Math.floor(Date.now() / 1_000) + 300;
        return `${part({ alg: 'none' })}.${part({ iss: ISSUER, aud: AUDIENCE, sub: customerId, exp })}.`;
      },
    ],
    ['of RSA with a weak algorithm', rs1],
  ];
  test.each(forgeries)('%s is 401', async (_name, make) => {
    const answer = await as(await make(), 'GET', `/v1/verifications/${own}`);
    expect([answer.status, answer.json['code']]).toEqual([401, 'unauthenticated']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('is 503, not 401, while the issuer does not answer: the app should try again, not log in again', async () => {
    const away = await startApi({
      config: { customerJwt: { issuer: ISSUER, audience: AUDIENCE, jwksUrl: 'http://127.0.0.1:9/jwks' } },
    });
    try {
      const answer = await away.call('GET', '/v1/verifications/x', {
        authorization: `Bearer ${await token()}`,
      });
      expect([answer.status, answer.json['code']]).toEqual([503, 'identity_provider_unavailable']);
      expect((await away.call('GET', '/v1/verifications/x')).status).toBe(404);
    } finally {
      await away.close();
    }
  });
});

describe('an API key', () => {
  test('every one of them opens the API; nothing else does', async () => {
    const path = `/v1/verifications/${own}`;
    for (const key of api.config.service.apiKeys) {
      expect((await api.call('GET', path, { authorization: `Bearer ${key}` })).status).toBe(200);
    }
    for (const authorization of [
      null,
      '',
      API_KEY,
      `Basic ${API_KEY}`,
      `Bearer ${API_KEY}x`,
      'Bearer ',
      'Bearer a.b.c',
    ]) {
      expect((await api.call('GET', path, { authorization })).status).toBe(401);
    }
  });

  test('is not asked for by health, readiness and the description', async () => {
    for (const path of ['/healthz', '/readyz', '/openapi.json']) {
      expect((await api.call('GET', path, { authorization: null })).status).toBe(200);
    }
  });

  test.each([
    '/Metrics',
    '/metrics/',
    '/READYZ',
    '/Webhooks/IDWise',
    '/webhooks/idwise/',
    '/Desk/api/session',
  ])('is of no use by another spelling, which a proxy would not know: %s', async (path) => {
    for (const method of ['GET', 'POST']) expect((await api.call(method, path)).status).toBe(404);
  });

  test('is needed for the metrics of a service that others can reach', async () => {
    const open = await startApi({ config: { service: { ...api.config.service, host: '0.0.0.0' } } });
    try {
      expect((await open.call('GET', '/metrics', { authorization: null })).status).toBe(401);
      expect((await open.call('GET', '/metrics')).status).toBe(200);
    } finally {
      await open.close();
    }
  });
});

async function rs1(): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return new SignJWT({ iss: ISSUER, aud: AUDIENCE, sub: customerId })
    .setProtectedHeader({ alg: 'PS256', kid: 'k1' })
    .setExpirationTime('5m')
    .sign(privateKey);
}
