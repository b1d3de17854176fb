import type { Policy } from '../domain/policy.js';
import { retryGapMs } from '../domain/retry-ladder.js';
import type { OutboxRow } from '../store/outbox-records.js';
import type { Channel } from './send-outcome.js';

const HOUR_MS = 3_600_000;

/** However old a message has become while nobody could send it, its recipient gets this long before it is given up. */
const LEAST_TIME_OF_TRYING_MS = 2 * HOUR_MS;
const SHORTEST_GAP_MS = 1_000;
const LONGEST_GAP_MS = HOUR_MS;

/**
 * When to try again after an attempt that failed: by the ladder, or when the recipient asked for, whichever is later,
 * but within the hour, and once more at the very moment of giving up.
 *
 * Takes the row as it was before the attempt, when the attempt began and ended, what the recipient asked for in
 * milliseconds, and the policy; returns the gap in milliseconds, or null when the time is over.
 */
export function nextGapMs(
  row: Pick<OutboxRow, 'createdAt' | 'attempts' | 'message'>,
  attempt: { readonly begunAt: Date; readonly endedAt: Date; readonly askedForMs: number | null },
  deliveries: Policy['deliveries'],
): number | null {
  const firstTriedAtMs = (row.attempts[0]?.at ?? attempt.begunAt).getTime();
  const giveUpAfterMs = giveUpMs(row.message.channel, deliveries);
  const giveUpAtMs = Math.max(
    row.createdAt.getTime() + giveUpAfterMs,
    firstTriedAtMs + Math.min(LEAST_TIME_OF_TRYING_MS, giveUpAfterMs),
  );
  const leftMs = giveUpAtMs - attempt.endedAt.getTime();
  if (leftMs <= 0) return null;
  // The ladder counts from the first attempt: a message that waited for us, not for its recipient, starts at its foot.
  const ladderMs = retryGapMs(attempt.begunAt.getTime() - firstTriedAtMs);
  const gapMs = Math.min(Math.max(ladderMs, attempt.askedForMs ?? 0), LONGEST_GAP_MS);
  return Math.max(Math.min(gapMs, leftMs), SHORTEST_GAP_MS);
}

function giveUpMs(channel: Channel, deliveries: Policy['deliveries']): number {
  switch (channel) {
    case 'company_webhook':
      return deliveries.companyWebhookGiveUpMs;
    case 'web_push':
      return deliveries.pushGiveUpMs;
    case 'compliance_mail':
      return deliveries.mailGiveUpMs;
  }
}
