import type { Scenario } from './scenario.js';
import { ScenarioFailure } from './waiting.js';

export const redo: Scenario = {
  name: 'redo',
  story: 'A reviewer asks for the document again; the customer redoes it and is approved.',
  async play(stage) {
    const customer = await stage.newCustomer();
    await customer.goesThroughJourney({ outcome: 'refer' });
    await customer.becomes('under_review', 'limited');

    const steps = [{ stepId: '0', reasonCode: 'RESUBMIT_BLUR' }];
    await stage.sends('Studio: asks for step 0 again', () =>
      stage.simulator.review(customer.journeyId, 'Resubmission Requested', { steps }),
    );
    const asked = await customer.becomes('resubmission_required', 'limited');
    if (asked.nextSteps.length === 0) throw new ScenarioFailure('the view does not say what to redo');
    stage.sees(`our API: next steps ${JSON.stringify(asked.nextSteps)}`);

    await stage.sends('SDK: journey resumed', () => stage.simulator.resume(customer.journeyId));
    await stage.sends('SDK: step 0 submitted again', () =>
      stage.simulator.submitStep(customer.journeyId, '0'),
    );
    await customer.leavesItToIdwise({ outcome: 'complete' });
    await customer.becomes('approved', 'full');
  },
};
