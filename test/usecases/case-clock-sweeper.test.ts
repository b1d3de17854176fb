import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createVault } from '../../src/personal-data/vault.js';
import type { CaseRow } from '../../src/store/case-records.js';
import type { Store } from '../../src/store/store.js';
import { createCaseClocks } from '../../src/usecases/cases/case-clock-sweeper.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { storeCase } from '../builders/stored-case.js';

const MINUTE_MS = 60_000;
const vault = createVault(randomBytes(32));
let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  await store.cases.deleteMany({});
});

/** A case whose row differs in this from one whose clock sleeps as it should. */
async function caseWith(changes: Partial<CaseRow>): Promise<string> {
  const { caseId } = await storeCase(store, vault);
  const asleep = { untoldSince: null, wakeAt: new Date(Date.now() + MINUTE_MS) };
  await store.cases.updateOne({ _id: caseId }, { $set: { ...asleep, ...changes } });
  return caseId;
}

/** Sweeps until the clock that is looked for is told; returns every case that was told by then, in order. */
async function toldBy(refuses: readonly string[], last: string): Promise<readonly string[]> {
  const told: string[] = [];
  let stop: () => Promise<void> = async () => undefined;
  await new Promise<void>((resolve) => {
    const clocks = createCaseClocks({
      cases: store.cases,
      tell: async (caseId) => {
        if (refuses.includes(caseId)) throw new Error('Temporal takes no signal for this one.');
        told.push(caseId);
        if (caseId === last) resolve();
      },
      log: { warn: () => undefined, debug: () => undefined },
    });
    ({ stop } = clocks.run(MINUTE_MS));
  });
  await stop();
  return told;
}

describe('the sweep over the clocks of cases', () => {
  test('tells a clock of a change that it has not looked at, also of a case that is closed', async () => {
    await caseWith({});
    const closed = await caseWith({ isOpen: false, untoldSince: new Date(Date.now() - 1_000) });
    const changed = await caseWith({ untoldSince: new Date() });
    expect(await toldBy([], changed)).toEqual([closed, changed]);
  });

  test('begins a clock anew that is late because it was lost, and wakes none before its time or of a closed case', async () => {
    const longAgo = new Date(Date.now() - 10 * MINUTE_MS);
    await caseWith({ wakeAt: new Date() });
    await caseWith({ wakeAt: null });
    await caseWith({ wakeAt: longAgo, isOpen: false });
    const lost = await caseWith({ wakeAt: longAgo });
    expect(await toldBy([], lost)).toEqual([lost]);
  });

  test('goes on where one of them cannot be told', async () => {
    const refused = await caseWith({ untoldSince: new Date(0) });
    const next = await caseWith({ untoldSince: new Date() });
    expect(await toldBy([refused], next)).toEqual([next]);
  });
});
