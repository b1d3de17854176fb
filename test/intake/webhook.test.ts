import { createHash, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../eventually.js';
import { type ApiUnderTest, idwiseEvent, startApi, WEBHOOK_SECRET } from '../http/api-under-test.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe('an event that is answered 200', () => {
  test('stands in the inbox with its raw bytes and all that was understood', async () => {
    const { inboxId, eventId } = idwiseEvent('');
    const raw = `{ "event":"AML Monior Update",\n "body": {"eventId":"${eventId}","journeyId":"j-1","referenceNo":"r-1","updatedAMLVersionNumber":"3"}}`;
    expect((await api.webhook(raw)).status).toBe(200);
    const row = await api.inboxRow(inboxId);
    expect(row?.raw?.toString()).toBe(raw);
    expect(row).toMatchObject({
      source: 'idwise',
      kind: 'aml_monitor_update',
      journeyId: 'j-1',
      referenceNo: 'r-1',
      event: { amlVersion: 3 },
    });
  });

  test('is exactly 200 with an empty body, first time and again', async () => {
    const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: 'j-2' });
    for (let times = 0; times < 3; times += 1) {
      const answer = await api.webhook(payload);
      expect([answer.status, answer.text]).toEqual([200, '']);
    }
    expect(await api.store.inbox.countDocuments({ _id: inboxId })).toBe(1);
  });

  test('is stored once, however many copies arrive at the same moment', async () => {
    const { payload, eventId } = idwiseEvent('Finished Journey', { journeyId: 'j-3' });
    const answers = await Promise.all(Array.from({ length: 30 }, () => api.webhook(payload)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(await api.store.inbox.countDocuments({ 'event.eventId': eventId })).toBe(1);
  });

  test('is found again whatever text its event id is', async () => {
    const eventId = `ünï © ${randomUUID()}\n`;
    const payload = { event: 'Finished Journey', body: { eventId, journeyId: 'j' } };
    await Promise.all([api.webhook(payload), api.webhook(payload)]);
    const rows = await api.store.inbox.find({ 'event.eventId': eventId.trim() }).toArray();
    expect(rows).toHaveLength(1);
    expect(rows[0]?._id).toMatch(/^idwise:sha256-[0-9a-f]{64}$/);
  });
});

describe('what is not understood', () => {
  test.each([
    ['an empty body, as the portal test may send', '', 'no_event_name'],
    ['an empty object', '{}', 'no_event_name'],
    ['an array', '[]', 'not_an_object'],
    ['a bare text', '"hello"', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
    ['an event of a new kind', '{"body":{"journeyId":"j-9"},"event":"Eclipsed Journey"}', 'unknown_event'],
    [
      'an object with a prototype for a member',
      '{"__proto__":{"event":"Finished Journey"}}',
      'no_event_name',
    ],
    ['a body nested beyond reason', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'not_an_object'],
  ])('%s is answered 200 and parked with its reason', async (_name, body, parkReason) => {
    expect((await api.webhook(body)).status).toBe(200);
    const hash = createHash('sha256')
      .update(body || '{}')
      .digest('hex');
    expect(await api.inboxRow(`hash:${hash}:1`)).toMatchObject({ state: 'parked', parkReason });
  });

  test('is counted by reason', async () => {
    await api.webhook({ event: `Unheard Of ${randomUUID()}` });
    const metrics = await api.call('GET', '/metrics', { authorization: null });
    expect(metrics.text).toMatch(/idwise_events_parked_total\{reason="unknown_event"\} [1-9]/);
  });
});

describe('a body without event id', () => {
  test('is one event for 60 minutes, whatever the order of its members, and each copy causes a look', async () => {
    const journeyId = randomUUID();
    await api.webhook({ event: 'Finished Journey', body: { journeyId, referenceNo: 'h-1' } });
    const first = await until(() => api.store.inbox.findOne({ journeyId, state: 'signalled' }));
    expect(first._id).toMatch(/^hash:[0-9a-f]{64}:1$/);
    await api.store.inbox.updateOne({ _id: first._id }, { $set: { state: 'processed', outcome: 'v2' } });

    await api.webhook({ body: { referenceNo: 'h-1', journeyId }, event: 'Finished Journey' });
    const again = await until(() => api.store.inbox.findOne({ journeyId, state: 'signalled', repeats: 1 }));
    expect(again._id).toBe(first._id);
    expect(again.signalledAt?.getTime()).toBeGreaterThan(first.signalledAt?.getTime() ?? 0);
    // Not yet taken, like any other that was handed over: where its run is lost it is handed over again.
    expect(again.outcome).toBeNull();
    expect(await api.store.inbox.countDocuments({ journeyId })).toBe(1);
  });

  test('is a new event after 60 minutes', async () => {
    const journeyId = randomUUID();
    const payload = { event: 'Finished Journey', body: { journeyId } };
    await api.webhook(payload);
    await api.store.inbox.updateOne(
      { journeyId },
      { $set: { receivedAt: new Date(Date.now() - 3_600_001) } },
    );
    await api.webhook(payload);
    const ids = await api.store.inbox.distinct('_id', { journeyId });
    expect(ids.map((id) => id.slice(-2)).sort()).toEqual([':1', ':2']);
  });

  test('that arrives many times at one moment is one row that counts its repeats', async () => {
    const journeyId = randomUUID();
    const payload = { event: 'Finished Journey', body: { journeyId } };
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.webhook(payload)));
    expect(answers.every((answer) => answer.status === 200)).toBe(true);
    const rows = await api.store.inbox.find({ journeyId }).toArray();
    expect(rows.length).toBe(1);
    // More, where one came again that had been counted and answered 503 by a busy MongoDB.
    expect(rows[0]?.repeats).toBeGreaterThanOrEqual(19);
  });

  test('that is not understood stays parked when it is repeated', async () => {
    const journeyId = randomUUID();
    const payload = { event: 'Unheard Of', body: { journeyId } };
    await api.webhook(payload);
    await api.webhook(payload);
    const row = await api.store.inbox.findOne({ journeyId });
    expect(row).toMatchObject({ repeats: 1, state: 'parked', parkReason: 'unknown_event' });
  });
});

