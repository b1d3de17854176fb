import type { RequestHandler } from 'express';
import type { z } from 'zod';
import type { Delivery } from './delivery.js';
import { pathValue } from './endpoint.js';
import type { Journey } from './journey.js';
import type { Outcome } from './lifecycle.js';
import type { Simulation } from './simulation.js';

/** Why the control API cannot do something. */
export class ControlRefusal extends Error {
  constructor(
    readonly status: 400 | 404 | 409,
    message: string,
  ) {
    super(message);
  }
}

/** A route of the control API that reads a body of that form and answers JSON. */
export function control<S extends z.ZodType>(
  simulation: Simulation,
  schema: S,
  serve: (body: z.output<S>, path: (name: string) => string) => unknown,
): RequestHandler {
  return (request, response) => {
    const parsed = schema.safeParse(request.body ?? {});
    if (!parsed.success) {
      const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
      response.status(400).json({ error: issues.join('; ') });
      return;
    }
    try {
      const answer = serve(parsed.data, (name) => pathValue(request, name));
      simulation.changed();
      response.json(answer ?? {});
    } catch (error) {
      if (!(error instanceof ControlRefusal)) throw error;
      response.status(error.status).json({ error: error.message });
    }
  };
}

/** @throws ControlRefusal 404 */
export function journeyOrRefuse(simulation: Simulation, journeyId: string): Journey {
  const journey = simulation.journey(journeyId);
  if (!journey) throw new ControlRefusal(404, `there is no journey ${journeyId}`);
  return journey;
}

/** @throws ControlRefusal 409 with the reason */
export function valueOrRefuse<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new ControlRefusal(409, outcome.reason);
  return outcome.value;
}

/** What a caller wants to know of webhooks that were just set off. */
export function emitted(deliveries: readonly Delivery[]) {
  return deliveries.map(({ deliveryId, event, eventId }) => ({ deliveryId, event, eventId }));
}
