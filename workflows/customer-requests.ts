import { ApplicationFailure, defineUpdate, setHandler } from '@temporalio/workflow';
import {
  CUSTOMER_REQUEST_KINDS,
  CUSTOMER_UPDATES,
  type CustomerRequestKind,
  type RequestRefusal,
} from '../src/temporal/names.js';
import type { CustomerTurnInput } from '../src/usecases/customer-turn-command.js';
import type { CustomerWorkflowState, QueuedRequest } from './customer-state.js';
import type { SeenIds } from './seen-ids.js';

type Request = Omit<QueuedRequest, 'kind'>;

const DESCRIPTIONS: Readonly<Record<CustomerRequestKind, string>> = {
  complete: 'Close a journey at IDWise with what is there',
  close: 'Off-board the customer: what comes later is recorded and changes nothing',
  reopen: 'Take an off-boarded customer back, and look at every journey',
  reprocess: 'Look at every journey of the customer again',
};

/**
 * Takes the state and what has been seen; answers what people ask of the customer. A request is answered as soon as it
 * is on the workflow's list, and refused where it makes no sense, with a type that says why. One that is sent again,
 * because its answer was lost, gets the answer once more and is not taken twice: Temporal itself would know it again
 * only within the same run.
 */
export function listenToRequests(state: CustomerWorkflowState, seen: SeenIds): void {
  for (const kind of CUSTOMER_REQUEST_KINDS) {
    setHandler(
      defineUpdate<{ accepted: true }, [Request]>(CUSTOMER_UPDATES[kind]),
      (request) => {
        if (isRepeated(request, seen)) return { accepted: true };
        if (request.requestId !== undefined) seen.add(request.requestId);
        state.requests.push({ ...request, kind });
        return { accepted: true };
      },
      {
        description: DESCRIPTIONS[kind],
        validator: (request) => {
          if (!isRepeated(request, seen)) refuse(kind, request, state);
        },
      },
    );
  }
}

function isRepeated({ requestId }: Request, seen: SeenIds): boolean {
  return requestId !== undefined && seen.has(requestId);
}

function refuse(
  kind: CustomerRequestKind,
  { journeyId }: Request,
  { turn, standing, requests }: CustomerWorkflowState,
): void {
  // Before the first turn nothing is known yet; the turn itself does nothing that makes no sense.
  if (turn === 0 && standing.version === 0) return;
  const last = requests.findLast((request) => request.kind === 'close' || request.kind === 'reopen');
  const isClosed = last === undefined ? standing.closed : last.kind === 'close';
  switch (kind) {
    case 'complete': {
      const journey = standing.journeys.find((known) => known.journeyId === journeyId);
      if (journey === undefined) throw refusal('journey_unknown', 'The customer has no such journey.');
      if (!journey.open) throw refusal('journey_finished', 'The journey is finished.');
      break;
    }
    case 'reopen':
      if (!isClosed) throw refusal('customer_not_closed', 'The customer is not closed.');
      return;
    default:
      break;
  }
  if (isClosed) throw refusal('customer_closed', 'The customer is closed.');
  if (kind === 'close' && standing.frozen)
    throw refusal('customer_frozen', 'A case has frozen the customer, and has not released them.');
}

function refusal(type: RequestRefusal, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

/** Takes a request; returns the turn that takes it to the record. */
export function turnOf({ kind, journeyId = '', ...by }: QueuedRequest): CustomerTurnInput {
  return kind === 'complete' ? { kind: 'completion_requested', journeyId, ...by } : { kind, ...by };
}
