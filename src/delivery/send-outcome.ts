import type { OutboxMessage } from '../store/outbox-records.js';

/** The ways in which the service speaks to others. */
export type Channel = OutboxMessage['channel'];

/** One channel's message, by the channel's name. */
export type MessageOf<C extends Channel> = Extract<OutboxMessage, { readonly channel: C }>;

/**
 * What one attempt to send came to. Codes are short, stable and free of personal data (`http_503`, `smtp_451`,
 * `timeout`): they stand in the outbox, in Temporal, in logs.
 */
export type SendOutcome =
  | { readonly kind: 'delivered' }
  /** May work later. `retryAfterMs` is what the recipient asked for, in milliseconds; null where it asked for nothing. */
  | {
      readonly kind: 'retry';
      readonly code: string;
      readonly retryAfterMs: number | null;
      /** Waiting alone will not mend it: somebody must look while it is tried again. */
      readonly alarm: DeliveryAlarm | null;
    }
  /** Will never work; somebody should know. */
  | { readonly kind: 'given_up'; readonly code: string; readonly alarm: DeliveryAlarm | null }
  /** Nobody is there to receive it any more, and that is nobody's fault. */
  | { readonly kind: 'dropped'; readonly code: string };

/** Codes of alarms that a delivery can raise; each has its line in the runbook. */
export type DeliveryAlarm =
  | 'company_webhook_gone'
  | 'company_webhook_undelivered'
  | 'compliance_mail_refused'
  | 'compliance_mail_undelivered'
  | 'mail_not_configured'
  | 'mail_server_refuses_us'
  | 'push_refused'
  | 'push_host_not_allowed'
  | 'subscription_unreadable';

/** Takes a code; returns the outcome "try again later", without alarm and without a wish of the recipient's. */
export function retry(code: string, alarm: DeliveryAlarm | null = null): SendOutcome {
  return { kind: 'retry', code, retryAfterMs: null, alarm };
}
