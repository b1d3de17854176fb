import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PayloadGeneration } from '../../simulator/idwise/webhook-payloads.js';
import { runScenario } from '../../simulator/scenarios/run-scenario.js';
import { eventually } from '../eventually.js';
import { becomes, finishes, starts } from './customers.js';
import { type Product, startProduct } from './product.js';

/** What accounts of each generation were subscribed to (contract §1.2), in IDWise's own payloads. */
const GENERATIONS: readonly (readonly [PayloadGeneration, readonly string[]])[] = [
  ['2022-12', ['Step Submitted', 'Finished Journey', 'Manually Reviewed', 'AML Monitor Update']],
  [
    '2023-05',
    ['Step Submitted', 'Finished User Steps', 'Finished Journey', 'Manually Reviewed', 'AML Monitor Update'],
  ],
  [
    'early',
    [
      'Finished User Steps',
      'Finished Journey',
      'Manually Reviewed',
      'AML Monitor Update',
      'Finished Ongoing Check',
    ],
  ],
  [
    'modern',
    ['Finished Step', 'Finished User Steps', 'Finished Journey', 'Updated Journey', 'AML Monitor Update'],
  ],
];

describe('with IDWise’s own webhooks', () => {
  let product: Product;

  beforeAll(async () => {
    product = await startProduct();
  });
  afterAll(async () => {
    if (product !== undefined) await product.stop();
  });

  test('a renewal goes from the request over the deadline to the access that it brings back', async () => {
    const { apiUrl: api, apiKey, simulator } = product;
    const result = await runScenario('renewal', { api, apiKey, simulator: simulator.url, report: () => {} });
    expect(result.failure).toBeNull();
  });

  test.each(GENERATIONS)(
    'an account of %s comes through review, reversal and AML to the same end',
    async (generation, events) => {
      await product.sim('PUT', '/sim/subscriptions', { events, generation });
      const customer = await starts(product, { outcome: 'refer' });
      await finishes(product, customer);
      await becomes(product, customer, 'under_review');
      const review = (decision: string) =>
        product.sim('POST', `/sim/studio/journeys/${customer.journeyId}/review`, { decision });
      await review('Approved');
      await becomes(product, customer, 'approved');
      const before = (await product.call('GET', `/v1/verifications/${customer.referenceNo}`)).body;
      await product.sim('POST', `/sim/aml/journeys/${customer.journeyId}/changes`, {
        added: [{ datasets: ['Politically Exposed Person'] }],
      });
      await eventually('compliance is told', async () => {
        const { referenceNo } = customer;
        const mails = await product.store.outbox.countDocuments({
          referenceNo,
          'message.channel': 'compliance_mail',
          'message.case.kind': 'aml',
        });
        return mails === 1 ? true : undefined;
      });
      expect((await product.call('GET', `/v1/verifications/${customer.referenceNo}`)).body).toEqual(before);
      await review('Rejected');
      await becomes(product, customer, 'rejected');
      const sent = (await product.sim('GET', `/sim/deliveries?journeyId=${customer.journeyId}`))[
        'deliveries'
      ];
      const bodies = (sent as { envelope: { event: string; body: Record<string, unknown> } }[]).map(
        ({ envelope }) => envelope,
      );
      expect(bodies.length).toBeGreaterThan(4);
      expect(bodies.every(({ event }) => events.includes(event))).toBe(true);
      // The generations without event ids are without them in every event.
      const withIds = bodies.filter(({ body }) => body['eventId'] !== undefined).length;
      expect(withIds).toBe(generation.startsWith('20') ? 0 : bodies.length);
    },
  );
});
