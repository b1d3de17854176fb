import type { Scenario } from './scenario.js';

export const rejected: Scenario = {
  name: 'rejected',
  story: 'IDWise rejects a customer.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.startsJourney({ outcome: 'rejected' });
    await customer.submitsEveryStep();
    await customer.leavesItToIdwise();
    await customer.becomes('rejected', 'none');
  },
};
