import type { CaseKind } from '../domain/cases/case.js';
import type { CaseTemplate } from '../domain/cases/case-notices.js';
import type { Severity } from '../domain/cases/severity.js';

/** What the company's backend is told; ids and statuses only. */
export type CompanyEvent =
  | {
      readonly type: 'verification.status_changed';
      readonly timestamp: string;
      readonly data: {
        readonly referenceNo: string;
        readonly status: string;
        readonly access: string;
        readonly version: number;
      };
    }
  | {
      readonly type: 'verification.reminder_due';
      readonly timestamp: string;
      readonly data: {
        readonly referenceNo: string;
        readonly status: string;
        readonly version: number;
        /** The how manyth reminder of the same matter; 0 tells that something is asked for at all. */
        readonly reminder: number;
        readonly dueAt: string | null;
      };
    };

/** What a mail says of a case: counts, times and ids; nothing of what is said of anybody. */
export interface CaseInMail {
  readonly caseId: string;
  readonly referenceNo: string;
  /** Absent where an earlier release wrote the mail. */
  readonly journeyId?: string;
  readonly kind: CaseKind;
  readonly severity: Severity;
  readonly version: number;
  /** Matches that the latest change added, removed and changed; null where the case is about no such change. */
  readonly change: {
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly amlVersionFrom: number;
    readonly amlVersionTo: number;
  } | null;
  readonly detectedAt: string;
  readonly dueAt: string;
  /** By when somebody must have acknowledged it, or the next one is told; null where nobody need any more. */
  readonly acknowledgeBy: string | null;
}

/** One mail about one case, or the digest of several, to one recipient. */
export type CaseMail = {
  readonly channel: 'compliance_mail';
  /** Stable over attempts: the case, its version and the occasion; the Message-ID is made of it and the recipient. */
  readonly messageKey: string;
  readonly to: string;
  /** Who else is mailed about it, and who would be next; addresses of colleagues. */
  readonly toldToo: readonly string[];
  readonly next: string | null;
  /** Whose it was before, in order: mailboxes that did not take it. Absent in a mail that nobody handed over. */
  readonly insteadOf?: readonly string[];
  /** The company's zone, in which times are shown. */
  readonly timeZone: string;
} & (
  | { readonly template: Exclude<CaseTemplate, 'case_digest'>; readonly case: CaseInMail }
  | { readonly template: 'case_digest'; readonly cases: readonly CaseInMail[] }
);

export type OutboxMessage =
  | { readonly channel: 'company_webhook'; readonly event: CompanyEvent }
  | {
      readonly channel: 'web_push';
      /** Absent in rows of earlier releases, which told of nothing but changed statuses. */
      readonly about?: 'status' | 'reminder';
      readonly deviceId: string;
      readonly referenceNo: string;
      readonly version: number;
    }
  | CaseMail;

export interface DeliveryAttempt {
  readonly at: Date;
  readonly durationMs: number;
  /** `delivered`, or a code such as `http_500`, `timeout`, `smtp_451`; never a body. */
  readonly outcome: string;
}

/** One message owed to somebody. Collection `outbox`; written in the transaction of the effect that owes it. */
export interface OutboxRow {
  /** Deterministic by reference, effect and recipient: the `webhook-id`, and part of the Message-ID. */
  readonly _id: string;
  readonly referenceNo: string;
  readonly message: OutboxMessage;
  readonly state: 'pending' | 'delivered' | 'given_up' | 'dropped';
  readonly createdAt: Date;
  readonly attemptCount: number;
  /** The latest attempts, newest last; older ones are cut so that the row stays small. */
  readonly attempts: readonly DeliveryAttempt[];
  readonly settledAt: Date | null;
}
