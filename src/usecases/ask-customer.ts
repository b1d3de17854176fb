import { randomUUID } from 'node:crypto';
import type { RequestRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { SendCustomerUpdate, UpdateOutcome } from '../temporal/customer-updates.js';

/** What somebody asks of a customer's workflow, in their own words. */
export type CustomerRequest = Pick<RequestRow, 'referenceNo' | 'kind' | 'journeyId' | 'actor' | 'reason'>;

export type AskCustomer = (request: CustomerRequest, now: Date) => Promise<UpdateOutcome>;

interface Dependencies {
  readonly store: Pick<Store, 'requests'>;
  readonly send: SendCustomerUpdate;
}

/**
 * Makes the use case that asks something of a customer's workflow: the request is written down with its reason, and the
 * workflow is given its id.
 */
export function createAskCustomer({ store, send }: Dependencies): AskCustomer {
  return async (request, now) => {
    const requestId = `req_${randomUUID()}`;
    await store.requests.insertOne(
      { _id: requestId, ...request, at: now },
      { writeConcern: { w: 'majority' } },
    );
    const { referenceNo, kind, journeyId, actor } = request;
    return await send(referenceNo, { kind, requestId, journeyId, actor });
  };
}
