import { json, type Request, Router } from 'express';
import { amlRoutes } from './aml-api.js';
import { type Answer, ok, refusal } from './answers.js';
import { refuseCredentials } from './credentials.js';
import { type JourneyLookup, pathValue, type RestEndpoint, simulatedEndpoint } from './endpoint.js';
import type { Journey } from './journey.js';
import { journeyResult } from './journey-result.js';
import { journeySummary } from './journey-summary.js';
import { completeByBackend, makeAmlReady, submitFace, submitStep } from './lifecycle.js';
import { startJourney } from './new-journey.js';
import { ownValue } from './own-value.js';
import { readStepBody, stepBody } from './request-body.js';
import { parseManualReview, parseStartJourney } from './rest-requests.js';
import type { Simulation } from './simulation.js';
import { review } from './studio.js';
import { syntheticPng } from './synthetic-image.js';

const summaryGapMs = 2000;

/** IDWise's REST API (contract §3), under its default paths and their aliases. */
export function restApi(simulation: Simulation): Router {
  const router = Router();
  const endpoint: RestEndpoint = (name, journeyOf, serve) =>
    simulatedEndpoint(
      simulation,
      name,
      journeyOf,
      (request) => refuseCredentials(request.headers.authorization, simulation.config) ?? serve(request),
    );
  const withJourney: JourneyLookup = (journeyId, serve) => {
    if (!journeyId) return refusal(400, 'invalid_request', 'journey_id is required');
    const journey = simulation.journey(journeyId);
    if (!journey) return refusal(404, 'missing_requested_resource', 'The journey does not exist');
    if (journey.foreignTenant) return refusal(403, 'unauthorized', 'The journey belongs to another account');
    return serve(journey);
  };
  const inPath = (request: Request) => pathValue(request, 'journeyId');
  const inBody = (request: Request) => stepBody(request).fields.journey_id ?? null;

  router.use(json({ limit: '12mb' }));
  // Multipart and JSON alike: faults and the record of calls must know the journey first.
  router.use(readStepBody);

  for (const prefix of ['/journey/v2', '/v2']) {
    router.post(
      `${prefix}/start-journey`,
      endpoint(
        'start-journey',
        () => null,
        (request) => {
          const wishes = parseStartJourney(request.body);
          if ('refusal' in wishes) return wishes.refusal;
          if (wishes.flowId !== simulation.config.flowId) {
            return refusal(404, 'missing_requested_resource', 'The flow does not exist');
          }
          const journey = startJourney(simulation, wishes);
          return ok({
            journey_id: journey.journeyId,
            reference_no: journey.referenceNo,
            is_completed: false,
            step_summaries: [],
          });
        },
      ),
    );
    router.post(
      `${prefix}/process-journey-step`,
      endpoint('process-journey-step', inBody, (request) => processStep(request, false)),
    );
    router.post(
      `${prefix}/process-custom-journey-step`,
      endpoint('process-custom-journey-step', inBody, (request) => processStep(request, true)),
    );
    for (const [name, what] of [
      ['complete-custom-step', 'custom-step'],
      ['complete-journey', 'journey'],
    ] as const) {
      router.post(
        `${prefix}/${name}`,
        endpoint(name, inBody, (request) =>
          withJourney(stepBody(request).fields.journey_id, (journey) => {
            const outcome = completeByBackend(simulation, journey, what);
            return outcome.ok ? ok({ success: true }) : refusal(400, 'invalid_request', outcome.reason);
          }),
        ),
      );
    }
    router.get(`${prefix}/summary/:journeyId`, endpoint('summary', inPath, summary));
    router.get(
      `${prefix}/image/:imagePath`,
      endpoint('image', (request) => imageOwner(request), image),
    );
    router.post(`${prefix}/manual-review/:journeyId`, endpoint('manual-review', inPath, manualReview));
    router.get(`${prefix}/result/:journeyId`, endpoint('get-journey', inPath, getJourney));
    router.get(`${prefix}/:journeyId`, endpoint('get-journey', inPath, getJourney));
  }
  router.delete(
    '/journey/:journeyId',
    endpoint('delete-journey', inPath, (request) =>
      withJourney(pathValue(request, 'journeyId'), (journey) => {
        simulation.forgetJourney(journey.journeyId);
        return ok({ success: true });
      }),
    ),
  );
  router.use('/checks/aml', amlRoutes(simulation, endpoint, withJourney));

  function processStep(request: Request, customOnly: boolean): Answer {
    const { fields, files, tooLarge } = stepBody(request);
    if (tooLarge) return refusal(413, 'invalid_request', 'The image is too large');
    return withJourney(fields.journey_id, (journey) => {
      const stepId = fields.step_id;
      if (!stepId) return refusal(400, 'invalid_request', 'step_id is required');
      if (!files.image?.length) return refusal(400, 'invalid_request', 'image is required');
      const custom = journey.customStep;
      const isCustom = custom?.stepId === stepId;
      if (isCustom && fields.step_type !== undefined && fields.step_type !== custom.stepType) {
        return refusal(400, 'invalid_request', 'step_type is not that of the step');
      }
      if (customOnly && !isCustom) return refusal(400, 'invalid_request', 'there is no such custom step');
      // The older guide sends the government face by this name too (contract §0.1).
      const outcome = isCustom ? submitFace(simulation, journey) : submitStep(simulation, journey, stepId);
      return outcome.ok ? ok({ success: true }) : refusal(400, 'invalid_request', outcome.reason);
    });
  }

  function pretendsIncomplete(journey: Journey): boolean {
    const found = simulation.faults.find('still-incomplete', journey);
    if (!found || journey.endMicros === null) return false;
    const { calls, ms } = found.request;
    const over =
      (calls !== undefined && found.fault.used >= calls) ||
      (ms !== undefined && Date.now() > journey.endMicros / 1000 + ms);
    if (!over) found.fault.used += 1;
    return !over;
  }

  function getJourney(request: Request): Answer {
    return withJourney(pathValue(request, 'journeyId'), (journey) => {
      const pretend = pretendsIncomplete(journey);
      if (!pretend && journey.phase === 'finished' && journey.aml?.readyAfterFetches != null) {
        if (journey.aml.readyAfterFetches === 0) makeAmlReady(simulation, journey);
        else journey.aml.readyAfterFetches -= 1;
      }
      return ok(journeyResult(journey, simulation.state.settings, pretend));
    });
  }

  const summaryCalledAtMs = new Map<string, number>();
  function summary(request: Request): Answer {
    return withJourney(pathValue(request, 'journeyId'), (journey) => {
      const now = Date.now();
      const sinceMs = now - (summaryCalledAtMs.get(journey.journeyId) ?? 0);
      if (simulation.state.settings.summaryLimit && sinceMs < summaryGapMs) {
        return refusal(429, 'too_many_requests', 'At most one call every 2 seconds', { 'retry-after': '2' });
      }
      summaryCalledAtMs.set(journey.journeyId, now);
      return ok(journeySummary(journey, pretendsIncomplete(journey)));
    });
  }

  function imageOwner(request: Request): string | null {
    return ownValue(simulation.state.imageOwners, pathValue(request, 'imagePath')) ?? null;
  }

  function image(request: Request): Answer {
    const imageId = pathValue(request, 'imagePath');
    const owner = imageOwner(request);
    if (owner === null) return refusal(404, 'missing_requested_resource', 'The image does not exist');
    return withJourney(owner, () => {
      const bytes = syntheticPng(imageId, simulation.state.settings.imageBytes ?? undefined);
      return simulation.state.settings.imageAnswer === 'bytes'
        ? { kind: 'bytes', status: 200, bytes, contentType: 'image/png' }
        : ok({ image: bytes.toString('base64') });
    });
  }

  function manualReview(request: Request): Answer {
    return withJourney(pathValue(request, 'journeyId'), (journey) => {
      const parsed = parseManualReview(request.body, journey);
      if ('refusal' in parsed) return parsed.refusal;
      const outcome = review(simulation, journey, parsed);
      return outcome.ok ? ok({ success: true }) : refusal(400, 'invalid_request', outcome.reason);
    });
  }

  return router;
}
