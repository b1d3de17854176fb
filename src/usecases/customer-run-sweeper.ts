import type { Logger } from '../observability/logger.js';
import type { Store } from '../store/store.js';
import type { StartCustomerRun } from '../temporal/customer-start.js';
import { type RepeatedSweep, repeatSweep } from './repeated-sweep.js';

/** Finds customers whose run is gone, and starts another one. */
export interface CustomerRunSweeper {
  /** One sweep: at most 200 late clocks and 500 late events, the latest first; returns for whom a run was asked for. */
  sweepOnce(now: Date, stopping?: AbortSignal): Promise<readonly string[]>;
  /** Sweeps every so many milliseconds until it is stopped. */
  run(gapMs: number): RepeatedSweep;
}

const MOST_CLOCKS = 200;
const MOST_EVENTS = 500;
/**
 * A run acts within seconds of its time and of its events, unless no worker is there. One that is so late may have been
 * terminated, or lost with Temporal's own database; asking for a run that is there does nothing.
 */
const LATE_AFTER_MS = 5 * 60_000;

/**
 * The safety net under the customers' runs: nothing that a customer waits for, and no event that was handed over, depends
 * on a run that nobody knows to be gone. The run that is started takes up the record, and what is not on it yet. Any number
 * of processes may sweep.
 *
 * Takes profiles and inbox, the way to start a run, and a log; returns the sweeper.
 */
export function createCustomerRunSweeper(options: {
  readonly store: Pick<Store, 'profiles' | 'inbox'>;
  readonly startRun: StartCustomerRun;
  readonly log: Pick<Logger, 'warn'>;
}): CustomerRunSweeper {
  const { store, startRun, log } = options;

  async function withLateClock(lateAt: Date): Promise<string[]> {
    const late = await store.profiles
      .find({ wakeAt: { $lt: lateAt } }, { projection: { _id: 1 } })
      .sort({ wakeAt: 1 })
      .limit(MOST_CLOCKS)
      .toArray();
    return late.map(({ _id }) => _id);
  }

  async function withLateEvent(lateAt: Date): Promise<string[]> {
    const late = await store.inbox
      .find(
        { state: 'signalled', outcome: null, signalledAt: { $lt: lateAt } },
        { projection: { referenceNo: 1 } },
      )
      .sort({ signalledAt: 1 })
      .limit(MOST_EVENTS)
      .toArray();
    return late.flatMap(({ referenceNo }) => referenceNo ?? []);
  }

  async function start(referenceNo: string, now: Date, lateAt: Date): Promise<boolean> {
    try {
      await startRun(referenceNo);
    } catch (error) {
      log.warn('The run of a customer could not be started', { referenceNo, error });
      return false;
    }
    // Where no worker is there, all are late: each has its turn before the first one is asked for again.
    await store.profiles.updateOne({ _id: referenceNo, wakeAt: { $lt: lateAt } }, { $set: { wakeAt: now } });
    return true;
  }

  const sweepOnce: CustomerRunSweeper['sweepOnce'] = async (now, stopping) => {
    const lateAt = new Date(now.getTime() - LATE_AFTER_MS);
    const late = new Set([...(await withLateClock(lateAt)), ...(await withLateEvent(lateAt))]);
    const started: string[] = [];
    for (const referenceNo of late) {
      if (stopping?.aborted) break;
      if (await start(referenceNo, now, lateAt)) started.push(referenceNo);
    }
    return started;
  };

  return {
    sweepOnce,
    run: (gapMs) =>
      repeatSweep(sweepOnce, gapMs, (error) => log.warn("The sweep over customers' runs failed", { error })),
  };
}
