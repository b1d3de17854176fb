import { policyVersion } from '../audit/policy-version.js';
import type { Policy } from '../domain/policy.js';
import { rulingJourney } from '../domain/ruling-journey.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { type AnswerShelf, type OpenedAnswer, openAnswer } from '../idwise/stored-answers.js';
import { type VerifiedDetails, verifiedDetails } from '../idwise/verified-details.js';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { recordRead } from './record-read.js';

export type ReadDetails =
  | {
      readonly kind: 'details';
      readonly details: VerifiedDetails & {
        readonly referenceNo: string;
        readonly status: string;
        readonly access: string;
        readonly version: number;
      };
    }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly code: string };

interface Dependencies {
  readonly store: Store;
  readonly vault: AnswerShelf['vault'];
  /** In force when details are read; the record names its version. */
  readonly policy: Policy;
}

/**
 * Makes the use case that gives the company the verified data of a customer: those of the approved journey, else of
 * the ruling one. The read is on record before the data is opened, so that there is no read without a record.
 */
export function createReadDetails({ store, vault, policy }: Dependencies) {
  const recorder = { store, policyVersion: policyVersion(policy) };
  return async (referenceNo: string, actor: string): Promise<ReadDetails> => {
    const profile = await recordRead(recorder, referenceNo, { actor, at: new Date() }, (row) => {
      const found = answerIdOf(row);
      return found === null
        ? null
        : { effect: 'details_read', journeyId: journeyIdOf(row), what: { answerId: found } };
    });
    const answerId = profile === null ? null : answerIdOf(profile);
    if (profile === null || answerId === null) return { kind: 'none' };
    const opened = await openAnswer({ store, vault }, referenceNo, answerId);
    if (opened.kind !== 'answer') return unreadable(opened);
    // Of AML after an approval nobody but compliance learns, so neither does whoever reads the decision.
    const decisionId = decisionIdOf(profile) ?? answerId;
    const decided =
      decisionId === answerId ? opened : await openAnswer({ store, vault }, referenceNo, decisionId);
    if (decided.kind !== 'answer') return unreadable(decided);
    const { status, access, version } = profile.view;
    return {
      kind: 'details',
      details: { referenceNo, status, access, version, ...verifiedDetails(opened.answer, decided.answer) },
    };
  };
}

function unreadable(opened: Exclude<OpenedAnswer, { kind: 'answer' }>): ReadDetails {
  return { kind: 'unreadable', code: opened.kind === 'missing' ? 'missing' : opened.code };
}

function decisionIdOf(profile: ProfileRow): string | null {
  const journeyId = journeyIdOf(profile);
  return journeyId === null ? null : (profile.decisions?.[journeyId] ?? null);
}

function journeyIdOf({ facts, details }: ProfileRow): string | null {
  const candidates = [facts.approval?.journeyId, rulingJourney(upgradeFacts(facts))?.journeyId];
  return candidates.find((journeyId) => journeyId !== undefined && details[journeyId] !== undefined) ?? null;
}

function answerIdOf(profile: ProfileRow): string | null {
  const journeyId = journeyIdOf(profile);
  return journeyId === null ? null : (profile.details[journeyId] ?? null);
}
