import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startSimulator } from '../simulator.js';
import { TestBench, until } from './test-bench.js';

let folder: string;
let dataFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  dataFile = join(folder, 'data', 'simulator.json');
});
afterEach(() => rm(folder, { recursive: true }));

test('after a restart journeys go on where they were, and pending retries are still made', async () => {
  // A retry is due 90 ms after the failed attempt; the first run is over before that or not, both are right.
  const options = { dataFile, retryScale: 90 / (5 * 60_000), processingMs: 60 };
  const first = await TestBench.start(options);
  const open = await first.control.startJourney({ referenceNo: 'customer-1' });
  const underWay = await first.control.startJourney({ referenceNo: 'customer-2' });
  await first.control.addFault({ kind: 'lose-first-attempts', attempts: 1, event: 'Finished User Steps' });
  await first.control.finish(underWay);
  await until(async () => (await first.control.deliveries())[0]?.attempts.length);
  await first.stop();

  const second = await TestBench.start(options);
  const retried = await second.webhook('Finished User Steps');
  expect(retried.body).toMatchObject({ journeyId: underWay, referenceNo: 'customer-2' });
  await second.webhook('Finished Journey');
  await second.control.finish(open);
  await second.webhook('Finished Journey', 2);
  await second.stop();
});

test('the file is written soon after a change, and replaced whole', async () => {
  const bench = await TestBench.start({ dataFile });
  const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1' });
  await until(async () => (await readFile(dataFile, 'utf8').catch(() => '')).includes(journeyId));
  await bench.stop();
  expect(await readdir(join(folder, 'data'))).toEqual(['simulator.json']);
});

test('a file that is not the simulator’s is never overwritten', async () => {
  const foreign = join(folder, 'foreign.json');
  await writeFile(foreign, '{"formatVersion": 7}');
  await expect(startSimulator({ dataFile: foreign })).rejects.toThrow('not the data of this simulator');
  expect(await readFile(foreign, 'utf8')).toBe('{"formatVersion": 7}');
});
