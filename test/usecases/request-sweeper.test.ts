import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RequestRow } from '../../src/store/records.js';
import type { Store } from '../../src/store/store.js';
import type { CustomerUpdate, UpdateOutcome } from '../../src/temporal/customer-updates.js';
import { createRequestSweeper } from '../../src/usecases/request-sweeper.js';
import { openOwnDatabase } from '../builders/own-database.js';

const MINUTE_MS = 60_000;
const NOW = new Date('2026-11-23T10:00:00.000Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_MS);

let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());
beforeEach(() => store.requests.deleteMany({}));

async function request(changes: Partial<RequestRow>): Promise<string> {
  const _id = `req_${randomUUID()}`;
  await store.requests.insertOne({
    _id,
    ...{ referenceNo: 'r', kind: 'complete', journeyId: 'j', actor: 'night-shift', reason: 'r', at: ago(30) },
    ...changes,
  });
  return _id;
}

/** Takes what the workflow answers; returns a sweeper, and what it sent. */
function sweeper(answer: UpdateOutcome = { kind: 'accepted' }, onSend: () => void = () => undefined) {
  const sent: CustomerUpdate[] = [];
  const failed: string[][] = [];
  const swept = createRequestSweeper({
    store,
    send: async (_referenceNo, update) => {
      sent.push(update);
      onSend();
      return answer;
    },
    startRun: async () => undefined,
    onRequestFailed: ({ requestId, failure }) => failed.push([requestId, failure]),
    log: { warn: () => undefined },
  });
  return { sent, failed, sweepOnce: swept.sweepOnce };
}

describe('the sweep over requests', () => {
  test('sends again what was accepted five minutes ago and is on no record, as it was, the longest ago first', async () => {
    const late = await request({ state: 'accepted', sentAt: ago(6) });
    const later = await request({ state: 'accepted', sentAt: ago(60) });
    await request({ state: 'accepted', sentAt: ago(4) });
    await request({ state: 'asked' });
    await request({ state: 'refused' });
    await request({ state: 'taken', sentAt: ago(60), takenAt: ago(60) });
    // Of an earlier release, which wrote down neither.
    await request({});
    const { sent, sweepOnce } = sweeper();
    expect(await sweepOnce(NOW)).toEqual([later, late]);
    expect(sent).toEqual(
      [later, late].map((requestId) => ({
        kind: 'complete',
        requestId,
        journeyId: 'j',
        actor: 'night-shift',
      })),
    );
  });

  test.each<UpdateOutcome>([
    { kind: 'accepted' },
    { kind: 'unavailable', code: 'workflow_unavailable' },
    { kind: 'rejected', code: 'update_rejected' },
  ])('asks again after five more minutes while nothing is on record: $kind', async (outcome) => {
    const late = await request({ state: 'accepted', sentAt: ago(6) });
    const { sweepOnce } = sweeper(outcome);
    expect(await sweepOnce(NOW)).toEqual([late]);
    expect(await sweepOnce(NOW)).toEqual([]);
    expect(await sweepOnce(ago(-6))).toEqual([late]);
  });

  test('gives up what a run has had on its list for an hour, and tells an operator once', async () => {
    const old = await request({ state: 'accepted', sentAt: ago(6), at: ago(300) });
    const { failed, sweepOnce } = sweeper();
    expect(await sweepOnce(NOW)).toEqual([old]);
    // It may have reached a run only now, after an outage of hours.
    expect(failed).toEqual([]);
    expect(await sweepOnce(ago(-61))).toEqual([old]);
    expect(failed).toEqual([[old, 'not_on_record']]);
    expect(await sweepOnce(ago(-120))).toEqual([]);
  });

  test('tells an operator once of what no run could be given for an hour, and goes on trying', async () => {
    const old = await request({ state: 'accepted', sentAt: ago(6), at: ago(61) });
    const { failed, sweepOnce } = sweeper({ kind: 'unavailable', code: 'workflow_unavailable' });
    for (const now of [NOW, ago(-6), ago(-12)]) expect(await sweepOnce(now)).toEqual([old]);
    expect(failed).toEqual([[old, 'out_of_reach']]);
    expect(await sweeper().sweepOnce(ago(-18))).toEqual([old]);
  });

  test('keeps the order of what was asked of one customer, and lets nobody wait for one who is out of reach', async () => {
    const [first, second] = [ago(20), ago(19)];
    const close = await request({ state: 'accepted', kind: 'close', sentAt: first, at: first });
    const reopen = await request({ state: 'accepted', kind: 'reopen', sentAt: second, at: second });
    const other = await request({ state: 'accepted', referenceNo: 'other', sentAt: ago(6) });
    const away = sweeper({ kind: 'unavailable', code: 'workflow_unavailable' });
    expect(await away.sweepOnce(NOW)).toEqual([close, other]);
    const next = await sweeper().sweepOnce(ago(-6));
    expect(next.filter((id) => id !== other)).toEqual([close, reopen]);
  });

  test('stops in the middle when its process does, and the rest is for the next one', async () => {
    for (let one = 0; one < 3; one += 1) await request({ state: 'accepted', sentAt: ago(10) });
    const stopping = new AbortController();
    expect(await sweeper(undefined, () => stopping.abort()).sweepOnce(NOW, stopping.signal)).toHaveLength(1);
    expect(await sweeper().sweepOnce(NOW)).toHaveLength(2);
  });
});
