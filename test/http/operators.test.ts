import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { measureInboxRow } from '../../src/intake/inbox-row.js';
import { until } from '../eventually.js';
import {
  API_KEY,
  type ApiUnderTest,
  idwiseEvent,
  OPERATOR_KEY,
  startApi,
  testConfig,
  testDatabaseUri,
} from './api-under-test.js';

/** The operators' API without a worker: who may call it, what it lists, and what a replay writes. */

interface Summary {
  readonly id: string;
  readonly state: string;
  readonly parkReason: string | null;
  readonly referenceNo: string | null;
}

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi({ sweeps: false });
});
afterAll(() => api.close());

const authorization = `Bearer ${OPERATOR_KEY}`;
const operator = (method: string, path: string, body?: unknown) =>
  api.call(method, `/v1/operator${path}`, { authorization, ...(body === undefined ? {} : { body }) });
const list = async (query: string) => {
  const { json } = await operator('GET', `/events?${query}`);
  return { events: json['events'] as readonly Summary[], next: json['next'] as string | null };
};
const replay = async (wanted: Readonly<Record<string, unknown>>) => {
  const { status, json } = await operator('POST', '/replays', { reason: 'a test', dryRun: false, ...wanted });
  expect(status).toBe(200);
  return json['events'] as readonly Readonly<Record<string, unknown>>[];
};
/** Receives an event that nobody's records know, and that has no journey to ask about. */
const parked = async (event = 'Finished Spot Check', body: Readonly<Record<string, unknown>> = {}) => {
  const { inboxId, payload } = idwiseEvent(event, body);
  expect((await api.webhook(payload)).status).toBe(200);
  await untilState(inboxId, 'parked');
  return inboxId;
};
/** Stores what two people had a case want of its customer, done with long ago. */
const measured = async (referenceNo: string) => {
  const measure = { kind: 'lift_hold', to: 'none', proposedBy: 'officer', approvedBy: 'approver' } as const;
  const id = `case:case_${referenceNo}:7:0`;
  const row = measureInboxRow(
    { caseId: `case_${referenceNo}`, revision: 7, journeyId: 'j', measure },
    id,
    referenceNo,
    new Date(),
  );
  await api.store.inbox.insertOne({ ...row, state: 'processed' });
  return id;
};
const untilState = (id: string, state: string) =>
  until(async () => {
    const row = await api.inboxRow(id);
    return row?.state === state && row;
  });
const stored = async () => ({
  inbox: await api.store.inbox.find({}, { sort: { _id: 1 } }).toArray(),
  audit: await api.store.audit.countDocuments({}),
});

const ROUTES = [
  ['GET', '/v1/operator/events'],
  ['GET', '/v1/operator/events/idwise:1'],
  ['POST', '/v1/operator/replays'],
  ['GET', '/v1/operator/customers/nobody'],
  ['POST', '/v1/operator/customers/nobody/requests'],
] as const;

describe('who may call', () => {
  test.each(ROUTES)('%s %s is for operators alone, whatever else a caller holds', async (method, path) => {
    const body = method === 'POST' ? {} : undefined;
    const answer = async (credential: string | null) => {
      const { status, json } = await api.call(method, path, { authorization: credential, body });
      return [status, json['code']];
    };
    expect(await answer(null)).toEqual([401, 'unauthenticated']);
    expect(await answer('Bearer something-else')).toEqual([401, 'unauthenticated']);
    expect(await answer(`Bearer ${API_KEY}`)).toEqual([403, 'wrong_credential']);
    expect(await answer(`Bearer night-shift:${OPERATOR_KEY}`)).toEqual([401, 'unauthenticated']);
    const [status] = await answer(authorization);
    expect([200, 400, 404]).toContain(status);
  });

  test("an operator's key opens nothing but the operators' API", async () => {
    const tried = [
      await api.call('POST', '/v1/verifications', { authorization, body: { customerId: 'c' } }),
      await api.call('GET', '/v1/verifications/nobody', { authorization }),
      await api.call('GET', '/v1/verifications/nobody/details', { authorization }),
    ];
    expect(tried.map(({ status, json }) => [status, json['code']])).toEqual(
      tried.map(() => [403, 'wrong_credential']),
    );
  });

  test('where no operator is configured, the API says so to everybody', async () => {
    const config = testConfig(testDatabaseUri());
    const without = await startApi({
      config: { ...config, service: { ...config.service, operatorKeys: [] } },
    });
    try {
      for (const [method, path] of ROUTES) {
        const { status, json } = await without.call(method, path, { authorization });
        expect([status, json['code']]).toEqual([404, 'operators_not_configured']);
      }
    } finally {
      await without.close();
    }
  });
});

