import type { AppReport } from '../domain/app-report.js';
import type { CaseKind } from '../domain/cases/case.js';
import type { CaseTemplate } from '../domain/cases/case-notices.js';
import type { CustomerMeasure } from '../domain/cases/outcomes.js';
import type { Role } from '../domain/cases/roles.js';
import type { Severity } from '../domain/cases/severity.js';
import type { IdwiseEvent } from '../domain/idwise-event.js';
import type { ClosingCall, ImageKind } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import type { ReconciliationCounts, ReconciliationOutcome, Sweep } from '../domain/reconciliation.js';
import type { Ground } from '../domain/status.js';
import type { StoredFacts } from '../domain/upgrade-facts.js';

/**
 * What stands in MongoDB, one interface per collection. Times are dates there, so that they can be indexed and expire;
 * inside `facts` they are text, as everywhere in the domain.
 */

/** `replayed`: it was parked, and a replay, a row of its own, stands in for it. */
export const INBOX_STATES = ['received', 'signalled', 'processed', 'parked', 'replayed'] as const;
export type InboxState = (typeof INBOX_STATES)[number];

/** Who or what a row of the inbox comes from; `case` is what a compliance case wants of its customer. */
export const INBOX_SOURCES = ['idwise', 'app', 'operator', 'reconciliation', 'case'] as const;
type InboxSource = (typeof INBOX_SOURCES)[number];

/** Why an event waits for a human or for its customer; each has its line in the runbook. */
export const PARK_REASONS = [
  'no_event_name',
  'unknown_event',
  'no_reference',
  'unknown_reference',
  'journey_not_ours',
  'unknown_journey',
  'look_gave_up',
  'not_an_object',
] as const;
export type ParkReason = (typeof PARK_REASONS)[number];

/** A reason of our own to look at a journey, or at all of a customer's (null). */
export interface OwnReport {
  readonly kind: 'look_wanted';
  readonly journeyId: string | null;
  /** An AML version that a comparison found in IDWise's history and that no event has named. */
  readonly amlVersion?: number;
  /** It stands in a list of customers whom the company brings along. */
  readonly isImport?: true;
}

/** What a case wants of its customer's workflow. */
export interface CaseMeasure {
  readonly kind: 'case_measure';
  readonly caseId: string;
  /** Of the case as the turn that wants it left it: measures may arrive in another order. */
  readonly revision: number;
  readonly journeyId: string;
  readonly measure: CustomerMeasure;
}

/** One event, once: the raw bytes as they came, and where it is on its way. Collection `inbox`. */
export interface InboxRow {
  /**
   * `idwise:<eventId>`, `hash:<sha256>:<n>`, `app:<uuid>`, `operator:<uuid>`, `import:<digest>`,
   * `reconciliation:<run>:<journeyId>` or `case:<caseId>:<revision>:<index>`; with `#n` for the n-th replay of one. The unique key makes intake atomic.
   */
  readonly _id: string;
  readonly source: InboxSource;
  readonly receivedAt: Date;
  readonly raw: Buffer | null;
  /** IDWise's event as understood, or null where it is not (then it is parked). */
  readonly event: IdwiseEvent | null;
  readonly report: AppReport | OwnReport | CaseMeasure | null;
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
  /** Of a replay only: what it is a copy of, and who wanted it. */
  readonly replay?: InboxReplay;
}

