import type { AmlChange } from './aml-changes.js';
import type { Judgement, StatusAlarm } from './status.js';

export type AlarmCode =
  | StatusAlarm
  | 'idwise_refused'
  | 'idwise_unreadable'
  | 'journey_not_ours'
  | 'unknown_journey'
  | 'look_gave_up'
  | 'result_overdue'
  | 'aml_versions_gave_up'
  | 'custom_step_gave_up'
  | 'completion_gave_up'
  | 'images_gave_up'
  | 'event_after_close'
  | 'whitelisting_gave_up'
  | 'release_by_one_person'
  | 'off_boarding_refused';

/** Something that happened to the customer's record; each becomes one audit record. */
export type Effect =
  | {
      readonly kind: 'status_changed';
      readonly from: Standing;
      readonly to: Standing;
      /** Nobody is told: the company knows it from before (`imported.ts`). */
      readonly untold?: 'imported';
    }
  | { readonly kind: 'approval_recorded'; readonly journeyId: string }
  | { readonly kind: 'approval_ended'; readonly journeyId: string }
  | { readonly kind: 'journey_linked'; readonly journeyId: string }
  | {
      readonly kind: 'details_saved';
      readonly journeyId: string;
      readonly answerId: string;
      /** The decision that is given with the details stays that of the answer before: only AML has worsened. */
      readonly decisionStands: boolean;
    }
  | { readonly kind: 'images_stored'; readonly journeyId: string; readonly count: number }
  | { readonly kind: 'aml_changed'; readonly change: AmlChange }
  /** Matches of a journey that an import brought along: compliance knows them from before (`imported.ts`). */
  | {
      readonly kind: 'matches_known';
      readonly journeyId: string;
      readonly version: number;
      readonly openMatches: number;
      readonly untold: 'imported';
    }
  /** What a change is that was told before it could be said (`AmlShowing`). */
  | { readonly kind: 'aml_shown'; readonly change: AmlChange }
  | { readonly kind: 'custom_step'; readonly journeyId: string; readonly outcome: string }
  | {
      readonly kind: 'completion';
      readonly journeyId: string;
      readonly outcome: string;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'reminded'; readonly matter: string; readonly number: number; readonly of: number }
  | { readonly kind: 'renewal_asked' | 'renewed'; readonly journeyId: string }
  | { readonly kind: 'hold_laid' | 'hold_lifted'; readonly hold: 'renewal'; readonly journeyId: string }
  | {
      readonly kind: 'hold_laid';
      readonly hold: 'compliance';
      readonly caseId: string;
      readonly freezes: boolean;
    }
  | {
      readonly kind: 'hold_lifted';
      readonly hold: 'compliance';
      readonly caseId: string;
      /** The customer stays held, but can be off-boarded again. */
      readonly keepsHold: boolean;
      readonly proposedBy: string;
      readonly approvedBy: string;
    }
  /** Somebody wanted to off-board a customer whom a case has frozen. */
  | { readonly kind: 'close_refused'; readonly actor: string; readonly reason: string }
  | {
      readonly kind: 'closed' | 'reopened' | 'reprocess_requested';
      readonly actor: string;
      readonly reason: string;
    }
  /** Somebody had a stored event go its way once more. */
  | {
      readonly kind: 'event_replayed';
      readonly inboxId: string;
      readonly of: string;
      readonly actor: string;
      readonly reason: string;
    }
  /** Events of a closed customer: known by their inbox ids, without consequence. */
  | { readonly kind: 'late_events'; readonly causes: readonly string[] }
  /** A case's false positives are whitelisted at IDWise, which monitors them no more (contract §3.9). */
  | {
      readonly kind: 'matches_whitelisted';
      readonly journeyId: string;
      readonly caseId: string;
      readonly matches: readonly string[];
    }
  | { readonly kind: 'parked'; readonly journeyId: string; readonly reason: ParkedLookReason }
  | { readonly kind: 'alarm'; readonly code: AlarmCode; readonly journeyId: string | null };

export interface Standing {
  readonly status: Judgement['status'];
  readonly access: Judgement['access'];
  readonly ground: Judgement['ground'] | null;
}

export type ParkedLookReason = 'journey_not_ours' | 'unknown_journey' | 'look_gave_up';
