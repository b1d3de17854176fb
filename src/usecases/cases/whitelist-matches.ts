import { amlDifference } from '../../domain/cases/aml-difference.js';
import type { FetchedMatch } from '../../domain/cases/fetched-match.js';
import { knownJourney } from '../../domain/customer.js';
import { upgradeFacts } from '../../domain/upgrade-facts.js';
import type { WhitelistOutcome } from '../../domain/whitelisting.js';
import type { IdwiseClient } from '../../idwise/client.js';
import { openLatestAnswer } from '../../idwise/stored-answers.js';
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
 * which id IDWise knows them stands in the stored answer. Setting it again changes nothing.
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
    if (profile === null) return { kind: 'gone' };
    const whitelisting = knownJourney(upgradeFacts(profile.facts), journeyId)?.whitelisting ?? null;
    if (whitelisting === null) return { kind: 'gone' };
    const opened = await openLatestAnswer({ store, vault }, referenceNo, journeyId);
    if (opened.kind !== 'answer') return { kind: 'unavailable', code: `answer_${opened.kind}` };
    const matches: readonly FetchedMatch[] = opened.answer.aml?.matches ?? [];
    const { open } = amlDifference([], matches, referBy(vault, referenceNo));
    const resourceIds = open
      .filter(({ ref }) => whitelisting.matches.includes(ref))
      .flatMap(({ resourceId }) => (resourceId === null ? [] : [resourceId]));
    if (resourceIds.length === 0) return { kind: 'gone' };
    const answer = await client.setWhitelist(journeyId, resourceIds, true);
    switch (answer.kind) {
      case 'ok':
        return { kind: 'done' };
      case 'not_found':
        return { kind: 'rejected', code: 'not_found' };
      case 'unavailable':
      case 'refused':
      case 'rejected':
        return { kind: answer.kind, code: answer.code };
      default:
        return { kind: 'unavailable', code: answer.kind };
    }
  };
}
