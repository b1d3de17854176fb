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
 * workflow is given its id. That it is accepted is written down before it is said, so that it is sent again should the
 * run be lost with it (`request-sweeper.ts`).
 */
export function createAskCustomer({ store, send }: Dependencies): AskCustomer {
  return async (request, now) => {
    const requestId = `req_${randomUUID()}`;
    const written = { writeConcern: { w: 'majority' } } as const;
    await store.requests.insertOne({ _id: requestId, ...request, at: now, state: 'asked' }, written);
    const { referenceNo, kind, journeyId, actor } = request;
    const outcome = await send(referenceNo, { kind, requestId, journeyId, actor });
    // What cannot be known is asked again by whoever asked; the workflow may have taken the request already.
    if (outcome.kind !== 'unavailable') {
      const answer =
        outcome.kind === 'accepted'
          ? { state: 'accepted' as const, sentAt: now }
          : { state: 'refused' as const };
      await store.requests.updateOne({ _id: requestId, state: 'asked' }, { $set: answer }, written);
    }
    return outcome;
  };
}