describe('the list of events', () => {
  test('pages through all of them, the newest first, each once, whatever comes in meanwhile', async () => {
    const referenceNo = 'ref-paging';
    const ids: string[] = [];
    for (let i = 0; i < 7; i += 1) ids.push(await parked('Finished Spot Check', { referenceNo }));
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list(`referenceNo=${referenceNo}&limit=3${cursor && `&cursor=${cursor}`}`);
      expect(page.events.length).toBeLessThanOrEqual(3);
      seen.push(...page.events.map(({ id }) => id));
      cursor = page.next;
      await parked('Finished Spot Check', { referenceNo });
    }
    expect(seen).toEqual([...ids].reverse());
  });

  test('filters by state, reason, kind, reference number, journey, time and beginning of the id', async () => {
    const id = await parked('Finished Spot Check', { referenceNo: 'ref-filter' });
    const at = (await api.inboxRow(id))?.receivedAt ?? new Date(0);
    const found = async (query: string) => (await list(query)).events.map((event) => event.id);
    const none: string[] = [];
    expect(await found('referenceNo=ref-filter')).toEqual([id]);
    expect(await found('referenceNo=ref-filter&state=parked&parkReason=unknown_reference')).toEqual([id]);
    expect(await found('referenceNo=ref-filter&state=processed')).toEqual(none);
    expect(await found('referenceNo=ref-filter&kind=finished_spot_check')).toEqual([id]);
    expect(await found('referenceNo=ref-filter&kind=finished_step')).toEqual(none);
    expect(await found('referenceNo=ref-filter&journeyId=journey-1')).toEqual(none);
    expect(await found(`referenceNo=ref-filter&from=${at.toISOString()}`)).toEqual([id]);
    expect(await found(`referenceNo=ref-filter&to=${at.toISOString()}`)).toEqual(none);
    expect(await found(`id=${id.slice(0, 20)}`)).toEqual([id]);
    expect(await found(`id=${id.slice('idwise:'.length, 20)}`)).toEqual([id]);
  });

  test.each([
    'stat=parked',
    'state=lost',
    'limit=0',
    'limit=201',
    'cursor=nonsense',
    'from=yesterday',
    'state=parked&state=parked',
  ])('a query that it does not understand is refused, not ignored: %s', async (query) => {
    const { status, json } = await operator('GET', `/events?${query}`);
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
    const [name] = query.split('=');
    const errors = JSON.stringify(json['errors']);
    if (name !== 'stat') expect(errors).toContain(`query.${name}`);
    else expect(errors).toContain('stat');
  });

  test('one event is shown as it came, with what it waits for', async () => {
    const id = await parked('Something New', { referenceNo: 'ref-shown', note: 'as it came' });
    const { status, json } = await operator('GET', `/events/${encodeURIComponent(id)}`);
    expect(status).toBe(200);
    expect(JSON.parse(String(json['body']))).toMatchObject({
      event: 'Something New',
      body: { note: 'as it came' },
    });
    expect(json).toMatchObject({
      id,
      state: 'parked',
      waitsFor: { what: 'operator', trouble: 'unknown_event' },
      effects: [],
      replays: [],
    });
    const unknown = await operator('GET', '/events/idwise:nothing');
    expect([unknown.status, unknown.json['code']]).toEqual([404, 'event_not_found']);
  });
});

