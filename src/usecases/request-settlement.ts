import type { mongo } from 'mongoose';
import { type CustomerFacts, knownJourney } from '../domain/customer.js';
import type { Effect } from '../domain/effects.js';
import type { RequestFailure, RequestRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { RequestRefusal } from '../temporal/names.js';
import type { CustomerTurnCommand, CustomerTurnInput } from './customer-turn-command.js';

/** A request that was accepted and not carried out. */
export interface FailedRequest {
  readonly requestId: string;
  readonly referenceNo: string;
  readonly failure: RequestFailure;
}

/** What a turn has to do with the request that it was given, if it was given one. */
export type RequestAtTurn =
  | { readonly kind: 'none' }
  | { readonly kind: 'due' | 'superseded'; readonly request: RequestRow }
  /** An earlier turn had it, and what it asked for may have been undone since; or it has been given up. */
  | { readonly kind: 'settled' };

/** Takes the store, the turn's transaction and its command; returns whether the turn has a request to carry out. */
export async function requestAtTurn(
  store: Pick<Store, 'requests' | 'inbox'>,
  session: mongo.ClientSession,
  { input }: CustomerTurnCommand,
): Promise<RequestAtTurn> {
  const request = await requestOf(store, session, input);
  if (request === null) return { kind: 'none' };
  if (request.takenAt !== undefined || request.state === 'refused') return { kind: 'settled' };
  const isOvertaken = request.resentAt !== undefined && (await hasLaterWord(store, session, request));
  return { kind: isOvertaken ? 'superseded' : 'due', request };
}

async function requestOf(
  store: Pick<Store, 'requests'>,
  session: mongo.ClientSession,
  input: CustomerTurnInput,
): Promise<RequestRow | null> {
  if (!('requestId' in input) || input.requestId === undefined) return null;
  return await store.requests.findOne({ _id: input.requestId }, { session });
}

/**
 * A request that was lost with its run comes late. Whether the customer is off-boarded is what was asked for last, by a
 * person or by the outcome of a case, also where that changed nothing then; to look again, or to complete a journey, does
 * no harm at any time. What was lost together is not asked about here: it is sent again in its order.
 */
async function hasLaterWord(
  store: Pick<Store, 'requests' | 'inbox'>,
  session: mongo.ClientSession,
  { referenceNo, kind, at }: RequestRow,
): Promise<boolean> {
  if (kind !== 'close' && kind !== 'reopen') return false;
  const only = { session, projection: { _id: 1 } } as const;
  const opposite = kind === 'close' ? 'reopen' : 'close';
  const ofPerson = await store.requests.findOne(
    { referenceNo, at: { $gt: at }, kind: opposite, state: { $in: ['taken', 'refused'] } },
    only,
  );
  if (ofPerson !== null || kind === 'close') return ofPerson !== null;
  const ofCase = await store.inbox.findOne(
    { referenceNo, receivedAt: { $gt: at }, state: 'processed', 'report.measure.kind': 'close' },
    only,
  );
  return ofCase !== null;
}

/**
 * Takes the store, a transaction and the command of a turn that was taken before; returns its request where that was not
 * carried out: whoever took the turn may have died before it could say so.
 */
export async function failedBefore(
  store: Pick<Store, 'requests'>,
  session: mongo.ClientSession,
  { input }: CustomerTurnCommand,
): Promise<FailedRequest | null> {
  const request = await requestOf(store, session, input);
  if (request?.takenAt === undefined || request.failure === undefined) return null;
  const { _id: requestId, referenceNo, failure } = request;
  return { requestId, referenceNo, failure };
}

/**
 * Takes the store, the turn's transaction, what it had to do with a request, its command, the facts before it and its
 * effects; writes into the request what has become of it. Returns it where it was not carried out.
 */
export async function settleRequest(
  store: Pick<Store, 'requests'>,
  session: mongo.ClientSession,
  at: RequestAtTurn,
  command: CustomerTurnCommand,
  before: CustomerFacts,
  effects: readonly Effect[],
): Promise<FailedRequest | null> {
  if (at.kind !== 'due' && at.kind !== 'superseded') return null;
  const { _id: requestId, referenceNo } = at.request;
  const failure = at.kind === 'superseded' ? 'superseded' : failureIn(command.input, before, effects);
  const takenAt = new Date(command.at);
  await store.requests.updateOne(
    { _id: requestId },
    failure === null
      ? { $set: { state: 'taken', takenAt }, $unset: { failure: '' } }
      : { $set: { state: 'refused', takenAt, failure } },
    { session },
  );
  return failure === null ? null : { requestId, referenceNo, failure };
}

/** The workflow refuses what makes no sense, but knows nothing yet where the request has started it. */
function failureIn(
  input: CustomerTurnInput,
  before: CustomerFacts,
  effects: readonly Effect[],
): RequestRefusal | null {
  const has = (kind: Effect['kind']) => effects.some((effect) => effect.kind === kind);
  switch (input.kind) {
    case 'close':
      if (has('closed')) return null;
      return has('close_refused') ? 'customer_frozen' : 'customer_closed';
    case 'reopen':
      return has('reopened') ? null : 'customer_not_closed';
    case 'reprocess':
      return has('reprocess_requested') ? null : 'customer_closed';
    case 'completion_requested':
      if (has('completion')) return null;
      if (before.closedAt !== null) return 'customer_closed';
      return knownJourney(before, input.journeyId) === undefined ? 'journey_unknown' : 'journey_finished';
    default:
      return null;
  }
}
