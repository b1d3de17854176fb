import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newJourney } from '../../src/domain/customer.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import { journeySnapshot } from '../builders/journey-snapshot.js';
import { until } from '../eventually.js';
import { connectTemporalRecord, type TemporalRecord } from '../intake/signals.js';
import { API_KEY, type ApiUnderTest, idwiseEvent, OPERATOR_KEY, startApi } from './api-under-test.js';

/** The operators' routes by which a company brings its customers along, without a worker. */

let api: ApiUnderTest;
let temporal: TemporalRecord;
beforeAll(async () => {
  [api, temporal] = await Promise.all([startApi(), connectTemporalRecord()]);
});
afterAll(async () => {
  await Promise.all([api.close(), temporal.close()]);
});

interface Taken {
  readonly outcome: string;
  readonly importId: string | null;
  readonly problems: readonly { readonly at: string; readonly problem: string }[];
}

const operator = (method: string, path: string, body?: unknown, key = OPERATOR_KEY) =>
  api.call(method, `/v1/operator${path}`, {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { body }),
  });
const send = async (...lines: readonly unknown[]) => {
  const { status, json } = await operator('POST', '/imports', { lines });
  expect(status).toBe(200);
  return json['lines'] as readonly Taken[];
};
const states = async (...ids: readonly (string | null | undefined)[]) => {
  const { status, json } = await operator('GET', `/imports?ids=${ids.map((id) => id ?? '').join(',')}`);
  expect(status).toBe(200);
  return json['imports'] as readonly Readonly<Record<string, unknown>>[];
};
const newLine = (changes: Readonly<Record<string, string>> = {}) => ({
  customerId: `c-${randomUUID()}`,
  referenceNo: `r-${randomUUID()}`,
  journeyId: `j-${randomUUID()}`,
  ...changes,
});
const outcomes = (taken: readonly Taken[]) => taken.map(({ outcome }) => outcome);

describe('who may import', () => {
  test.each([
    ['POST', '/v1/operator/imports'],
    ['GET', '/v1/operator/imports?ids=x'],
  ])('%s %s takes an operator’s key and no other', async (method, path) => {
    const body = method === 'POST' ? { body: { lines: [newLine()] } } : {};
    const answers = await Promise.all([
      api.call(method, path, { authorization: null, ...body }),
      api.call(method, path, { authorization: 'Bearer nobody', ...body }),
      api.call(method, path, { authorization: `Bearer ${API_KEY}`, ...body }),
    ]);
    expect(answers.map(({ status, json }) => [status, json['code']])).toEqual([
      [401, 'unauthenticated'],
      [401, 'unauthenticated'],
      [403, 'wrong_credential'],
    ]);
  });
});