describe('a replay', () => {
  test('that is only tried says what it would do, and changes nothing at all', async () => {
    const id = await parked();
    const before = await stored();
    expect(await replay({ ids: [id, 'idwise:nothing'], dryRun: true })).toEqual([
      { id, outcome: 'would_replay', replayId: `${id}#1`, kind: 'finished_spot_check', parkReason: null },
      { id: 'idwise:nothing', outcome: 'not_found', replayId: null, kind: null, parkReason: null },
    ]);
    expect(await stored()).toEqual(before);
  });

  test('is a new row with a copy of the event; a parked original is no longer parked, and otherwise as it was', async () => {
    const id = await parked('Finished Spot Check', { referenceNo: 'ref-copied' });
    const before = await api.inboxRow(id);
    expect(await replay({ ids: [id], reason: 'the customer is registered now' })).toMatchObject([
      { id, outcome: 'replayed', replayId: `${id}#1` },
    ]);
    expect(await api.inboxRow(id)).toEqual({ ...before, state: 'replayed' });
    const copy = await untilState(`${id}#1`, 'parked');
    expect(copy).toMatchObject({ event: before?.event, referenceNo: 'ref-copied', bodyHash: null });
    expect(copy.raw?.toString('utf8')).toBe(before?.raw?.toString('utf8'));
    expect(copy.replay).toEqual({
      of: id,
      number: 1,
      actor: 'night-shift',
      reason: 'the customer is registered now',
      firstReceivedAt: before?.receivedAt,
    });
    // One chain of replays counts as parked once.
    expect((await list('referenceNo=ref-copied&state=parked')).events.map((event) => event.id)).toEqual([
      `${id}#1`,
    ]);
  });

  test('of a replay counts on from the original', async () => {
    const id = await parked();
    await replay({ ids: [id] });
    await untilState(`${id}#1`, 'parked');
    expect(await replay({ ids: [id] })).toMatchObject([{ outcome: 'replayed_before', replayId: `${id}#1` }]);
    await replay({ ids: [`${id}#1`] });
    const second = await untilState(`${id}#2`, 'parked');
    expect(second.replay).toMatchObject({ of: id, number: 2 });
    expect((await api.inboxRow(`${id}#1`))?.state).toBe('replayed');
    const { json } = await operator('GET', `/events/${encodeURIComponent(id)}`);
    expect((json['replays'] as readonly Summary[]).map((each) => each.id)).toEqual([`${id}#1`, `${id}#2`]);
  });

  test('that many want at the same time is made once', async () => {
    const id = await parked();
    const answers = await Promise.all(Array.from({ length: 8 }, () => replay({ ids: [id] })));
    const outcomes = answers.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'replayed')).toHaveLength(1);
    expect(answers.flat().map(({ replayId }) => replayId)).toEqual(outcomes.map(() => `${id}#1`));
    expect(await api.store.inbox.countDocuments({ 'replay.of': id })).toBe(1);
  });

  test('meets an event whose own id ends like a replay’s, and takes the next number', async () => {
    const id = await parked();
    const twin = idwiseEvent('Finished Spot Check', { eventId: `${id.slice('idwise:'.length)}#1` });
    await api.webhook(twin.payload);
    await untilState(`${id}#1`, 'parked');
    expect(await replay({ ids: [id] })).toMatchObject([{ outcome: 'replayed', replayId: `${id}#2` }]);
    expect((await api.inboxRow(`${id}#1`))?.replay).toBeUndefined();
  });

  test('of what is not understood reads it anew, says so where it does not help, and leaves it parked', async () => {
    const id = await parked('Something New');
    expect(await replay({ ids: [id] })).toEqual([
      { id, outcome: 'still_not_understood', parkReason: 'unknown_event', replayId: null, kind: null },
    ]);
    expect((await api.inboxRow(id))?.state).toBe('parked');
    // As if it had been parked by a release that did not know the name yet.
    const known = await parked('Finished Spot Check', { referenceNo: 'ref-anew' });
    await api.store.inbox.updateOne(
      { _id: known },
      { $set: { event: null, kind: 'not_understood', parkReason: 'unknown_event', referenceNo: null } },
    );
    expect(await replay({ ids: [known] })).toMatchObject([
      { outcome: 'replayed', replayId: `${known}#1`, kind: 'finished_spot_check' },
    ]);
    expect(await untilState(`${known}#1`, 'parked')).toMatchObject({
      event: { kind: 'finished_spot_check' },
      referenceNo: 'ref-anew',
      parkReason: 'unknown_reference',
    });
  });

  test('of all that a filter matches takes the oldest first, each chain once', async () => {
    const filter = { referenceNo: 'ref-range', state: 'parked' };
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1)
      ids.push(await parked('Finished Spot Check', { referenceNo: 'ref-range' }));
    expect((await replay({ filter })).map(({ id }) => id)).toEqual(ids);
    for (const id of ids) await untilState(`${id}#1`, 'parked');
    expect((await replay({ filter })).map(({ id }) => id)).toEqual(ids.map((id) => `${id}#1`));
    for (const id of ids) await untilState(`${id}#2`, 'parked');
    expect((await list('referenceNo=ref-range&state=parked')).events.map(({ id }) => id).sort()).toEqual(
      ids.map((id) => `${id}#2`).sort(),
    );
  });

  test('has no measure of a case carried out again: by its id it is refused, and no range takes it', async () => {
    const referenceNo = 'ref-measures';
    const [lifted, event] = [
      await measured(referenceNo),
      await parked('Finished Spot Check', { referenceNo }),
    ];
    for (const dryRun of [true, false])
      expect(await replay({ ids: [lifted], dryRun })).toEqual([
        { id: lifted, outcome: 'measure_of_case', replayId: null, kind: null, parkReason: null },
      ]);
    const ranges = [{ referenceNo }, { referenceNo, kind: 'lift_hold' }, { id: lifted }];
    for (const dryRun of [true, false])
      expect((await Promise.all(ranges.map((filter) => replay({ filter, dryRun })))).flat()).toMatchObject([
        { id: event },
      ]);
    expect(await api.store.inbox.countDocuments({ referenceNo, source: 'case' })).toBe(1);
  });

  test('takes its actor from the credential, never from the body', async () => {
    const id = await parked();
    const forged = await operator('POST', '/replays', {
      ids: [id],
      reason: 'r',
      dryRun: false,
      actor: 'day-shift',
    });
    expect([forged.status, forged.json['code']]).toEqual([400, 'invalid_request']);
    await api.call('POST', '/v1/operator/replays', {
      authorization: 'Bearer the-key-of-the-day-shift',
      body: { ids: [id], reason: 'r', dryRun: false },
    });
    expect((await api.inboxRow(`${id}#1`))?.replay?.actor).toBe('day-shift');
  });

  test.each([
    [{ ids: ['a'], dryRun: true }, 'body.reason'],
    [{ ids: ['a'], reason: ' ', dryRun: true }, 'body.reason'],
    [{ ids: ['a'], reason: 'r' }, 'body.dryRun'],
    [{ reason: 'r', dryRun: true }, 'ids or filter'],
    [{ ids: ['a'], filter: { state: 'parked' }, reason: 'r', dryRun: true }, 'ids or filter'],
    [{ filter: {}, reason: 'r', dryRun: true }, 'body.filter'],
    [{ ids: [], reason: 'r', dryRun: true }, 'body.ids'],
  ])('that is not asked for clearly is refused: %j', async (body, problem) => {
    const { status, json } = await operator('POST', '/replays', body);
    expect(status).toBe(400);
    expect(JSON.stringify(json['errors'])).toContain(problem);
  });
});

