import type { Logger } from '../observability/logger.js';
import type { RequestRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { StartCustomerRun } from '../temporal/customer-start.js';
import type { SendCustomerUpdate, UpdateOutcome } from '../temporal/customer-updates.js';
import { type RepeatedSweep, repeatSweep } from './repeated-sweep.js';
import type { FailedRequest, RequestFailure } from './request-settlement.js';

/** Finds requests that were accepted and of which nothing is on record, and sends them again. */
export interface RequestSweeper {
  /** One sweep over at most 50 requests, those that were sent longest ago first; returns the ids of all that it sent. */
  sweepOnce(now: Date, stopping?: AbortSignal): Promise<readonly string[]>;
  /** Sweeps every so many milliseconds until it is stopped. */
  run(gapMs: number): RepeatedSweep;
}

const MOST_REQUESTS = 50;
/** A run takes a request within seconds, unless MongoDB or every worker is away, or much else waits before it. */
const LATE_AFTER_MS = 5 * 60_000;
/** What a run has had on its list for so long without doing it is for a person to look at. */
const GIVEN_UP_AFTER_MS = 60 * 60_000;

/**
 * The safety net under what people ask of customers' workflows: a run that was terminated, or lost with Temporal's own
 * database, may have had a request on its list whose asker was told that it is accepted. It is sent again under its own
 * id, by which a run that has it knows it; the record takes each once, and none after a later word
 * (`request-settlement.ts`).
 *
 * Takes the requests, the ways to start a run and to send a request, who is told of one that is not carried out, and a
 * log; returns the sweeper. Any number of processes may sweep.
 */
export function createRequestSweeper(options: {
  readonly store: Pick<Store, 'requests'>;
  readonly startRun: StartCustomerRun;
  readonly send: SendCustomerUpdate;
  readonly onRequestFailed: (failed: FailedRequest) => void;
  readonly log: Pick<Logger, 'warn'>;
}): RequestSweeper {
  const { store, startRun, send, onRequestFailed, log } = options;

  /** Temporal answers for a run that is gone what that run had answered, so there must be one that is not. */
  async function sendAgain({ _id, referenceNo, kind, journeyId, actor }: RequestRow): Promise<UpdateOutcome> {
    try {
      await startRun(referenceNo);
    } catch {
      return { kind: 'unavailable', code: 'workflow_unavailable' };
    }
    return await send(referenceNo, { kind, requestId: _id, journeyId, actor });
  }

  async function fails({ _id, referenceNo }: RequestRow, failure: RequestFailure): Promise<void> {
    const refused = { state: 'refused', failure } as const;
    const { modifiedCount } = await store.requests.updateOne({ _id, state: 'accepted' }, { $set: refused });
    if (modifiedCount === 1) onRequestFailed({ requestId: _id, referenceNo, failure });
  }

  /** Whoever cannot be reached now comes after the others, with all that was asked of them: its order is kept. */
  async function putOff(
    filter: Pick<RequestRow, '_id'> | Pick<RequestRow, 'referenceNo'>,
    now: Date,
  ): Promise<void> {
    await store.requests.updateMany({ ...filter, state: 'accepted' }, { $set: { sentAt: now } });
  }

  async function resolve(request: RequestRow, now: Date): Promise<'reached' | 'out_of_reach'> {
    const { _id, referenceNo, at } = request;
    const outcome = await sendAgain(request);
    if (outcome.kind !== 'accepted') {
      if (outcome.code === 'workflow_unavailable' || outcome.code === 'update_rejected') {
        await putOff({ referenceNo }, now);
        return 'out_of_reach';
      }
      await fails(request, outcome.code);
    } else if (now.getTime() - at.getTime() > GIVEN_UP_AFTER_MS) await fails(request, 'not_on_record');
    else await putOff({ _id }, now);
    return 'reached';
  }

  const sweepOnce: RequestSweeper['sweepOnce'] = async (now, stopping) => {
    const lateAt = new Date(now.getTime() - LATE_AFTER_MS);
    const late = await store.requests
      .find({ state: 'accepted', sentAt: { $lt: lateAt } })
      .sort({ sentAt: 1, at: 1 })
      .limit(MOST_REQUESTS)
      .toArray();
    const sent: string[] = [];
    const outOfReach = new Set<string>();
    for (const request of late) {
      if (stopping?.aborted) break;
      if (outOfReach.has(request.referenceNo)) continue;
      if ((await resolve(request, now)) === 'out_of_reach') outOfReach.add(request.referenceNo);
      sent.push(request._id);
    }
    return sent;
  };

  return {
    sweepOnce,
    run: (gapMs) =>
      repeatSweep(
        (stopping) => sweepOnce(new Date(), stopping),
        gapMs,
        (error) => log.warn('The sweep over requests failed', { error }),
      ),
  };
}
