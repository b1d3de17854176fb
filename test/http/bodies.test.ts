import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../src/observability/logger.js';
import { until } from '../eventually.js';
import { API_KEY, type ApiUnderTest, startApi } from './api-under-test.js';

let api: ApiUnderTest;
const logged: string[] = [];
beforeAll(async () => {
  const sink = { write: (line: string) => void logged.push(line) };
  api = await startApi({ logger: createLogger('api', 'error', sink) });
});
afterAll(() => api.close());

/** Posts raw bytes to the registration, which needs an API key and a body. */
async function post(body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${api.url}/v1/verifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${API_KEY}`, ...headers },
    body,
  });
  const json = (await answer.json()) as Readonly<Record<string, unknown>>;
  return [answer.status, json['code']];
}

describe('the body of a request to the API', () => {
  test('is read only after its sender is known: whoever has no credential gets 401, whatever the body', async () => {
    for (const body of ['{', 'x'.repeat(70_000), gzipSync('{}')]) {
      expect(await post(body, { authorization: 'Bearer nothing' })).toEqual([401, 'unauthenticated']);
    }
  });

  test.each(['gzip', 'deflate', 'br', 'gzip, identity'])('is never unpacked: %s', async (encoding) => {
    expect(await post(gzipSync('{"customerId":"c"}'), { 'content-encoding': encoding })).toEqual([
      400,
      'content_encoding_refused',
    ]);
  });

  test('is JSON in UTF-8, with or without a byte order mark, whatever the content type says', async () => {
    const customerId = randomUUID();
    expect(await post(`\uFEFF{"customerId":"${customerId}"}`, { 'content-type': 'text/plain' })).toEqual([
      201,
      undefined,
    ]);
    for (const body of ['{', '{"customerId":"x"}y', Buffer.from([0x22, 0xff, 0x22])]) {
      expect(await post(body)).toEqual([400, 'not_json']);
    }
    expect(await post('')).toEqual([400, 'invalid_request']);
  });

  test('may have 64 kB and no more, also where its length is not told', async () => {
    const big = (bytes: number) => `{"customerId":"${'x'.repeat(bytes - 17)}"}`;
    expect(await post(big(65_536))).toEqual([400, 'invalid_request']);
    expect(await post(big(65_537))).toEqual([413, 'body_too_large']);
    const stream = new Blob([big(65_537)]).stream();
    const answer = await fetch(`${api.url}/v1/verifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${API_KEY}` },
      body: stream,
      duplex: 'half',
    });
    expect(answer.status).toBe(413);
  });

  test('that ends half-way is no bug of ours, and the service goes on', async () => {
    const cutOff = async () => {
      const { text } = await api.call('GET', '/metrics');
      const count =
        /http_request_duration_seconds_count\{method="post",route="\/v1\/verifications",status="499"\} (\d+)/;
      return Number(count.exec(text)?.[1] ?? 0);
    };
    const before = await cutOff();
    const open = connect(Number(new URL(api.url).port), '127.0.0.1');
    open.on('error', () => {});
    const head = `POST /v1/verifications HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${API_KEY}\r\n`;
    open.end(`${head}Content-Length: 99\r\n\r\n{"cus`);
    await until(async () => (await cutOff()) === before + 1);
    expect((await api.call('GET', '/healthz')).status).toBe(200);
    expect(logged).toEqual([]);
  });
});
