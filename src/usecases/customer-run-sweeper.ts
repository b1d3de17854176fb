import { handOverAgain, NOT_TAKEN_YET } from '../intake/hand-over-again.js';
import type { Logger } from '../observability/logger.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import type { StartCustomerRun } from '../temporal/customer-start.js';
import { type RepeatedSweep, repeatSweep } from './repeated-sweep.js';

/**
 * Finds customers whose run is gone, and starts another one; runs that do not know what time it is, and wakes them; and events
 * that nobody took, and hands them over again.
 */
export interface CustomerRunSweeper {
  /**
   * One sweep: at most 200 late clocks and 500 late events, the latest first, and 500 events that are handed over again;
   * returns whose run was started or woken, or was at it already.
   */
  sweepOnce(now: Date, stopping?: AbortSignal): Promise<readonly string[]>;
  /** Sweeps every so many milliseconds until it is stopped. */
  run(gapMs: number): RepeatedSweep;
}

const MOST_CLOCKS = 200;
const MOST_EVENTS = 500;
/**
 * A run acts within seconds of its time and of its events, unless no worker is there. One that is so late may have been
 * terminated, or lost with Temporal's own database, or set back with it to a time at which it knew less.
 */
const LATE_AFTER_MS = 5 * 60_000;
/**
 * A run that is there may have lost an event all the same (Temporal was set back to a backup), and so may the one that was
 * to find out whose event it is, of which no customer tells. What they have had already, and what waits for IDWise for
 * days, they are not troubled by more often than this.
 */
const HAND_OVER_AGAIN_AFTER_MS = 6 * 60 * 60_000;

/**
 * The safety net under the customers' runs: nothing that a customer waits for, and no event that was handed over, depends
 * on a run that nobody knows to be gone. The run that is started takes up the record, and what is not on it yet. Any number
 * of processes may sweep.
 *
 * Takes profiles and inbox, the ways to start a run and to wake one, and a log; returns the sweeper.
 */
export function createCustomerRunSweeper(options: {
  readonly store: Pick<Store, 'profiles' | 'inbox'>;
  /** For a customer with a late event; does nothing where a run is there. */
  readonly startRun: StartCustomerRun;
  /** For a customer with a late clock. */
  readonly wakeRun: StartCustomerRun;
  /** Called for a customer whose event was handed over hours ago and is on no record: their run may stand still. */
  readonly onEventNotTaken: (referenceNo: string) => void;
  readonly log: Pick<Logger, 'warn'>;
  /** Since when workers have been there, as far as this process knows. */
  readonly upSince: Date;
}): CustomerRunSweeper {
  const { store, startRun, wakeRun, onEventNotTaken, log, upSince } = options;

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
        { ...NOT_TAKEN_YET, signalledAt: { $lt: lateAt }, referenceNo: { $ne: null } },
        { projection: { referenceNo: 1 } },
      )
      .sort({ signalledAt: 1 })
      .limit(MOST_EVENTS)
      .toArray();
    return ours(late);
  }

  /** Of those whose events these are, our customers, in the same order. */
  async function ours(rows: readonly Pick<InboxRow, 'referenceNo'>[]): Promise<string[]> {
    const named = [...new Set(rows.flatMap(({ referenceNo }) => referenceNo ?? []))];
    const known = await store.profiles.find({ _id: { $in: named } }, { projection: { _id: 1 } }).toArray();
    const ids = new Set(known.map(({ _id }) => _id));
    return named.filter((referenceNo) => ids.has(referenceNo));
  }

  async function offerAgain(now: Date): Promise<void> {
    const signalledAt = { $lt: new Date(now.getTime() - HAND_OVER_AGAIN_AFTER_MS) };
    const rows = await store.inbox
      .find({ ...NOT_TAKEN_YET, signalledAt }, { projection: { referenceNo: 1 } })
      .sort({ signalledAt: 1 })
      .limit(MOST_EVENTS)
      .toArray();
    if (rows.length === 0) return;
    // It is told before it is written that they are under way again. Whose customer is sought yet may take days.
    for (const referenceNo of await ours(rows)) onEventNotTaken(referenceNo);
    const which = { signalledAt, _id: { $in: rows.map(({ _id }) => _id) } };
    const count = await handOverAgain(store, which, now, { isNewName: true });
    log.warn('Events that nobody took for hours are handed over again', { count });
  }

  async function reach(referenceNo: string, by: StartCustomerRun): Promise<boolean> {
    try {
      await by(referenceNo);
      return true;
    } catch (error) {
      log.warn('The run of a customer could not be started', { referenceNo, error });
      return false;
    }
  }

  const sweepOnce: CustomerRunSweeper['sweepOnce'] = async (now, stopping) => {
    const lateAt = new Date(now.getTime() - LATE_AFTER_MS);
    const reached = new Set<string>();
    for (const referenceNo of await withLateClock(lateAt)) {
      if (stopping?.aborted) break;
      if (!(await reach(referenceNo, wakeRun))) continue;
      reached.add(referenceNo);
      // Where no worker is there, all are late: each has its turn before the first one is asked for again.
      await store.profiles.updateOne(
        { _id: referenceNo, wakeAt: { $lt: lateAt } },
        { $set: { wakeAt: now } },
      );
    }
    for (const referenceNo of await withLateEvent(lateAt)) {
      if (stopping?.aborted) break;
      if (!reached.has(referenceNo) && (await reach(referenceNo, startRun))) reached.add(referenceNo);
    }
    // After an outage of all workers, what waits is taken first: only what they leave has been lost.
    if (upSince < lateAt) await offerAgain(now);
    return [...reached];
  };

  return {
    sweepOnce,
    run: (gapMs) =>
      repeatSweep(sweepOnce, gapMs, (error) => log.warn("The sweep over customers' runs failed", { error })),
  };
}
