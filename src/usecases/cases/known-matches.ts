import { createHmac } from 'node:crypto';
import type { mongo } from 'mongoose';
import {
  type AmlDifference,
  amlDifference,
  type Refer,
  summarise,
} from '../../domain/cases/aml-difference.js';
import type { AmlDifferenceSummary, MatchRef } from '../../domain/cases/aml-summary.js';
import type { FetchedMatch } from '../../domain/cases/fetched-match.js';
import { openAnswer } from '../../idwise/stored-answers.js';
import type { Vault } from '../../personal-data/vault.js';
import type { Store } from '../../store/store.js';

/** What changed since compliance was told last. */
export interface FoundDifference {
  readonly summary: AmlDifferenceSummary;
  /** Sealed, for the page. */
  readonly sealed: string;
}

interface Dependencies {
  readonly store: Pick<Store, 'knownMatches' | 'journeyAnswers'>;
  readonly vault: Vault;
}

interface OfJourney {
  readonly referenceNo: string;
  readonly journeyId: string;
  /** Names the stored answer that holds the matches as they are now. */
  readonly answerDigest: string;
  /** Matches that outcomes of ours have whitelisted. */
  readonly whitelistedByUs: readonly MatchRef[];
}

/**
 * Takes a journey whose matches changed; returns the difference to those that compliance was told of last, and takes the
 * present ones as told, in the caller's transaction.
 *
 * @throws when the stored answer cannot be opened: without it nothing could be told, and the turn is tried again.
 */
export async function findDifference(
  { store, vault }: Dependencies,
  session: mongo.ClientSession,
  { referenceNo, journeyId, answerDigest, whitelistedByUs }: OfJourney,
): Promise<FoundDifference> {
  const opened = await openAnswer({ store, vault }, referenceNo, `${journeyId}:${answerDigest}`);
  if (opened.kind !== 'answer') throw new Error(`The stored answer of a journey is ${opened.kind}.`);
  const after: readonly FetchedMatch[] = opened.answer.aml?.matches ?? [];
  const _id = `${referenceNo}\n${journeyId}`;
  const known = await store.knownMatches.findOne({ _id }, { session });
  const before = known === null ? [] : await openMatches(vault, referenceNo, known.matches);
  const difference = amlDifference(before, after, referBy(vault, referenceNo));
  const matches = await vault.seal(referenceNo, after);
  await store.knownMatches.updateOne(
    { _id },
    { $set: { referenceNo, journeyId, matches } },
    { session, upsert: true },
  );
  return {
    summary: summarise([difference], whitelistedByUs),
    sealed: await vault.seal(referenceNo, difference),
  };
}

async function openMatches(
  vault: Vault,
  referenceNo: string,
  sealed: string,
): Promise<readonly FetchedMatch[]> {
  const opened = await vault.open(referenceNo, sealed);
  if (opened.kind !== 'json') throw new Error('The matches that compliance knows of cannot be opened.');
  return opened.value as readonly FetchedMatch[];
}

/** Takes a customer; returns how their matches are named: by a keyed digest, which says nothing of anybody. */
export function referBy(vault: Pick<Vault, 'digestKey'>, referenceNo: string): Refer {
  const key = vault.digestKey(referenceNo);
  return (identity) =>
    `m_${createHmac('sha256', key).update(`match\0${identity}`).digest('base64url').slice(0, 22)}`;
}

/** Takes a sealed difference; returns it, or null where it cannot be opened. */
export async function openDifference(
  vault: Pick<Vault, 'open'>,
  referenceNo: string,
  sealed: string,
): Promise<AmlDifference | null> {
  const opened = await vault.open(referenceNo, sealed);
  return opened.kind === 'json' ? (opened.value as AmlDifference) : null;
}
