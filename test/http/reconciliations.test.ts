import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { until } from '../eventually.js';
import { API_KEY, type ApiUnderTest, OPERATOR_KEY, startApi } from './api-under-test.js';
import { startUnheardIdwise, type UnheardIdwise } from './unheard-idwise.js';

/** The operators' API for comparing records with IDWise, on a real Temporal, where no webhook ever comes. */

const RUNS = '/v1/operator/reconciliations';

let world: UnheardIdwise;
let api: ApiUnderTest;
beforeAll(async () => {
  world = await startUnheardIdwise();
  api = world.api;
});
afterAll(() => world.stop());

const authorization = `Bearer ${OPERATOR_KEY}`;
const operator = (method: string, path: string, body?: unknown, on = api) =>
  on.call(method, path, { authorization, ...(body === undefined ? {} : { body }) });
const started = async (wanted: Readonly<Record<string, unknown>>) => {
  const { status, json } = await operator('POST', RUNS, wanted);
  expect([status, json]).toEqual([202, { runId: expect.any(String), workflowId: expect.any(String) }]);
  return String(json['runId']);
};
const ended = (runId: string) =>
  until(async () => {
    const { status, json } = await operator('GET', `${RUNS}/${runId}`);
    expect(status).toBe(200);
    return json['endedAt'] !== null && json;
  });
describe('who may compare records with IDWise', () => {
  const ROUTES = [
    ['POST', RUNS],
    ['GET', RUNS],
    ['GET', `${RUNS}/rec_of_nobody`],
  ] as const;

  test.each(ROUTES)('%s %s is for operators alone, whatever else a caller holds', async (method, path) => {
    const answer = async (credential: string | null) => {
      const body = method === 'POST' ? {} : undefined;
      const { status, json } = await api.call(method, path, { authorization: credential, body });
      return [status, json['code']];
    };
    expect(await answer(null)).toEqual([401, 'unauthenticated']);
    expect(await answer('Bearer something-else')).toEqual([401, 'unauthenticated']);
    expect(await answer(`Bearer ${API_KEY}`)).toEqual([403, 'wrong_credential']);
    const [status] = await answer(authorization);
    expect([200, 400, 404]).toContain(status);
  });
});

describe('a run', () => {
  test('that is asked for one customer repairs what differs, and is shown with who asked, why, and what it found', async () => {
    const { referenceNo } = await world.decidedUnheard();
    const untouched = await world.decidedUnheard();
    expect(await world.statusOf(referenceNo)).toBe('in_progress');

    const reason = 'the customer says that they have finished';
    const runId = await started({ referenceNo, reason });
    const run = await ended(runId);
    expect(run).toMatchObject({
      runId,
      which: 'one',
      referenceNo,
      actor: 'night-shift',
      reason,
      outcome: 'completed',
      counts: { customers: 1, journeys: 1, repairs: 1, unknown: 0, notOurs: 0, failed: 0 },
    });
    await until(async () => (await world.statusOf(referenceNo)) === 'approved');
    const audit = await api.store.audit.findOne({ referenceNo, effect: 'status_changed:approved' });
    expect(audit?.cause.because).toEqual([expect.stringContaining(`reconciliation:${runId}`)]);
    expect(await world.statusOf(untouched.referenceNo)).toBe('in_progress');
  });

  test('that is asked for everybody finds whoever differs, and compares the others as well', async () => {
    const both = [await world.decidedUnheard(), await world.decidedUnheard()];
    const run = await ended(await started({ which: 'all', reason: 'webhooks were lost' }));
    expect(run).toMatchObject({ which: 'all', referenceNo: null, outcome: 'completed' });
    // Whoever has begun no journey has nothing to compare.
    const customers = await api.store.profiles.countDocuments({ 'view.journeys': { $ne: [] } });
    expect(run['counts']).toMatchObject({ customers, failed: 0 });
    for (const { referenceNo } of both)
      await until(async () => (await world.statusOf(referenceNo)) === 'approved');
    // What has been repaired does not differ any more.
    const again = await ended(await started({ which: 'all', reason: 'once more' }));
    expect(again['counts']).toMatchObject({ customers, repairs: 0 });
  });

  test('tells Temporal whom to compare, but neither who asked nor why', async () => {
    const referenceNo = await world.registered();
    const reason = `said-${randomUUID()}`;
    const { json } = await operator('POST', RUNS, { referenceNo, reason });
    await ended(String(json['runId']));
    const connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
    try {
      const handle = new Client({ connection }).workflow.getHandle(String(json['workflowId']));
      // Payloads stand in a history as base64.
      const history = JSON.stringify(await handle.fetchHistory()).replace(
        /"data":"([^"]*)"/g,
        (_all, data: string) => Buffer.from(data, 'base64').toString('utf8'),
      );
      expect(history).toContain(referenceNo);
      expect(history).not.toContain(reason);
      expect(history).not.toContain('night-shift');
    } finally {
      await connection.close();
    }
  });

  test('is listed, the newest first', async () => {
    const referenceNo = await world.registered();
    const first = await started({ referenceNo, reason: 'first' });
    await ended(first);
    const second = await started({ referenceNo, reason: 'second' });
    const { status, json, headers } = await operator('GET', RUNS);
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const runs = json['runs'] as readonly { readonly runId: string; readonly reason: string }[];
    expect(runs.slice(0, 2).map(({ runId, reason }) => [runId, reason])).toEqual([
      [second, 'second'],
      [first, 'first'],
    ]);
    await ended(second);
  });

  test('that nobody knows is not found', async () => {
    const { status, json } = await operator('GET', `${RUNS}/rec_${randomUUID()}`);
    expect([status, json['code']]).toEqual([404, 'not_found']);
  });
});

