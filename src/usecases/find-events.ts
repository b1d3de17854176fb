import mongoose from 'mongoose';
import type { InboxRow, InboxState, ParkReason } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';

/** Which stored events; what is absent does not matter. */
export interface EventFilter {
  readonly state?: InboxState | undefined;
  readonly parkReason?: ParkReason | undefined;
  readonly kind?: string | undefined;
  readonly referenceNo?: string | undefined;
  readonly journeyId?: string | undefined;
  /** Beginning of the inbox id, with or without the `idwise:` that stands before IDWise's own id. */
  readonly id?: string | undefined;
  /** Received at this time or later. */
  readonly from?: Date | undefined;
  /** Received before this time. */
  readonly to?: Date | undefined;
}

/** Where a page ends, so that the next one begins there whatever has come in meanwhile. */
export interface EventPosition {
  readonly receivedAt: Date;
  readonly id: string;
}

/** A row without its body, which may be large. */
export type EventRow = Omit<InboxRow, 'raw'>;

export type FoundEvents =
  | { readonly kind: 'found'; readonly events: readonly EventRow[]; readonly next: EventPosition | null }
  /** MongoDB is there, but what was asked for takes it too long. */
  | { readonly kind: 'too_wide' };

export type FindEvents = (
  filter: EventFilter,
  page: { readonly after: EventPosition | null; readonly limit: number },
) => Promise<FoundEvents>;

type Query = Parameters<Store['inbox']['find']>[0];

/** Takes a filter; returns MongoDB's query for it. */
export function matching({ id, from, to, ...same }: EventFilter): NonNullable<Query> {
  const members = Object.entries(same).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(members),
    ...(from === undefined && to === undefined
      ? {}
      : { receivedAt: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }),
    ...(id === undefined ? {} : { $or: [beginsWith(id), beginsWith(`idwise:${id}`)] }),
  };
}

/** Takes a position; returns the query for what stands behind it, in the direction of time that is asked for. */
export function isBehind({ receivedAt, id }: EventPosition, direction: 'earlier' | 'later') {
  const isBeyond = direction === 'earlier' ? '$lt' : '$gt';
  return { $or: [{ receivedAt: { [isBeyond]: receivedAt } }, { receivedAt, _id: { [isBeyond]: id } }] };
}

/** MongoDB ends what takes longer, before our own deadline makes it look like an outage. */
const MOST_SEARCH_MS = 1_500;
const MAX_TIME_EXPIRED = 50;

/** Makes the use case that lists stored events, the newest first. */
export function createFindEvents(inbox: Store['inbox']): FindEvents {
  return async (filter, { after, limit }) => {
    const query =
      after === null ? matching(filter) : { $and: [matching(filter), isBehind(after, 'earlier')] };
    try {
      const rows = await inbox
        .find(query, {
          projection: { raw: 0 },
          sort: { receivedAt: -1, _id: -1 },
          limit: limit + 1,
          maxTimeMS: MOST_SEARCH_MS,
        })
        .toArray();
      const events = rows.slice(0, limit);
      const last = rows.length > limit ? events.at(-1) : undefined;
      return {
        kind: 'found',
        events,
        next: last === undefined ? null : { receivedAt: last.receivedAt, id: last._id },
      };
    } catch (error) {
      if (error instanceof mongoose.mongo.MongoServerError && error.code === MAX_TIME_EXPIRED)
        return { kind: 'too_wide' };
      throw error;
    }
  };
}

/** By its index, and without reading anything in the text as a pattern. */
function beginsWith(text: string) {
  return { _id: { $gte: text, $lt: `${text}\u{10ffff}` } };
}
