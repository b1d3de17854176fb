import { amlDifference } from '../../domain/cases/aml-difference.js';
import type { FetchedMatch } from '../../domain/cases/fetched-match.js';
import { knownJourney } from '../../domain/customer.js';
import { upgradeFacts } from '../../domain/upgrade-facts.js';
import type { WhitelistOutcome } from '../../domain/whitelisting.js';
import type { IdwiseClient } from '../../idwise/client.js';
import { answerIdOf, openAnswer } from '../../idwise/stored-answers.js';
import type { Vault } from '../../personal-data/vault.js';
import type { Store } from '../../store/store.js';
import { referBy } from './known-matches.js';

interface Dependencies {
  readonly store: Pick<Store, 'profiles' | 'journeyAnswers'>;
  readonly vault: Vault;
  readonly client: Pick<IdwiseClient, 'setWhitelist'>;
}

/**
 * Makes the use case that whitelists at IDWise what a case decided (contract §3.9). The record names matches opaquely; by
 * which id IDWise knows them stands in the answer that the record rests on. Setting it again changes nothing. A match that
 * counts and has no such id is not whitelisted, and is not said to be.
 */
export function createWhitelistMatches({ store, vault, client }: Dependencies) {
  return async ({
    referenceNo,
    journeyId,
  }: {
    readonly referenceNo: string;
    readonly journeyId: string;
  }): Promise<WhitelistOutcome> => {
    const profile = await store.profiles.findOne({ _id: referenceNo }, { projection: { facts: 1 } });
    const journey = profile === null ? undefined : knownJourney(upgradeFacts(profile.facts), journeyId);
    const wanted = journey?.whitelisting?.matches ?? [];
    const answerDigest = journey?.snapshot?.answerDigest;
    if (wanted.length === 0 || answerDigest === undefined) return { kind: 'done', matches: [], gone: wanted };
    const answerId = answerIdOf(journeyId, answerDigest);
    const opened = await openAnswer({ store, vault }, referenceNo, answerId);
    if (opened.kind !== 'answer') return { kind: 'unavailable', code: `answer_${opened.kind}` };
    const matches: readonly FetchedMatch[] = opened.answer.aml?.matches ?? [];
    const { open } = amlDifference([], matches, referBy(vault, referenceNo));
    const gone = wanted.filter((match) => !open.some(({ ref }) => ref === match));
    const named = open.flatMap(({ ref, resourceId }) =>
      resourceId !== null && wanted.includes(ref) ? [{ ref, resourceId }] : [],
    );
    if (named.length === 0)
      return gone.length === wanted.length
        ? { kind: 'done', matches: [], gone }
        : { kind: 'rejected', code: 'no_resource_id' };
    const resourceIds = [...new Set(named.map(({ resourceId }) => resourceId))];
    const answer = await client.setWhitelist(journeyId, resourceIds, true);
    switch (answer.kind) {
      case 'ok':
        return { kind: 'done', matches: [...new Set(named.map(({ ref }) => ref))], gone };
      case 'not_found':
        return { kind: 'rejected', code: 'not_found' };
      case 'unavailable':
        return { kind: 'unavailable', code: answer.code, retryAfterMs: answer.retryAfterMs };
      case 'refused':
      case 'rejected':
        return { kind: answer.kind, code: answer.code };
      default:
        return { kind: 'unavailable', code: answer.kind };
    }
  };
}
