import {
  type Approval,
  type CustomerFacts,
  type JourneyFacts,
  newJourney,
  type Verdict,
} from './customer.js';
import { asksAgain } from './verdict.js';

/**
 * Takes a customer's facts as they were stored, by this release or an earlier one; returns them in the present form.
 * Each form adds members, so what an old record lacks has the value that it has in a new one, or follows from what is
 * there. Whoever changes the form raises `schema` and adds the step here; records are rewritten as their customers come by.
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
        holdRevisions: {},
        journeys: Object.fromEntries(
          Object.entries(stored.journeys).map(([journeyId, journey]) => [
            journeyId,
            upgradeJourney(journey, stored.approval),
          ]),
        ),
      };
    case 2:
      return knowsHolds(stored) ? stored : { complianceHolds: [], holdRevisions: {}, ...stored };
    default:
      throw new Error(
        `The record has form ${String((stored as { schema: unknown }).schema)}, which is newer than this release.`,
      );
  }
}

/**
 * The end time belongs to the result that is there, and so does an approval on record; a request to do steps again that
 * stands is the first of its rounds.
 */
function upgradeJourney(journey: JourneyFactsOf1, approval: Approval | null): JourneyFacts {
  const { snapshot } = journey;
  const approvedSteps = approval?.journeyId === journey.journeyId ? approval.stepsDigest : null;
  const verdict = journey.verdict && {
    ...journey.verdict,
    endTime: snapshot?.resultDigest === journey.verdict.resultDigest ? snapshot.endTime : null,
  };
  const isAsked = verdict !== null && asksAgain(verdict);
  return {
    ...newJourney(journey.journeyId, journey.firstSeenAt),
    ...journey,
    verdict,
    approvedResult:
      snapshot === null || approvedSteps === null
        ? null
        : {
            stepsDigest: approvedSteps,
            resultDigest: snapshot.resultDigest,
            endTime: snapshot.endTime,
            decisions: `${snapshot.systemDecision}/${snapshot.manualDecision}`,
            isOverNewSteps: false,
          },
    redoRounds: isAsked ? 1 : 0,
    askedAgainOver: isAsked ? verdict.stepsDigest : null,
    personBefore: isAsked || approvedSteps !== null ? (snapshot?.identity ?? null) : null,
  };
}

type JourneyFactsOf1 = Omit<
  JourneyFacts,
  'redoRounds' | 'askedAgainOver' | 'personBefore' | 'renewal' | 'approvedResult' | 'verdict' | 'whitelisting'
> & { readonly verdict: Omit<Verdict, 'endTime'> | null };

/** The form before redo rounds, renewals, reminders and reopening were known. */
export type FactsOf1 = Omit<
  CustomerFacts,
  'schema' | 'reopenedAt' | 'reminded' | 'complianceHolds' | 'holdRevisions' | 'journeys'
> & {
  readonly schema: 1;
  readonly journeys: Readonly<Record<string, JourneyFactsOf1>>;
};

/** Records of the second form may have been written before compliance holds, and the order of their words, were known. */
type FactsOf2 = Omit<CustomerFacts, 'complianceHolds' | 'holdRevisions'> &
  Partial<Pick<CustomerFacts, 'complianceHolds' | 'holdRevisions'>>;

/** Every form that may stand in MongoDB. */
export type StoredFacts = FactsOf2 | FactsOf1;

function knowsHolds(stored: FactsOf2): stored is CustomerFacts {
  return stored.complianceHolds !== undefined && stored.holdRevisions !== undefined;
}