describe('no run is begun, nor noted,', () => {
  let before: number;
  beforeEach(async () => {
    before = await api.store.reconciliations.countDocuments();
  });
  const nothingIsNoted = async () => expect(await api.store.reconciliations.countDocuments()).toBe(before);

  test('for a customer whom nobody knows', async () => {
    const { status, json } = await operator('POST', RUNS, { referenceNo: 'nobody', reason: 'r' });
    expect([status, json['code']]).toEqual([404, 'not_found']);
    await nothingIsNoted();
  });

  test('for a customer who is off-boarded, until they are taken back', async () => {
    const referenceNo = await world.registered();
    const ask = async (kind: 'close' | 'reopen', status: string) => {
      const path = `/v1/operator/customers/${encodeURIComponent(referenceNo)}/requests`;
      expect((await operator('POST', path, { kind, reason: 'r' })).status).toBe(202);
      await until(async () => (await world.statusOf(referenceNo)) === status);
      await world.rests(referenceNo);
    };
    await ask('close', 'closed');
    const { status, json } = await operator('POST', RUNS, { referenceNo, reason: 'r' });
    expect([status, json['code']]).toEqual([409, 'customer_closed']);
    await nothingIsNoted();
    await ask('reopen', 'created');
    await ended(await started({ referenceNo, reason: 'r' }));
  });

  test.each([
    [{ referenceNo: 'nobody' }, 'and the reason'],
    [{ which: 'all' }, 'and the reason'],
    [{ which: 'all', reason: ' ' }, 'body.reason'],
    [{ which: 'everybody', reason: 'r' }, 'all, unsettled, settled'],
    [{ referenceNo: 'nobody', which: 'all', reason: 'r' }, 'must name one customer'],
    [{ which: 'all', reason: 'r', actor: 'day-shift' }, 'actor'],
    [{ reason: 'r' }, 'must name one customer'],
  ])('where it is not asked for clearly: %j', async (body, problem) => {
    const { status, json } = await operator('POST', RUNS, body);
    expect([status, json['code']]).toEqual([400, 'invalid_request']);
    expect(JSON.stringify(json['errors'])).toContain(problem);
    await nothingIsNoted();
  });
});

test('while Temporal is away it is said at once, and the run is shown as one that was not started', async () => {
  const cut = await startApi({
    sweeps: false,
    temporalAddress: '127.0.0.1:9',
    comesAgain: false,
  });
  try {
    const { status, json, headers } = await operator('POST', RUNS, { which: 'all', reason: 'r' }, cut);
    expect([status, json['code']]).toEqual([503, 'workflow_unavailable']);
    expect(headers.get('retry-after')).not.toBeNull();
    const listed = await operator('GET', RUNS, undefined, cut);
    expect(listed.json['runs']).toMatchObject([{ outcome: 'not_started', counts: { customers: 0 } }]);
  } finally {
    await cut.close();
  }
});
