import type { Logger } from '../observability/logger.js';
import type { RequestFailure, RequestRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { StartCustomerRun } from '../temporal/customer-start.js';
import type { SendCustomerUpdate, UpdateOutcome } from '../temporal/customer-updates.js';
import { type RepeatedSweep, repeatSweep } from './repeated-sweep.js';
import type { FailedRequest } from './request-settlement.js';

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
/** What a run has had on its list for so long without doing it, or no run could be given, is for a person to look at. */
const ALARM_AFTER_MS = 60 * 60_000;

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
  async function sendAgain(request: RequestRow, now: Date): Promise<UpdateOutcome> {
    const { _id, referenceNo, kind, journeyId, actor } = request;
    // Before it is sent: the turn that takes it asks whether it comes too late.
    await store.requests.updateOne({ _id }, { $min: { resentAt: now } });
    try {
      await startRun(referenceNo);
    } catch (error) {
      log.warn('The run for a request could not be started', { referenceNo, requestId: _id, error });
      return { kind: 'unavailable', code: 'workflow_unavailable' };
    }
    return await send(referenceNo, { kind, requestId: _id, journeyId, actor });
  }

  /** Told before it is written: rather twice than never. */
  async function fails({ _id, referenceNo }: RequestRow, failure: RequestFailure): Promise<void> {
    const stands = { _id, state: 'accepted' } as const;
    if ((await store.requests.findOne(stands, { projection: { _id: 1 } })) === null) return;
    onRequestFailed({ requestId: _id, referenceNo, failure });
    const state = failure === 'out_of_reach' ? 'accepted' : 'refused';
    await store.requests.updateOne(stands, { $set: { state, failure } });
  }

  /** Whoever cannot be reached now comes after the others, with all that was asked of them: its order is kept. */
  async function putOff(request: RequestRow, now: Date): Promise<void> {
    const { referenceNo, at, failure } = request;
    await store.requests.updateMany({ referenceNo, state: 'accepted' }, { $set: { sentAt: now } });
    if (failure === undefined && isLong(at, now)) await fails(request, 'out_of_reach');
  }

  async function resolve(request: RequestRow, now: Date): Promise<'reached' | 'out_of_reach'> {
    const { _id, reachedAt } = request;
    const outcome = await sendAgain(request, now);
    if (outcome.kind !== 'accepted') {
      if (outcome.code === 'workflow_unavailable' || outcome.code === 'update_rejected') {
        await putOff(request, now);
        return 'out_of_reach';
      }
      await fails(request, outcome.code);
    } else if (reachedAt !== undefined && isLong(reachedAt, now)) {
      await fails(request, 'not_on_record');
    } else {
      const reached = { $set: { sentAt: now }, $min: { reachedAt: now } };
      await store.requests.updateOne({ _id, state: 'accepted' }, reached);
    }
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
      repeatSweep(sweepOnce, gapMs, (error) => log.warn('The sweep over requests failed', { error })),
  };
}

function isLong(since: Date, now: Date): boolean {
  return now.getTime() - since.getTime() > ALARM_AFTER_MS;
}