/** Why a row is there that neither IDWise nor the app has sent. Free text stays in MongoDB. */
export interface InboxReplay {
  /** Inbox id of the original. */
  readonly of: string;
  /** Counts per original, from 1. */
  readonly number: number;
  /** Name of the operator's credential. */
  readonly actor: string;
  readonly reason: string;
  /** When the original reached us. */
  readonly firstReceivedAt: Date;
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
  /** Whether nothing is under way, so that the rarer sweep compares the record; absent until the first turn. */
  readonly settled?: boolean;
  /** When a sweep last compared the record with IDWise. */
  readonly comparedAt?: Date;
  /** Why the status is what it is; internal. */
  readonly ground: Ground | null;
  readonly attention: string | null;
  /** Which stored answer holds the verified data, by journey. */
  readonly details: Readonly<Record<string, string>>;
  /**
   * Which stored answer holds the decision that is given with those, by journey: the same one, but where AML alone has
   * worsened since an approval. Absent, as a whole or for a journey, where a release wrote that knew no difference.
   */
  readonly decisions?: Readonly<Record<string, string>>;
  /** Number of the last audit record. */
  readonly auditSequence: number;
  /**
   * Hash of record `auditHashedTo`. That is the last one, unless a release before the chain wrote since: then the two
   * are missing or behind, and the next writer catches up.
   */
  readonly auditHash?: string;
  readonly auditHashedTo?: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * What brought an effect about; `because` names the events that a fetch was made for, or what a case wanted, by their
 * inbox ids.
 */
export interface AuditCause {
  readonly kind: 'event' | 'fetch' | 'timer' | 'person' | 'reconciliation';
  readonly id: string;
  readonly because?: readonly string[];
}

/**
 * One effect and its cause. Collection `audit`; append-only, and written through `audit-chain.ts` alone. No personal
 * data. The last four members are missing in rows of releases before the chain.
 */
export interface AuditRow {
  readonly _id: string;
  readonly referenceNo: string;
  /** 1, 2, 3 … of each customer, unique. */
  readonly sequence: number;
  readonly at: Date;
  readonly cause: AuditCause;
  readonly actor: string;
  readonly effect: string;
  readonly journeyId: string | null;
  readonly from: unknown;
  readonly to: unknown;
  /** Digest of the policy in force; the policy itself stands in `auditPolicies` under it. */
  readonly policyVersion: string;
  /** Keyed digest of the fetched answer that the effect rests on; null where it rests on none. */
  readonly snapshotDigest: string | null;
  /** Hash of the record before, 64 zeros before the first. */
  readonly previousHash: string;
  /** SHA-256 over this record (docs/audit.md). */
  readonly hash: string;
}

/** A policy that was in force. Collection `auditPolicies`; append-only. */
export interface AuditPolicyRow {
  /** The policy's version. */
  readonly _id: string;
  readonly policy: unknown;
  readonly firstSeenAt: Date;
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

/** One run of the reconciliation: one that somebody asked for, or one that found somebody due. Collection `reconciliations`. */
export interface ReconciliationRow {
  /** The run's id; inbox rows of its differences begin with it (`reconciliation:<run>:<journeyId>`). */
  readonly _id: string;
  readonly which: Sweep | 'one';
  /** The customer of a run over one. */
  readonly referenceNo: string | null;
  /** Name of the credential; `schedule`; or `temporal` for a run that was started there by hand. */
  readonly actor: string;
  readonly reason: string;
  readonly startedAt: Date;
  /** Null while it runs. */
  readonly endedAt: Date | null;
  readonly outcome: ReconciliationOutcome | 'not_started' | null;
  readonly counts: ReconciliationCounts;
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

/**
 * A person's session at the desk, or a sign-in that they have begun. Collection `sessions`; `_id` is a digest of the
 * cookie's secret. Rows go by themselves at `expiresAt`.
 */
export type SessionRow = {
  readonly _id: string;
  readonly expiresAt: Date;
} & (
  | { readonly kind: 'sign_in'; readonly signIn: StoredSignIn }
  | { readonly kind: 'session'; readonly session: StoredSession; readonly endsAt: Date }
);

interface StoredSignIn {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly returnTo: string;
}

interface StoredSession {
  readonly person: {
    readonly subject: string;
    readonly name: string;
    readonly roles: readonly Role[];
  };
  readonly csrfToken: string;
  readonly idToken: string;
}

/**
 * One image of a journey that the policy has us store, once all of it is there. What it shows is encrypted, in chunks.
 * Collection `images`.
 */
export interface ImageRow {
  /** `img_` and a keyed digest of journey and path: the same image is stored once. */
  readonly _id: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  /** Where the journey shows it; `stepId` is null for what belongs to no document. */
  readonly uses: { readonly kind: ImageKind; readonly stepId: string | null }[];
  readonly contentType: string;
  /** Size of the picture itself. */
  readonly bytes: number;
  /** Its chunks are `<uploadId>:0` and on. */
  readonly uploadId: string;
  readonly chunks: number;
  /** JWE of the key of its chunks, for this customer and this image. */
  readonly sealedKey: string;
  readonly storedAt: Date;
}

/** A piece of an image, encrypted and bound to its place. Collection `imageChunks`. */
export interface ImageChunkRow {
  /** `<uploadId>:<place>`. */
  readonly _id: string;
  readonly data: Buffer;
  /** While the image is not complete: MongoDB removes what a dead attempt left. */
  readonly expiresAt?: Date;
}
