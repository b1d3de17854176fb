import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { starts } from '../end-to-end/customers.js';
import type { SimulatedCall } from '../end-to-end/ledger.js';
import { type Product, startProduct } from '../end-to-end/product.js';
import { eventually } from '../eventually.js';

describe('two workers together', () => {
  const CALLS_PER_SECOND = 4;
  const CUSTOMERS = 32;
  const WINDOW_MS = 3_000;
  let product: Product;

  beforeAll(async () => {
    product = await startProduct({
      workers: 2,
      environment: { IDWISE_CALLS_PER_SECOND: String(CALLS_PER_SECOND) },
    });
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
  });

  test('call IDWise no more often than IDWISE_CALLS_PER_SECOND allows to both of them', async () => {
    await Promise.all(Array.from({ length: CUSTOMERS }, () => starts(product)));
    const times = await eventually('the journey of each customer is fetched', async () => {
      const { calls } = await product.sim('GET', '/sim/calls?endpoint=get-journey');
      const fetched = new Set((calls as SimulatedCall[]).map((call) => call.journeyId));
      return fetched.size === CUSTOMERS ? (calls as SimulatedCall[]).map((call) => call.atMs) : undefined;
    });
    const busiest = Math.max(
      ...times.map((from) => times.filter((atMs) => atMs >= from && atMs < from + WINDOW_MS).length),
    );
    const tookSeconds = (Math.max(...times) - Math.min(...times)) / 1_000;
    // What was saved up in a quiet moment may come at once, and a process that was held up makes its calls then; after
    // that the rate holds, for both together. If each had it to itself, it would be twice as much.
    expect(busiest).toBeLessThanOrEqual((WINDOW_MS / 1_000 + 2) * CALLS_PER_SECOND);
    expect((times.length - CALLS_PER_SECOND) / tookSeconds).toBeLessThanOrEqual(1.2 * CALLS_PER_SECOND);
    process.stderr.write(
      `      ${times.length} calls in ${tookSeconds.toFixed(1)} s, at most ${busiest} in three seconds\n`,
    );
  });
});
