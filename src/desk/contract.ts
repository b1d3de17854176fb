/**
 * What goes between the desk's pages and the service, as types alone: the pages import nothing else of the service. No
 * personal data is in any of it but in `CasePerson`, which is asked for by itself and whose every reading is on record.
 */

import type { CaseOutcome } from '../domain/cases/outcomes.js';
import type { CaseAction } from '../domain/cases/roles.js';

/** What the pages have a word for, each. */
export type { CaseAction, CaseOutcome };

export interface DeskPerson {
  readonly subject: string;
  readonly name: string;
}

export interface SessionView {
  readonly person: DeskPerson & { readonly roles: readonly string[] };
  readonly csrfToken: string;
  /** What the person's roles allow at all. */
  readonly may: readonly string[];
}

export type CaseStateView =
  | 'open'
  | 'acknowledged'
  | 'investigating'
  | 'pending_approval'
  | 'closed'
  | 'reopened';
export type SeverityView = 'critical' | 'high' | 'medium' | 'low';

export interface CaseListItem {
  readonly caseId: string;
  readonly kind: 'aml' | 'review';
  readonly severity: SeverityView;
  readonly state: CaseStateView;
  readonly referenceNo: string;
  readonly owner: DeskPerson | null;
  readonly detectedAt: string;
  readonly dueAt: string;
  readonly version: number;
  /** What it is about, in neutral words: "1 match added (sanctions)". */
  readonly about: string;
}

export interface CaseList {
  readonly cases: readonly CaseListItem[];
  /** Where the next page begins; null: this is the last. */
  readonly next: string | null;
}

export const CASE_VIEWS = ['mine', 'unassigned', 'open', 'to_approve', 'closed'] as const;
export type CaseView = (typeof CASE_VIEWS)[number];

/** Which due times a list is narrowed to; `soon` is what is due within a day, the overdue included. */
export const DUE_FILTERS = ['overdue', 'soon'] as const;
export type DueFilter = (typeof DUE_FILTERS)[number];

export interface TimelineEntry {
  readonly sequence: number;
  readonly at: string;
  readonly who: string;
  readonly what: string;
  /** Somebody's own words; they may speak of the customer. */
  readonly words: string | null;
}

export interface CaseDetail extends CaseListItem {
  readonly journeyId: string;
  readonly concludedAt: string | null;
  readonly timeZone: string;
  readonly versions: readonly {
    readonly number: number;
    readonly detectedAt: string;
    readonly severity: SeverityView;
    readonly about: string;
  }[];
  readonly proposal: {
    readonly number: number;
    readonly caseVersion: number;
    readonly outcome: CaseOutcome;
    readonly matches: number;
    readonly by: DeskPerson;
    readonly at: string;
    readonly reason: string;
  } | null;
  /** How two people ended it, the latest; null while nobody has, or where it ended by itself. */
  readonly conclusion: {
    readonly outcome: CaseOutcome;
    readonly matches: number;
    readonly proposedBy: DeskPerson;
    readonly approvedBy: DeskPerson;
    readonly at: string;
    readonly reason: string;
    readonly approval: string;
  } | null;
  readonly externalReports: readonly { readonly reportedAt: string; readonly by: string }[];
  readonly customer: {
    readonly status: string;
    readonly access: string;
    readonly holds: readonly string[];
  };
  readonly studioUrl: string | null;
  readonly timeline: readonly TimelineEntry[];
  /** What this person may do to the case as it stands. */
  readonly actions: readonly CaseAction[];
  /** Outcomes that may be proposed. */
  readonly outcomes: readonly CaseOutcome[];
  /** Whether this person may export the audit trail. */
  readonly mayExport: boolean;
  readonly assignees: readonly DeskPerson[];
}

export interface MatchView {
  /** Names the match in a proposal; opaque. */
  readonly ref: string;
  readonly name: string;
  readonly kinds: readonly string[];
  readonly datasets: readonly string[];
  readonly countries: readonly string[];
  readonly datesOfBirth: readonly string[];
  readonly score: number | null;
  readonly isWhitelisted: boolean;
  /** False: IDWise gave it no id by which it could be whitelisted, and a proposal that names it is refused. */
  readonly canBeWhitelisted: boolean;
}

export interface ChangedMatchView {
  readonly before: MatchView;
  readonly after: MatchView;
  readonly members: readonly string[];
}

/** Personal data: the customer as verified, and what changed. */
export interface CasePerson {
  readonly fields: readonly { readonly label: string; readonly value: string }[];
  readonly differences: readonly {
    readonly version: number;
    readonly added: readonly MatchView[];
    readonly removed: readonly MatchView[];
    readonly changed: readonly ChangedMatchView[];
  }[];
  /** Numbers of versions that changed matches, and of which it is not kept any more what they changed. */
  readonly notKept: readonly number[];
  readonly openMatches: readonly MatchView[];
}
