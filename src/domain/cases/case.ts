import type { AmlShowing } from '../aml-changes.js';
import type { Instant } from '../instant.js';
import type { Ground } from '../status.js';
import type { AmlDifferenceSummary, MatchRef } from './aml-summary.js';
import type { CaseHold, CaseOutcome, TwoPeople } from './outcomes.js';
import type { Severity } from './severity.js';

export const CASE_STATES = [
  'open',
  'acknowledged',
  'investigating',
  'pending_approval',
  'closed',
  'reopened',
] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** `aml`: decided here, by two people. `review`: decided in IDWise's Studio; the case only sees to it that it is. */
export const CASE_KINDS = ['aml', 'review'] as const;
export type CaseKind = (typeof CASE_KINDS)[number];

/** Which case it is. A customer's journey has at most one of each kind, for good. */
export interface CaseIdentity {
  /** Opaque, made of the other three by whoever can hash. */
  readonly caseId: string;
  readonly kind: CaseKind;
  readonly referenceNo: string;
  readonly journeyId: string;
}

/**
 * Something about a customer that a human must answer. It is stored with its differences and words beside it, both
 * encrypted: here are ids, counts, names of credentials and times, so that it may stand in lists, mails and Temporal.
 */
export interface ComplianceCase extends CaseIdentity {
  readonly schema: 1;
  readonly state: CaseState;
  /** The heaviest of what is not concluded; of a closed case, of what was concluded last. */
  readonly severity: Severity;
  /** What the case is about, oldest first; numbered from 1. */
  readonly versions: readonly CaseVersion[];
  /** The last version that a conclusion covers; 0 before there is one. */
  readonly concludedVersion: number;
  /** When what is not concluded, or was concluded last, was first detected. */
  readonly detectedAt: Instant;
  /** When it was concluded; null while it is not. */
  readonly concludedAt: Instant | null;
  /** When it is to be concluded; of a closed case, when it was to be. */
  readonly due: DueTime;
  /** Who works on it, by the subject of their login. */
  readonly owner: string | null;
  /** Since when somebody's acknowledgement is awaited; null once it is there. */
  readonly awaitingSince: Instant | null;
  readonly proposal: Proposal | null;
  /** How many proposals there have been; the last one has this number. */
  readonly proposals: number;
  readonly conclusions: readonly Conclusion[];
  /** Reports to an authority, which have clocks of their own. */
  readonly externalReports: readonly ExternalReport[];
  /** How this case holds the customer now. */
  readonly hold: CaseHold;
  /** Matches that outcomes of this case have whitelisted. */
  readonly whitelisted: readonly MatchRef[];
  readonly told: Told;
  /** Ids of the latest requests, so that one that comes twice is done once. */
  readonly requestIds: readonly string[];
}

export interface CaseVersion {
  readonly number: number;
  readonly detectedAt: Instant;
  readonly severity: Severity;
  readonly dueAt: Instant;
  readonly because: CaseReason;
}

/** Why there is a version. */
export type CaseReason =
  | ({ readonly kind: 'aml' } & AmlReason)
  /** The customer came under review. */
  | { readonly kind: 'review'; readonly changeId: string; readonly ground: Ground }
  /** Somebody took up a concluded case. */
  | { readonly kind: 'asked'; readonly changeId: string; readonly actor: string };

export interface AmlReason {
  /** Names the turn of the customer's workflow that saw the change: told twice, it is one change. */
  readonly changeId: string;
  /** AML versions: from the one that was known before, which is 0 for the first result; equal where IDWise gave none. */
  readonly fromVersion: number;
  readonly toVersion: number;
  /** Digest of the matches after the change. */
  readonly digest: string | null;
  readonly showing: AmlShowing;
  readonly summary: AmlDifferenceSummary;
}

/** By when, and what that was counted from: reminders are counted from there too. */
export interface DueTime {
  readonly at: Instant;
  readonly since: Instant;
  readonly severity: Severity;
}

/** A proposal's words, as those of every action, are kept encrypted under the id of its request. */
export interface Proposal {
  readonly number: number;
  /** The version of the case that it rests on. */
  readonly caseVersion: number;
  readonly outcome: CaseOutcome;
  /** Whom it whitelists. */
  readonly matches: readonly MatchRef[];
  readonly proposedBy: string;
  readonly proposedAt: Instant;
  readonly reasonId: string;
}

export type Conclusion =
  | ({
      readonly kind: 'outcome';
      readonly outcome: CaseOutcome;
      readonly matches: readonly MatchRef[];
      readonly caseVersion: number;
      readonly proposal: number;
      readonly proposalReasonId: string;
      readonly approvalReasonId: string;
      readonly at: Instant;
    } & TwoPeople)
  /** A review's: the customer is no longer under review, and why. */
  | {
      readonly kind: 'decided';
      readonly ground: Ground;
      readonly caseVersion: number;
      readonly at: Instant;
    };

export interface ExternalReport {
  readonly reportedAt: Instant;
  readonly recordedAt: Instant;
  readonly recordedBy: string;
  readonly noteId: string;
}

/** Who has been told of what, so that the clock knows what is next. */
export interface Told {
  /** So many of the recipients, from the first on, know of the case. */
  readonly recipients: number;
  /** How many have been told because nobody acknowledged, since it was awaited last. */
  readonly escalations: number;
  readonly remindedAt: Instant | null;
  readonly overdueAt: Instant | null;
  readonly overdueCount: number;
  /** When the digest goes out in which the case is to stand; null where none is owed. */
  readonly digestAt: Instant | null;
}

/** Nobody has been told of anything but the case itself. */
export const NEWLY_TOLD: Told = {
  recipients: 1,
  escalations: 0,
  remindedAt: null,
  overdueAt: null,
  overdueCount: 0,
  digestAt: null,
};

/** Takes a case; returns its latest version. @throws when it has none, which no case is without. */
export function latestVersion({ versions, caseId }: ComplianceCase): CaseVersion {
  const last = versions.at(-1);
  if (last === undefined) throw new Error(`The case ${caseId} has no version.`);
  return last;
}

/** Takes a case; returns the matches that count by its latest change. */
export function openMatches(of: ComplianceCase): readonly MatchRef[] {
  return latestSummary(of)?.open ?? [];
}

/** Takes a case; returns those of the matches that count which cannot be whitelisted. */
export function notWhitelistable(of: ComplianceCase): readonly MatchRef[] {
  return latestSummary(of)?.notWhitelistable ?? [];
}

function latestSummary({ versions }: ComplianceCase): AmlDifferenceSummary | undefined {
  return versions.flatMap(({ because }) => (because.kind === 'aml' ? [because.summary] : [])).at(-1);
}

/**
 * Takes a case, if there is one; returns from which AML version on it could not be said what changed (null: it was said of
 * all that is known), and the digest of the matches that were seen last.
 */
export function lagsSince(of: ComplianceCase | null): {
  readonly from: number | null;
  readonly digest: string | null;
} {
  const known = (of?.versions ?? []).flatMap(({ because }) => (because.kind === 'aml' ? [because] : []));
  const lagging = known.slice(known.findLastIndex(({ showing }) => showing !== 'lagging') + 1);
  const from = lagging.length === 0 ? null : Math.min(...lagging.map(({ fromVersion }) => fromVersion));
  return { from, digest: known.at(-1)?.digest ?? null };
}

/** Takes what a case is about; returns the text that names it, of which whoever can hash makes its id. */
export function caseKey({ kind, referenceNo, journeyId }: Omit<CaseIdentity, 'caseId'>): string {
  return JSON.stringify([kind, referenceNo, journeyId]);
}
