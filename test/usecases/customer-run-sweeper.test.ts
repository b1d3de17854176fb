import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import type { InboxRow } from '../../src/store/inbox-records.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import { createCustomerRunSweeper } from '../../src/usecases/customer-run-sweeper.js';
import { openOwnDatabase } from '../builders/own-database.js';

const MINUTE_MS = 60_000;
const NOW = new Date('2026-11-23T10:00:00.000Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE_MS);

let store: Store;
let drop: () => Promise<void>;
let alarms: string[] = [];
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  alarms = [];
  await store.profiles.deleteMany({});
  await store.inbox.deleteMany({});
});

async function customer(wakeAt: Date | null): Promise<string> {
  const referenceNo = `ref-${randomUUID()}`;
  const row = newProfileRow(referenceNo, undefined, ago(60).toISOString(), DEFAULT_POLICY);
  await store.profiles.insertOne({ ...row, wakeAt });
  return referenceNo;
}

async function handedOver(referenceNo: string, changes: Partial<InboxRow> = {}): Promise<void> {
  const row = appInboxRow({ kind: 'registered' }, referenceNo, ago(30));
  await store.inbox.insertOne({ ...row, state: 'signalled', signalledAt: ago(30), ...changes });
}

function sweeper(refuses: readonly string[] = [], upSince = ago(60)) {
  const reach = async (referenceNo: string) => {
    if (refuses.includes(referenceNo)) throw new Error('Temporal does not take it.');
  };
  return createCustomerRunSweeper({
    store,
    startRun: reach,
    wakeRun: reach,
    onEventNotTaken: (referenceNo) => alarms.push(referenceNo),
    upSince,
    log: { warn: () => undefined },
  });
}

describe("the sweep over customers' runs", () => {
  test('asks for a run of each customer whose clock is late, the latest first, and of nobody whose time has not come', async () => {
    await customer(null);
    await customer(ago(-10));
    await customer(ago(4));
    const late = await customer(ago(6));
    const later = await customer(ago(60));
    expect(await sweeper().sweepOnce(NOW)).toEqual([later, late]);
  });

  test('asks for a run of a customer whose event was handed over and is on no record, and not where it is, or may soon be', async () => {
    const lost = await customer(null);
    const recorded = await customer(null);
    const processed = await customer(null);
    const recent = await customer(null);
    await handedOver(lost);
    await handedOver(lost);
    await handedOver(recorded, { outcome: 'recorded' });
    await handedOver(processed, { state: 'processed', outcome: 'v2' });
    await handedOver(recent, { signalledAt: ago(4) });
    expect(await sweeper().sweepOnce(NOW)).toEqual([lost]);
  });

  test('hands over again what nobody took for hours, also what has no customer yet; not what is on record', async () => {
    const known = await customer(null);
    const hoursAgo = (hours: number) => ({ signalledAt: ago(hours * 60) });
    await handedOver(known, hoursAgo(7));
    await handedOver('of-nobody-yet', { ...hoursAgo(7), referenceNo: null });
    await handedOver('of-no-profile', hoursAgo(7));
    await handedOver(known, hoursAgo(5));
    await handedOver(known, { ...hoursAgo(7), outcome: 'recorded' });
    expect(await sweeper().sweepOnce(NOW)).toEqual([known]);
    const again = await store.inbox.find({ state: 'received' }).toArray();
    expect(again.map(({ referenceNo }) => referenceNo).sort()).toEqual([null, 'of-no-profile', known].sort());
    expect(again.every(({ signalledAt, notBefore }) => signalledAt === null && notBefore <= NOW)).toBe(true);
    // A run that had them before MongoDB was set back would know their old names.
    expect(again.map(({ repeats }) => repeats)).toEqual([1, 1, 1]);
    expect(alarms).toEqual([known]);
  });

  test('takes nothing for lost before the workers have had time to take what waits', async () => {
    const known = await customer(null);
    await handedOver(known, { signalledAt: ago(7 * 60) });
    await sweeper([], ago(4)).sweepOnce(NOW);
    expect([alarms, await store.inbox.countDocuments({ state: 'received' })]).toEqual([[], 0]);
    await sweeper([], ago(6)).sweepOnce(NOW);
    expect([alarms, await store.inbox.countDocuments({ state: 'received' })]).toEqual([[known], 1]);
  });

  test('gives each late clock its turn before it asks for the first one again', async () => {
    const late = await customer(ago(6));
    expect(await sweeper().sweepOnce(NOW)).toEqual([late]);
    expect(await sweeper().sweepOnce(NOW)).toEqual([]);
    expect(await sweeper().sweepOnce(ago(-6))).toEqual([late]);
  });

  test('goes on where one of them cannot be started, and asks for that one again', async () => {
    const refused = await customer(ago(60));
    const next = await customer(ago(6));
    expect(await sweeper([refused]).sweepOnce(NOW)).toEqual([next]);
    expect(await sweeper().sweepOnce(NOW)).toEqual([refused]);
  });
});
