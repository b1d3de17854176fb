import type { Scenario } from './scenario.js';
import { ScenarioFailure } from './waiting.js';

export const lateRetry: Scenario = {
  name: 'late-retry',
  story:
    'The first delivery of each webhook is lost; IDWise tries again later, and the customer is approved.',
  async play(stage) {
    const customer = await stage.newCustomer();
    const { referenceNo } = customer;
    await stage.breaks('first deliveries are lost', {
      kind: 'lose-first-attempts',
      attempts: 1,
      referenceNo,
    });
    await customer.goesThroughJourney({ outcome: 'complete' });
    await customer.becomes('approved', 'full');
    const deliveries = await stage.allWebhooksArrive(customer);
    const atOnce = deliveries.find((delivery) => delivery.attempts.length < 2);
    if (atOnce) throw new ScenarioFailure(`${atOnce.event} was not lost at first`);
    stage.sees('IDWise: each of them at the second attempt, with the same event id');
  },
};
