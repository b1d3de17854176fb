import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openStore, type Store } from '../../src/store/store.js';
import { runCommand } from '../../tools/servers/command.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { openOwnDatabase } from '../builders/own-database.js';

let store: Store;
let other: Store;
let drop: () => Promise<void>;
/** Transactions that stand still, to be let go in the end. */
const standing: { goOn: () => void; ended: Promise<void> }[] = [];

beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
  const uri = new URL(process.env['TEST_MONGODB_URI'] ?? '');
  uri.pathname = `/${store.connection.name}`;
  // Another process, as far as MongoDB can tell.
  other = await openStore(uri.href);
});
afterAll(async () => {
  for (const { goOn } of standing) goOn();
  await Promise.allSettled(standing.map(({ ended }) => ended));
  await other.close();
  await drop();
});

async function device(): Promise<string> {
  const _id = randomUUID();
  await store.devices.insertOne({
    _id,
    referenceNo: 'none',
    channel: 'webpush',
    subscription: '',
    endpointDigest: _id,
    createdAt: new Date(),
  });
  return _id;
}
const writes = (by: Store, _id: string, subscription: string) =>
  by.transaction(_id, async (session) => {
    await by.devices.updateOne({ _id }, { $set: { subscription } }, { session });
  });
const read = async (_id: string) => (await store.devices.findOne({ _id }))?.subscription;

/** Begins a transaction that writes and then stands still; returns how to let it go on, and its end. */
async function standsStill(_id: string) {
  let goOn = () => {};
  let written = () => {};
  const wake = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const hasWritten = new Promise<void>((resolve) => {
    written = resolve;
  });
  let runs = 0;
  const ended = other.transaction(_id, async (session) => {
    runs += 1;
    if (runs > 1) return;
    await other.devices.updateOne({ _id }, { $set: { subscription: 'of the frozen one' } }, { session });
    written();
    await wake;
  });
  ended.catch(() => {});
  standing.push({ goOn, ended });
  await hasWritten;
  return { goOn, ended };
}

test('what a dead process left open in the middle keeps nobody waiting', async () => {
  const _id = await device();
  await standsStill(_id);
  const startedAtMs = performance.now();
  await writes(store, _id, 'of the successor');
  // MongoDB itself would end it after a minute.
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  expect(await read(_id)).toBe('of the successor');
});

test('a process that froze in the middle and was taken over writes nothing when it thaws', async () => {
  const _id = await device();
  const frozen = await standsStill(_id);
  await writes(store, _id, 'of the successor');
  frozen.goOn();
  await frozen.ended.catch(() => {});
  expect(await read(_id)).toBe('of the successor');
});

test('of many that are alive at once each takes effect, one after the other', async () => {
  const _id = await device();
  await Promise.all(
    Array.from({ length: 12 }, (_, turn) => {
      const by = turn % 2 === 0 ? store : other;
      return by.transaction(_id, async (session) => {
        const found = await by.devices.findOne({ _id }, { session });
        const subscription = `${found?.subscription}x`;
        await by.devices.updateOne({ _id }, { $set: { subscription } }, { session });
      });
    }),
  );
  expect(await read(_id)).toBe('x'.repeat(12));
});

test('those about different things leave each other alone', async () => {
  const ids = await Promise.all(Array.from({ length: 40 }, device));
  const runs = new Map<string, number>();
  await Promise.all(
    ids.map((_id) =>
      store.transaction(_id, async (session) => {
        runs.set(_id, (runs.get(_id) ?? 0) + 1);
        await store.devices.updateOne({ _id }, { $set: { subscription: 'mine' } }, { session });
      }),
    ),
  );
  expect(await store.devices.countDocuments({ _id: { $in: ids }, subscription: 'mine' })).toBe(ids.length);
  // Two of forty may share one of the sixteen thousand sessions; more would mean that they are not told apart.
  expect([...runs.values()].filter((count) => count > 1).length).toBeLessThanOrEqual(4);
});

test('a process whose clock was ahead for a while locks nobody out', async () => {
  const _id = await device();
  const uri = new URL(process.env['TEST_MONGODB_URI'] ?? '');
  uri.pathname = `/${store.connection.name}`;
  const ahead = `
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
    const { openStore } = await import(${JSON.stringify(pathToFileURL(join(projectRoot, 'dist/src/store/store.js')).href)});
    const store = await openStore(${JSON.stringify(uri.href)});
    const set = { $set: { subscription: 'of tomorrow' } };
    await store.transaction('${_id}', (session) => store.devices.updateOne({ _id: '${_id}' }, set, { session }));
    await store.close();`;
  const ran = await runCommand(process.execPath, ['--input-type=module', '-e', ahead]);
  expect([ran, await read(_id)]).toEqual([expect.objectContaining({ outcome: 'done' }), 'of tomorrow']);
  await writes(store, _id, 'of today');
  expect(await read(_id)).toBe('of today');
});

test('work that fails changes nothing, and its error comes through', async () => {
  const _id = await device();
  const failing = store.transaction(_id, async (session) => {
    await store.devices.updateOne({ _id }, { $set: { subscription: 'half' } }, { session });
    throw new Error('in the middle');
  });
  await expect(failing).rejects.toThrow('in the middle');
  expect(await read(_id)).toBe('');
});
