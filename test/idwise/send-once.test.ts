import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createGovernmentFaceProvider } from '../../src/government-face/provider.js';
import { createIdwiseClient } from '../../src/idwise/client.js';
import { createLook } from '../../src/idwise/look.js';
import { createSendOnce, type SendOnce } from '../../src/idwise/send-once.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { type HttpEdge, idwiseConfig, JPEG, json, startHttpEdge } from './http-edge.js';
import { finishedJourney } from './journey-answers.js';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const referenceNo = 'abc-123-FE13';
const vault = createVault(randomBytes(32));
let idwise: HttpEdge;
let government: HttpEdge;
let store: Store;
let drop: () => Promise<void>;
let journeyId: string;
let nowMs: number;
let sendOnce: SendOnce;

beforeAll(async () => {
  [idwise, government] = await Promise.all([startHttpEdge(), startHttpEdge()]);
  ({ store, drop } = await openOwnDatabase());
});
afterAll(async () => {
  await drop();
  await Promise.all([idwise.close(), government.close()]);
});
beforeEach(() => {
  journeyId = randomUUID();
  nowMs = NOW_MS;
  waitsFor(10_000);
  government.answer((_request, response) => response.setHeader('content-type', 'image/jpeg').end(JPEG));
});

function waitsFor(timeLimitMs: number): void {
  const client = createIdwiseClient(idwiseConfig(idwise.url), { timeLimitMs });
  const provider = createGovernmentFaceProvider(`${government.url}/face`, 10_000);
  sendOnce = createSendOnce({ client, store, vault, provider, clock: () => nowMs });
}

const close = (confirmedNotDone = false) =>
  sendOnce.close({ referenceNo, journeyId, operation: 'complete-custom-step', confirmedNotDone });
const sendFace = (confirmedNotDone = false) =>
  sendOnce.sendGovernmentFace({ referenceNo, journeyId, confirmedNotDone });
const record = (operation = 'complete-custom-step') =>
  store.idwiseCalls.findOne({ _id: `${journeyId}:${operation}` });
const hang = () => undefined;

