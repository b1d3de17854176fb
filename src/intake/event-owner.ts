import { knownJourney } from '../domain/customer.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import { createBatcher } from './batcher.js';

/** Whose event it is, as far as our own records tell. */
export type EventOwner =
  | { readonly kind: 'customer'; readonly referenceNo: string }
  /** Only IDWise can tell: the journey must be fetched. */
  | { readonly kind: 'ask_idwise' }
  /** Nobody can tell yet: it has no journey, and its reference is none of ours or missing. */
  | { readonly kind: 'nobody'; readonly reason: 'no_reference' | 'unknown_reference' };

export type FindOwner = (row: InboxRow) => Promise<EventOwner>;

const MOST_PER_LOOKUP = 200;

/**
 * Takes the profiles; returns the look-up. It prefers the event's reference number, then the journey, where a fetch has
 * shown it under exactly one profile: that an app named the journey proves nothing. Otherwise IDWise decides. Look-ups
 * that come together share one query.
 */
export function createFindOwner(profiles: Store['profiles']): FindOwner {
  const byReference = createBatcher<string, boolean>(async (references) => {
    const found = await profiles
      .find({ _id: { $in: [...new Set(references)] } }, { projection: { _id: 1 } })
      .toArray();
    const known = new Set(found.map((profile) => profile._id));
    return references.map((referenceNo) => known.has(referenceNo));
  }, MOST_PER_LOOKUP);

  const byJourney = createBatcher<string, readonly string[]>(async (journeyIds) => {
    const found = await profiles
      .find(
        { 'view.journeys.journeyId': { $in: [...new Set(journeyIds)] } },
        { projection: { 'facts.journeys': 1 } },
      )
      .toArray();
    return journeyIds.map((journeyId) =>
      found
        .filter(({ facts }) => (knownJourney(facts, journeyId)?.snapshot ?? null) !== null)
        .map((profile) => profile._id),
    );
  }, MOST_PER_LOOKUP);

  return async ({ referenceNo, journeyId }) => {
    if (referenceNo !== null && (await byReference.add(referenceNo)))
      return { kind: 'customer', referenceNo };
    if (journeyId === null) {
      return { kind: 'nobody', reason: referenceNo === null ? 'no_reference' : 'unknown_reference' };
    }
    // An event that names another reference than the profile that claims its journey is not taken at its word.
    if (referenceNo !== null) return { kind: 'ask_idwise' };
    const [owner, ...others] = await byJourney.add(journeyId);
    return owner === undefined || others.length > 0
      ? { kind: 'ask_idwise' }
      : { kind: 'customer', referenceNo: owner };
  };
}
