import type mongoose from 'mongoose';
import type { Relay } from '../intake/relay.js';
import { replayRow } from '../intake/replay-row.js';
import type { InboxRow, ParkReason } from '../store/inbox-records.js';
import { isDuplicateKey } from '../store/insert-once.js';
import type { Store } from '../store/store.js';
import { type EventFilter, type EventPosition, isBehind, matching } from './find-events.js';

/** Who has which events go their way once more, and why. */
export interface WantedReplays {
  readonly which:
    | { readonly kind: 'ids'; readonly ids: readonly string[] }
    | { readonly kind: 'filter'; readonly filter: EventFilter; readonly after: EventPosition | null };
  /** Name of the operator's credential. */
  readonly actor: string;
  readonly reason: string;
  /** True: says what would be done, and does nothing. */
  readonly dryRun: boolean;
}

/** What became of one event. */
export type Replayed = { readonly id: string } & (
  | { readonly outcome: 'replayed' | 'would_replay'; readonly replayId: string; readonly kind: string }
  /** The present code reads it no better than the one that parked it. */
  | { readonly outcome: 'still_not_understood'; readonly parkReason: ParkReason }
  /** A replay of it has just been sent, or stands in for it: that one is to be looked at. */
  | { readonly outcome: 'under_way' | 'replayed_before'; readonly replayId: string }
  /** What two people decided, or the policy did, is carried out once: nobody alone has it carried out again. */
  | { readonly outcome: 'measure_of_case' }
  | { readonly outcome: 'not_found' }
);

export interface Replays {
  readonly events: readonly Replayed[];
  /** Where to go on, of a filter that matches more. */
  readonly next: EventPosition | null;
}

export type ReplayEvents = (wanted: WantedReplays) => Promise<Replays>;

interface Dependencies {
  readonly store: Store;
  readonly relay: Relay;
}

/** As many as one request does within its sender's patience: each is a transaction of its own. */
export const MOST_REPLAYS_AT_ONCE = 100;
/** Two who want the same at the same time want it once. */
const SAME_WISH_MS = 60_000;
const MOST_TRIES = 5;

/**
 * Makes the use case that sends stored events on their way once more, the oldest first (design §4.4: a deliberate
 * replay is a new cause). The original stays as it is; only a parked one becomes `replayed` in the same transaction, so
 * that what is parked is what still needs somebody. Asking twice at the same time makes one replay.
 */
export function createReplayEvents({ store, relay }: Dependencies): ReplayEvents {
  return async ({ which, actor, reason, dryRun }) => {
    const { ids, next } =
      which.kind === 'ids'
        ? { ids: [...new Set(which.ids)], next: null }
        : await page(store, which.filter, which.after);
    const events: Replayed[] = [];
    // Each has a time of its own, so that a later replay of the same range keeps the order.
    for (const id of ids) events.push(await replay(id, { actor, reason }, dryRun, new Date()));
    return { events, next };
  };

  async function replay(
    id: string,
    by: { readonly actor: string; readonly reason: string },
    dryRun: boolean,
    now: Date,
  ): Promise<Replayed> {
    if (dryRun) return (await decide(store, undefined, id, by, now, 1)).replayed;
    for (let step = 1; ; step += 1) {
      try {
        const { row, replayed } = await store.transaction(`replay:${id}`, async (session) => {
          const decision = await decide(store, session, id, by, now, step);
          if (decision.row !== null) await write(store, session, id, decision.row);
          return decision;
        });
        if (row === null) return replayed;
        relay.offer(row);
        return { id, outcome: 'replayed', replayId: row._id, kind: row.kind };
      } catch (error) {
        // Somebody took the number: another operator by a replay's id, or an event whose own id ends like this.
        if (!isDuplicateKey(error) || step === MOST_TRIES) throw error;
      }
    }
  }
}

/**
 * What a filter means to replay: neither what a replay stands in for, nor replays that went through, nor what a case
 * wants of its customer.
 */
async function page(
  store: Store,
  filter: EventFilter,
  after: EventPosition | null,
): Promise<{ readonly ids: readonly string[]; readonly next: EventPosition | null }> {
  const rows = await store.inbox
    .find(
      {
        $and: [
          matching(filter),
          { state: { $ne: 'replayed' }, source: { $ne: 'case' } },
          { $or: [{ replay: { $exists: false } }, { state: 'parked' }] },
          ...(after === null ? [] : [isBehind(after, 'later')]),
        ],
      },
      { projection: { receivedAt: 1 }, sort: { receivedAt: 1, _id: 1 }, limit: MOST_REPLAYS_AT_ONCE + 1 },
    )
    .toArray();
  const taken = rows.slice(0, MOST_REPLAYS_AT_ONCE);
  const last = rows.length > taken.length ? taken.at(-1) : undefined;
  return {
    ids: taken.map((row) => row._id),
    next: last === undefined ? null : { receivedAt: last.receivedAt, id: last._id },
  };
}

interface Decision {
  readonly replayed: Replayed;
  /** What is to be written, where it is to be replayed. */
  readonly row: InboxRow | null;
}

async function decide(
  store: Store,
  session: mongoose.mongo.ClientSession | undefined,
  id: string,
  by: { readonly actor: string; readonly reason: string },
  now: Date,
  step: number,
): Promise<Decision> {
  const inSession = session === undefined ? {} : { session };
  const original = await store.inbox.findOne({ _id: id }, inSession);
  if (original === null) return { replayed: { id, outcome: 'not_found' }, row: null };
  if (original.source === 'case') return { replayed: { id, outcome: 'measure_of_case' }, row: null };
  const latest = await latestReplay(store, session, original.replay?.of ?? id);
  if (latest !== null && latest._id !== id) {
    const found = { id, replayId: latest._id };
    if (isUnderWay(latest, now)) return { replayed: { ...found, outcome: 'under_way' }, row: null };
    if (original.state === 'replayed')
      return { replayed: { ...found, outcome: 'replayed_before' }, row: null };
  }
  const made = replayRow(original, { number: (latest?.replay?.number ?? 0) + step, ...by }, now);
  if (made.kind === 'still_not_understood') {
    return { replayed: { id, outcome: 'still_not_understood', parkReason: made.reason }, row: null };
  }
  const { row } = made;
  return { replayed: { id, outcome: 'would_replay', replayId: row._id, kind: row.kind }, row };
}

function isUnderWay({ state, receivedAt }: InboxRow, now: Date): boolean {
  const isOnItsWay = state === 'received' || state === 'signalled';
  return isOnItsWay && now.getTime() - receivedAt.getTime() < SAME_WISH_MS;
}

async function latestReplay(
  store: Store,
  session: mongoose.mongo.ClientSession | undefined,
  of: string,
): Promise<InboxRow | null> {
  return await store.inbox.findOne(
    { ...replaysOf(of) },
    { sort: { 'replay.number': -1 }, projection: { raw: 0 }, ...(session === undefined ? {} : { session }) },
  );
}

/** Takes the inbox id of an original; returns the query for its replays, which the ids' own index answers. */
export function replaysOf(of: string) {
  return { _id: { $gt: `${of}#`, $lt: `${of}$` }, 'replay.of': of };
}

async function write(
  store: Store,
  session: mongoose.mongo.ClientSession,
  id: string,
  row: InboxRow,
): Promise<void> {
  await store.inbox.insertOne(row, { session });
  await store.inbox.updateOne({ _id: id, state: 'parked' }, { $set: { state: 'replayed' } }, { session });
}
