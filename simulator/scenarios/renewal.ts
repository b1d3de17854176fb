import type { Scenario } from './scenario.js';

const YEAR_MS = 365 * 24 * 3_600_000;

export const renewal: Scenario = {
  name: 'renewal',
  story:
    'A year later a document is to be renewed and the deadline passes; the renewal brings the access back.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.goesThroughJourney({ outcome: 'complete', ageMs: YEAR_MS });
    await customer.becomes('approved', 'full');

    const steps = [{ stepId: '0', reasonCode: 'DOCUMENT_EXPIRED' }];
    await stage.sends('IDWise: step 0 is to be renewed', () =>
      stage.simulator.requireRenewal(customer.journeyId, { steps }),
    );
    await customer.isAskedToRenew();
    await stage.sends('IDWise: the deadline has passed', () =>
      stage.simulator.exceedRenewalDeadline(customer.journeyId),
    );
    await customer.becomes('suspended', 'none');
    await customer.isAskedToRenew();

    await stage.sends('SDK: journey resumed', () =>
      stage.simulator.resume(customer.journeyId, { person: { expiryDate: '2040-01-01' } }),
    );
    await stage.sends('SDK: step 0 submitted, with the new document', () =>
      stage.simulator.submitStep(customer.journeyId, '0'),
    );
    await customer.leavesItToIdwise();
    await customer.becomes('approved', 'full');
  },
};
