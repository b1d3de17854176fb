import type { Policy } from '../domain/policy.js';
import type { Alarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import type { OutboxMessage, OutboxRow } from '../store/outbox-records.js';
import type { Store } from '../store/store.js';
import type { ComplianceMailer } from './case-mail.js';
import type { CompanyWebhook } from './company-webhook.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import { nextGapMs } from './delivery-schedule.js';
import { nextRecipientRow } from './mail-hand-over.js';
import { type Channel, type DeliveryAlarm, retry, type SendOutcome } from './send-outcome.js';
import type { Pusher } from './web-push.js';

export interface AttemptDeliveryDependencies {
  readonly store: Pick<Store, 'outbox' | 'transaction'>;
  /** Null where the company's endpoint is not configured; likewise the others. */
  readonly companyWebhook: CompanyWebhook | null;
  readonly pusher: Pusher | null;
  readonly complianceMailer: ComplianceMailer | null;
  /** Compliance's addresses in order of escalation. */
  readonly complianceRecipients: readonly string[];
  readonly policy: Pick<Policy, 'deliveries'>;
  readonly metrics: DeliveryMetrics;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly alarm: Alarm;
}

type EndState = Exclude<OutboxRow['state'], 'pending'>;

export type AttemptResult =
  | {
      readonly kind: 'settled';
      /** `missing`: there is no such row. */
      readonly state: EndState | 'missing';
      readonly attemptCount: number;
      /** The message that takes this one's place, for the next recipient; its delivery is still to be started. */
      readonly nextOutboxId: string | null;
    }
  | { readonly kind: 'retry'; readonly code: string; readonly attemptCount: number; readonly inMs: number };

/** The attempts that a row keeps: more than the ladder has rungs in three days. The count goes on. */
const ATTEMPTS_KEPT = 150;

/**
 * One attempt to deliver one message that is owed (design §4.4): read the row, send, record. Where the process dies
 * between sending and recording, the next attempt sends the same message under the same `webhook-id` or Message-ID.
 *
 * Takes the dependencies; returns the use case, which takes an outbox id and the time of the attempt, and returns the
 * settled state or when to try again.
 * @throws when MongoDB does not answer; nothing is lost, the attempt is made again.
 */
export function createAttemptDelivery(deps: AttemptDeliveryDependencies) {
  const { store, policy, metrics, log, alarm } = deps;

  return async function attempt(input: {
    readonly outboxId: string;
    readonly at: Date;
  }): Promise<AttemptResult> {
    const row = await store.outbox.findOne({ _id: input.outboxId });
    if (row === null) {
      return { kind: 'settled', state: 'missing', attemptCount: 0, nextOutboxId: null };
    }
    if (row.state !== 'pending') return settledBefore(row, row.state);

    const started = performance.now();
    const outcome = await send(row, input.at);
    const durationMs = Math.round(performance.now() - started);
    const endedAt = new Date(input.at.getTime() + durationMs);
    const attemptCount = row.attemptCount + 1;
    const channel = row.message.channel;
    const said = { outboxId: row._id, channel, attempts: attemptCount, durationMs };

    if (outcome.kind === 'retry') {
      if (outcome.alarm !== null) alarm(outcome.alarm, { ...said, outcome: outcome.code });
      const inMs = nextGapMs(
        row,
        { begunAt: input.at, endedAt, askedForMs: outcome.retryAfterMs },
        policy.deliveries,
      );
      if (inMs !== null) {
        await record(row, { at: input.at, durationMs, outcome: outcome.code }, null);
        metrics.attempted(channel, 'retried');
        log.warn('Delivery failed, to be tried again', { ...said, outcome: outcome.code });
        return { kind: 'retry', code: outcome.code, attemptCount, inMs };
      }
    }

    const final = outcome.kind === 'retry' ? timeIsOver(outcome.code, channel) : outcome;
    const code = final.kind === 'delivered' ? 'delivered' : final.code;
    const next = final.kind === 'given_up' ? nextRecipientRow(row, deps.complianceRecipients, endedAt) : null;
    // Told before it is written: rather twice than never, for the next attempt finds the matter settled.
    if (final.kind === 'given_up' && final.alarm !== null) alarm(final.alarm, { ...said, outcome: code });
    await record(row, { at: input.at, durationMs, outcome: code }, { state: final.kind, at: endedAt, next });
    metrics.attempted(channel, final.kind);
    log.info(ENDING[final.kind], { ...said, outcome: code });
    return { kind: 'settled', state: final.kind, attemptCount, nextOutboxId: next?._id ?? null };
  };

  async function send(row: OutboxRow, at: Date): Promise<SendOutcome> {
    const { message } = row;
    switch (message.channel) {
      case 'company_webhook':
        return deps.companyWebhook?.send(row._id, message, at) ?? NOT_CONFIGURED;
      case 'web_push':
        return deps.pusher?.send(message) ?? NOT_CONFIGURED;
      case 'compliance_mail':
        // A bell for compliance is never dropped in silence: it waits until a mail server is configured.
        return deps.complianceMailer?.send(message) ?? retry('mail_not_configured', 'mail_not_configured');
    }
  }

  /** A row whose successor may never have been started answers with it again; starting it twice does no harm. */
  async function settledBefore(row: OutboxRow, state: EndState): Promise<AttemptResult> {
    const next =
      state === 'given_up' ? nextRecipientRow(row, deps.complianceRecipients, row.createdAt) : null;
    const written = next !== null && (await store.outbox.countDocuments({ _id: next._id })) > 0;
    return {
      kind: 'settled',
      state,
      attemptCount: row.attemptCount,
      nextOutboxId: written ? next._id : null,
    };
  }

  /** Writes the attempt and, where the matter is settled, its end and the successor, all or nothing. */
  async function record(
    row: OutboxRow,
    made: OutboxRow['attempts'][number],
    end: {
      readonly state: EndState;
      readonly at: Date;
      readonly next: OutboxRow | null;
    } | null,
  ): Promise<void> {
    const filter = { _id: row._id, state: 'pending' as const };
    const update = {
      $inc: { attemptCount: 1 },
      $push: { attempts: { $each: [made], $slice: -ATTEMPTS_KEPT } },
      ...(end !== null && { $set: { state: end.state, settledAt: end.at } }),
    };
    if (end === null || end.next === null) {
      await store.outbox.updateOne(filter, update);
      return;
    }
    const { next } = end;
    await store.transaction(`message:${row._id}`, async (session) => {
      const { modifiedCount } = await store.outbox.updateOne(filter, update, { session });
      if (modifiedCount === 1) {
        await store.outbox.updateOne({ _id: next._id }, { $setOnInsert: next }, { upsert: true, session });
      }
    });
  }
}

const ENDING = {
  delivered: 'Delivered',
  given_up: 'Delivery given up',
  dropped: 'Delivery dropped, nobody is there to receive it',
} as const;

/** The operator has turned the feature off since the message was written. */
const NOT_CONFIGURED: SendOutcome = { kind: 'dropped', code: 'not_configured' };

const UNDELIVERED: Readonly<Record<OutboxMessage['channel'], DeliveryAlarm | null>> = {
  company_webhook: 'company_webhook_undelivered',
  compliance_mail: 'compliance_mail_undelivered',
  // A push that nobody took for a day is of no use any more; the app shows the status anyway.
  web_push: null,
};

function timeIsOver(code: string, channel: Channel): Extract<SendOutcome, { kind: 'given_up' }> {
  return { kind: 'given_up', code, alarm: UNDELIVERED[channel] };
}
