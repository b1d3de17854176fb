import type { Metrics } from '../observability/metrics.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import { GROUP_COMMIT_LIMITS, type GroupCommit } from './group-commit.js';
import { storeHashed } from './hashed-intake.js';
import { idwiseInboxRow } from './inbox-row.js';
import type { Relay } from './relay.js';
import { storeUnderReusedId } from './reused-event-id.js';

/**
 * Everything that comes in becomes durable here first and is handed on afterwards (design §4.1). Nothing here depends
 * on Temporal.
 */
export interface Intake {
  /** Takes a webhook's JSON and raw bytes; resolves within the deadline of the group commit, never rejects. */
  acceptWebhook(json: unknown, raw: Buffer): Promise<IntakeOutcome>;
  /** Takes a row of our own making (a report of the app); resolves likewise. */
  acceptReport(row: InboxRow): Promise<IntakeOutcome>;
}

/** `durable`: the event is on a majority, now or since before. `not_stored`: nothing is promised. */
export type IntakeOutcome = 'durable' | 'not_stored';

export interface IntakeDependencies {
  readonly inbox: Store['inbox'];
  readonly groupCommit: GroupCommit;
  readonly relay: Relay;
  readonly metrics: Metrics;
}

/** What a row weighs beside its raw bytes, for the bounds of the queue. */
const ROW_BYTES = 700;

/** Takes the intake's dependencies; returns the intake. */
export function createIntake({ inbox, groupCommit, relay, metrics }: IntakeDependencies): Intake {
  function stored(row: InboxRow): IntakeOutcome {
    metrics.eventAccepted();
    if (row.parkReason === null) relay.offer(row);
    else metrics.eventParked(row.parkReason);
    return 'durable';
  }

  return {
    acceptWebhook: async (json, raw) => {
      const { row, isHashed } = idwiseInboxRow(json, raw, new Date());
      const bytes = raw.length + ROW_BYTES;
      if (isHashed) {
        const outcome = await storeHashed(inbox, groupCommit, row, bytes, GROUP_COMMIT_LIMITS.deadlineMs);
        if (outcome.kind === 'failed') return 'not_stored';
        if (outcome.kind === 'inserted') return stored(outcome.row);
        metrics.eventDuplicate();
        if (outcome.row.state === 'received') relay.offer(outcome.row);
        return 'durable';
      }
      const endsAtMs = performance.now() + GROUP_COMMIT_LIMITS.deadlineMs;
      const outcome = await groupCommit.add(row, bytes);
      if (outcome === 'inserted') return stored(row);
      if (outcome !== 'duplicate') return 'not_stored';
      const leftMs = endsAtMs - performance.now();
      const reused = await storeUnderReusedId(inbox, groupCommit, row, bytes, leftMs);
      if (reused.kind === 'inserted') return stored(reused.row);
      if (reused.kind === 'failed') return 'not_stored';
      metrics.eventDuplicate();
      return 'durable';
    },
    acceptReport: async (row) => {
      const outcome = await groupCommit.add(row, ROW_BYTES);
      // The id is our own and random: a duplicate is this very row, which a repeated write has met.
      if (outcome !== 'inserted' && outcome !== 'duplicate') return 'not_stored';
      relay.offer(row);
      return 'durable';
    },
  };
}
