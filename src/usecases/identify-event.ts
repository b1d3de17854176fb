import type { Instant } from '../domain/instant.js';
import { toMs } from '../domain/instant.js';
import type { DecisionContext } from '../domain/policy.js';
import { REFUSED_PAUSE_MS } from '../domain/trouble.js';
import type { Look } from '../idwise/look.js';
import { unparkFor } from '../intake/unpark.js';
import type { InboxRow, InboxState, ParkReason } from '../store/inbox-records.js';
import { newProfileRow } from '../store/new-profile.js';
import type { Store } from '../store/store.js';

/** What one attempt to find an event's customer brought. */
export type IdentifiedEvent =
  /** The event bears its reference number now and goes the ordinary way. */
  | { readonly kind: 'linked' }
  | { readonly kind: 'parked' }
  | { readonly kind: 'later'; readonly code: string; readonly retryAfterMs: number | null };

interface Dependencies {
  readonly store: Store;
  readonly look: Pick<Look, 'findOwner'>;
  readonly context: DecisionContext;
  readonly onParked: (reason: ParkReason, count: number) => void;
  /** Called where the search for the event's customer was given up: nobody else will tell that this event has no effect. */
  readonly onGivenUp: (reason: GivenUpReason, inboxId: string) => void;
}

type GivenUpReason = Extract<ParkReason, 'journey_not_ours' | 'unknown_journey' | 'look_gave_up'>;

const SETTLED: ReadonlySet<InboxState> = new Set(['processed', 'parked', 'replayed']);

/**
 * Makes the use case that links an event to a customer by the journey as fetched (design §3): the journey's own
 * reference number counts, the event's must not contradict it, and the flow must be ours. The profile is made where an
 * app verified before it registered. What does not fit is parked with the reason.
 */
export function createIdentifyEvent({ store, look, context, onParked, onGivenUp }: Dependencies) {
  return async ({ inboxId, at }: { inboxId: string; at: Instant }): Promise<IdentifiedEvent> => {
    const row = await store.inbox.findOne({ _id: inboxId }, { projection: { raw: 0 } });
    if (row === null || SETTLED.has(row.state)) return { kind: 'parked' };
    if (row.journeyId === null) return park(row, 'no_reference', at);

    const owner = await look.findOwner({ journeyId: row.journeyId });
    switch (owner.kind) {
      case 'owner': {
        const contradicts = row.referenceNo !== null && row.referenceNo !== owner.referenceNo;
        const isOurs = owner.flowId === context.flowId;
        if (owner.referenceNo === null || contradicts || !isOurs) return giveUp(row, 'journey_not_ours', at);
        return link(row, owner.referenceNo, at);
      }
      case 'unknown_journey':
        return isPast(row, context.policy.look.unknownJourneyGiveUpMs, at)
          ? giveUp(row, 'unknown_journey', at)
          : { kind: 'later', code: owner.kind, retryAfterMs: null };
      case 'not_ours':
        return giveUp(row, 'journey_not_ours', at);
      default:
        if (isPast(row, context.policy.look.giveUpMs, at)) return giveUp(row, 'look_gave_up', at);
        return {
          kind: 'later',
          code: `${owner.kind}:${owner.code}`,
          retryAfterMs:
            owner.kind === 'refused' ? REFUSED_PAUSE_MS : 'retryAfterMs' in owner ? owner.retryAfterMs : null,
        };
    }
  };

  async function link(row: InboxRow, referenceNo: string, at: Instant): Promise<IdentifiedEvent> {
    const now = new Date(at);
    const isLinked = await store.transaction(`customer:${referenceNo}`, async (session) => {
      const known = await store.profiles.findOne({ _id: referenceNo }, { session, projection: { _id: 1 } });
      if (known === null) {
        await store.profiles.insertOne(newProfileRow(referenceNo, undefined, at, context.policy), {
          session,
        });
      }
      const { matchedCount } = await store.inbox.updateOne(
        { _id: row._id, state: 'signalled' },
        { $set: { state: 'received', referenceNo, notBefore: now, parkReason: null } },
        { session },
      );
      // Whatever was parked for want of this very customer or journey goes along.
      await unparkFor(
        store,
        session,
        { referenceNo, ...(row.journeyId && { journeyId: row.journeyId }) },
        now,
      );
      return matchedCount > 0;
    });
    if (isLinked) return { kind: 'linked' };
    // Faster than whoever set this off could note it: that note would come after the link, and the event would wait for
    // ever, with nobody who hands it on. So it waits for the note.
    const isUnnoted = await store.inbox.findOne(
      { _id: row._id, state: 'received' },
      { projection: { _id: 1 } },
    );
    return isUnnoted === null
      ? { kind: 'linked' }
      : { kind: 'later', code: 'signal_not_noted_yet', retryAfterMs: null };
  }

  async function giveUp(row: InboxRow, reason: GivenUpReason, at: Instant): Promise<IdentifiedEvent> {
    onGivenUp(reason, row._id);
    return park(row, reason, at);
  }

  async function park(row: InboxRow, reason: ParkReason, at: Instant): Promise<IdentifiedEvent> {
    await store.inbox.updateOne(
      { _id: row._id, state: { $nin: ['processed', 'replayed'] } },
      { $set: { state: 'parked', parkReason: reason, processedAt: new Date(at), outcome: 'parked' } },
    );
    onParked(reason, 1);
    return { kind: 'parked' };
  }
}

function isPast(row: InboxRow, giveUpMs: number, at: Instant): boolean {
  return toMs(at) - row.receivedAt.getTime() > giveUpMs;
}
