import type { Alarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import { isDefect } from '../store/defect.js';
import type { OutboxRow } from '../store/outbox-records.js';
import type { Store } from '../store/store.js';
import { type RepeatedSweep, repeatSweep } from '../usecases/repeated-sweep.js';
import type { StartDelivery } from './start-delivery.js';
import { thrownMember } from './thrown.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Younger rows are still being taken up by the workflow that owes them. */
const TAKEN_UP_WITHIN_MS = MINUTE_MS;
/** The ladder's longest gap is an hour: who has not tried for two is not trying. */
const TRIES_AT_LEAST_EVERY_MS = 2 * HOUR_MS;
const ROWS_PER_SWEEP = 500;
const STARTS_AT_ONCE = 10;

export interface SweeperDependencies {
  readonly store: Pick<Store, 'outbox'>;
  readonly startDelivery: StartDelivery;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly alarm: Alarm;
  readonly now?: () => Date;
}

export interface OutboxSweeper {
  /** Goes through the rows that nobody seems to deliver, oldest first, at most 500; returns how many it started. */
  sweepOnce(stopping?: AbortSignal): Promise<number>;
  /** Sweeps every so many milliseconds until it is stopped. */
  run(gapMs: number): RepeatedSweep;
}

/**
 * The safety net under the outbox: a message whose workflow was never started, or was ended by hand, gets one. Any
 * number of processes may sweep, because starting a delivery that is under way does nothing.
 *
 * Takes the dependencies; returns the sweeper.
 */
export function createOutboxSweeper(deps: SweeperDependencies): OutboxSweeper {
  const { store, startDelivery, log, alarm, now = () => new Date() } = deps;
  // Where the last sweep stopped: with workers down for long, rows under way look neglected too, and must not keep
  // the sweeper from the rows behind them.
  let resumeAfter: Pick<OutboxRow, '_id' | 'createdAt'> | null = null;

  const sweepOnce: OutboxSweeper['sweepOnce'] = async (stopping) => {
    const rows = await store.outbox
      .find(neglected(now(), resumeAfter), {
        sort: { createdAt: 1, _id: 1 },
        limit: ROWS_PER_SWEEP,
        projection: { _id: 1, createdAt: 1, 'message.channel': 1 },
      })
      .toArray();
    let started = 0;
    for (let first = 0; first < rows.length && !stopping?.aborted; first += STARTS_AT_ONCE) {
      const batch = rows.slice(first, first + STARTS_AT_ONCE);
      const starts = await Promise.allSettled(
        batch.map((row) => startDelivery({ outboxId: row._id, channel: row.message.channel })),
      );
      resumeAfter = batch.at(-1) ?? resumeAfter;
      started += starts.filter(({ status }) => status === 'fulfilled').length;
      const failure = starts.find(({ status }) => status === 'rejected');
      if (failure?.status === 'rejected') throw failure.reason;
    }
    if (rows.length < ROWS_PER_SWEEP) resumeAfter = null;
    if (started > 0) log.info('Started deliveries that nobody had taken up', { count: started });
    return started;
  };

  return {
    sweepOnce,
    run: (gapMs) =>
      repeatSweep(
        (_now, stopping) => sweepOnce(stopping),
        gapMs,
        (error) => {
          // MongoDB or Temporal is away: they are watched elsewhere, and the next sweep makes up for this one.
          if (isOutage(error)) log.warn('The outbox could not be swept', { error });
          else alarm('outbox_sweeper_defect', { error });
        },
      ),
  };
}

function neglected(now: Date, after: Pick<OutboxRow, '_id' | 'createdAt'> | null) {
  const before = new Date(now.getTime() - TAKEN_UP_WITHIN_MS);
  const recently = new Date(now.getTime() - TRIES_AT_LEAST_EVERY_MS);
  return {
    state: 'pending' as const,
    createdAt: { $lt: before },
    attempts: { $not: { $elemMatch: { at: { $gte: recently } } } },
    ...(after !== null && {
      $or: [{ createdAt: { $gt: after.createdAt } }, { createdAt: after.createdAt, _id: { $gt: after._id } }],
    }),
  };
}

/** Temporal's client wraps what gRPC says into a ServiceError. */
function isOutage(error: unknown): boolean {
  return !isDefect(error) || thrownMember(error, 'name') === 'ServiceError';
}
