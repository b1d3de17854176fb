import type { Scenario } from './scenario.js';
import { ScenarioFailure } from './waiting.js';

export const sanctionsHit: Scenario = {
  name: 'sanctions-hit',
  story:
    'An approved customer turns up on a sanctions list: held at once, and no decision of IDWise lifts it.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.goesThroughJourney({ outcome: 'complete' });
    await customer.becomes('approved', 'full');

    await stage.sends('monitoring: a sanctions list has the name', () =>
      stage.simulator.changeAml(customer.journeyId, { added: [{ datasets: ['Sanctions'], score: 97 }] }),
    );
    const held = await customer.becomes('suspended', 'none');
    // Whoever is on a list must not learn of it from what they are told.
    const told = JSON.stringify([held.reason, held.nextSteps]);
    if (/AML|sanction|watch.?list|screening|compliance|match/i.test(told))
      throw new ScenarioFailure(`the view says why: ${told}`);
    await stage.complianceIsMailed(customer);

    await stage.sends('Studio: approved by hand', () =>
      stage.simulator.review(customer.journeyId, 'Approved', { comment: 'looks fine' }),
    );
    await stage.everythingSettles(customer);
    await customer.becomes('suspended', 'none', 'only two people at the desk may lift the hold');
  },
};
