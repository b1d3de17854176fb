import type { ServiceConfig } from '../../config/service-config.js';
import type { Relay } from '../../intake/relay.js';
import type { createRegisterCustomer } from '../../usecases/register-customer.js';
import { actorOf, type Route, route } from '../route.js';
import { registered, registration } from '../schemas.js';

interface Dependencies {
  readonly idwise: Pick<ServiceConfig['idwise'], 'flowId' | 'clientKey'>;
  readonly registerCustomer: ReturnType<typeof createRegisterCustomer>;
  readonly relay: Relay;
}

/** Takes what they need; returns the route by which the company registers a customer. */
export function registrationRoutes({ idwise, registerCustomer, relay }: Dependencies): Route[] {
  const sdk = { flowId: idwise.flowId, clientKey: idwise.clientKey };
  return [
    route({
      method: 'post',
      path: '/v1/verifications',
      operationId: 'registerCustomer',
      summary:
        'Registers a customer under a reference of yours or a new opaque one, and starts the workflow. Repeatable.',
      access: 'company',
      body: registration,
      answers: {
        201: { description: 'Registered', schema: registered },
        200: { description: 'Registered before', schema: registered },
      },
      problems: ['invalid_request', 'not_json', 'customer_bound', 'reference_bound', 'storage_unavailable'],
      handle: async (call) => {
        const { customerId, referenceNo } = call.body;
        const outcome = await registerCustomer({ customerId, referenceNo, actor: actorOf(call) });
        switch (outcome.kind) {
          case 'registered':
            relay.offer(outcome.row);
            call.res.status(201).json({ ...outcome.view, sdk });
            return;
          case 'known':
            call.res.status(200).json({ ...outcome.view, sdk });
            return;
          default:
            return outcome.kind;
        }
      },
    }),
  ];
}
