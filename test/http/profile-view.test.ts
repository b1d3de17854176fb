import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { details as detailsSchema, profileView } from '../../src/http/schemas.js';
import { parseJourney } from '../../src/idwise/answers.js';
import { storeAnswer } from '../../src/idwise/stored-answers.js';
import { createVault } from '../../src/personal-data/vault.js';
import { finishedJourney } from '../idwise/journey-answers.js';
import { API_KEY, type ApiUnderTest, startApi } from './api-under-test.js';
import { type OpenStream, openEventStream } from './event-stream.js';

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

async function registered(): Promise<string> {
  const referenceNo = `ref/${randomUUID()}`;
  await api.call('POST', '/v1/verifications', { body: { customerId: randomUUID(), referenceNo } });
  return referenceNo;
}

const pathOf = (referenceNo: string, rest = '') =>
  `/v1/verifications/${encodeURIComponent(referenceNo)}${rest}`;

/** What a turn of the workflow does to the view, as far as a reader can tell. */
async function changeView(
  referenceNo: string,
  status: 'approved' | 'rejected',
  version: number,
): Promise<void> {
  await api.store.profiles.updateOne(
    { _id: referenceNo },
    { $set: { 'view.status': status, 'view.version': version, revision: version } },
  );
}

describe('the view', () => {
  test('is what the schema says, with an ETag that holds until the view changes', async () => {
    const referenceNo = await registered();
    const first = await api.call('GET', pathOf(referenceNo));
    expect(profileView.parse(first.json)).toEqual(first.json);
    const etag = first.headers.get('etag') ?? '';
    for (const ifNoneMatch of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const same = await api.call('GET', pathOf(referenceNo), { headers: { 'if-none-match': ifNoneMatch } });
      expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', etag]);
    }
    await changeView(referenceNo, 'approved', 2);
    const changed = await api.call('GET', pathOf(referenceNo), { headers: { 'if-none-match': etag } });
    expect([changed.status, changed.json['status']]).toEqual([200, 'approved']);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  test('says nothing of what it stands on: server, frameworks, caches', async () => {
    const answer = await api.call('GET', pathOf(await registered()));
    expect(answer.headers.get('x-powered-by')).toBeNull();
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
  });

  test.each([
    '/v1/verifications/nobody',
    '/v1/verifications/%ZZ',
    '/v1/verifications/a/b',
    '/v1/unknown',
    '/',
  ])('%s is a 404 problem document', async (path) => {
    const answer = await api.call('GET', path);
    expect([answer.status, answer.json['code']]).toEqual([404, 'not_found']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

describe('the language of the texts', () => {
  const inLanguages = (referenceNo: string, languages: string, headers: Record<string, string> = {}) =>
    api.call('GET', pathOf(referenceNo), { headers: { 'accept-language': languages, ...headers } });
  const textOf = (json: Readonly<Record<string, unknown>>) => (json['reason'] as { text: string }).text;

  test.each([
    ['de', 'de', 'Bitte beginnen Sie mit der Verifizierung.'],
    ['nl, fr-CA;q=0.4, es-419;q=0.8', 'es', 'Comience la verificación, por favor.'],
    ['ar-EG', 'ar', 'يرجى بدء عملية التحقق من الهوية.'],
    ['fr;q=0, de;q=0.1', 'de', 'Bitte beginnen Sie mit der Verifizierung.'],
    ['nl', 'en', 'Please start the verification.'],
    ['*', 'en', 'Please start the verification.'],
    [';;q=x,,', 'en', 'Please start the verification.'],
  ])(
    'for Accept-Language: %s is %s, and everything else of the view is the same',
    async (wanted, tag, text) => {
      const referenceNo = await registered();
      const plain = await api.call('GET', pathOf(referenceNo));
      const answer = await inLanguages(referenceNo, wanted);
      expect([textOf(answer.json), answer.headers.get('content-language')]).toEqual([text, tag]);
      expect(answer.headers.get('vary')).toContain('Accept-Language');
      expect({ ...answer.json, reason: null }).toEqual({ ...plain.json, reason: null });
      expect(profileView.parse(answer.json)).toEqual(answer.json);
    },
  );

  test('has an ETag of its own: 304 for the same language, the whole view for another one', async () => {
    const referenceNo = await registered();
    const german = (await inLanguages(referenceNo, 'de')).headers.get('etag') ?? '';
    const same = await inLanguages(referenceNo, 'de-CH', { 'if-none-match': german });
    expect([same.status, same.headers.get('etag'), same.headers.get('content-language')]).toEqual([
      304,
      german,
      'de',
    ]);
    expect(same.headers.get('vary')).toContain('Accept-Language');
    const other = await inLanguages(referenceNo, 'fr', { 'if-none-match': german });
    expect([other.status, other.headers.get('content-language')]).toEqual([200, 'fr']);
    expect(other.headers.get('etag')).not.toBe(german);
  });

  test('is chosen for the registration, for reports and for the stream as well; a problem is in English', async () => {
    const headers = { 'accept-language': 'de' };
    const referenceNo = `ref/${randomUUID()}`;
    const body = { customerId: randomUUID(), referenceNo };
    const answers = [
      await api.call('POST', '/v1/verifications', { body, headers }),
      await api.call('POST', '/v1/verifications', { body, headers }),
      await api.call('POST', pathOf(referenceNo, '/journeys'), {
        body: { journeyId: randomUUID() },
        headers,
      }),
    ];
    for (const answer of answers) {
      expect(textOf(answer.json)).toMatch(/^Bitte /);
      expect(answer.headers.get('content-language')).toBe('de');
      expect(answer.headers.get('vary')).toContain('Accept-Language');
    }
    const stream = await openEventStream(`${api.url}${pathOf(referenceNo, '/events')}`, {
      authorization: `Bearer ${API_KEY}`,
      ...headers,
    });
    expect(textOf(JSON.parse((await stream.next()).data))).toMatch(/^Bitte /);
    await changeView(referenceNo, 'approved', 50);
    const reason = { code: 'verified', text: 'You are verified.' };
    await api.store.profiles.updateOne(
      { _id: referenceNo },
      { $set: { 'view.reason': reason, 'view.version': 51 } },
    );
    let next = await stream.next();
    while (next.id !== '51') next = await stream.next();
    expect(textOf(JSON.parse(next.data))).toBe('Sie sind verifiziert.');
    stream.close();
    const refused = await api.call('GET', pathOf('nobody'), { headers });
    expect([refused.status, refused.headers.get('content-language')]).toEqual([404, 'en']);
  });

  test('has the company’s own words first, and other words make another ETag', async () => {
    const policy = { ...DEFAULT_POLICY, texts: { de: { start_verification: 'Auf geht’s.' } } };
    const own = await startApi({ config: { policy } });
    try {
      const body = { customerId: 'c', referenceNo: 'r' };
      await Promise.all([own, api].map((each) => each.call('POST', '/v1/verifications', { body })));
      const [mine, theirs] = await Promise.all(
        [own, api].map((each) => each.call('GET', pathOf('r'), { headers: { 'accept-language': 'de' } })),
      );
      expect(textOf(mine?.json ?? {})).toBe('Auf geht’s.');
      expect(mine?.headers.get('etag')).not.toBe(theirs?.headers.get('etag'));
    } finally {
      await own.close();
    }
  });
});

describe('the stream', () => {
  const open = (referenceNo: string, headers: Record<string, string> = {}): Promise<OpenStream> =>
    openEventStream(`${api.url}${pathOf(referenceNo, '/events')}`, {
      authorization: `Bearer ${API_KEY}`,
      ...headers,
    });

  test('begins with the present view and brings each change, with the version as its id', async () => {
    const referenceNo = await registered();
    const stream = await open(referenceNo);
    const first = await stream.next();
    expect([first.event, first.id]).toEqual(['profile', '1']);
    expect(JSON.parse(first.data)).toEqual((await api.call('GET', pathOf(referenceNo))).json);
    await changeView(referenceNo, 'approved', 2);
    const second = await stream.next();
    expect([second.id, JSON.parse(second.data)]).toEqual([
      '2',
      expect.objectContaining({ status: 'approved' }),
    ]);
    await changeView(referenceNo, 'rejected', 3);
    expect((await stream.next()).id).toBe('3');
    stream.close();
  });

  test('is resumable: a client that has the present version is sent only what comes after it', async () => {
    const referenceNo = await registered();
    await changeView(referenceNo, 'approved', 5);
    const upToDate = await open(referenceNo, { 'last-event-id': '5' });
    const behind = await open(referenceNo, { 'last-event-id': '4' });
    const fromElsewhere = await open(referenceNo, { 'last-event-id': '99' });
    expect((await behind.next()).id).toBe('5');
    expect((await fromElsewhere.next()).id).toBe('5');
    await changeView(referenceNo, 'rejected', 6);
    for (const stream of [upToDate, behind, fromElsewhere]) {
      expect((await stream.next()).id).toBe('6');
      stream.close();
    }
  });

  test('tells each listener of its own profile only, however many listen at once', async () => {
    const references = await Promise.all(Array.from({ length: 10 }, registered));
    const streams = await Promise.all(references.map((referenceNo) => open(referenceNo)));
    await Promise.all(streams.map((stream) => stream.next()));
    await Promise.all(references.map((referenceNo) => changeView(referenceNo, 'approved', 2)));
    for (const [index, stream] of streams.entries()) {
      const view = JSON.parse((await stream.next()).data) as { referenceNo: string; version: number };
      expect([view.referenceNo, view.version]).toEqual([references[index], 2]);
      stream.close();
    }
  });

  test('misses no change that happens while it is being opened', async () => {
    const referenceNo = await registered();
    for (let version = 2; version < 12; version += 1) {
      const [stream] = await Promise.all([open(referenceNo), changeView(referenceNo, 'approved', version)]);
      for (let event = await stream.next(); event.id !== String(version); event = await stream.next());
      stream.close();
    }
  });

  test('beyond the limit per profile is refused with Retry-After, and frees its place when it is closed', async () => {
    const referenceNo = await registered();
    const streams = await Promise.all(Array.from({ length: 20 }, () => open(referenceNo)));
    const refused = await api.call('GET', pathOf(referenceNo, '/events'));
    expect([refused.status, refused.json['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'too_many_streams',
      '10',
    ]);
    for (const stream of streams) stream.close();
    let again = await open(referenceNo);
    while (again.status !== 200) again = await open(referenceNo);
    again.close();
  });
});

test('a HEAD of the stream is answered and ends: it takes the place of no stream', async () => {
  const referenceNo = await registered();
  for (let times = 0; times < 25; times += 1) {
    const answer = await api.call('HEAD', pathOf(referenceNo, '/events'));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
  }
});

describe('the verified details', () => {
  async function verified(): Promise<string> {
    const referenceNo = await registered();
    const parsed = parseJourney(finishedJourney({ reference_number: referenceNo, journey_id: randomUUID() }));
    if (parsed.kind !== 'parsed') throw new Error('The sample does not parse');
    const shelf = { store: api.store, vault: createVault(api.config.service.piiKey) };
    const at = new Date().toISOString();
    const answerId = await storeAnswer(shelf, referenceNo, parsed.answer, 'digest', at);
    const { journeyId } = parsed.answer;
    const approval = { journeyId, at, by: 'system' as const, failedChecks: [], amlDigest: null };
    await api.store.profiles.updateOne(
      { _id: referenceNo },
      { $set: { [`details.${journeyId}`]: answerId, 'facts.approval': approval } },
    );
    return referenceNo;
  }

  test('are the fields, document, decision and times; AML is not in them', async () => {
    const answer = await api.call('GET', pathOf(await verified(), '/details'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(detailsSchema.parse(answer.json)).toMatchObject({
      decision: { system: 'Complete', manual: null, final: 'Complete' },
      documents: [expect.objectContaining({ issuingCountryCode: 'ARE', expiryDate: '2030-01-31' })],
    });
    expect(answer.text).toContain('Zoë');
    expect(answer.text.toLowerCase()).not.toContain('aml');
  });

  test('are on the audit record at each read, with who read', async () => {
    const referenceNo = await verified();
    await Promise.all(Array.from({ length: 5 }, () => api.call('GET', pathOf(referenceNo, '/details'))));
    const records = await api.store.audit.find({ referenceNo, effect: 'details_read' }).toArray();
    expect(records.map((record) => record.sequence).sort()).toEqual([2, 3, 4, 5, 6]);
    expect(records[0]?.actor).toMatch(/^api-key-[0-9a-f]{8}$/);
    expect(JSON.stringify(records)).not.toContain('Zoë');
  });

  test('that there are none of yet are 404, and nothing is put on record', async () => {
    const referenceNo = await registered();
    const answer = await api.call('GET', pathOf(referenceNo, '/details'));
    expect([answer.status, answer.json['code']]).toEqual([404, 'details_not_found']);
    expect(await api.store.audit.countDocuments({ referenceNo, effect: 'details_read' })).toBe(0);
  });

  test('that do not open with this PII_KEY are a 500 with its own code and an alarm', async () => {
    const referenceNo = await verified();
    await api.store.journeyAnswers.updateMany({ referenceNo }, { $set: { answer: 'damaged' } });
    const answer = await api.call('GET', pathOf(referenceNo, '/details'));
    expect([answer.status, answer.json['code']]).toEqual([500, 'details_unreadable']);
    const metrics = await api.call('GET', '/metrics');
    expect(metrics.text.includes('alarms_total{code="details_unreadable"} 1\n')).toBe(true);
  });
});

describe('devices', () => {
  const keys = { p256dh: 'B'.repeat(87), auth: 'a'.repeat(22) };
  const subscriptionAt = (endpoint: string) => ({ channel: 'webpush', subscription: { endpoint, keys } });

  test('are registered once however often, stored sealed, and removed', async () => {
    const pushing = await startApi({
      config: {
        webPush: {
          publicKey: 'p',
          privateKey: 'q',
          subject: 'mailto:a@b.c',
          extraAllowedHosts: ['127.0.0.1:9'],
        },
      },
    });
    try {
      const { json } = await pushing.call('POST', '/v1/verifications', { body: { customerId: 'c' } });
      const path = `/v1/verifications/${String(json['referenceNo'])}/devices`;
      const endpoint = 'https://fcm.googleapis.com/fcm/send/abc';
      const post = (to: string) => pushing.call('POST', path, { body: subscriptionAt(to) });
      const answers = await Promise.all(Array.from({ length: 6 }, () => post(endpoint)));
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
      const ids = new Set(answers.map((answer) => answer.json['deviceId']));
      expect(ids.size).toBe(1);
      const [deviceId] = ids;
      const row = await pushing.store.devices.findOne({ _id: String(deviceId) });
      expect(JSON.stringify(row)).not.toContain('abc');
      expect(row?.subscription).toMatch(/^eyJ/);

      for (const to of ['https://updates.push.services.mozilla.com/x', 'http://127.0.0.1:9/push']) {
        expect((await post(to)).status).toBe(201);
      }
      for (const to of [
        'http://fcm.googleapis.com/x',
        'https://fcm.googleapis.com.evil.example/x',
        'https://user:pw@fcm.googleapis.com/x',
        'https://169.254.169.254/latest',
        'http://127.0.0.1:27017/',
        'file:///etc/passwd',
      ]) {
        const refused = await post(to);
        expect([to, refused.status, refused.json['code']]).toEqual([to, 400, 'push_endpoint_refused']);
      }
      expect((await pushing.call('POST', path, { body: { channel: 'sms' } })).json['code']).toBe(
        'invalid_request',
      );

      expect((await pushing.call('DELETE', `${path}/${String(deviceId)}`)).status).toBe(204);
      const gone = await pushing.call('DELETE', `${path}/${String(deviceId)}`);
      expect([gone.status, gone.json['code']]).toEqual([404, 'device_not_found']);
    } finally {
      await pushing.close();
    }
  });

  test('cannot be registered where no pushes are configured', async () => {
    const answer = await api.call('POST', pathOf(await registered(), '/devices'), {
      body: subscriptionAt('https://fcm.googleapis.com/x'),
    });
    expect([answer.status, answer.json['code']]).toEqual([409, 'push_not_configured']);
  });
});
