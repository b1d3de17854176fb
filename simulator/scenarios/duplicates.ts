import type { Scenario } from './scenario.js';

export const duplicates: Scenario = {
  name: 'duplicates',
  story: 'Every webhook comes four times at once, and still everything happens once.',
  async play(stage) {
    const customer = await stage.newCustomer();
    const { referenceNo } = customer;
    await stage.breaks('every webhook four times', { kind: 'duplicate', copies: 4, referenceNo });
    await customer.goesThroughJourney({ outcome: 'complete' });
    const approved = await customer.becomes('approved', 'full');
    await stage.everythingSettles(customer);
    await customer.isUnchangedSince(approved);
    await stage.companyWasToldOnce(customer);
  },
};
