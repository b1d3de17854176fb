import type { AgendaItem } from '../domain/agenda.js';
import type { JourneyFacts } from '../domain/customer.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import type { AuditRow, ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { customerWorkflowId } from '../temporal/names.js';
import { agendaOf } from './event-trail.js';
import type { EventRow } from './find-events.js';

/** How a customer stands, for an engineer: what the status rests on and what is still to come. Nothing personal. */
export interface CustomerStanding {
  readonly profile: Pick<ProfileRow, '_id' | 'view' | 'ground' | 'attention' | 'createdAt' | 'nextCheckAt'>;
  readonly workflowId: string;
  readonly closedAt: string | null;
  readonly holds: readonly string[];
  readonly approval: { readonly journeyId: string; readonly at: string; readonly by: string } | null;
  readonly agenda: readonly AgendaItem[];
  readonly journeys: readonly JourneyFacts[];
  /** The latest, newest first. */
  readonly events: readonly EventRow[];
  readonly history: readonly AuditRow[];
}

export type ReadCustomerStanding = (referenceNo: string) => Promise<CustomerStanding | null>;

const MOST_EVENTS = 10;
const MOST_HISTORY = 20;

/** Makes the use case that shows an engineer how a customer stands and why; null where there is no such customer. */
export function createReadCustomerStanding(
  store: Pick<Store, 'inbox' | 'profiles' | 'audit'>,
): ReadCustomerStanding {
  return async (referenceNo) => {
    const profile = await store.profiles.findOne({ _id: referenceNo });
    if (profile === null) return null;
    const facts = upgradeFacts(profile.facts);
    // An event that named no reference number found its customer by the journey.
    const ofJourneys = { referenceNo: null, journeyId: { $in: Object.keys(facts.journeys) } };
    const events = await store.inbox
      .find(
        { $or: [{ referenceNo }, ofJourneys] },
        { projection: { raw: 0 }, sort: { receivedAt: -1, _id: -1 }, limit: MOST_EVENTS },
      )
      .toArray();
    const history = await store.audit
      .find({ referenceNo }, { sort: { sequence: -1 }, limit: MOST_HISTORY })
      .toArray();
    return {
      profile,
      workflowId: customerWorkflowId(referenceNo),
      closedAt: facts.closedAt,
      holds: facts.holds,
      approval: facts.approval,
      agenda: agendaOf(profile),
      journeys: Object.values(facts.journeys),
      events,
      history,
    };
  };
}
