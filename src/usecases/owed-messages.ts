import { createHash } from 'node:crypto';
import type { Effect } from '../domain/effects.js';
import type { Instant } from '../domain/instant.js';
import type { Status } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import type { CompanyEvent, OutboxMessage, OutboxRow } from '../store/outbox-records.js';

/** Which channels there are. What compliance is told is a matter of its cases (`cases/case-mails.ts`). */
export interface MessageRules {
  readonly companyWebhook: boolean;
  readonly webPush: boolean;
}

/** A push tells the customer of something that they did not just do themselves. */
const PUSHED: ReadonlySet<Status> = new Set([
  'under_review',
  'resubmission_required',
  'approved',
  'rejected',
  'expired',
  'suspended',
  'closed',
]);

interface Owing {
  readonly referenceNo: string;
  readonly turn: number;
  readonly effects: readonly Effect[];
  readonly view: ProfileView;
  readonly at: Instant;
  readonly deviceIds: readonly string[];
  readonly rules: MessageRules;
}

/**
 * Takes a turn's effects and the view they led to; returns the messages owed for them. Ids are made of what the message
 * is about, so that one effect has one message, however often it is written.
 */
export function owedMessages(owing: Owing): OutboxRow[] {
  const { referenceNo, view, at, turn } = owing;
  return owing.effects.flatMap((effect): OutboxRow[] => {
    switch (effect.kind) {
      case 'status_changed': {
        if (effect.untold !== undefined) return [];
        const { status, access, version } = view;
        const event = {
          type: 'verification.status_changed' as const,
          timestamp: at,
          data: { referenceNo, status, access, version },
        };
        const isPushed = effect.from.status !== effect.to.status && PUSHED.has(status);
        return [
          ...toCompany(owing, `webhook:${version}`, event),
          ...(isPushed ? toDevices(owing, `push:${version}`, 'status') : []),
        ];
      }
      case 'renewal_asked':
      case 'reminded': {
        const { status, version, dueAt } = view;
        const reminder = effect.kind === 'reminded' ? effect.number : 0;
        const event = {
          type: 'verification.reminder_due' as const,
          timestamp: at,
          data: { referenceNo, status, version, reminder, dueAt },
        };
        return [
          ...toCompany(owing, `reminder:turn${turn}`, event),
          ...toDevices(owing, `reminder:turn${turn}`, 'reminder'),
        ];
      }
      default:
        return [];
    }
  });
}

function toCompany({ referenceNo, at, rules }: Owing, about: string, event: CompanyEvent): OutboxRow[] {
  return rules.companyWebhook
    ? [outboxRow(referenceNo, at, about, { channel: 'company_webhook', event })]
    : [];
}

function toDevices(
  { referenceNo, view, at, deviceIds, rules }: Owing,
  about: string,
  what: 'status' | 'reminder',
): OutboxRow[] {
  if (!rules.webPush) return [];
  const { version } = view;
  return deviceIds.map((deviceId) =>
    outboxRow(referenceNo, at, `${about}:${deviceId}`, {
      channel: 'web_push',
      about: what,
      deviceId,
      referenceNo,
      version,
    }),
  );
}

/** Takes a customer, the time, what the message is about and the message; returns the row of the outbox. */
export function outboxRow(
  referenceNo: string,
  at: Instant,
  about: string,
  message: OutboxMessage,
): OutboxRow {
  return {
    _id: outboxId(`${referenceNo}\n${about}`),
    referenceNo,
    message,
    state: 'pending',
    createdAt: new Date(at),
    attemptCount: 0,
    attempts: [],
    settledAt: null,
  };
}

/** Takes the text that names a message; returns the id of its row: one text is one message. */
export function outboxId(text: string): string {
  return `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}