describe('a call that must not be made twice', () => {
  test('is sent once, recorded, and never sent again once it was accepted', async () => {
    idwise.answer(json({ success: true }));
    expect(await close()).toEqual({ kind: 'done' });
    expect(await close()).toEqual({ kind: 'already_done' });
    expect(await close(true)).toEqual({ kind: 'already_done' });
    expect(idwise.requests).toHaveLength(1);
    expect(await record()).toMatchObject({ referenceNo, journeyId, state: 'accepted', attempts: 1 });
  });

  test('is sent once by many callers at the same time', async () => {
    idwise.answer(json({ success: true }));
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => close()));
    expect(outcomes.filter((outcome) => outcome.kind === 'done')).toHaveLength(1);
    expect(idwise.requests).toHaveLength(1);
  });

  test('is left alone by a process that stood still before it could be sent', async () => {
    idwise.answer(json({ success: true }));
    let looks = 0;
    const client = createIdwiseClient(idwiseConfig(idwise.url));
    const standsStill = () => {
      looks += 1;
      return looks === 1 ? NOW_MS : NOW_MS + 20_000;
    };
    const slow = createSendOnce({ client, store, vault, provider: null, clock: standsStill });
    const about = {
      referenceNo,
      journeyId,
      operation: 'complete-custom-step',
      confirmedNotDone: false,
    } as const;
    expect(await slow.close(about)).toEqual({ kind: 'unavailable', code: 'too_late' });
    expect(idwise.requests).toHaveLength(0);
    expect(await record()).toMatchObject({ state: 'not_sent', code: 'too_late' });
    expect(await close()).toEqual({ kind: 'done' });
  });

  test('that timed out is not sent again before the journey was read, and then once', async () => {
    waitsFor(200);
    idwise.answer(hang);
    expect(await close()).toEqual({ kind: 'uncertain' });
    expect(await record()).toMatchObject({ state: 'uncertain', code: 'timeout' });
    waitsFor(10_000);
    idwise.answer(json({ success: true }));
    expect(await close()).toEqual({ kind: 'uncertain' });
    expect(idwise.requests).toHaveLength(0);
    const outcomes = await Promise.all([close(true), close(true)]);
    expect(outcomes.map((outcome) => outcome.kind)).toContain('done');
    expect(idwise.requests).toHaveLength(1);
  });

  test('whose process died while sending is in doubt, and may be sent again only when it cannot be on its way', async () => {
    idwise.answer(json({ success: true }));
    await store.idwiseCalls.insertOne({
      _id: `${journeyId}:complete-custom-step`,
      referenceNo,
      journeyId,
      operation: 'complete-custom-step',
      state: 'sending',
      attempts: 1,
      startedAt: new Date(NOW_MS - 5_000),
      endedAt: null,
      code: null,
    });
    expect(await close()).toEqual({ kind: 'uncertain' });
    expect(await close(true)).toEqual({ kind: 'uncertain' });
    nowMs += 11_000;
    expect(await close()).toEqual({ kind: 'uncertain' });
    expect(await close(true)).toEqual({ kind: 'done' });
    expect(await record()).toMatchObject({ state: 'accepted', attempts: 2 });
  });

  test.each([
    [401, { kind: 'refused', code: 'http_401' }, 'refused'],
    [404, { kind: 'unavailable', code: 'http_404' }, 'not_sent'],
    [429, { kind: 'unavailable', code: 'http_429', retryAfterMs: 7_000 }, 'not_sent'],
    [400, { kind: 'rejected', code: 'http_400' }, 'refused'],
  ])('answered with %d was surely not done and may simply be made again', async (status, outcome, state) => {
    idwise.answer(json({}, status, status === 429 ? { 'retry-after': '7' } : {}));
    expect(await close()).toEqual(outcome);
    expect(await record()).toMatchObject({ state });
    idwise.answer(json({ success: true }));
    expect(await close()).toEqual({ kind: 'done' });
  });

  test('answered with 500 may have been done', async () => {
    idwise.answer(json({}, 500));
    expect(await close()).toEqual({ kind: 'uncertain' });
  });

  test('that never reached IDWise may simply be made again', async () => {
    const gone = await startHttpEdge();
    await gone.close();
    const client = createIdwiseClient(idwiseConfig(gone.url));
    const offline = createSendOnce({ client, store, vault, provider: null });
    const about = {
      referenceNo,
      journeyId,
      operation: 'complete-custom-step',
      confirmedNotDone: false,
    } as const;
    expect(await offline.close(about)).toMatchObject({ kind: 'unavailable', code: 'econnrefused' });
    idwise.answer(json({ success: true }));
    expect(await close()).toEqual({ kind: 'done' });
  });

  test('keeps apart from the other calls about the same journey', async () => {
    idwise.answer(json({ success: true }));
    await close();
    const about = { referenceNo, journeyId, confirmedNotDone: false };
    expect(await sendOnce.close({ ...about, operation: 'complete-journey' })).toEqual({ kind: 'done' });
  });
});

