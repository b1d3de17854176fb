import { json, Router } from 'express';
import { z } from 'zod';
import { journeyControls } from './control-journeys.js';
import {
  governmentFaceRequest,
  rawEventRequest,
  settingsRequest,
  subscriptionsRequest,
  webhookRequest,
} from './control-requests.js';
import { ControlRefusal, control, emitted, journeyOrRefuse } from './control-route.js';
import { faultRequest } from './faults.js';
import type { Simulation } from './simulation.js';
import { credentialHeader } from './webhook-post.js';

const nothing = z.strictObject({});

/** The control API under `/sim`: no credentials, meant for the loopback interface only. */
export function controlApi(simulation: Simulation): Router {
  const router = Router();
  const { state } = simulation;
  router.use(json({ limit: '1mb' }));
  router.use(journeyControls(simulation));

  router.get('/journeys', (request, response) => {
    const { referenceNo } = request.query;
    const journeys = Object.values(state.journeys).filter(
      (journey) => referenceNo === undefined || journey.referenceNo === referenceNo,
    );
    response.json({ journeys });
  });
  router.get(
    '/journeys/:id',
    control(simulation, nothing, (_body, path) => journeyOrRefuse(simulation, path('id'))),
  );

  router.post(
    '/events',
    control(simulation, rawEventRequest, (request) => {
      const envelope = 'event' in request ? { event: request.event, body: request.body } : request.envelope;
      const named = rawEventSubject.safeParse(envelope).data;
      const deliveries = simulation.deliveries.send({
        envelope,
        event: named?.event ?? '',
        subject: {
          journeyId: named?.body?.journeyId ?? null,
          referenceNo: named?.body?.referenceNo ?? null,
        },
        credentials: request.credentials ?? 'configured',
      });
      return { emitted: emitted(deliveries) };
    }),
  );
  router.get('/deliveries', (request, response) => {
    const { journeyId, referenceNo, event, state: wanted } = request.query;
    const deliveries = simulation.deliveries
      .all()
      .filter(
        (delivery) =>
          (journeyId === undefined || delivery.journeyId === journeyId) &&
          (referenceNo === undefined || delivery.referenceNo === referenceNo) &&
          (event === undefined || delivery.event === event) &&
          (wanted === undefined || delivery.state === wanted),
      );
    response.json({ deliveries });
  });
  router.get('/calls', (request, response) => {
    const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
    const { journeyId, endpoint } = request.query;
    response.json(simulation.calls.report({ journeyId: text(journeyId), endpoint: text(endpoint) }));
  });

  router.get('/faults', (_request, response) => {
    response.json({ faults: simulation.faults.all() });
  });
  router.post(
    '/faults',
    control(simulation, faultRequest, (request) => simulation.faults.add(request, Date.now())),
  );
  const removeFaults = (faultId?: string) => {
    const removed = simulation.faults.remove(faultId);
    if (faultId !== undefined && removed.length === 0) {
      throw new ControlRefusal(404, `there is no fault ${faultId}`);
    }
    simulation.deliveries.release(removed);
    return { removed: removed.length };
  };
  router.delete(
    '/faults',
    control(simulation, nothing, () => removeFaults()),
  );
  router.delete(
    '/faults/:faultId',
    control(simulation, nothing, (_body, path) => removeFaults(path('faultId'))),
  );

  router.put(
    '/subscriptions',
    control(simulation, subscriptionsRequest, ({ events, generation }) => {
      state.subscriptions = events;
      state.payloadGeneration = generation;
    }),
  );
  router.put(
    '/settings',
    control(simulation, settingsRequest, (settings) => Object.assign(state.settings, settings)),
  );
  router.put(
    '/webhook',
    control(simulation, webhookRequest, ({ url, auth, secret }) => {
      if (url === null) {
        simulation.config.webhook = null;
        return;
      }
      const target = {
        url,
        auth: auth === undefined ? (simulation.config.webhook?.auth ?? null) : auth,
        secret: secret ?? simulation.config.webhook?.secret ?? '',
      };
      try {
        credentialHeader(target.auth, target.secret);
      } catch (error) {
        throw new ControlRefusal(400, String(error));
      }
      simulation.config.webhook = target;
    }),
  );
  router.put(
    '/government-face',
    control(simulation, governmentFaceRequest, ({ personalNumber, present }) => {
      state.governmentFaces[personalNumber] = present;
    }),
  );
  router.post(
    '/reset',
    control(simulation, nothing, () => simulation.reset()),
  );
  return router;
}

const rawEventSubject = z.object({
  event: z.string().catch(''),
  body: z
    .object({ journeyId: z.string().nullish().catch(null), referenceNo: z.string().nullish().catch(null) })
    .optional()
    .catch(undefined),
});