describe('what is refused', () => {
  const countAll = () => api.store.inbox.countDocuments({});

  test('wrong credentials: 401, and nothing is stored', async () => {
    const before = await countAll();
    for (const authorization of ['', 'Bearer wrong', `Basic ${WEBHOOK_SECRET}`]) {
      const answer = await api.webhook(idwiseEvent('Finished Journey').payload, { authorization });
      expect([answer.status, answer.json['code']]).toEqual([401, 'webhook_unauthenticated']);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }
    expect(await countAll()).toBe(before);
  });

  test('wrong credentials are asked for by their own scheme, for senders that wait to be asked', async () => {
    const basic = await startApi({
      config: { webhookIntake: { auth: { kind: 'basic' }, secrets: ['idwise:secret'], allowedIps: [] } },
    });
    try {
      const refused = await basic.webhook('{}', { authorization: '' });
      expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
      const encoded = Buffer.from('idwise:secret').toString('base64');
      expect((await basic.webhook('{}', { authorization: `Basic ${encoded}` })).status).toBe(200);
    } finally {
      await basic.close();
    }
    const bearer = await api.webhook('{}', { authorization: '' });
    expect(bearer.headers.get('www-authenticate')).toBe('Bearer');
  });

  test.each(['{', 'event=Finished+Journey', '<xml/>', '{"a":1} trailing', "{'a':1}"])(
    'a body that is not JSON (%s): 400, and nothing is stored',
    async (body) => {
      const before = await countAll();
      const answer = await api.webhook(body);
      expect([answer.status, answer.json['code']]).toEqual([400, 'not_json']);
      expect(await countAll()).toBe(before);
    },
  );

  test('bytes that are no UTF-8: 400', async () => {
    expect((await api.webhook(Buffer.from([0x22, 0xff, 0x22]))).status).toBe(400);
  });

  test('a body above 64 kB: 413; one of exactly 64 kB is taken', async () => {
    const ofSize = (bytes: number) => {
      const { payload } = idwiseEvent('Finished Journey', { padding: '' });
      const padding = 'x'.repeat(bytes - JSON.stringify(payload).length);
      return JSON.stringify({ ...payload, body: { ...payload.body, padding } });
    };
    expect((await api.webhook(ofSize(64 * 1024))).status).toBe(200);
    const tooLarge = await api.webhook(ofSize(64 * 1024 + 1));
    expect([tooLarge.status, tooLarge.json['code']]).toEqual([413, 'body_too_large']);
    expect((await api.webhook(ofSize(3_000_000))).status).toBe(413);
  });

  test('a body above 64 kB that does not say its length: 413', async () => {
    expect(
      await postInChunks(
        api.url,
        Array.from({ length: 9 }, () => 'x'.repeat(8_192)),
      ),
    ).toBe(413);
  });

  test('a compressed body: 400', async () => {
    const answer = await api.webhook('{}', { 'content-encoding': 'gzip' });
    expect([answer.status, answer.json['code']]).toEqual([400, 'content_encoding_refused']);
  });

  test('another method: 405', async () => {
    const answer = await api.call('GET', '/webhooks/idwise');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

test('an event that comes in pieces is put together', async () => {
  const { payload, inboxId } = idwiseEvent('Finished Journey', { journeyId: 'päckchen' });
  const bytes = JSON.stringify(payload);
  expect(await postInChunks(api.url, [...bytes])).toBe(200);
  expect((await api.inboxRow(inboxId))?.journeyId).toBe('päckchen');
});

test('a sender that hangs up half-way leaves nothing behind and harms nobody', async () => {
  const before = await api.store.inbox.countDocuments({});
  await new Promise<void>((resolve) => {
    const req = request(`${api.url}/webhooks/idwise`, {
      method: 'POST',
      headers: { authorization: `Bearer ${WEBHOOK_SECRET}`, 'content-length': 1_000 },
    });
    req.on('error', () => resolve());
    req.write('{"event":', () => req.destroy());
    req.on('close', () => resolve());
  });
  expect((await api.webhook('{}')).status).toBe(200);
  expect(await api.store.inbox.countDocuments({})).toBeLessThanOrEqual(before + 1);
});

test('only addresses on the list may send, whatever they know', async () => {
  const closed = await startApi({
    config: {
      webhookIntake: { auth: { kind: 'bearer' }, secrets: [WEBHOOK_SECRET], allowedIps: ['203.0.113.0/24'] },
    },
  });
  try {
    expect((await closed.webhook('{}')).status).toBe(401);
  } finally {
    await closed.close();
  }
});

function postInChunks(url: string, chunks: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = request(
      `${url}/webhooks/idwise`,
      { method: 'POST', headers: { authorization: `Bearer ${WEBHOOK_SECRET}` } },
      (res) => {
        res.resume();
        resolve(res.statusCode);
      },
    );
    req.on('error', reject);
    for (const chunk of chunks) req.write(chunk);
    req.end();
  });
}
