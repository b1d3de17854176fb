import { createHash } from 'node:crypto';
import type { Effect } from '../domain/effects.js';
import type { Instant } from '../domain/instant.js';
import type { Status } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import type { CompanyEvent, OutboxMessage, OutboxRow } from '../store/records.js';

/** Which channels there are, and whom compliance's mail goes to first. */
export interface MessageRules {
  readonly companyWebhook: boolean;
  readonly webPush: boolean;
  /** The first address of `COMPLIANCE_EMAIL_TO`, or null where no mail is configured. */
  readonly complianceMailTo: string | null;
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
      case 'aml_changed':
        return toCompliance(owing, effect);
      default:
        return [];
    }
  });
}

function toCompany({ referenceNo, at, rules }: Owing, about: string, event: CompanyEvent): OutboxRow[] {
  return rules.companyWebhook ? [row(referenceNo, at, about, { channel: 'company_webhook', event })] : [];
}

function toDevices(
  { referenceNo, view, at, deviceIds, rules }: Owing,
  about: string,
  what: 'status' | 'reminder',
): OutboxRow[] {
  if (!rules.webPush) return [];
  const { version } = view;
  return deviceIds.map((deviceId) =>
    row(referenceNo, at, `${about}:${deviceId}`, {
      channel: 'web_push',
      about: what,
      deviceId,
      referenceNo,
      version,
    }),
  );
}

function toCompliance(
  { referenceNo, at, turn, rules }: Owing,
  { change }: Extract<Effect, { kind: 'aml_changed' }>,
): OutboxRow[] {
  if (rules.complianceMailTo === null) return [];
  const { journeyId, fromVersion, toVersion, openMatches } = change;
  // One change has one mail: known by its version, or by the turn that saw it where IDWise gave no version.
  const name = `${journeyId}:aml:${toVersion > fromVersion ? `v${toVersion}` : `turn${turn}`}`;
  const message: OutboxMessage = {
    channel: 'compliance_mail',
    template: 'aml_changed',
    messageKey: name,
    to: rules.complianceMailTo,
    referenceNo,
    journeyId,
    amlVersionFrom: fromVersion,
    amlVersionTo: toVersion,
    openMatches,
    detectedAt: at,
  };
  return [row(referenceNo, at, `mail:${name}`, message)];
}

function row(referenceNo: string, at: Instant, about: string, message: OutboxMessage): OutboxRow {
  const digest = createHash('sha256').update(`${referenceNo}\n${about}`).digest('hex');
  return {
    _id: `msg_${digest.slice(0, 32)}`,
    referenceNo,
    message,
    state: 'pending',
    createdAt: new Date(at),
    attemptCount: 0,
    attempts: [],
    settledAt: null,
  };
}
