import type { Scenario } from './scenario.js';

export const reviewApproved: Scenario = {
  name: 'review-approved',
  story: 'IDWise is in doubt, and a reviewer approves by hand.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.goesThroughJourney({ outcome: 'refer' });
    await customer.becomes('under_review', 'limited');
    await stage.sends('Studio: approved by hand', () =>
      stage.simulator.review(customer.journeyId, 'Approved', { comment: 'looks fine' }),
    );
    await customer.becomes('approved', 'full');
  },
};
