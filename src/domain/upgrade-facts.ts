import { type CustomerFacts, newJourney } from './customer.js';

/**
 * Takes a customer's facts as they were stored, by this release or an earlier one; returns them in the present form.
 * Each form adds members, so what an old record lacks has the value that it has in a new one. Whoever changes the form
 * raises `schema` and adds the step here; records are rewritten as their customers come by.
 * @throws when a later release wrote them: going on would lose what this one does not know of.
 */
export function upgradeFacts(stored: StoredFacts): CustomerFacts {
  switch (stored.schema) {
    case 1:
      return {
        ...stored,
        schema: 2,
        reopenedAt: null,
        reminded: null,
        complianceHolds: [],
        journeys: Object.fromEntries(
          Object.entries(stored.journeys).map(([journeyId, journey]) => [
            journeyId,
            { ...newJourney(journeyId, journey.firstSeenAt), ...journey },
          ]),
        ),
      };
    case 2:
      return { ...stored, complianceHolds: stored.complianceHolds ?? [] };
    default:
      throw new Error(
        `The record has form ${String((stored as { schema: unknown }).schema)}, which is newer than this release.`,
      );
  }
}

type JourneyFactsOf1 = Omit<
  CustomerFacts['journeys'][string],
  'redoRounds' | 'personBefore' | 'renewal' | 'renewedAt' | 'approvedResult' | 'whitelisting'
>;

/** The form before redo rounds, renewals, reminders and reopening were known. */
type FactsOf1 = Omit<CustomerFacts, 'schema' | 'reopenedAt' | 'reminded' | 'complianceHolds' | 'journeys'> & {
  readonly schema: 1;
  readonly journeys: Readonly<Record<string, JourneyFactsOf1>>;
};

/** Records of the second form were written before compliance holds were known. */
type FactsOf2 = Omit<CustomerFacts, 'complianceHolds'> & Partial<Pick<CustomerFacts, 'complianceHolds'>>;

/** Every form that may stand in MongoDB. */
export type StoredFacts = FactsOf2 | FactsOf1;
