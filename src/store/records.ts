import type { AppReport } from '../domain/app-report.js';
import type { CaseKind } from '../domain/cases/case.js';
import type { CaseTemplate } from '../domain/cases/case-notices.js';
import type { Severity } from '../domain/cases/severity.js';
import type { IdwiseEvent } from '../domain/idwise-event.js';
import type { ClosingCall } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import type { Ground } from '../domain/status.js';
import type { StoredFacts } from '../domain/upgrade-facts.js';

/**
 * What stands in MongoDB, one interface per collection. Times are dates there, so that they can be indexed and expire;
 * inside `facts` they are text, as everywhere in the domain.
 */

export type InboxState = 'received' | 'signalled' | 'processed' | 'parked';

/** Why an event waits for a human or for its customer; each has its line in the runbook. */
export type ParkReason =
  | 'no_event_name'
  | 'unknown_event'
  | 'no_reference'
  | 'unknown_reference'
  | 'journey_not_ours'
  | 'unknown_journey'
  | 'look_gave_up'
  | 'not_an_object';

/** A reason of our own to look at a journey, or at all of a customer's (null). */
export interface OwnReport {
  readonly kind: 'look_wanted';
  readonly journeyId: string | null;
}

/** One event, once: the raw bytes as they came, and where it is on its way. Collection `inbox`. */
export interface InboxRow {
  /**
   * `idwise:<eventId>`, `hash:<sha256>:<n>`, `app:<uuid>`, `operator:<uuid>` or `reconciliation:<run>:<journeyId>`; with
   * `#n` for the n-th replay of one. The unique key makes intake atomic.
   */
  readonly _id: string;
  readonly source: 'idwise' | 'app' | 'operator' | 'reconciliation';
  readonly receivedAt: Date;
  readonly raw: Buffer | null;
  /** IDWise's event as understood, or null where it is not (then it is parked). */
  readonly event: IdwiseEvent | null;
  readonly report: AppReport | OwnReport | null;
  readonly kind: string;
  readonly journeyId: string | null;
  readonly referenceNo: string | null;
  readonly bodyHash: string | null;
  /** How often the same body came again without an event id; each repeat still causes a look (design §4.1). */
  readonly repeats: number;
  readonly state: InboxState;
  readonly parkReason: ParkReason | null;
  readonly attempts: number;
  /** Nobody else tries to deliver it before this time: the lease of a relay or sweeper, or the gap after a failure. */
  readonly notBefore: Date;
  readonly signalledAt: Date | null;
  readonly processedAt: Date | null;
  readonly outcome: string | null;
}

/** Our record of a customer. Collection `profiles`, keyed by reference number. */
export interface ProfileRow {
  readonly _id: string;
  /** Unique where present; absent until the company registers a customer whose app verified first. */
  readonly customerId?: string;
  /** Internal; each write compares and raises it. */
  readonly revision: number;
  /** The last turn of the workflow that was written, and its result, so that a repeated turn changes nothing. */
  readonly lastTurn: { readonly turn: number; readonly runId: string; readonly result: unknown } | null;
  /** As stored, by this release or an earlier one; `upgradeFacts` brings it to the present form. */
  readonly facts: StoredFacts;
  readonly view: ProfileView;
  /** When the record is to be compared with IDWise again; null where there is nothing to compare. */
  readonly nextCheckAt?: Date | null;
  /** Why the status is what it is; internal. */
  readonly ground: Ground | null;
  readonly attention: string | null;
  /** Which stored answer holds the verified data, by journey. */
  readonly details: Readonly<Record<string, string>>;
  readonly auditSequence: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * What brought an effect about; `because` names the events that a fetch was made for, by their inbox ids, or the case
 * whose outcome it is.
 */
export interface AuditCause {
  readonly kind: 'event' | 'fetch' | 'timer' | 'person' | 'reconciliation' | 'case';
  readonly id: string;
  readonly because?: readonly string[];
}

/** One effect and its cause. Collection `audit`; append-only. */
export interface AuditRow {
  readonly _id: string;
  readonly referenceNo: string;
  readonly sequence: number;
  readonly at: Date;
  readonly cause: AuditCause;
  readonly actor: string;
  readonly effect: string;
  readonly journeyId: string | null;
  readonly from: unknown;
  readonly to: unknown;
}

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
  /** Who else has been told, and who would be next; addresses of colleagues. */
  readonly toldToo: readonly string[];
  readonly next: string | null;
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
  | {
      readonly channel: 'compliance_mail';
      readonly template: 'aml_changed';
      /** Stable over attempts; the Message-ID is made of it. */
      readonly messageKey: string;
      readonly to: string;
      readonly referenceNo: string;
      readonly journeyId: string;
      readonly amlVersionFrom: number;
      readonly amlVersionTo: number;
      readonly openMatches: number;
      readonly detectedAt: string;
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

/**
 * What somebody asked of a customer's workflow, in their own words. The workflow is given the id alone: a reason is free
 * text, and Temporal keeps what it is given in plain text for years. Collection `requests`.
 */
export interface RequestRow {
  readonly _id: string;
  readonly referenceNo: string;
  readonly kind: 'complete' | 'close' | 'reopen' | 'reprocess';
  readonly journeyId: string | null;
  /** Name of the credential. */
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
}

/** A device registered for pushes. Collection `devices`. The subscription is encrypted: it leads to a person's device. */
export interface DeviceRow {
  readonly _id: string;
  readonly referenceNo: string;
  readonly channel: 'webpush';
  /** JWE of the subscription. */
  readonly subscription: string;
  /** Digest of the endpoint, so that registering twice yields one device. */
  readonly endpointDigest: string;
  readonly createdAt: Date;
}

/** A fetched answer as IDWise gave it, encrypted. Collection `journeyAnswers`. */
export interface JourneyAnswerRow {
  /** `<journeyId>:<answerDigest>`: the same answer is stored once. */
  readonly _id: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly fetchedAt: Date;
  readonly answer: string;
}

/** One version of a customer's AML matches, encrypted. Collection `amlVersions`. */
export interface AmlVersionRow {
  /** `<journeyId>:<version>`. */
  readonly _id: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly version: number;
  readonly fetchedAt: Date;
  readonly matches: string;
}

/** A call to IDWise that must not be made twice, recorded before and after. Collection `idwiseCalls`. */
export interface IdwiseCallRow {
  /** `<journeyId>:<operation>`. */
  readonly _id: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly operation: 'process-custom-journey-step' | ClosingCall;
  readonly state: 'sending' | 'accepted' | 'refused' | 'not_sent' | 'uncertain';
  readonly attempts: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly code: string | null;
}
