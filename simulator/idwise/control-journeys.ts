import { randomBytes } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import { changeAml } from './aml-monitoring.js';
import {
  amlChangeRequest,
  changeOfOutcome,
  deadlineRequest,
  renewalRequest,
  reviewRequest,
  spotCheckRequest,
  startRequest,
} from './control-requests.js';
import { ControlRefusal, control, emitted, journeyOrRefuse, valueOrRefuse } from './control-route.js';
import type { Journey } from './journey.js';
import { cancelJourney, finishUserSteps, makeAmlReady, resumeJourney, submitStep } from './lifecycle.js';
import { startJourney } from './new-journey.js';
import { overlay } from './overlay.js';
import { exceedDeadline, requireRenewal } from './renewals.js';
import type { Simulation } from './simulation.js';
import { review } from './studio.js';

/** The part of the control API that stands for people: the user in the SDK, the reviewer, the watch lists. */
export function journeyControls(simulation: Simulation): Router {
  const router = Router();
  const nothing = z.strictObject({});

  router.post(
    '/sdk/journeys',
    control(simulation, startRequest, ({ clientKey, ...wishes }) => {
      if (clientKey !== undefined && clientKey !== simulation.config.clientKey) {
        throw new ControlRefusal(409, 'the client key is wrong');
      }
      const journey = startJourney(simulation, { ...wishes, origin: 'sdk' });
      return { journeyId: journey.journeyId };
    }),
  );
  const sdk = (
    action: string,
    run: (journey: Journey, path: (name: string) => string) => ReturnType<typeof cancelJourney>,
  ) =>
    router.post(
      `/sdk/journeys/:id/${action}`,
      control(simulation, changeOfOutcome, (change, path) => {
        const journey = journeyOrRefuse(simulation, path('id'));
        changeOutcome(journey, change);
        valueOrRefuse(run(journey, path));
        return { journeyId: journey.journeyId, phase: journey.phase };
      }),
    );
  sdk('steps/:stepId', (journey, path) => submitStep(simulation, journey, path('stepId')));
  sdk('finish', (journey) => finishUserSteps(simulation, journey));
  sdk('cancel', (journey) => cancelJourney(journey));
  sdk('resume', (journey) => resumeJourney(journey));

  router.post(
    '/studio/journeys/:id/review',
    control(simulation, reviewRequest, (request, path) => {
      const journey = journeyOrRefuse(simulation, path('id'));
      return { emitted: emitted(valueOrRefuse(review(simulation, journey, request))) };
    }),
  );
  router.post(
    '/aml/journeys/:id/changes',
    control(simulation, amlChangeRequest, (request, path) => {
      const journey = journeyOrRefuse(simulation, path('id'));
      const { deliveries, ...change } = valueOrRefuse(changeAml(simulation, journey, request));
      return { ...change, systemDecision: journey.systemDecision, emitted: emitted(deliveries) };
    }),
  );
  router.post(
    '/aml/journeys/:id/ready',
    control(simulation, nothing, (_body, path) => {
      makeAmlReady(simulation, journeyOrRefuse(simulation, path('id')));
    }),
  );
  router.post(
    '/renewals/journeys/:id',
    control(simulation, renewalRequest, ({ steps, trigger, graceMs }, path) => {
      const journey = journeyOrRefuse(simulation, path('id'));
      const wanted = steps ?? journey.steps.map(({ stepId }) => ({ stepId, reasonCode: undefined }));
      const required = wanted.map((step) => ({
        stepId: step.stepId,
        reasonCode: step.reasonCode ?? 'DOCUMENT_EXPIRED',
      }));
      return {
        emitted: emitted(
          valueOrRefuse(requireRenewal(simulation, journey, { trigger, steps: required, graceMs })),
        ),
      };
    }),
  );
  router.post(
    '/renewals/journeys/:id/deadline-exceeded',
    control(simulation, deadlineRequest, ({ steps, renewalDeadline }, path) => {
      const journey = journeyOrRefuse(simulation, path('id'));
      return { emitted: emitted(exceedDeadline(simulation, journey, renewalDeadline, steps)) };
    }),
  );
  router.post(
    '/spot-checks',
    control(simulation, spotCheckRequest, ({ referenceNo, systemDecision, journeyId }) => {
      const spotCheckJourneyId = randomBytes(12).toString('hex');
      const subject = {
        journeyId: journeyId ?? spotCheckJourneyId,
        referenceNo,
        systemDecision,
        manualDecision: null,
      };
      const deliveries = simulation.notify(subject, { event: 'Finished Spot Check', spotCheckJourneyId });
      return { spotCheckJourneyId, emitted: emitted(deliveries) };
    }),
  );
  return router;
}

function changeOutcome(journey: Journey, change: z.output<typeof changeOfOutcome>): void {
  if (change.outcome !== undefined) {
    journey.outcome = change.outcome;
    // What the earlier attempt had wrong goes with it.
    journey.failedRules = [];
    journey.decisionOverride = null;
  }
  journey.failedRules = change.failedRules ?? journey.failedRules;
  journey.decisionOverride =
    change.systemDecision === undefined ? journey.decisionOverride : change.systemDecision;
  journey.faceMatched = change.faceMatched ?? journey.faceMatched;
  journey.person = overlay(journey.person, change.person ?? {});
}
