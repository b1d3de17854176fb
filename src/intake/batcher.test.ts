import { expect, test } from '@jest/globals';
import { createBatcher } from './batcher.js';

test('what arrives while a call is in flight shares the next one, and each gets its own result', async () => {
  const calls: number[][] = [];
  let release: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const batcher = createBatcher<number, number>(async (items) => {
    calls.push([...items]);
    if (calls.length === 1) await gate;
    return items.map((item) => item * 10);
  }, 3);

  const first = batcher.add(1);
  await new Promise((resolve) => setImmediate(resolve));
  const rest = [2, 3, 4, 5].map((item) => batcher.add(item));
  release();
  expect(await Promise.all([first, ...rest])).toEqual([10, 20, 30, 40, 50]);
  expect(calls).toEqual([[1], [2, 3, 4], [5]]);
});

test('a call that fails fails its own items only; the next ones are served', async () => {
  const batcher = createBatcher<string, string>(async (items) => {
    if (items.includes('bad')) throw new Error('no');
    return items;
  }, 1);
  const outcomes = await Promise.allSettled([batcher.add('bad'), batcher.add('good')]);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
  expect(await batcher.add('later')).toBe('later');
});
