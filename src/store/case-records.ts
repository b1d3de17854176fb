import type { CaseState } from '../domain/cases/case.js';
import type { Role } from '../domain/cases/roles.js';
import type { Severity } from '../domain/cases/severity.js';
import type { StoredCase } from '../domain/cases/upgrade-case.js';

/**
 * A compliance case. Collection `cases`. What a list is sorted and filtered by stands beside the case; what somebody said
 * and what the matches say is sealed, because it speaks of a person.
 */
export interface CaseRow {
  readonly _id: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  /** Each write compares and raises it. */
  readonly revision: number;
  readonly case: StoredCase;
  readonly isOpen: boolean;
  readonly state: CaseState;
  readonly severity: Severity;
  readonly owner: string | null;
  readonly dueAt: Date;
  /** Who proposed what awaits approval; null where nothing does. */
  readonly proposedBy: string | null;
  /** When the clock acts on the case next; null: nothing waits for it. */
  readonly wakeAt: Date | null;
  /** Since when its clock has not looked at a change; null once it has. A sweeper tells it. */
  readonly untoldSince: Date | null;
  readonly updatedAt: Date;
  /** By number of the case's version: the difference of matches, sealed. The oldest go when they become too many. */
  readonly differences: Readonly<Record<string, string>>;
  /** By id: notes and reasons, sealed. */
  readonly words: Readonly<Record<string, string>>;
}

/**
 * The matches that compliance was told of last, or knows from before an import, sealed. Collection `knownMatches`, keyed by
 * reference and journey.
 */
export interface KnownMatchesRow {
  readonly _id: string;
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly matches: string;
  /** The highest AML version whose stored history has been told of; 0 where none has. */
  readonly historyTo: number;
}

/** Somebody who has signed in to the desk, so that records that name a subject can be read. Collection `deskPeople`. */
export interface DeskPersonRow {
  readonly _id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly seenAt: Date;
}