describe("the government's face", () => {
  /** IDWise at work: knows the journey, takes the custom step. */
  const answerWith = (changes: Record<string, unknown> = {}) => {
    const journey = json(
      finishedJourney({ journey_id: journeyId, reference_number: referenceNo, ...changes }),
    );
    idwise.answer((request, response) =>
      request.method === 'GET' ? journey(request, response) : json({ success: true })(request, response),
    );
  };
  const lookOnce = () => {
    const client = createIdwiseClient(idwiseConfig(idwise.url));
    const look = createLook({ client, vault, store, customStepId: '99' });
    return look.look({ referenceNo, journeyId, at: new Date(NOW_MS).toISOString() });
  };
  const paths = () => idwise.requests.map(({ method, url }) => `${method} ${url}`);

  test('is asked for with the stored person and handed to IDWise once', async () => {
    answerWith();
    await lookOnce();
    expect(await sendFace()).toEqual({ kind: 'done' });
    expect(JSON.parse(String(government.requests[0]?.body))).toEqual({
      referenceNo,
      journeyId,
      personalNumber: '784-1960-1234567-1',
      documentNumber: 'X 123-456',
      issuingCountryCode: 'ARE',
    });
    const sent = idwise.requests.at(-1);
    expect(sent?.url).toBe('/journey/v2/process-custom-journey-step');
    expect(sent?.body.includes(JPEG)).toBe(true);
    expect(await sendFace(true)).toEqual({ kind: 'already_done' });
    expect(government.requests).toHaveLength(1);
  });

  test('is asked for with a fresh answer where the stored one was too early', async () => {
    answerWith({ applicant: null, documents: null });
    await lookOnce();
    answerWith();
    expect(await sendFace()).toEqual({ kind: 'done' });
    expect(String(government.requests[0]?.body)).toContain('784-1960-1234567-1');
  });

  test('is never asked for about a journey of somebody else', async () => {
    answerWith({ reference_number: 'another' });
    expect(await sendFace()).toEqual({ kind: 'rejected', code: 'not_ours' });
    expect(government.requests).toHaveLength(0);
  });

  test.each([
    [404, '', 'image/jpeg', { kind: 'no_face' }],
    [500, '', 'image/jpeg', { kind: 'provider_unavailable', code: 'http_500' }],
    [302, '', 'image/jpeg', { kind: 'provider_unavailable', code: 'http_302' }],
    [200, '<svg/>', 'image/svg+xml', { kind: 'provider_unavailable', code: 'not_an_image' }],
    [200, JPEG, 'text/html', { kind: 'provider_unavailable', code: 'not_an_image' }],
    [
      200,
      Buffer.alloc(7 * 1024 * 1024, 0xff),
      'image/jpeg',
      { kind: 'provider_unavailable', code: 'too_large' },
    ],
  ])(
    'where the provider answers %d with something (%#) is nothing that reaches IDWise',
    async (status, body, type, outcome) => {
      answerWith();
      government.answer((_request, response) =>
        response.writeHead(status, { 'content-type': type, location: idwise.url }).end(body),
      );
      expect(await sendFace()).toEqual(outcome);
      expect(paths()).not.toContain('POST /journey/v2/process-custom-journey-step');
      expect(await record('process-custom-journey-step')).toBeNull();
    },
  );

  test('is none where no provider is configured', async () => {
    const client = createIdwiseClient(idwiseConfig(idwise.url));
    const without = createSendOnce({ client, store, vault, provider: null });
    const about = { referenceNo, journeyId, confirmedNotDone: false };
    expect(await without.sendGovernmentFace(about)).toEqual({ kind: 'no_face' });
  });

  test('is not asked for again while it is in doubt whether it was sent', async () => {
    answerWith();
    await lookOnce();
    waitsFor(200);
    idwise.answer(hang);
    expect(await sendFace()).toEqual({ kind: 'uncertain' });
    waitsFor(10_000);
    government.answer(hang);
    expect(await sendFace()).toEqual({ kind: 'uncertain' });
    expect(government.requests).toHaveLength(0);
  });

  test('stands nowhere in the database', async () => {
    answerWith();
    await sendFace();
    const rows = await store.idwiseCalls.find({ journeyId }).toArray();
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual([
      '_id',
      'attempts',
      'code',
      'endedAt',
      'journeyId',
      'operation',
      'referenceNo',
      'startedAt',
      'state',
    ]);
  });
});

test('credentials in the provider’s address are sent as Basic and stand in no URL', async () => {
  const address = new URL(`${government.url}/face`);
  address.username = 'us er';
  address.password = 'p:w';
  const provider = createGovernmentFaceProvider(address.href);
  const question = {
    referenceNo,
    journeyId,
    personalNumber: null,
    documentNumber: null,
    issuingCountryCode: null,
  };
  expect((await provider.ask(question)).kind).toBe('found');
  expect(government.requests[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('us er:p:w').toString('base64')}`,
  );
});
