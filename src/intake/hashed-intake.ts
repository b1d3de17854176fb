import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import type { CommitOutcome, GroupCommit } from './group-commit.js';
import { hashedInboxId, OWN_RELAY_MS } from './inbox-row.js';

/**
 * The way of a body without event id into the inbox (design §4.1): its hash stands for the id. For 60 minutes, in
 * which IDWise's own retries fall, the same hash is the same event, though it still causes a look; later it is a new
 * one. The unique key decides between two that arrive at once.
 */
export type HashedOutcome =
  | { readonly kind: 'inserted'; readonly row: InboxRow }
  /** It was there; the row, as it now stands, is to be delivered again. */
  | { readonly kind: 'repeated'; readonly row: InboxRow }
  | { readonly kind: 'failed' };

export const SAME_EVENT_MS = 60 * 60_000;
const MOST_TRIES = 4;

/** Takes the inbox, the group commit, a row with its provisional id and its size in bytes; never rejects. */
export async function storeHashed(
  inbox: Store['inbox'],
  groupCommit: GroupCommit,
  row: InboxRow,
  bytes: number,
  deadlineMs: number,
): Promise<HashedOutcome> {
  const endsAtMs = performance.now() + deadlineMs;
  const { bodyHash } = row;
  if (bodyHash === null) throw new Error('A row without body hash has an event id');
  try {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const timeoutMS = endsAtMs - performance.now();
      if (timeoutMS < 1) break;
      const latest = await inbox.findOne(
        { bodyHash },
        { sort: { receivedAt: -1 }, projection: { receivedAt: 1 }, timeoutMS },
      );
      if (latest !== null && row.receivedAt.getTime() - latest.receivedAt.getTime() < SAME_EVENT_MS) {
        const repeated = await repeat(
          inbox,
          latest._id,
          row.receivedAt,
          Math.max(1, endsAtMs - performance.now()),
        );
        if (repeated !== null) return { kind: 'repeated', row: repeated };
        continue;
      }
      const numbered = {
        ...row,
        _id: hashedInboxId(bodyHash, latest === null ? 1 : numberOf(latest._id) + 1),
      };
      const outcome: CommitOutcome = await groupCommit.add(numbered, bytes, endsAtMs - performance.now());
      if (outcome === 'inserted') return { kind: 'inserted', row: numbered };
      if (outcome !== 'duplicate') return { kind: 'failed' };
    }
  } catch {
    // A time limit or a lost connection: the sender comes again.
  }
  return { kind: 'failed' };
}

/** What was never understood stays parked; everything else is due for a look again. */
async function repeat(
  inbox: Store['inbox'],
  id: string,
  now: Date,
  timeoutMS: number,
): Promise<InboxRow | null> {
  const isUnderstood = { $ne: ['$event', null] };
  const ifUnderstood = (then: unknown, member: string) => ({ $cond: [isUnderstood, then, `$${member}`] });
  return await inbox.findOneAndUpdate(
    { _id: id },
    [
      {
        $set: {
          repeats: { $add: ['$repeats', 1] },
          state: ifUnderstood('received', 'state'),
          parkReason: ifUnderstood(null, 'parkReason'),
          outcome: ifUnderstood(null, 'outcome'),
          notBefore: ifUnderstood(new Date(now.getTime() + OWN_RELAY_MS), 'notBefore'),
          signalledAt: ifUnderstood(null, 'signalledAt'),
        },
      },
    ],
    { returnDocument: 'after', writeConcern: { w: 'majority' }, timeoutMS },
  );
}

function numberOf(inboxId: string): number {
  return Number(inboxId.slice(inboxId.lastIndexOf(':') + 1));
}
