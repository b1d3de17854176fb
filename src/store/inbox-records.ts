import type { AppReport } from '../domain/app-report.js';
import type { WantedMeasure } from '../domain/case-measures.js';
import type { IdwiseEvent } from '../domain/idwise-event.js';

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
export interface CaseMeasure extends WantedMeasure {
  readonly kind: 'case_measure';
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
