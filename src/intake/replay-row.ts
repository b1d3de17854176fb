import type { InboxReplay, InboxRow, ParkReason } from '../store/inbox-records.js';
import { idwiseInboxRow, OWN_RELAY_MS } from './inbox-row.js';

/** A replay that can go its way, or why the event is still not understood. */
export type ReplayRow =
  | { readonly kind: 'row'; readonly row: InboxRow }
  | { readonly kind: 'still_not_understood'; readonly reason: ParkReason };

/**
 * Takes a stored event, its replay's number, who wants it and why, and the time; returns the row to store: a copy under
 * an id of its own, because what has been taken in once is known by its id (design §4.4). What was not understood when
 * it came is read anew by the present code, so that a corrected reader helps.
 */
export function replayRow(
  original: InboxRow,
  wanted: Pick<InboxReplay, 'number' | 'actor' | 'reason'>,
  now: Date,
): ReplayRow {
  const understood = understand(original);
  if (understood.kind === 'not_understood')
    return { kind: 'still_not_understood', reason: understood.reason };
  const { number, actor, reason } = wanted;
  const of = original.replay?.of ?? original._id;
  const firstReceivedAt = original.replay?.firstReceivedAt ?? original.receivedAt;
  return {
    kind: 'row',
    row: {
      ...original,
      ...understood.reading,
      _id: `${of}#${number}`,
      receivedAt: now,
      // The hash stands for the id of what came in; a copy has its own.
      bodyHash: null,
      repeats: 0,
      state: 'received',
      parkReason: null,
      attempts: 0,
      notBefore: new Date(now.getTime() + OWN_RELAY_MS),
      signalledAt: null,
      processedAt: null,
      outcome: null,
      replay: { of, number, actor, reason, firstReceivedAt },
    },
  };
}

type Reading = Pick<InboxRow, 'event' | 'kind' | 'journeyId' | 'referenceNo'>;

function understand(
  row: InboxRow,
):
  | { readonly kind: 'understood'; readonly reading: Partial<Reading> }
  | { readonly kind: 'not_understood'; readonly reason: ParkReason } {
  if (row.event !== null || row.report !== null) return { kind: 'understood', reading: {} };
  // An empty body stands for an empty object, as at intake.
  const text = bodyText(row) ?? '';
  const read = idwiseInboxRow(text.trim() === '' ? {} : JSON.parse(text), Buffer.from(text), row.receivedAt);
  const { event, kind, journeyId, referenceNo, parkReason } = read.row;
  if (event === null) return { kind: 'not_understood', reason: parkReason ?? 'not_an_object' };
  return { kind: 'understood', reading: { event, kind, journeyId, referenceNo } };
}

/** Takes a row; returns the body as it came, or null where none is kept. Bytes come back from MongoDB in a wrapping. */
export function bodyText({ raw }: Pick<InboxRow, 'raw'>): string | null {
  return raw?.toString('utf8').replace(/^\uFEFF/, '') ?? null;
}
