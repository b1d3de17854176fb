import { Router } from 'express';
import { z } from 'zod';
import { amendSearch, whitelist } from './aml-monitoring.js';
import { amlHistory } from './aml-result.js';
import { ok, refusal } from './answers.js';
import { type JourneyLookup, pathValue, type RestEndpoint } from './endpoint.js';
import { invalid } from './rest-requests.js';
import type { Simulation } from './simulation.js';

const whitelistBody = z.object({
  resource_ids: z.array(z.string()).min(1),
  is_whitelisted: z.boolean(),
  match_status: z.string().optional(),
});
const amendBody = z.object({
  entity_details: z.object({
    full_name: z.string().min(1),
    birth_date: z.string().optional(),
    sex: z.string().optional(),
  }),
});

/** History, whitelist and amendment of a journey's AML result (contract §3.9). */
export function amlRoutes(
  simulation: Simulation,
  endpoint: RestEndpoint,
  withJourney: JourneyLookup,
): Router {
  const router = Router();
  router.get(
    '/:journeyId/history',
    endpoint(
      'aml-history',
      (request) => pathValue(request, 'journeyId'),
      (request) =>
        withJourney(pathValue(request, 'journeyId'), (journey) => {
          const asked = request.query.version;
          if (asked !== undefined && !/^\d{1,9}$/.test(String(asked))) {
            return refusal(400, 'invalid_request', 'version must be a number');
          }
          const version = asked === undefined ? null : Number(asked);
          const history = amlHistory(journey, version, simulation.state.settings.amlMatches);
          return history
            ? ok(history)
            : refusal(404, 'missing_requested_resource', 'There is no such version');
        }),
    ),
  );
  router.put(
    '/:journeyId/whitelist',
    endpoint(
      'aml-whitelist',
      (request) => pathValue(request, 'journeyId'),
      (request) =>
        withJourney(pathValue(request, 'journeyId'), (journey) => {
          const parsed = whitelistBody.safeParse(request.body);
          if (!parsed.success) return invalid(parsed.error);
          const outcome = whitelist(simulation, journey, {
            resourceIds: parsed.data.resource_ids,
            isWhitelisted: parsed.data.is_whitelisted,
            matchStatus: parsed.data.match_status,
          });
          return outcome.ok
            ? ok({ success: true })
            : refusal(404, 'missing_requested_resource', outcome.reason);
        }),
    ),
  );
  router.put(
    '/:journeyId',
    endpoint(
      'aml-amend',
      (request) => pathValue(request, 'journeyId'),
      (request) =>
        withJourney(pathValue(request, 'journeyId'), (journey) => {
          const parsed = amendBody.safeParse(request.body);
          if (!parsed.success) return invalid(parsed.error);
          const outcome = amendSearch(simulation, journey, parsed.data.entity_details.full_name);
          return outcome.ok ? ok({ success: true }) : refusal(400, 'invalid_request', outcome.reason);
        }),
    ),
  );
  return router;
}
