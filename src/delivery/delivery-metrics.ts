import { Counter, Gauge, type Registry } from 'prom-client';
import type { Store } from '../store/store.js';
import type { Channel } from './send-outcome.js';

/** How one attempt ended, as it is counted. */
export type CountedOutcome = 'delivered' | 'retried' | 'given_up' | 'dropped';

export interface DeliveryMetrics {
  attempted(channel: Channel, outcome: CountedOutcome): void;
}

/**
 * Takes the registry and the store; registers the count of attempts and how long the oldest undelivered message has
 * waited, and returns the counter. Call it once per process.
 */
export function createDeliveryMetrics(registry: Registry, store: Pick<Store, 'outbox'>): DeliveryMetrics {
  const attempts = new Counter({
    name: 'deliveries_total',
    help: 'Attempts to deliver, by channel and how they ended.',
    labelNames: ['channel', 'outcome'] as const,
    registers: [registry],
  });
  new Gauge({
    name: 'outbox_oldest_undelivered_seconds',
    help: 'Age of the oldest message that is neither delivered nor given up; 0 when there is none.',
    registers: [registry],
    async collect() {
      // Without MongoDB the age is unknown; the page of metrics must not fail for it.
      const ageMs = await oldestUndeliveredMs(store, new Date()).catch(() => Number.NaN);
      this.set(ageMs / 1_000);
    },
  });
  return { attempted: (channel, outcome) => attempts.inc({ channel, outcome }) };
}

/** Takes the store and the time; returns the age of the oldest undelivered message in milliseconds, 0 without one. */
export async function oldestUndeliveredMs(store: Pick<Store, 'outbox'>, now: Date): Promise<number> {
  const oldest = await store.outbox.findOne(
    { state: 'pending' },
    { sort: { createdAt: 1 }, projection: { createdAt: 1 } },
  );
  return oldest === null ? 0 : Math.max(0, now.getTime() - oldest.createdAt.getTime());
}
