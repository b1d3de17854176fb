import { retryGapMs } from '../domain/retry-ladder.js';
import type { Alarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import type { InboxRow, ParkReason } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import type { Signaller, SignalOutcome } from '../temporal/signaller.js';
import { createBatcher } from './batcher.js';
import { createFindOwner, type FindOwner } from './event-owner.js';
import { unparkFor } from './unpark.js';

/** Brings one stored event to its workflow, or parks it; the same for relay and sweeper. */
export interface Deliverer {
  /** Takes a row whose lease the caller holds; never rejects. */
  deliver(row: InboxRow): Promise<DeliveryOutcome>;
  /** True while Temporal is known to be down, so that there is no point in taking rows. */
  isDown(): boolean;
}

export type DeliveryOutcome = 'signalled' | 'parked' | 'failed';

export interface DeliverDependencies {
  readonly store: Store;
  readonly signaller: Signaller;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly alarm: Alarm;
}

/**
 * While Temporal is down its events stay nearly due, however old they are, so that its return is felt at once; it costs
 * nothing, because nothing is taken while it is known to be down.
 */
const LONGEST_GAP_WHILE_DOWN_MS = 10_000;
const GAP_OF_UNTRIED_MS = 1_000;
const MOST_UPDATES = 200;
/** A row that Temporal itself refuses this often is a bug or an attack; somebody should look. */
const REFUSALS_UNTIL_ALARM = 5;

type Fate =
  | { readonly kind: 'signalled' }
  | { readonly kind: 'parked'; readonly reason: ParkReason }
  | { readonly kind: 'later'; readonly gapMs: number };

/** Takes the dependencies; returns the deliverer. */
export function createDeliverer(dependencies: DeliverDependencies): Deliverer {
  const { store, signaller, metrics, logger, alarm } = dependencies;
  const findOwner = createFindOwner(store.profiles);
  const record = createBatcher<{ row: InboxRow; fate: Fate; at: Date }, true>(async (settled) => {
    await store.inbox.bulkWrite(
      settled.map(({ row, fate, at }) => ({ updateOne: settle(row, fate, at) })),
      { ordered: false },
    );
    return settled.map(() => true);
  }, MOST_UPDATES);

  async function attempt(row: InboxRow): Promise<DeliveryOutcome> {
    if (row.report?.kind === 'registered' && row.referenceNo !== null) {
      // What was parked while the registration was being written is picked up here: it saw no profile yet.
      await unparkFor(store, undefined, { referenceNo: row.referenceNo }, new Date());
    }
    const owner = await findOwner(row);
    if (owner.kind === 'nobody') return await park(row, owner.reason, findOwner);
    const outcome =
      owner.kind === 'customer'
        ? await signaller.signalCustomer(owner.referenceNo, {
            id: row.repeats > 0 ? `${row._id}~${row.repeats}` : row._id,
            inboxId: row._id,
            kind: row.kind,
            receivedAt: row.receivedAt.toISOString(),
          })
        : await signaller.startLink(row._id);
    if (outcome.kind !== 'accepted') return await putOff(row, outcome);
    const at = new Date();
    metrics.eventSignalled(at.getTime() - row.receivedAt.getTime());
    await record.add({ row, fate: { kind: 'signalled' }, at });
    return 'signalled';
  }

  async function park(row: InboxRow, reason: ParkReason, find: FindOwner): Promise<DeliveryOutcome> {
    await record.add({ row, fate: { kind: 'parked', reason }, at: new Date() });
    metrics.eventParked(reason);
    logger.warn('Parked an event', { inboxId: row._id, eventKind: row.kind, reason });
    // Its customer may have registered between the look-up and the parking, and then found nothing to pick up.
    const owner = await find(row);
    if (owner.kind !== 'nobody' && row.referenceNo !== null) {
      await unparkFor(store, undefined, { referenceNo: row.referenceNo }, new Date());
    }
    return 'parked';
  }

  async function putOff(
    row: InboxRow,
    outcome: Exclude<SignalOutcome, { kind: 'accepted' }>,
  ): Promise<'failed'> {
    const ladderMs = retryGapMs(Date.now() - row.receivedAt.getTime());
    if (outcome.kind === 'refused' && row.attempts + 1 === REFUSALS_UNTIL_ALARM) {
      alarm('event_refused_by_temporal', { inboxId: row._id, reason: outcome.code });
    }
    const downMs =
      outcome.code === 'temporal_down' ? GAP_OF_UNTRIED_MS : Math.min(ladderMs, LONGEST_GAP_WHILE_DOWN_MS);
    const gapMs = outcome.kind === 'refused' ? ladderMs : downMs;
    await record.add({ row, fate: { kind: 'later', gapMs }, at: new Date() });
    return 'failed';
  }

  return {
    deliver: async (row) => {
      try {
        return await attempt(row);
      } catch (error) {
        // MongoDB did not answer. The row's lease runs out and a sweeper takes it; the workflow knows what it has seen.
        logger.debug('Could not deliver an event', { inboxId: row._id, error });
        return 'failed';
      }
    },
    isDown: () => signaller.isDown(),
  };
}

/**
 * The update for one row. It holds only while the row is as it was read: a repeat, or a link to its customer, in the
 * meantime wants a delivery of its own. The workflow may have processed the row before its signal is recorded here.
 */
function settle(row: InboxRow, fate: Fate, at: Date) {
  const asRead = { _id: row._id, repeats: row.repeats, referenceNo: row.referenceNo };
  const isWaiting = { $eq: ['$state', 'received'] };
  switch (fate.kind) {
    case 'signalled':
      return {
        filter: { ...asRead, state: { $in: ['received' as const, 'processed' as const] } },
        update: [
          {
            $set: {
              signalledAt: { $cond: [isWaiting, at, { $ifNull: ['$signalledAt', at] }] },
              state: { $cond: [isWaiting, 'signalled', '$state'] },
            },
          },
        ],
      };
    case 'parked':
      return {
        filter: { ...asRead, state: 'received' as const },
        update: { $set: { state: 'parked' as const, parkReason: fate.reason } },
      };
    case 'later':
      return {
        filter: { ...asRead, state: 'received' as const },
        update: { $set: { notBefore: new Date(at.getTime() + fate.gapMs) }, $inc: { attempts: 1 } },
      };
  }
}
