import {
  type AmlFacts,
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
      return upgradeFacts({
        ...stored,
        schema: 2,
        reopenedAt: null,
        reminded: null,
        journeys: eachJourney(stored.journeys, (journey) => journeyOf2(journey, stored.approval)),
      });
    case 2:
      return {
        complianceHolds: [],
        holdRevisions: {},
        ...stored,
        schema: 3,
        journeys: eachJourney(stored.journeys, (journey) => journeyOf3(journey, stored.imported != null)),
      };
    case 3:
      return stored;
    default:
      throw new Error(
        `The record has form ${String((stored as { schema: unknown }).schema)}, which is newer than this release.`,
      );
  }
}

function eachJourney<Old, New>(
  journeys: Readonly<Record<string, Old>>,
  upgrade: (journey: Old) => New,
): Readonly<Record<string, New>> {
  return Object.fromEntries(
    Object.entries(journeys).map(([journeyId, journey]) => [journeyId, upgrade(journey)]),
  );
}

/**
 * The end time belongs to the result that is there, and so does an approval on record; a request to do steps again that
 * stands is the first of its rounds.
 */
function journeyOf2(journey: JourneyFactsOf1, approval: Approval | null): JourneyFactsOf2 {
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

/**
 * No case has wanted anything yet. Of a journey that an import brought along, and of which nothing else has been heard, it
 * is not known how many AML versions there were before our time, as if it had been looked at first by this release.
 */
function journeyOf3(journey: JourneyFactsOf2, isBroughtAlong: boolean): JourneyFacts {
  const { aml } = journey;
  const isUnknown = isBroughtAlong && aml.digest !== null && aml.version === 0;
  return { whitelisting: null, ...journey, aml: isUnknown ? { ...aml, beginsUnknown: true } : aml };
}

type JourneyFactsOf1 = Omit<
  JourneyFactsOf2,
  'redoRounds' | 'askedAgainOver' | 'personBefore' | 'renewal' | 'approvedResult' | 'verdict'
> & { readonly verdict: Omit<Verdict, 'endTime'> | null };

/** The form before redo rounds, renewals, reminders and reopening were known. */
export type FactsOf1 = Omit<FactsOf2, 'schema' | 'reopenedAt' | 'reminded' | 'journeys'> & {
  readonly schema: 1;
  readonly journeys: Readonly<Record<string, JourneyFactsOf1>>;
};

type JourneyFactsOf2 = Omit<JourneyFacts, 'whitelisting' | 'aml'> & {
  readonly aml: Omit<AmlFacts, 'beginsUnknown'>;
};

/** The form before compliance cases, their holds and what they have whitelisted were known. */
export type FactsOf2 = Omit<CustomerFacts, 'schema' | 'complianceHolds' | 'holdRevisions' | 'journeys'> & {
  readonly schema: 2;
  readonly journeys: Readonly<Record<string, JourneyFactsOf2>>;
};

/** Every form that may stand in MongoDB. */
export type StoredFacts = CustomerFacts | FactsOf2 | FactsOf1;
