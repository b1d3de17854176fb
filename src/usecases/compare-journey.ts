import { amlVersionToAskFor, differences, unreadAmlVersion } from '../domain/comparison.js';
import { knownJourney } from '../domain/customer.js';
import type { JourneyFinding } from '../domain/reconciliation.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import type { Look } from '../idwise/look.js';
import type { Store } from '../store/store.js';

/** A journey compared: what was found, and the AML version that is still to be asked for (null: none). */
export interface JourneyComparison {
  readonly finding: JourneyFinding;
  readonly amlVersionToAskFor: number | null;
}

/** Whether IDWise's history has the AML version, or why that is not known. */
export type AmlVersionAnswer =
  | { readonly kind: 'there' | 'not_there' | 'not_ours' }
  | Extract<JourneyFinding, { kind: 'failed' }>;

export interface CompareJourney {
  /** Fetches the journey with one call and compares it with the record; changes nothing. */
  compareJourney(of: { referenceNo: string; journeyId: string }): Promise<JourneyComparison>;
  /** Asks with one call whether IDWise's history has a version of the customer's AML matches; changes nothing. */
  askForAmlVersion(of: {
    referenceNo: string;
    journeyId: string;
    version: number;
  }): Promise<AmlVersionAnswer>;
}

interface Dependencies {
  readonly store: Pick<Store, 'profiles'>;
  readonly look: Pick<Look, 'read' | 'findAmlVersion'>;
}

type Trouble = Exclude<Awaited<ReturnType<Look['read']>>, { kind: 'journey' }>;

/**
 * Makes the use case that compares a journey at IDWise with our record. It is two questions of one call each, because
 * the queue that carries them limits calls per second by counting its activities.
 */
export function createCompareJourney({ store, look }: Dependencies): CompareJourney {
  return {
    compareJourney: async ({ referenceNo, journeyId }) => {
      const read = await look.read({ referenceNo, journeyId });
      // The record is read last, so that an event which was taken in meanwhile is no difference.
      const profile = await store.profiles.findOne({ _id: referenceNo }, { projection: { facts: 1 } });
      const facts = profile === null ? null : upgradeFacts(profile.facts);
      const journey = facts === null || facts.closedAt !== null ? undefined : knownJourney(facts, journeyId);
      if (journey === undefined) return compared({ kind: 'gone' });
      if (read.kind !== 'journey') return compared(failure(read));
      const unread = unreadAmlVersion(journey);
      const found = [
        ...differences(journey, read.snapshot),
        ...(unread === null ? [] : (['aml_version'] as const)),
      ];
      return compared(
        found.length === 0 ? { kind: 'same' } : { kind: 'differs', differences: found, amlVersion: unread },
        amlVersionToAskFor(journey, read.snapshot),
      );
    },
    askForAmlVersion: async (of) => {
      const answer = await look.findAmlVersion(of);
      if (answer.kind === 'there' || answer.kind === 'not_there') return answer;
      const found = failure(answer);
      return found.kind === 'failed' ? found : { kind: 'not_ours' };
    },
  };
}

function compared(finding: JourneyFinding, version: number | null = null): JourneyComparison {
  return { finding, amlVersionToAskFor: version };
}

function failure(
  trouble: Trouble,
): Extract<JourneyFinding, { kind: 'failed' | 'unknown_journey' | 'not_ours' }> {
  switch (trouble.kind) {
    case 'unknown_journey':
    case 'not_ours':
      return { kind: trouble.kind };
    default:
      return {
        kind: 'failed',
        reason: trouble.kind,
        code: trouble.code,
        retryAfterMs: trouble.kind === 'unavailable' ? trouble.retryAfterMs : null,
      };
  }
}