describe('a line', () => {
  test('makes a profile, its audit record by the name of the key, and one row that says where to look', async () => {
    const line = newLine();
    const [taken] = await send(line);
    expect(taken).toMatchObject({ outcome: 'imported', problems: [] });
    const profile = await api.store.profiles.findOne({ _id: line.referenceNo });
    expect(profile).toMatchObject({ customerId: line.customerId, view: { status: 'created' } });
    const audit = await api.store.audit.find({ referenceNo: line.referenceNo }).toArray();
    expect(audit).toMatchObject([
      {
        effect: 'customer_registered',
        actor: 'night-shift',
        cause: { id: expect.stringMatching(/^import:/) },
      },
    ]);
    const rows = await api.store.inbox.find({ referenceNo: line.referenceNo }).toArray();
    expect(rows).toMatchObject([
      {
        _id: taken?.importId,
        source: 'operator',
        kind: 'imported_journey',
        report: { kind: 'look_wanted', journeyId: line.journeyId, isImport: true },
      },
    ]);
    const [signal] = await until(async () => {
      const signals = await temporal.signalsOf(line.referenceNo);
      return signals.length > 0 && signals;
    });
    expect(signal?.inboxId).toBe(taken?.importId);
  });

  test('that is sent again changes nothing, by whomever, and has the same id', async () => {
    const line = newLine();
    const [first] = await send(line);
    const { json } = await operator('POST', '/imports', { lines: [line] }, 'the-key-of-the-day-shift');
    expect(json['lines']).toEqual([{ outcome: 'known', importId: first?.importId, problems: [] }]);
    expect(await api.store.inbox.countDocuments({ referenceNo: line.referenceNo })).toBe(1);
    expect(await api.store.audit.countDocuments({ referenceNo: line.referenceNo })).toBe(1);
  });

  test('that is sent many times at one moment is imported once', async () => {
    const lines = [newLine(), newLine()];
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(...lines)));
    for (const [index, { referenceNo, customerId }] of lines.entries()) {
      const each = answers.map((answer) => answer[index]?.outcome ?? '');
      expect(each.every((outcome) => outcome === 'imported' || outcome === 'known')).toBe(true);
      expect(each.filter((outcome) => outcome === 'imported').length).toBeLessThanOrEqual(1);
      expect(await api.store.profiles.countDocuments({ customerId })).toBe(1);
      expect(await api.store.inbox.countDocuments({ referenceNo })).toBe(1);
      expect(await api.store.audit.countDocuments({ referenceNo })).toBe(1);
    }
  });

  test('of a customer who is here already adds the journey and nothing else', async () => {
    const line = newLine();
    const another = { ...line, journeyId: `j-${randomUUID()}` };
    expect(outcomes(await send(line, another))).toEqual(['imported', 'imported']);
    expect(await api.store.inbox.countDocuments({ referenceNo: line.referenceNo })).toBe(2);
    expect(await api.store.audit.countDocuments({ referenceNo: line.referenceNo })).toBe(1);
  });

  test('that does not fit keeps none of the others out, and says why', async () => {
    const line = newLine();
    const taken = await send(
      line,
      newLine({ customerId: line.customerId }),
      newLine({ referenceNo: line.referenceNo }),
      { ...newLine({ referenceNo: 'with spaces' }), note: 'x' },
      'no line',
      newLine(),
    );
    expect(outcomes(taken)).toEqual([
      'imported',
      'customer_bound',
      'reference_bound',
      'invalid',
      'invalid',
      'imported',
    ]);
    expect(taken[1]?.importId).toBeNull();
    expect(taken[3]?.problems.map(({ at }) => at).sort()).toEqual(['', 'referenceNo']);
    expect(await api.store.inbox.countDocuments({ referenceNo: line.referenceNo })).toBe(1);
  });

  test('of an off-boarded customer is refused and leaves nothing behind', async () => {
    const line = newLine();
    const profile = newProfileRow(
      line.referenceNo,
      line.customerId,
      new Date().toISOString(),
      api.config.policy,
    );
    const facts = { ...profile.facts, closedAt: new Date().toISOString() };
    await api.store.profiles.insertOne({ ...profile, facts });
    expect(outcomes(await send(line))).toEqual(['customer_closed']);
    expect(await api.store.inbox.countDocuments({ referenceNo: line.referenceNo })).toBe(0);
  });

  test('sends what was parked for its customer on its way', async () => {
    const line = newLine();
    const { inboxId, payload } = idwiseEvent('Finished Spot Check', { referenceNo: line.referenceNo });
    await api.webhook(payload);
    await until(async () => (await api.inboxRow(inboxId))?.state === 'parked');
    await send(line);
    await until(async () => (await api.inboxRow(inboxId))?.state === 'signalled');
  });

  test.each([[[]], [Array.from({ length: 101 }, () => newLine())]])(
    'is not taken from a list that is empty or too long',
    async (lines) => {
      const { status, json } = await operator('POST', '/imports', { lines });
      expect([status, json['code']]).toEqual([400, 'invalid_request']);
    },
  );
});

describe('the state of an import', () => {
  test('says under way, settled, or parked and why, in the order of the ids', async () => {
    const lines = [newLine(), newLine(), newLine()];
    const [a, b, c] = (await send(...lines)).map(({ importId }) => importId);
    const signalled = () =>
      api.store.inbox.countDocuments({ _id: { $in: [a ?? '', b ?? '', c ?? ''] }, state: 'signalled' });
    await until(async () => (await signalled()) === 3);
    await api.store.inbox.updateOne({ _id: b ?? '' }, { $set: { state: 'processed' } });
    await api.store.inbox.updateOne(
      { _id: c ?? '' },
      { $set: { state: 'parked', parkReason: 'journey_not_ours' } },
    );
    const [, second] = lines;
    if (second === undefined) throw new Error('No second line');
    const journey = newJourney(second.journeyId, new Date().toISOString());
    const snapshot = journeySnapshot({ journeyId: second.journeyId, aml: { openMatches: 2 } });
    await api.store.profiles.updateOne(
      { _id: second.referenceNo },
      { $set: { [`facts.journeys.${second.journeyId}`]: { ...journey, snapshot } } },
    );
    const unknown = `import:${'0'.repeat(40)}`;
    expect(await states(c, unknown, a, b)).toMatchObject([
      { importId: c, state: 'parked', parkReason: 'journey_not_ours', eventId: c },
      { importId: unknown, state: 'not_found', eventId: null, status: null },
      { importId: a, state: 'under_way', trouble: null, openMatches: null },
      { importId: b, state: 'settled', status: 'created', access: 'none', openMatches: 2 },
    ]);
  });

  test('follows a parked one to its replay', async () => {
    const [taken] = await send(newLine());
    const id = taken?.importId ?? '';
    await until(async () => (await api.inboxRow(id))?.state === 'signalled');
    const parked = { state: 'parked', parkReason: 'unknown_journey' } as const;
    await api.store.inbox.updateOne({ _id: id }, { $set: parked });
    await operator('POST', '/replays', { ids: [id], reason: 'mended at IDWise', dryRun: false });
    expect(await states(id)).toMatchObject([{ importId: id, state: 'under_way', eventId: `${id}#1` }]);
  });

  test.each([
    '',
    'ids=',
    'ids=idwise:1',
    `ids=${Array(101)
      .fill(`import:${'0'.repeat(40)}`)
      .join(',')}`,
  ])('is refused for %s', async (query) => {
    const { status, json } = await operator('GET', `/imports?${query}`);
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
  });
});
