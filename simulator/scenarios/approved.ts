import type { Scenario } from './scenario.js';

export const approved: Scenario = {
  name: 'approved',
  story: 'A customer does everything right and is approved.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.startsJourney({ outcome: 'complete' });
    await customer.submitsEveryStep();
    await customer.leavesItToIdwise();
    await customer.becomes('approved', 'full');
  },
};
