import { isDuplicateKey } from '../store/insert-once.js';
import type { IdwiseCallRow } from '../store/records.js';
import type { Store } from '../store/store.js';

/** The record of calls to IDWise that must not be made twice (`idwiseCalls`): written before and after each. */
export interface CallRecord {
  /** Whether a call may be made now, by what is on record alone. */
  state(call: CallKey, confirmedNotDone: boolean): Promise<'free' | 'already_done' | 'uncertain'>;
  /** Takes the right to make the call; of two concurrent callers one gets it. */
  claim(call: CallKey, confirmedNotDone: boolean): Promise<Claim>;
  /** Writes down what became of the attempt. A later attempt's record is left alone, except that done is done. */
  settle(call: CallKey, attempt: number, state: SettledState, code: string | null): Promise<void>;
}

export interface CallKey {
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly operation: IdwiseCallRow['operation'];
}

type Claim =
  | { readonly kind: 'claimed'; readonly attempt: number; readonly atMs: number }
  | { readonly kind: 'already_done' }
  | { readonly kind: 'uncertain' };

export type SettledState = Exclude<IdwiseCallRow['state'], 'sending'>;

/**
 * A call takes 10 s at most, so one that began longer ago is not on its way any more. Measured by the machines' clocks
 * and not by the workflow's time, because it is about what a process is doing now.
 */
const IN_FLIGHT_MS = 15_000;

/** Takes the store and the clock (milliseconds since the epoch); returns the record. */
export function createCallRecord(store: Pick<Store, 'idwiseCalls'>, clock: () => number): CallRecord {
  const idOf = ({ journeyId, operation }: CallKey) => `${journeyId}:${operation}`;

  return {
    state: async (call, confirmedNotDone) => {
      const row = await store.idwiseCalls.findOne({ _id: idOf(call) });
      if (row?.state === 'accepted') return 'already_done';
      return row === null || mayCall(row, confirmedNotDone, clock()) ? 'free' : 'uncertain';
    },
    claim: async (call, confirmedNotDone) => {
      const now = new Date(clock());
      const claimable = {
        _id: idOf(call),
        $or: [
          { state: { $in: ['refused' as const, 'not_sent' as const] } },
          ...(confirmedNotDone
            ? [
                { state: 'uncertain' as const },
                { state: 'sending' as const, startedAt: { $lte: new Date(now.getTime() - IN_FLIGHT_MS) } },
              ]
            : []),
        ],
      };
      const change = {
        $set: { state: 'sending' as const, startedAt: now, endedAt: null, code: null },
        $inc: { attempts: 1 },
        $setOnInsert: call,
      };
      try {
        const row = await store.idwiseCalls.findOneAndUpdate(claimable, change, {
          upsert: true,
          returnDocument: 'after',
        });
        if (row !== null) return { kind: 'claimed', attempt: row.attempts, atMs: now.getTime() };
      } catch (error) {
        // The row is there, but not to be claimed: somebody else has it, or it is done.
        if (!isDuplicateKey(error)) throw error;
      }
      const row = await store.idwiseCalls.findOne({ _id: idOf(call) });
      return { kind: row?.state === 'accepted' ? 'already_done' : 'uncertain' };
    },
    settle: async (call, attempt, state, code) => {
      const mine = state === 'accepted' ? {} : { attempts: attempt, state: 'sending' as const };
      await store.idwiseCalls.updateOne(
        { _id: idOf(call), ...mine },
        { $set: { state, code, endedAt: new Date(clock()) } },
      );
    },
  };
}

function mayCall(row: IdwiseCallRow, confirmedNotDone: boolean, nowMs: number): boolean {
  switch (row.state) {
    case 'accepted':
      return false;
    case 'refused':
    case 'not_sent':
      return true;
    case 'uncertain':
      return confirmedNotDone;
    case 'sending':
      return confirmedNotDone && row.startedAt.getTime() <= nowMs - IN_FLIGHT_MS;
  }
}
