import type { Scenario } from './scenario.js';

export const outOfOrder: Scenario = {
  name: 'out-of-order',
  story: 'Finished Journey arrives after the review that followed it, and changes nothing any more.',
  async play(stage) {
    const customer = await stage.newCustomer();
    const { referenceNo } = customer;
    const held = await stage.breaks('Finished Journey is held back', {
      kind: 'reorder',
      hold: 100,
      event: 'Finished Journey',
      referenceNo,
    });
    await customer.goesThroughJourney({ outcome: 'refer' });
    await customer.isFinishedAtIdwise();
    await stage.sends('Studio: approved by hand', () =>
      stage.simulator.review(customer.journeyId, 'Approved'),
    );
    const approved = await customer.becomes('approved', 'full');
    await stage.mends('Finished Journey arrives now', held);
    await stage.everythingSettles(customer);
    await customer.isUnchangedSince(approved);
  },
};
