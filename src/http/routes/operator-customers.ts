import type { AskCustomer } from '../../usecases/ask-customer.js';
import type { ReadCustomerStanding } from '../../usecases/read-customer-standing.js';
import * as answers from '../operator-answers.js';
import { customerRequest, customerStanding } from '../operator-schemas.js';
import { CUSTOMER_REQUEST_PROBLEMS } from '../problems.js';
import { actorOf, profileOf, type Route, route } from '../route.js';
import { accepted } from '../schemas.js';

interface Dependencies {
  readonly readCustomerStanding: ReadCustomerStanding;
  readonly askCustomer: AskCustomer;
}

/** Takes what they need; returns the routes by which operators see how a customer stands, and ask their workflow. */
export function operatorCustomerRoutes({ readCustomerStanding, askCustomer }: Dependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/operator/customers/:referenceNo',
      operationId: 'getCustomerStanding',
      summary:
        'How a customer stands and why, for an engineer: what is owed, what comes next, what happened.',
      access: 'operator',
      body: null,
      answers: { 200: { description: 'The standing', schema: customerStanding } },
      problems: ['not_found', 'storage_unavailable'],
      handle: async (call) => {
        const standing = await readCustomerStanding(profileOf(call).referenceNo);
        if (standing === null) return 'not_found';
        call.res.set('Cache-Control', 'no-store').json(answers.customerStanding(standing));
      },
    }),
    route({
      method: 'post',
      path: '/v1/operator/customers/:referenceNo/requests',
      operationId: 'askCustomer',
      summary:
        "Asks the customer's workflow: complete a journey now, look at everything again (reprocess), close (off-board), reopen.",
      access: 'operator',
      body: customerRequest,
      answers: { 202: { description: "On the workflow's list", schema: accepted } },
      problems: [...CUSTOMER_REQUEST_PROBLEMS, 'customer_frozen', 'storage_unavailable'],
      handle: async (call) => {
        const { kind, journeyId = null, reason } = call.body;
        const { referenceNo } = profileOf(call);
        const request = { referenceNo, kind, journeyId, actor: actorOf(call), reason };
        const outcome = await askCustomer(request, new Date());
        if (outcome.kind !== 'accepted') return outcome.code;
        call.res.status(202).json({ accepted: true });
      },
    }),
  ];
}
