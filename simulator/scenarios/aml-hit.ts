import type { Scenario } from './scenario.js';

export const amlHit: Scenario = {
  name: 'aml-hit',
  story: 'An approved customer becomes politically exposed: compliance is told, the customer sees nothing.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.goesThroughJourney({ outcome: 'complete' });
    await customer.becomes('approved', 'full');
    await stage.everythingSettles(customer);
    const before = await stage.api.view(customer.referenceNo);

    await stage.sends('monitoring: a list of politically exposed persons has the name', () =>
      stage.simulator.changeAml(customer.journeyId, {
        added: [{ datasets: ['Politically Exposed Person'], score: 94 }],
      }),
    );
    await stage.complianceIsMailed(customer);
    await stage.everythingSettles(customer);
    await customer.isUnchangedSince(before);
  },
};
