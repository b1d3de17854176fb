import { createHash } from 'node:crypto';
import type { Effect } from '../domain/effects.js';
import type { Instant } from '../domain/instant.js';
import type { Status } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import type { OutboxMessage, OutboxRow } from '../store/records.js';

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
export function owedMessages({ referenceNo, turn, effects, view, at, deviceIds, rules }: Owing): OutboxRow[] {
  return effects.flatMap((effect): OutboxRow[] => {
    if (effect.kind === 'status_changed') {
      const { status, access, version } = view;
      const rows: OutboxRow[] = [];
      if (rules.companyWebhook) {
        const data = { referenceNo, status, access, version };
        const event = { type: 'verification.status_changed' as const, timestamp: at, data };
        rows.push(row(referenceNo, at, `webhook:${version}`, { channel: 'company_webhook', event }));
      }
      if (rules.webPush && effect.from.status !== effect.to.status && PUSHED.has(status)) {
        for (const deviceId of deviceIds) {
          rows.push(
            row(referenceNo, at, `push:${version}:${deviceId}`, {
              channel: 'web_push',
              deviceId,
              referenceNo,
              version,
            }),
          );
        }
      }
      return rows;
    }
    if (effect.kind === 'aml_changed' && rules.complianceMailTo !== null) {
      const { journeyId, fromVersion, toVersion, openMatches } = effect.change;
      // One change has one mail: known by its version, or by the turn that saw it where IDWise gave no version.
      const change = toVersion > fromVersion ? `v${toVersion}` : `turn${turn}`;
      const message: OutboxMessage = {
        channel: 'compliance_mail',
        template: 'aml_changed',
        messageKey: `${journeyId}:aml:${change}`,
        to: rules.complianceMailTo,
        referenceNo,
        journeyId,
        amlVersionFrom: fromVersion,
        amlVersionTo: toVersion,
        openMatches,
        detectedAt: at,
      };
      return [row(referenceNo, at, `mail:${journeyId}:aml:${change}`, message)];
    }
    return [];
  });
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
