import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Fault, FaultSubject, Faults } from './faults.js';
import type { Envelope } from './webhook-payloads.js';
import { postWebhook, type WebhookTarget } from './webhook-post.js';

/** Gaps between attempts in minutes; after the last one IDWise gives up for good (contract §2). */
const retryGapsMinutes = [5, 10, 15] as const;
const keptFinishedDeliveries = 3000;

export interface DeliveryAttempt {
  attempt: number;
  atMs: number;
  durationMs: number;
  /** What was answered; null: nothing came back. */
  status: number | null;
  failure: 'timeout' | 'connection' | 'lost' | 'no-target' | null;
}

/** One webhook on its way: at most four attempts with the same body. */
export interface Delivery {
  deliveryId: string;
  event: string;
  eventId: string | null;
  journeyId: string | null;
  referenceNo: string | null;
  envelope: unknown;
  credentials: 'configured' | 'none' | 'wrong';
  createdAtMs: number;
  /** So many first attempts get lost on the way. */
  attemptsToLose: number;
  state: 'held' | 'pending' | 'delivered' | 'given-up' | 'lost';
  nextAttemptAtMs: number | null;
  attempts: DeliveryAttempt[];
}

export interface DeliveryRequest {
  envelope: unknown;
  event: string;
  subject: { journeyId: string | null; referenceNo: string | null };
  credentials?: Delivery['credentials'];
}

export interface DeliveryConfig {
  target: () => WebhookTarget | null;
  /** Factor on the 5, 10 and 15 minutes. */
  retryScale: number;
  timeoutMs: number;
  changed: () => void;
}

