import type { Scenario } from './scenario.js';

const hint = 'is the service configured with IDWISE_CUSTOM_STEP_ID and GOVERNMENT_FACE_URL?';

export const governmentFace: Scenario = {
  name: 'government-face',
  story: 'The selfie is compared with the face in a government registry; for one customer there is none.',
  async play(stage) {
    const known = await stage.newCustomer();
    await known.goesThroughJourney({ outcome: 'complete', customStep: true, faceMatched: true });
    await known.becomes('approved', 'full', hint);
    await stage.wasCalled(known, 'process-custom-journey-step', 1);
    await stage.wasCalled(known, 'complete-custom-step', 1);

    const unknown = await stage.newCustomer();
    await unknown.startsJourney({ outcome: 'complete', customStep: true });
    const { person } = await stage.simulator.journey(unknown.journeyId);
    const { personalNumber } = person as { personalNumber: string };
    await stage.sends('registry: has no face of this person', () =>
      stage.simulator.call('PUT', '/sim/government-face', { personalNumber, present: false }),
    );
    await unknown.submitsEveryStep();
    await unknown.leavesItToIdwise();
    await unknown.becomes('under_review', 'limited', hint);
    await stage.wasCalled(unknown, 'process-custom-journey-step', 0);
    await stage.wasCalled(unknown, 'complete-custom-step', 1);
  },
};
