import type { AgendaItem } from '../src/domain/agenda.js';
import type { CustomerEventRef, CustomerRequestKind } from '../src/temporal/names.js';
import type { CustomerTurnDone } from '../src/usecases/customer-turn-command.js';
import type { CarriedState } from './upgrade-state.js';

/** How the workflow was started, or continued: without `state` everything is taken from MongoDB. */
export interface CustomerWorkflowInput {
  readonly referenceNo: string;
  readonly state?: CarriedState;
  /** History length after which the run continues as new; for tests, which cannot wait for thousands of events. */
  readonly rollOverAtHistoryLength?: number;
}

/**
 * What a run hands to the next one. Plain JSON, and little: the facts live in MongoDB, here is only what has not been
 * taken there yet, what must wait, and what an engineer wants to see.
 */
export interface CustomerWorkflowState {
  schema: 3;
  turn: number;
  queue: CustomerEventRef[];
  requests: QueuedRequest[];
  /** The ids of the latest events and requests, so that one which is sent again is known. */
  seenIds: string[];
  duplicates: number;
  eventsTaken: number;
  lastEvent: { kind: string; at: string } | null;
  agenda: readonly AgendaItem[];
  standing: Standing;
}

/**
 * What somebody asks of the workflow. Why stands in MongoDB, under the request's id, because Temporal keeps what it is
 * given. One with its reason in it, and without id, is of a run that an earlier release began.
 */
export interface QueuedRequest {
  kind: CustomerRequestKind;
  requestId?: string;
  journeyId?: string;
  reason?: string;
  actor: string;
}

type Standing = Required<
  Pick<
    CustomerTurnDone,
    'status' | 'access' | 'ground' | 'journeyId' | 'version' | 'attention' | 'closed' | 'frozen' | 'journeys'
  >
>;

/** Returns the state of a run that knows nothing yet. */
export function emptyState(): CustomerWorkflowState {
  return {
    schema: 3,
    turn: 0,
    queue: [],
    requests: [],
    seenIds: [],
    duplicates: 0,
    eventsTaken: 0,
    lastEvent: null,
    agenda: [],
    standing: {
      status: 'created',
      access: 'none',
      ground: 'no_journey',
      journeyId: null,
      version: 0,
      attention: null,
      closed: false,
      frozen: false,
      journeys: [],
    },
  };
}

/** Takes the state and a turn's result; puts what the workflow carries on with into the state. */
export function carryOn(state: CustomerWorkflowState, done: CustomerTurnDone): void {
  state.turn = done.turn;
  state.agenda = done.agenda;
  const { status, access, ground, journeyId, version, attention, journeys } = done;
  const { closed = false, frozen = false } = done;
  state.standing = { status, access, ground, journeyId, version, attention, closed, frozen, journeys };
}