/** Sends webhooks as IDWise does, over a list that is part of the persisted state. */
export class WebhookDeliveries {
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    private readonly list: Delivery[],
    private readonly faults: Faults,
    private readonly config: DeliveryConfig,
  ) {
    // Every attempt under way listens, and there may be many.
    setMaxListeners(0, this.stopping.signal);
    for (const delivery of list) this.plan(delivery);
  }

  /**
   * Sends an envelope, as the faults that are on bend it.
   *
   * @returns the deliveries that it became (several when duplicated)
   */
  send(request: DeliveryRequest): Delivery[] {
    const subject: FaultSubject = { ...request.subject, event: request.event };
    const envelope = this.bend(request.envelope, subject);
    const copies = this.faults.strike('duplicate', subject)?.request.copies ?? 1;
    const delayMs = this.faults.strike('delay', subject)?.request.ms ?? 0;
    const attemptsToLose = this.faults.strike('lose-first-attempts', subject)?.request.attempts ?? 0;
    const lost = this.faults.strike('lose', subject) !== undefined;
    const hold = lost ? undefined : this.faults.strike('reorder', subject);
    const now = Date.now();
    const deliveries: Delivery[] = Array.from({ length: copies }, () => ({
      deliveryId: randomUUID(),
      event: eventOf(envelope) ?? request.event,
      eventId: eventIdOf(envelope),
      ...request.subject,
      envelope,
      credentials: request.credentials ?? 'configured',
      createdAtMs: now,
      attemptsToLose,
      state: lost ? 'lost' : hold ? 'held' : 'pending',
      nextAttemptAtMs: lost || hold ? null : now + delayMs,
      attempts: [],
    }));
    this.list.push(...deliveries);
    this.forgetOldest();
    for (const delivery of deliveries) this.plan(delivery);
    if (hold) this.hold(hold.fault, hold.request.hold, deliveries);
    this.config.changed();
    return deliveries;
  }

  all(): readonly Delivery[] {
    return this.list;
  }

  /** Lets go what faults that are now removed had held back, last first. */
  release(faults: readonly Fault[]): void {
    for (const fault of faults) this.releaseHeld(fault);
  }

  /** Forgets everything, what is under way too. */
  clear(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.list.splice(0);
  }

  /** Stops sending; an attempt that is cut off is made again after the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const timer of this.timers.values()) clearTimeout(timer);
    await Promise.all(this.inFlight);
  }

  private bend(original: unknown, subject: FaultSubject): unknown {
    if (!isEnvelope(original)) return original;
    const { event, body } = original;
    const renamed = this.faults.strike('unknown-event', subject)?.request.name ?? event;
    const bent = { ...body };
    if (this.faults.strike('no-event-id', subject)) delete bent.eventId;
    if (this.faults.strike('null-reference', subject)) bent.referenceNo = null;
    return { event: renamed, body: bent };
  }

  private hold(fault: Fault, count: number, deliveries: readonly Delivery[]): void {
    fault.heldDeliveryIds.push(...deliveries.map((delivery) => delivery.deliveryId));
    // Counted in events, not in copies: a strike is one event.
    if (fault.used % count === 0) this.releaseHeld(fault);
  }

  private releaseHeld(fault: Fault): void {
    const ids = fault.heldDeliveryIds.splice(0).reverse();
    const held = ids.flatMap((id) => this.list.filter((delivery) => delivery.deliveryId === id));
    // One is answered before the next is sent, or the network could restore the order.
    for (const delivery of held) {
      delivery.state = 'pending';
      delivery.nextAttemptAtMs = Date.now();
    }
    const sending = (async () => {
      for (const delivery of held) await this.attempt(delivery);
    })();
    this.track(sending);
  }

  private plan(delivery: Delivery): void {
    if (delivery.state !== 'pending' || delivery.nextAttemptAtMs === null || this.stopping.signal.aborted)
      return;
    const waitMs = Math.max(0, delivery.nextAttemptAtMs - Date.now());
    const timer = setTimeout(() => {
      this.timers.delete(delivery.deliveryId);
      this.track(this.attempt(delivery));
    }, waitMs);
    this.timers.set(delivery.deliveryId, timer);
  }

  private track(work: Promise<void>): void {
    this.inFlight.add(work);
    work.then(
      () => this.inFlight.delete(work),
      (error: unknown) => {
        this.inFlight.delete(work);
        console.error(`simulator: a webhook could not be handled: ${String(error)}`);
      },
    );
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const attempt = delivery.attempts.length + 1;
    const atMs = Date.now();
    const outcome = await this.transmit(delivery, attempt);
    // Cut off by our own stop: the delivery stays pending and is tried after the next start.
    if (outcome.status === null && this.stopping.signal.aborted) return;
    // Forgotten by a reset while it was under way.
    if (!this.list.includes(delivery)) return;
    delivery.attempts.push({ attempt, atMs, durationMs: Date.now() - atMs, ...outcome });
    const gapMinutes = retryGapsMinutes[attempt - 1];
    if (outcome.status === 200) {
      delivery.state = 'delivered';
      delivery.nextAttemptAtMs = null;
    } else if (gapMinutes === undefined) {
      delivery.state = 'given-up';
      delivery.nextAttemptAtMs = null;
    } else {
      delivery.nextAttemptAtMs = Date.now() + gapMinutes * 60_000 * this.config.retryScale;
      this.plan(delivery);
    }
    this.config.changed();
  }

  private async transmit(
    delivery: Delivery,
    attempt: number,
  ): Promise<Pick<DeliveryAttempt, 'status' | 'failure'>> {
    if (attempt <= delivery.attemptsToLose) return { status: null, failure: 'lost' };
    const target = this.config.target();
    if (target === null) return { status: null, failure: 'no-target' };
    return postWebhook(target, delivery.envelope, {
      credentials: delivery.credentials,
      timeoutMs: this.config.timeoutMs,
      signal: this.stopping.signal,
    });
  }

  /** The log is bounded, so that a simulator that runs for weeks does not grow without end. */
  private forgetOldest(): void {
    const excess = this.list.length - keptFinishedDeliveries;
    if (excess <= 0) return;
    const forgotten = new Set(this.list.filter(isFinished).slice(0, excess));
    this.list.splice(0, this.list.length, ...this.list.filter((delivery) => !forgotten.has(delivery)));
  }
}

function isFinished(delivery: Delivery): boolean {
  return delivery.state !== 'held' && delivery.state !== 'pending';
}

function isEnvelope(value: unknown): value is Envelope {
  return (
    typeof value === 'object' &&
    value !== null &&
    'event' in value &&
    typeof value.event === 'string' &&
    'body' in value &&
    typeof value.body === 'object' &&
    value.body !== null
  );
}

function eventOf(envelope: unknown): string | null {
  return isEnvelope(envelope) ? envelope.event : null;
}

function eventIdOf(envelope: unknown): string | null {
  return isEnvelope(envelope) && typeof envelope.body.eventId === 'string' ? envelope.body.eventId : null;
}
