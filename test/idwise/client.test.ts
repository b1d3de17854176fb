import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createIdwiseClient } from '../../src/idwise/client.js';
import { type HttpEdge, idwiseConfig, JPEG, json, startHttpEdge } from './http-edge.js';
import { finishedJourney } from './journey-answers.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const SHORT_MS = 150;
let edge: HttpEdge;

beforeAll(async () => {
  edge = await startHttpEdge();
});
afterAll(() => edge.close());

const client = (overrides: Record<string, string> = {}, timeLimitMs = 5_000) =>
  createIdwiseClient(
    { ...idwiseConfig(`${edge.url}/`), pathOverrides: overrides },
    { clock: () => NOW_MS, timeLimitMs },
  );

describe('a request', () => {
  test('bears the credentials as Basic and the documented path', async () => {
    edge.answer(json(finishedJourney()));
    const answer = await client().getJourney('12d6 2f/80');
    expect(answer.kind).toBe('ok');
    expect(edge.requests[0]).toMatchObject({ method: 'GET', url: '/journey/v2/12d6%202f%2F80' });
    expect(edge.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('key:secret').toString('base64')}`,
    );
  });

  test('takes the overridden path', async () => {
    edge.answer(json(finishedJourney()));
    await client({ getJourney: '/v3/result/{journeyId}' }).getJourney('j');
    expect(edge.requests[0]?.url).toBe('/v3/result/j');
  });

  test.each(['', '.', '..', '\ud800', 'x'.repeat(600)])(
    'is never made for the impossible id %j',
    async (id) => {
      edge.answer(json(finishedJourney()));
      expect(await client().getJourney(id)).toEqual({ kind: 'not_found', code: 'impossible_id' });
      expect(edge.requests).toHaveLength(0);
    },
  );

  test('for a custom step is multipart with the documented parts', async () => {
    edge.answer(json({ success: true }));
    const answer = await client().processCustomStep('j', { bytes: JPEG, contentType: 'image/jpeg' });
    expect(answer).toEqual({ kind: 'ok', value: null });
    const request = edge.requests[0];
    expect(request?.url).toBe('/journey/v2/process-custom-journey-step');
    const form = await new Response(request?.body, {
      headers: { 'content-type': request?.headers['content-type'] ?? '' },
    }).formData();
    expect([form.get('journey_id'), form.get('step_id'), form.get('step_type')]).toEqual([
      'j',
      '99',
      'GovernmentFace',
    ]);
    const image = form.get('image');
    if (!(image instanceof Blob)) throw new Error('the image is no file');
    expect(image.type).toBe('image/jpeg');
    expect(Buffer.from(await image.arrayBuffer()).equals(JPEG)).toBe(true);
  });

  test('that changes something has the documented method, path and body', async () => {
    edge.answer(json({ success: true, journey_id: 'new' }));
    const api = client();
    expect(await api.completeCustomStep('j')).toEqual({ kind: 'ok', value: null });
    expect(await api.completeJourney('j')).toEqual({ kind: 'ok', value: null });
    await api.setWhitelist('j', ['r1'], true);
    await api.getAmlHistory('j', 7);
    expect(edge.requests.map(({ method, url, body }) => `${method} ${url} ${body}`.trim())).toEqual([
      'POST /journey/v2/complete-custom-step {"journey_id":"j"}',
      'POST /journey/v2/complete-journey {"journey_id":"j"}',
      'PUT /checks/aml/j/whitelist {"resource_ids":["r1"],"is_whitelisted":true}',
      'GET /checks/aml/j/history?version=7',
    ]);
  });
});

describe('an answer', () => {
  test.each([
    [401, { error_code: 'invalid_credentials' }, { kind: 'refused', code: 'invalid_credentials' }],
    [403, { error_code: 'not_allowed_ip_address' }, { kind: 'refused', code: 'not_allowed_ip_address' }],
    [403, 'no envelope', { kind: 'refused', code: 'http_403' }],
    [
      404,
      { error_code: 'missing_requested_resource' },
      { kind: 'not_found', code: 'missing_requested_resource' },
    ],
    [404, null, { kind: 'not_found', code: 'http_404' }],
    [
      400,
      { error_code: 'journey_already_completed' },
      { kind: 'rejected', code: 'journey_already_completed' },
    ],
    [409, { error_code: 'Zoe Testperson 1960' }, { kind: 'rejected', code: 'http_409' }],
    [500, {}, { kind: 'unavailable', code: 'http_500', retryAfterMs: null, maybeSent: true }],
    [200, { success: false, error_code: 'closed' }, { kind: 'rejected', code: 'closed' }],
  ])('with status %d and %j is %j', async (status, body, expected) => {
    edge.answer(json(body, status));
    expect(await client().getJourney('j')).toEqual(expected);
    expect(await client().completeJourney('j')).toEqual(expected);
  });

  test.each([
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['86400', 3_600_000],
    ['soon', null],
  ])(
    '429 with Retry-After %s asks for a pause of %s ms, and nothing was done',
    async (header, retryAfterMs) => {
      edge.answer(json({}, 429, { 'retry-after': header }));
      expect(await client().getJourney('j')).toEqual({
        kind: 'unavailable',
        code: 'http_429',
        retryAfterMs,
        maybeSent: false,
      });
    },
  );

  test('that redirects is refused and the credentials go nowhere else', async () => {
    edge.answer((_request, response) => response.writeHead(302, { location: `${edge.url}/elsewhere` }).end());
    expect(await client().getJourney('j')).toMatchObject({ kind: 'unavailable', code: 'redirect_refused' });
    expect(edge.requests).toHaveLength(1);
  });

  test.each([
    ['cut JSON', '{"journey_id": "12d', 'not_json'],
    ['a page', '<html></html>', 'not_json'],
    ['nothing', '', 'not_json'],
    ['a list', '[]', 'not_an_object'],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not_json'],
  ])('that is %s is unreadable', async (_what, body, code) => {
    edge.answer((_request, response) => response.end(body));
    expect(await client().getJourney('j')).toEqual({ kind: 'unreadable', code });
  });

  test('that breaks off before its announced length is a failed call', async () => {
    edge.answer((_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{"journey_id"', () => response.destroy());
    });
    const answer = await client().getJourney('j');
    expect(answer).toMatchObject({ kind: 'unavailable', retryAfterMs: null });
  });

  test('beyond 2 MB is cut off while it streams in', async () => {
    let closed = false;
    edge.answer((_request, response) => {
      const chunk = Buffer.alloc(256 * 1024, 0x20);
      const pump = () => {
        while (!closed && response.write(chunk));
      };
      response.on('drain', pump).on('close', () => {
        closed = true;
      });
      pump();
    });
    expect(await client().getJourney('j')).toEqual({ kind: 'unreadable', code: 'too_large' });
    const deadlineMs = Date.now() + 5_000;
    while (!closed && Date.now() < deadlineMs) await new Promise(setImmediate);
    expect(closed).toBe(true);
  });

  test('that never comes, or whose body never ends, ends in a time-out in which the call may have been made', async () => {
    const timeout = { kind: 'unavailable', retryAfterMs: null, maybeSent: true };
    edge.answer(() => undefined);
    expect(await client({}, SHORT_MS).completeJourney('j')).toEqual({ ...timeout, code: 'timeout' });
    edge.answer((_request, response) => {
      response.writeHead(200);
      response.write('{');
    });
    expect(await client({}, SHORT_MS).getJourney('j')).toEqual({ ...timeout, code: 'body_timeout' });
  });

  test('of a changing call counts by its status, even if its body breaks off', async () => {
    edge.answer((_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('{', () => response.destroy());
    });
    expect(await client().completeCustomStep('j')).toEqual({ kind: 'ok', value: null });
  });

  test('that cannot come because nobody listens says that nothing was sent', async () => {
    const gone = await startHttpEdge();
    await gone.close();
    expect(await createIdwiseClient(idwiseConfig(gone.url)).completeJourney('j')).toEqual({
      kind: 'unavailable',
      code: 'econnrefused',
      retryAfterMs: null,
      maybeSent: false,
    });
    const nowhere = createIdwiseClient(idwiseConfig('http://idwise.invalid'));
    expect(await nowhere.completeJourney('j')).toMatchObject({ kind: 'unavailable', maybeSent: false });
  });

  test('after a request that broke off says that it may have been made', async () => {
    edge.answer((request) => request.socket.destroy());
    expect(await client().completeJourney('j')).toMatchObject({ kind: 'unavailable', maybeSent: true });
  });
});

describe('an image', () => {
  test('comes as bytes, or as base64 in JSON', async () => {
    edge.answer((_request, response) => response.setHeader('content-type', 'image/jpeg').end(JPEG));
    const expected = { kind: 'ok', value: { contentType: 'image/jpeg' } };
    const answer = await client().getImage('a/b');
    expect(answer).toMatchObject(expected);
    expect(edge.requests[0]?.url).toBe('/journey/v2/image/a/b');
    edge.answer(json({ image: `data:image/jpeg;base64,${JPEG.toString('base64')}` }));
    expect(await client().getImage('p')).toMatchObject(expected);
  });

  test('that is none is unreadable', async () => {
    edge.answer((_request, response) => response.setHeader('content-type', 'image/jpeg').end('<svg/>'));
    expect(await client().getImage('p')).toEqual({ kind: 'unreadable', code: 'not_an_image' });
  });
});
