import type { Instant } from '../instant.js';
import type { Ground } from '../status.js';
import type { CaseOutcome, CustomerMeasure } from './outcomes.js';
import type { Severity } from './severity.js';

/** What makes an operator look at how cases are answered; each has its entry in the runbook. */
export type CaseAlarm =
  /** Everybody on the list has been told, and nobody has acknowledged. */
  'case_unanswered';

/** Something that happened to a case; each becomes one audit record. Actors are the subjects of their logins. */
export type CaseEffect =
  | ({ readonly kind: 'case_opened' | 'version_added' } & NewVersion)
  /** `actor` null: a further change reopened it. */
  | ({
      readonly kind: 'reopened';
      readonly actor: string | null;
      readonly reasonId: string | null;
    } & NewVersion)
  | { readonly kind: 'acknowledged'; readonly actor: string; readonly version: number }
  | {
      readonly kind: 'assigned';
      readonly actor: string;
      readonly from: string | null;
      readonly owner: string;
    }
  | { readonly kind: 'note_added'; readonly actor: string; readonly noteId: string }
  | {
      readonly kind: 'proposed';
      readonly actor: string;
      readonly proposal: number;
      readonly outcome: CaseOutcome;
      readonly version: number;
      readonly reasonId: string;
    }
  /** `actor` null: a further change made it void. */
  | { readonly kind: 'withdrawn'; readonly actor: string | null; readonly proposal: number }
  | {
      readonly kind: 'approved';
      readonly actor: string;
      readonly proposedBy: string;
      readonly proposal: number;
      readonly outcome: CaseOutcome;
      readonly reasonId: string;
    }
  | {
      readonly kind: 'declined';
      readonly actor: string;
      readonly proposal: number;
      readonly reasonId: string;
    }
  | { readonly kind: 'closed'; readonly outcome: CaseOutcome | null; readonly ground: Ground | null }
  | {
      readonly kind: 'external_report_recorded';
      readonly actor: string;
      readonly reportedAt: Instant;
      readonly noteId: string;
    }
  | { readonly kind: 'measure_wanted'; readonly measure: CustomerMeasure }
  /** `recipient`: the place in the list, from 0, of the one who is told now. */
  | { readonly kind: 'escalated'; readonly number: number; readonly recipient: number }
  /** `plannedAt` tells one reminder of a due time from another. */
  | { readonly kind: 'reminded'; readonly plannedAt: Instant; readonly dueAt: Instant }
  | {
      readonly kind: 'overdue';
      readonly number: number;
      readonly dueAt: Instant;
      readonly recipients: number;
    }
  | { readonly kind: 'digest_due'; readonly digestAt: Instant }
  | { readonly kind: 'alarm'; readonly code: CaseAlarm };

interface NewVersion {
  readonly version: number;
  readonly severity: Severity;
  readonly dueAt: Instant;
}
