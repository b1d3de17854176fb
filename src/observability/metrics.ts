import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ParkReason } from '../store/inbox-records.js';
import type { AlarmCode } from './alarm.js';

/** The service's metrics, in a registry of their own. Labels hold codes only: never a reference number, never an id. */
export interface Metrics {
  readonly registry: Registry;
  /** Events of IDWise that were new. */
  eventAccepted(): void;
  /** Events that were there already. */
  eventDuplicate(): void;
  eventParked(reason: ParkReason): void;
  /** Milliseconds from the event's receipt to its signal's acceptance by Temporal. */
  eventSignalled(lagMs: number): void;
  /** Something that an operator must look at. */
  alarm(code: AlarmCode): void;
  webhookAnswered(status: number): void;
  /** Takes the route's template (never the path), the answer's status and the duration in milliseconds. */
  requestAnswered(method: string, route: string, status: number, durationMs: number): void;
  streams(open: number): void;
}

/**
 * Takes a function that returns since when the oldest event waits for its signal (null: none waits); it is asked at
 * each scrape only. Returns the metrics.
 */
export function createMetrics(oldestUndeliveredSince: () => Promise<Date | null>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const accepted = new Counter({
    name: 'idwise_events_accepted_total',
    help: 'Events of IDWise stored for the first time.',
    registers,
  });
  const duplicate = new Counter({
    name: 'idwise_events_duplicate_total',
    help: 'Deliveries of events that were stored already.',
    registers,
  });
  const parked = new Counter({
    name: 'idwise_events_parked_total',
    help: 'Events set aside because they cannot be applied now, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const lag = new Histogram({
    name: 'idwise_event_delivery_lag_seconds',
    help: 'From the receipt of an event to its acceptance by Temporal.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200],
    registers,
  });
  new Gauge({
    name: 'idwise_oldest_undelivered_seconds',
    help: 'Age of the oldest event that Temporal has not accepted; 0 when there is none, NaN when MongoDB does not answer.',
    registers,
    async collect() {
      try {
        const since = await oldestUndeliveredSince();
        this.set(since === null ? 0 : Math.max(0, (Date.now() - since.getTime()) / 1_000));
      } catch {
        this.set(Number.NaN);
      }
    },
  });
  const alarms = new Counter({
    name: 'alarms_total',
    help: 'Matters that an operator must look at, by code.',
    labelNames: ['code'],
    registers,
  });
  const webhooks = new Counter({
    name: 'idwise_webhook_answers_total',
    help: 'Answers given to IDWise, by status.',
    labelNames: ['status'],
    registers,
  });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Requests to the API, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const streams = new Gauge({ name: 'http_event_streams_open', help: 'Open event streams.', registers });
  return {
    registry,
    eventAccepted: () => accepted.inc(),
    eventDuplicate: () => duplicate.inc(),
    eventParked: (reason) => parked.inc({ reason }),
    eventSignalled: (lagMs) => lag.observe(Math.max(0, lagMs) / 1_000),
    alarm: (code) => alarms.inc({ code }),
    webhookAnswered: (status) => webhooks.inc({ status: String(status) }),
    requestAnswered: (method, route, status, durationMs) =>
      requests.observe({ method, route, status: String(status) }, durationMs / 1_000),
    streams: (open) => streams.set(open),
  };
}
