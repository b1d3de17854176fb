import { json, Router } from 'express';
import { z } from 'zod';
import { refusal } from './answers.js';
import { simulatedEndpoint } from './endpoint.js';
import { ownValue } from './own-value.js';
import type { Simulation } from './simulation.js';
import { syntheticPng } from './synthetic-image.js';

const lookup = z.object({
  referenceNo: z.string(),
  journeyId: z.string(),
  personalNumber: z.string().nullish(),
  documentNumber: z.string().nullish(),
  issuingCountryCode: z.string().nullish(),
});

/**
 * A government's registry of faces (no part of IDWise): 200 with a picture, or 404 for none. It knows the
 * synthetic persons unless a test has said otherwise.
 */
export function governmentFaceApi(simulation: Simulation): Router {
  const router = Router();
  router.post(
    '/government-face',
    json(),
    simulatedEndpoint(
      simulation,
      'government-face',
      (request) => lookup.safeParse(request.body).data?.journeyId ?? null,
      (request) => {
        const parsed = lookup.safeParse(request.body);
        if (!parsed.success) return refusal(400, 'invalid_request', 'the lookup is malformed');
        const { personalNumber } = parsed.data;
        if (!personalNumber || !isRegistered(simulation, personalNumber))
          return { kind: 'empty', status: 404 };
        const bytes = syntheticPng(`government:${personalNumber}`);
        return { kind: 'bytes', status: 200, bytes, contentType: 'image/png' };
      },
    ),
  );
  return router;
}

function isRegistered(simulation: Simulation, personalNumber: string): boolean {
  const said = ownValue(simulation.state.governmentFaces, personalNumber);
  const journeys = Object.values(simulation.state.journeys);
  return said ?? journeys.some((journey) => journey.person.personalNumber === personalNumber);
}