describe('a customer', () => {
  test('is shown by how they stand, and an unknown one is not', async () => {
    const { json } = await api.call('POST', '/v1/verifications', {
      body: { customerId: 'customer-1', referenceNo: 'ref/standing' },
    });
    expect(json['status']).toBe('created');
    const shown = await operator('GET', `/customers/${encodeURIComponent('ref/standing')}`);
    expect(shown.json).toMatchObject({
      referenceNo: 'ref/standing',
      status: 'created',
      ground: 'no_journey',
      workflowId: 'customer:ref/standing',
      journeys: [],
      history: [{ effect: 'customer_registered' }],
    });
    expect(shown.text).not.toContain('customer-1');
    expect((await operator('GET', '/customers/nobody')).json['code']).toBe('not_found');
  });

  test('is asked for something only with a reason, and a journey where one is meant', async () => {
    await api.call('POST', '/v1/verifications', {
      body: { customerId: 'customer-2', referenceNo: 'ref-asked' },
    });
    for (const [body, at] of [
      [{ kind: 'close' }, 'body.reason'],
      [{ kind: 'delete', reason: 'r' }, 'body.kind'],
      [{ kind: 'complete', reason: 'r' }, 'body.journeyId'],
      [{ kind: 'reprocess', journeyId: 'j', reason: 'r' }, 'body.journeyId'],
    ] as const) {
      const { status, json } = await operator('POST', '/customers/ref-asked/requests', body);
      expect([status, JSON.stringify(json['errors'])]).toEqual([400, expect.stringContaining(at)]);
    }
    expect(await api.store.requests.countDocuments({ referenceNo: 'ref-asked' })).toBe(0);
  });
});
