import { type CasePolicy, DEFAULT_CASE_POLICY } from './cases/case-policy.js';
import type { TextOverrides } from './texts/codes.js';

/** What a customer may do, from least to most. */
export const ACCESS_LEVELS = ['none', 'limited', 'full'] as const;
export type Access = (typeof ACCESS_LEVELS)[number];

export const STATUSES = [
  'created',
  'in_progress',
  'pending_verification',
  'under_review',
  'resubmission_required',
  'approved',
  'rejected',
  'expired',
  'suspended',
  'closed',
] as const;
export type Status = (typeof STATUSES)[number];

/** IDWise's two calls that close a journey (contract §0.1, §3.5, §3.6). */
export const CLOSING_CALLS = ['complete-journey', 'complete-custom-step'] as const;
export type ClosingCall = (typeof CLOSING_CALLS)[number];

/** Images of a finished journey, by what they show (contract §4.2, §4.3, §4.5, §4.7). */
export const IMAGE_KINDS = [
  'document_front',
  'document_back',
  'document_front_cropped',
  'document_back_cropped',
  'selfie',
  'profile',
  'government_face',
] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

/** The company's own choices. Every duration is in milliseconds here and written as `30s`, `15m`, `72h`, `7d` in the file. */
export interface Policy {
  /** Access that each status opens. */
  readonly access: Readonly<Record<Status, Access>>;
  /** Names of the app's functions that each level of access opens; passed on in the view as they are. */
  readonly functions: Readonly<Record<Access, readonly string[]>>;
  readonly requiredChecks: {
    readonly documents: boolean;
    readonly selfie: boolean;
    /** `all`: every rule that the answer lists must have passed. A list: these must be there and passed. */
    readonly rules: 'all' | readonly string[];
    /** `when_configured`: required where a custom step is configured. */
    readonly governmentFace: 'when_configured' | 'always' | 'never';
  };
  /** Rules whose failure means "capture it again" rather than "no"; `selfie_quality` stands for the liveness codes. */
  readonly captureRules: readonly string[];
  readonly systemRejected: 'rejected' | 'under_review';
  readonly approveAfterManualRejection: boolean;
  /** How long a result may lack its AML part before a human looks. */
  readonly amlNotReadyTimeoutMs: number;
  readonly look: {
    /** How long a journey that IDWise does not know is asked for. */
    readonly unknownJourneyGiveUpMs: number;
    /** How long any other owed look is retried. */
    readonly giveUpMs: number;
    /** So long after the user's last step IDWise may be silent about a result before it is asked for one. */
    readonly resultOverdueAfterMs: number;
  };
  readonly redo: {
    /** How often the steps of one journey may be asked for again before a human looks instead. */
    readonly mostRounds: number;
    /** How long a request to do steps again stands; null: without end. */
    readonly dueAfterMs: number | null;
  };
  /** When a customer who has something to do is reminded of it, counted from their last sign of life. */
  readonly reminders: {
    readonly firstAfterMs: number;
    readonly everyMs: number;
    readonly most: number;
  };
  readonly expiry: {
    /** A verification that nobody goes on with expires after so long without a sign of life; null: never. */
    readonly afterMs: number | null;
    /** Whether an expired journey is also closed at IDWise. */
    readonly completesJourney: boolean;
  };
  readonly renewal: {
    /** IDWise asks for a renewal so long before its deadline (contract §6); the request itself does not name it. */
    readonly gracePeriodMs: number;
    /** How long before the deadline the customer is reminded; one reminder each. */
    readonly remindBeforeMs: readonly number[];
    /** Whether our own clock suspends when the deadline passes; otherwise only IDWise's event does. */
    readonly suspendsWhenDue: boolean;
    /** So long before a document expires a renewal is asked for by us; null: IDWise alone asks. */
    readonly documentExpiryNoticeMs: number | null;
  };
  /** How long after its last look a customer's record is compared with IDWise again. */
  readonly reconciliation: {
    readonly unsettledEveryMs: number;
    readonly settledEveryMs: number;
  };
  readonly customStep: {
    /** How long to wait, from the first look for it, until every user step is concluded; then it goes on with what is there. */
    readonly userStepsTimeoutMs: number;
    /** How long the provider of government faces, or IDWise's step, may fail before the journey goes on without. */
    readonly faceTimeoutMs: number;
  };
  readonly completeJourney: {
    /** Close a started journey after so long without a step; null: never by itself. */
    readonly afterSilenceMs: number | null;
    readonly call: ClosingCall;
    readonly giveUpMs: number;
  };
  readonly images: {
    /** Kinds of images that are fetched from IDWise and stored here. What is not stored need not be protected. */
    readonly store: 'none' | readonly ImageKind[];
    /** A larger image is not stored. */
    readonly mostBytes: number;
  };
  readonly deliveries: {
    readonly companyWebhookGiveUpMs: number;
    readonly mailGiveUpMs: number;
    readonly pushGiveUpMs: number;
  };
  /** What compliance has to answer, by when, and who is told. */
  readonly cases: CasePolicy;
  /** The company's own texts for customers, by canonical language tag; what is not here is told in ours. */
  readonly texts: TextOverrides;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const DEFAULT_POLICY: Policy = {
  access: {
    created: 'none',
    in_progress: 'none',
    pending_verification: 'limited',
    under_review: 'limited',
    resubmission_required: 'limited',
    approved: 'full',
    rejected: 'none',
    expired: 'none',
    suspended: 'none',
    closed: 'none',
  },
  functions: {
    none: [],
    limited: ['view_account', 'edit_profile'],
    full: ['view_account', 'edit_profile', 'deposit', 'pay', 'withdraw'],
  },
  requiredChecks: { documents: true, selfie: true, rules: 'all', governmentFace: 'when_configured' },
  captureRules: ['unrecognized_document', 'selfie_quality'],
  systemRejected: 'rejected',
  approveAfterManualRejection: false,
  amlNotReadyTimeoutMs: 30 * MINUTE_MS,
  look: { unknownJourneyGiveUpMs: DAY_MS, giveUpMs: 7 * DAY_MS, resultOverdueAfterMs: 10 * MINUTE_MS },
  redo: { mostRounds: 3, dueAfterMs: 14 * DAY_MS },
  reminders: { firstAfterMs: DAY_MS, everyMs: 3 * DAY_MS, most: 3 },
  expiry: { afterMs: 30 * DAY_MS, completesJourney: false },
  renewal: {
    gracePeriodMs: 30 * DAY_MS,
    remindBeforeMs: [14 * DAY_MS, 3 * DAY_MS, DAY_MS],
    suspendsWhenDue: true,
    documentExpiryNoticeMs: null,
  },
  reconciliation: { unsettledEveryMs: 15 * MINUTE_MS, settledEveryMs: 7 * DAY_MS },
  customStep: { userStepsTimeoutMs: 10 * MINUTE_MS, faceTimeoutMs: 10 * MINUTE_MS },
  completeJourney: { afterSilenceMs: null, call: 'complete-journey', giveUpMs: 24 * HOUR_MS },
  images: { store: 'none', mostBytes: 10 * 1024 * 1024 },
  deliveries: {
    companyWebhookGiveUpMs: 76 * HOUR_MS,
    mailGiveUpMs: 72 * HOUR_MS,
    pushGiveUpMs: 24 * HOUR_MS,
  },
  cases: DEFAULT_CASE_POLICY,
  texts: {},
};

/** What a decision needs to know beside the facts: the policy, and what is configured at IDWise. */
export interface DecisionContext {
  readonly policy: Policy;
  /** The flow that is ours; a journey of another flow is never approved by the system's word. */
  readonly flowId: string;
  readonly customStepConfigured: boolean;
}

/** Takes levels of access; returns the lowest, because access is the lowest that applies. */
export function lowestAccess(...levels: readonly Access[]): Access {
  return levels.reduce<Access>(
    (lowest, next) => (ACCESS_LEVELS.indexOf(next) < ACCESS_LEVELS.indexOf(lowest) ? next : lowest),
    'full',
  );
}
