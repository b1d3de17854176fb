import type { AgendaItem } from '../domain/agenda.js';
import type { TurnInput } from '../domain/customer-turn.js';
import type { AlarmCode } from '../domain/effects.js';
import type { Instant } from '../domain/instant.js';
import type { OutboxMessage } from '../store/outbox-records.js';
import type { CustomerRequestKind } from '../temporal/names.js';

/** What the workflow hands over: stored events by their ids, or what one of its attempts brought. */
export type CustomerTurnInput =
  | {
      readonly kind: 'events';
      readonly events: readonly { readonly inboxId: string; readonly receivedAt: Instant }[];
    }
  | Exclude<TurnInput, { kind: 'reports' | 'completion_requested' | CustomerRequestKind }>
  /** What somebody asked for; why stands in their request, which is kept under its id. */
  | ({ readonly kind: 'completion_requested'; readonly journeyId: string } & RequestedBy)
  | ({ readonly kind: Exclude<CustomerRequestKind, 'complete'> } & RequestedBy)
  /**
   * The workflow has no state: it takes everything from MongoDB. `queuedInboxIds` are the events that it was signalled
   * already; absent in runs of earlier releases.
   */
  | { readonly kind: 'open'; readonly queuedInboxIds?: readonly string[] };

/** By whom: a credential's name with the id of the request, or `policy` with its own reason. */
interface RequestedBy {
  readonly actor: string;
  readonly requestId?: string;
  readonly reason?: string;
}

export interface CustomerTurnCommand {
  readonly referenceNo: string;
  /** Number of the turn in the customer's life, given by the workflow; `open` takes the number of the last one. */
  readonly turn: number;
  /** The run that takes the turn: two runs that overlap, after a reset, may both think it theirs. */
  readonly runId: string;
  /** The workflow's clock; the only time that a turn knows. */
  readonly at: Instant;
  readonly input: CustomerTurnInput;
}

/** What the workflow carries on with; small, and free of personal data. */
export interface CustomerTurnDone {
  readonly kind: 'done';
  readonly turn: number;
  readonly status: string;
  readonly access: string;
  readonly ground: string;
  readonly journeyId: string | null;
  readonly version: number;
  readonly attention: string | null;
  /** Absent in results of earlier releases. */
  readonly closed?: boolean;
  /** A case has frozen the customer, who cannot be closed before it has released them. As absent as `closed`. */
  readonly frozen?: boolean;
  readonly journeys: readonly { readonly journeyId: string; readonly open: boolean }[];
  readonly agenda: readonly AgendaItem[];
  readonly deliveries: readonly { readonly outboxId: string; readonly channel: OutboxMessage['channel'] }[];
  readonly alarms: readonly AlarmCode[];
}

export type CustomerTurnResult =
  | CustomerTurnDone
  /** Nobody of that reference number is registered. */
  | { readonly kind: 'no_profile' }
  /** This turn, or a later one, has been taken by somebody else: the run must take up the record again. */
  | { readonly kind: 'overtaken' };
