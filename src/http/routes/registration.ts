import type { ServiceConfig } from '../../config/service-config.js';
import type { ProfileView } from '../../domain/profile-view.js';
import type { Relay } from '../../intake/relay.js';
import type { createRegisterCustomer } from '../../usecases/register-customer.js';
import { actorOf, type Call, type Route, route } from '../route.js';
import { registered, registration } from '../schemas.js';
import { type ChooseLanguage, LANGUAGE_HEADER } from '../view-language.js';

interface Dependencies {
  readonly idwise: Pick<ServiceConfig['idwise'], 'flowId' | 'clientKey'>;
  readonly registerCustomer: ReturnType<typeof createRegisterCustomer>;
  readonly relay: Relay;
  readonly chooseLanguage: ChooseLanguage;
}

/** Takes what they need; returns the route by which the company registers a customer. */
export function registrationRoutes({
  idwise,
  registerCustomer,
  relay,
  chooseLanguage,
}: Dependencies): Route[] {
  const inLanguage = ({ req, res }: Pick<Call<unknown>, 'req' | 'res'>, view: ProfileView) =>
    chooseLanguage(req, res).render(view);
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
      headers: LANGUAGE_HEADER,
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
            call.res.status(201).json({ ...inLanguage(call, outcome.view), sdk });
            return;
          case 'known':
            call.res.status(200).json({ ...inLanguage(call, outcome.view), sdk });
            return;
          default:
            return outcome.kind;
        }
      },
    }),
  ];
}
