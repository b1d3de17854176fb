import { knownJourney } from '../domain/customer.js';
import type { Access, Status } from '../domain/policy.js';
import type { ParkReason } from '../store/inbox-records.js';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import type { EventRow } from './find-events.js';
import { replaysOf } from './replay-events.js';

/** How far an imported journey is. */
export interface ImportState {
  readonly importId: string;
  /**
   * `under_way`: IDWise has not been asked, or has given no answer that settles it. `settled`: the journey is the
   * customer's, and stands in the profile. `parked`: it waits for a human.
   */
  readonly state: 'under_way' | 'settled' | 'parked' | 'not_found';
  /** The inbox row in which it stands now: the import's own, or the latest replay of it. */
  readonly eventId: string | null;
  readonly parkReason: ParkReason | null;
  /** Of one that is under way: why the last look brought nothing. */
  readonly trouble: string | null;
  /** How the customer stands now. */
  readonly status: Status | null;
  readonly access: Access | null;
  /** Matches on watch lists that count, as the journey was last seen; null where it is not settled. A number, never whose. */
  readonly openMatches: number | null;
}

export type ReadImports = (importIds: readonly string[]) => Promise<readonly ImportState[]>;

/** Makes the use case that says how far imported journeys are. A page of them costs three queries, by their keys. */
export function createReadImports({ inbox, profiles }: Pick<Store, 'inbox' | 'profiles'>): ReadImports {
  return async (importIds) => {
    const withoutBody = { projection: { raw: 0 } } as const;
    const rows = await inbox.find({ _id: { $in: [...importIds] } }, withoutBody).toArray();
    const replayed = rows.filter(({ state }) => state === 'replayed').map(({ _id }) => _id);
    const latest = await latestReplays(inbox, replayed);
    const standing = new Map(rows.map((row) => [row._id, latest.get(row._id) ?? row]));
    const references = rows.flatMap(({ referenceNo }) => (referenceNo === null ? [] : [referenceNo]));
    const owners = await profiles
      .find(
        { _id: { $in: references } },
        { projection: { 'view.status': 1, 'view.access': 1, 'facts.journeys': 1 } },
      )
      .toArray();
    const ownerOf = new Map(owners.map((profile) => [profile._id, profile]));
    return importIds.map((importId) => {
      const row = standing.get(importId);
      return stateOf(importId, row, ownerOf.get(row?.referenceNo ?? ''));
    });
  };
}

async function latestReplays(
  inbox: Store['inbox'],
  ids: readonly string[],
): Promise<ReadonlyMap<string, EventRow>> {
  if (ids.length === 0) return new Map();
  const rows = await inbox
    .find({ $or: ids.map(replaysOf) }, { projection: { raw: 0 }, sort: { 'replay.number': 1 } })
    .toArray();
  return new Map(rows.flatMap((row) => (row.replay === undefined ? [] : [[row.replay.of, row] as const])));
}

type Owner = Pick<ProfileRow, '_id' | 'view' | 'facts'>;

function stateOf(importId: string, row: EventRow | undefined, owner: Owner | undefined): ImportState {
  const unknown = { eventId: null, parkReason: null, trouble: null, status: null, access: null };
  const none = { importId, ...unknown, openMatches: null };
  if (row === undefined) return { ...none, state: 'not_found' };
  const { _id: eventId, state, parkReason, journeyId } = row;
  const customer = { status: owner?.view.status ?? null, access: owner?.view.access ?? null };
  const journey =
    owner === undefined || journeyId === null ? undefined : knownJourney(owner.facts, journeyId);
  switch (state) {
    case 'processed':
      return {
        ...none,
        ...customer,
        eventId,
        state: 'settled',
        openMatches: journey?.snapshot?.aml?.openMatches ?? 0,
      };
    case 'parked':
      return { ...none, ...customer, eventId, state: 'parked', parkReason };
    default:
      return {
        ...none,
        ...customer,
        eventId,
        state: 'under_way',
        trouble: journey?.owedLook?.trouble ?? null,
      };
  }
}
