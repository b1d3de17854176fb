import type { mongo } from 'mongoose';
import type { Effect } from '../domain/effects.js';
import type { RequestRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { RequestRefusal } from '../temporal/names.js';
import type { CustomerTurnCommand, CustomerTurnInput } from './customer-turn-command.js';

/**
 * Why a request whose asker was told that it is accepted was not carried out: what the workflow would say by now, or
 * `superseded` by a later word, or `not_on_record` an hour after a run has it on its list.
 */
export type RequestFailure = RequestRefusal | 'superseded' | 'not_on_record';

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
  /** An earlier turn had it; what it asked for may have been undone since. */
  | { readonly kind: 'settled' };

/** Takes the store, the turn's transaction and its command; returns whether the turn has a request to carry out. */
export async function requestAtTurn(
  store: Pick<Store, 'requests' | 'inbox'>,
  session: mongo.ClientSession,
  { input }: CustomerTurnCommand,
): Promise<RequestAtTurn> {
  if (!('requestId' in input) || input.requestId === undefined) return { kind: 'none' };
  const request = await store.requests.findOne({ _id: input.requestId }, { session });
  if (request === null) return { kind: 'none' };
  if (request.takenAt !== undefined) return { kind: 'settled' };
  const isOvertaken = await hasLaterWord(store, session, request);
  return { kind: isOvertaken ? 'superseded' : 'due', request };
}

/**
 * A request that was lost with its run comes late. Whether the customer is off-boarded is what was asked for last, by a
 * person or by the outcome of a case; to look again, or to complete a journey, does no harm at any time.
 */
async function hasLaterWord(
  store: Pick<Store, 'requests' | 'inbox'>,
  session: mongo.ClientSession,
  { referenceNo, kind, at }: RequestRow,
): Promise<boolean> {
  if (kind !== 'close' && kind !== 'reopen') return false;
  const ofPerson = await store.requests.findOne(
    { referenceNo, at: { $gt: at }, kind: { $in: ['close', 'reopen'] }, state: 'taken' },
    { session, projection: { _id: 1 } },
  );
  if (ofPerson !== null) return true;
  const ofCase = await store.inbox.findOne(
    { referenceNo, receivedAt: { $gt: at }, state: 'processed', 'report.measure.kind': 'close' },
    { session, projection: { _id: 1 } },
  );
  return ofCase !== null;
}

/**
 * Takes the store, the turn's transaction, what it had to do with a request, its command and its effects; writes into the
 * request what has become of it. Returns it where it was not carried out.
 */
export async function settleRequest(
  store: Pick<Store, 'requests'>,
  session: mongo.ClientSession,
  at: RequestAtTurn,
  command: CustomerTurnCommand,
  effects: readonly Effect[],
): Promise<FailedRequest | null> {
  if (at.kind !== 'due' && at.kind !== 'superseded') return null;
  const { _id: requestId, referenceNo } = at.request;
  const failure = at.kind === 'superseded' ? 'superseded' : failureIn(command.input, effects);
  const takenAt = new Date(command.at);
  const settled =
    failure === null
      ? ({ state: 'taken', takenAt } as const)
      : ({ state: 'refused', takenAt, failure } as const);
  await store.requests.updateOne({ _id: requestId }, { $set: settled }, { session });
  return failure === null ? null : { requestId, referenceNo, failure };
}

/** The workflow refuses what makes no sense, but knows nothing yet where the request has started it. */
function failureIn(input: CustomerTurnInput, effects: readonly Effect[]): RequestRefusal | null {
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
      return has('completion') ? null : 'customer_closed';
    default:
      return null;
  }
}
