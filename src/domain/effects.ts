import type { AmlChange } from './aml-changes.js';
import type { Judgement } from './status.js';

export type AlarmCode =
  | NonNullable<Judgement['alarm']>
  | 'idwise_refused'
  | 'idwise_unreadable'
  | 'journey_not_ours'
  | 'unknown_journey'
  | 'look_gave_up'
  | 'result_overdue'
  | 'aml_versions_gave_up'
  | 'custom_step_gave_up'
  | 'completion_gave_up';

/** Something that happened to the customer's record; each becomes one audit record. */
export type Effect =
  | { readonly kind: 'status_changed'; readonly from: Standing; readonly to: Standing }
  | { readonly kind: 'approval_recorded'; readonly journeyId: string }
  | { readonly kind: 'approval_ended'; readonly journeyId: string }
  | { readonly kind: 'journey_linked'; readonly journeyId: string }
  | { readonly kind: 'details_saved'; readonly journeyId: string; readonly answerId: string }
  | { readonly kind: 'aml_changed'; readonly change: AmlChange }
  | { readonly kind: 'custom_step'; readonly journeyId: string; readonly outcome: string }
  | {
      readonly kind: 'completion';
      readonly journeyId: string;
      readonly outcome: string;
      readonly actor: string;
      readonly reason: string;
    }
  | { readonly kind: 'parked'; readonly journeyId: string; readonly reason: ParkedLookReason }
  | { readonly kind: 'alarm'; readonly code: AlarmCode; readonly journeyId: string | null };

export interface Standing {
  readonly status: Judgement['status'];
  readonly access: Judgement['access'];
  readonly ground: Judgement['ground'] | null;
}

export type ParkedLookReason = 'journey_not_ours' | 'unknown_journey' | 'look_gave_up';
