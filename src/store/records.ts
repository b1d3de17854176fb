import type { Instant } from '../domain/instant.js';
import type { ClosingCall, ImageKind } from '../domain/policy.js';
import type { ProfileView } from '../domain/profile-view.js';
import type { ReconciliationCounts, ReconciliationOutcome, Sweep } from '../domain/reconciliation.js';
import type { Ground } from '../domain/status.js';
import type { StoredFacts } from '../domain/upgrade-facts.js';
import type { CustomerRequestKind, RequestRefusal } from '../temporal/names.js';

/**
 * What stands in MongoDB, one interface per collection; those of the inbox, the outbox and the cases stand beside this
 * file. Times are dates there, so that they can be indexed and expire; inside `facts` they are text, as everywhere in the
 * domain.
 */

/** Our record of a customer. Collection `profiles`, keyed by reference number. */
export interface ProfileRow {
  readonly _id: string;
  /** Unique where present; absent until the company registers a customer whose app verified first. */
  readonly customerId?: string;
  /** Internal; each write compares and raises it. */
  readonly revision: number;
  /** The last turn of the workflow that was written, and its result, so that a repeated turn changes nothing. */
  readonly lastTurn: {
    readonly turn: number;
    readonly runId: string;
    /** When the workflow asked for it, by its own clock; absent where an earlier release wrote it. */
    readonly at?: Instant;
    readonly result: unknown;
  } | null;
  /** As stored, by this release or an earlier one; `upgradeFacts` brings it to the present form. */
  readonly facts: StoredFacts;
  readonly view: ProfileView;
  /** When the record is to be compared with IDWise again; null where there is nothing to compare. */
  readonly nextCheckAt?: Date | null;
  /** Whether nothing is under way, so that the rarer sweep compares the record; absent until the first turn. */
  readonly settled?: boolean;
  /** When a sweep last compared the record with IDWise. */
  readonly comparedAt?: Date;
  /** When the customer's run has something to do next, as of the last turn; a sweeper starts one that is late. */
  readonly wakeAt?: Date | null;
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

/**
 * What somebody asked of a customer's workflow, in their own words. The workflow is given the id alone: a reason is free
 * text, and Temporal keeps what it is given in plain text for years. Collection `requests`.
 */
export interface RequestRow {
  readonly _id: string;
  readonly referenceNo: string;
  readonly kind: CustomerRequestKind;
  readonly journeyId: string | null;
  /** Name of the credential. */
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
  /**
   * `accepted` before whoever asked is told so; `taken` together with its effects; `refused` by the workflow, or later and
   * then with a `failure`. Absent in rows of earlier releases, of which none of this is known.
   */
  readonly state?: 'asked' | 'accepted' | 'refused' | 'taken';
  /** When the workflow was last given it, once it has been accepted. */
  readonly sentAt?: Date;
  /** When it was first sent again, because nothing of it was on record; and when that first reached a run. */
  readonly resentAt?: Date;
  readonly reachedAt?: Date;
  /** When a turn had it. No turn takes it after that, nor once it is refused. */
  readonly takenAt?: Date;
  /** Why it was not carried out, or not yet, although it had been accepted. */
  readonly failure?: RequestFailure;
}

/**
 * Why a request whose asker was told that it is accepted was not carried out: what the workflow would say by now;
 * `superseded` by a later word; `not_on_record` an hour after a run got it once more; or not yet: `out_of_reach`, while no
 * run can be given it.
 */
export type RequestFailure = RequestRefusal | 'superseded' | 'not_on_record' | 'out_of_reach';

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
 * A person's session at the desk. Collection `sessions`; `_id` is a digest of the cookie's secret. Rows go by themselves
 * at `expiresAt`.
 */
export interface SessionRow {
  readonly _id: string;
  readonly kind: 'session';
  /** Of the person, at the identity provider: so that an administrator can end all sessions of one. */
  readonly subject: string;
  /** Who they are and what they may do, sealed under `PII_KEY`. */
  readonly sealed: string;
  readonly endsAt: Date;
  readonly expiresAt: Date;
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
