import type { AgendaItem } from '../domain/agenda.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { bodyText } from '../intake/replay-row.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { AuditRow, ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { customerWorkflowId, linkWorkflowId } from '../temporal/names.js';
import type { CustomerTurnDone } from './customer-turn-command.js';
import type { EventRow } from './find-events.js';
import { replaysOf } from './replay-events.js';

/** What an event waits for, and until when as far as that is known. */
export interface EventWait {
  /**
   * `temporal`: to be accepted there. `identification`: the workflow asks IDWise whose it is. `worker`: the customer's
   * workflow has not taken it up yet. `idwise`: for the answer to a fetch. `operator`: it is parked.
   */
  readonly what: 'temporal' | 'identification' | 'worker' | 'idwise' | 'operator';
  /** Why the last attempt brought nothing, or why it is parked. */
  readonly trouble: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly giveUpAt: string | null;
}

/** One event and all that is known of its way. */
export interface EventTrail {
  readonly row: EventRow;
  /** The body as it came; null for what was not a webhook. */
  readonly body: string | null;
  /** Whose it is, as far as our records tell. */
  readonly owner: string | null;
  /** The workflow to look up in Temporal. */
  readonly workflowId: string | null;
  /** Audit records that name it as a cause, by their sequence. */
  readonly effects: readonly AuditRow[];
  /** Its replays, or those of the original that it is a replay of. */
  readonly replays: readonly EventRow[];
  readonly waitsFor: EventWait | null;
}

export type ReadEventTrail = (id: string) => Promise<EventTrail | null>;

const MOST_EFFECTS = 200;
const MOST_REPLAYS = 100;

/** Makes the use case that shows an engineer one event: what it is, how it went, what it did, what it waits for. */
export function createReadEventTrail(store: Pick<Store, 'inbox' | 'profiles' | 'audit'>): ReadEventTrail {
  return async (id) => {
    const found = await store.inbox.findOne({ _id: id });
    if (found === null) return null;
    const { raw: _raw, ...row } = found;
    const profile = await ownerOf(store, row);
    const owner = profile?._id ?? null;
    const effects =
      owner === null
        ? []
        : await store.audit
            .find({ referenceNo: owner, 'cause.because': id }, { sort: { sequence: 1 }, limit: MOST_EFFECTS })
            .toArray();
    const replays = await store.inbox
      .find(replaysOf(row.replay?.of ?? id), {
        projection: { raw: 0 },
        sort: { 'replay.number': 1 },
        limit: MOST_REPLAYS,
      })
      .toArray();
    const waitsFor = waitOf(row, profile);
    return {
      row,
      body: bodyText(found),
      owner,
      workflowId: workflowOf(row, owner),
      effects: effects.filter((effect) => !isOfAnother(effect, id)),
      replays: replays.filter((replay) => replay._id !== id),
      waitsFor,
    };
  };
}

/** Events that are taken in together are the cause of one turn; that one of them is a replay concerns it alone. */
function isOfAnother({ effect, to }: AuditRow, id: string): boolean {
  return effect.startsWith('event_replayed') && (to as { inboxId?: unknown } | null)?.inboxId !== id;
}

/** As the delivery finds it: by the reference number, else by the journey where one profile alone has it. */
async function ownerOf(
  { profiles }: Pick<Store, 'profiles'>,
  { referenceNo, journeyId }: EventRow,
): Promise<ProfileRow | null> {
  if (referenceNo !== null) return await profiles.findOne({ _id: referenceNo });
  if (journeyId === null) return null;
  const [owner, ...others] = await profiles
    .find({ 'view.journeys.journeyId': journeyId }, { limit: 2 })
    .toArray();
  return owner === undefined || others.length > 0 ? null : owner;
}

function workflowOf({ _id, signalledAt }: EventRow, owner: string | null): string | null {
  if (owner !== null) return customerWorkflowId(owner);
  return signalledAt === null ? null : linkWorkflowId(_id);
}

function waitOf(row: EventRow, profile: ProfileRow | null): EventWait | null {
  const wait = { trouble: null, attempts: 0, nextAttemptAt: null, giveUpAt: null };
  switch (row.state) {
    case 'processed':
    case 'replayed':
      return null;
    case 'parked':
      return { ...wait, what: 'operator', trouble: row.parkReason };
    case 'received':
      return {
        ...wait,
        what: 'temporal',
        attempts: row.attempts,
        nextAttemptAt: row.notBefore.toISOString(),
      };
    case 'signalled':
      if (profile === null) return { ...wait, what: 'identification' };
      return row.outcome === 'recorded' ? waitForLook(row, profile) : { ...wait, what: 'worker' };
  }
}

function waitForLook({ _id }: Pick<InboxRow, '_id'>, profile: ProfileRow): EventWait {
  const journey = Object.values(upgradeFacts(profile.facts).journeys).find(({ owedLook }) =>
    owedLook?.causes.includes(_id),
  );
  const item = agendaOf(profile).find(
    ({ what, journeyId }) => what === 'look' && journeyId === journey?.journeyId,
  );
  return {
    what: 'idwise',
    trouble: journey?.owedLook?.trouble ?? null,
    attempts: journey?.owedLook?.attempts ?? 0,
    nextAttemptAt: item?.nextAttemptAt ?? null,
    giveUpAt: item?.giveUpAt ?? null,
  };
}

/** Takes a profile; returns what its workflow still has to do, as of its last turn. */
export function agendaOf({ lastTurn }: Pick<ProfileRow, 'lastTurn'>): readonly AgendaItem[] {
  return (lastTurn?.result as CustomerTurnDone | undefined)?.agenda ?? [];
}
