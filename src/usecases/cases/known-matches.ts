import { createHmac } from 'node:crypto';
import type { mongo } from 'mongoose';
import { differenceOver, type Refer, summarise } from '../../domain/cases/aml-difference.js';
import { amlSteps } from '../../domain/cases/aml-steps.js';
import type { AmlDifferenceSummary, MatchRef } from '../../domain/cases/aml-summary.js';
import type { FetchedMatch } from '../../domain/cases/fetched-match.js';
import { toSnapshot } from '../../idwise/snapshot.js';
import { answerIdOf, findAnswer, openAnswer } from '../../idwise/stored-answers.js';
import type { Vault } from '../../personal-data/vault.js';
import type { Store } from '../../store/store.js';
import { sealDifference } from './case-differences.js';

/** What changed since compliance was told last. */
export interface FoundDifference {
  readonly summary: AmlDifferenceSummary;
  /** Sealed, for the page. */
  readonly sealed: string;
}

interface Dependencies {
  readonly store: Pick<Store, 'knownMatches' | 'journeyAnswers' | 'amlVersions'>;
  readonly vault: Vault;
}

interface ShownOfJourney {
  readonly referenceNo: string;
  readonly journeyId: string;
  /** Names the stored answer that holds the matches as they are now. */
  readonly answerDigest: string;
}

interface OfJourney extends ShownOfJourney {
  /** Digest of the matches as compliance was told of them before; null: of none, this is the first result. */
  readonly toldDigest: string | null;
  /** The AML versions that it is about, from the one after `from`; those of them that have been stored are told of too. */
  readonly versions: { readonly from: number; readonly to: number };
  /** Whether the answer may lag behind the history of those versions. */
  readonly mayLag: boolean;
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
  of: OfJourney,
): Promise<FoundDifference> {
  const { referenceNo, journeyId, versions, mayLag, whitelistedByUs } = of;
  const fetched = await fetchedMatches({ store, vault }, of);
  const known = await store.knownMatches.findOne({ _id: keyOf(of) }, { session });
  const before =
    known === null
      ? await matchesToldBefore({ store, vault }, of)
      : await openMatches(vault, referenceNo, known.matches);
  const untold = { from: Math.max(versions.from, known?.historyTo ?? 0), to: versions.to };
  const history = await storedVersions({ store, vault }, session, referenceNo, journeyId, untold);
  const lists =
    before === null
      ? [fetched, fetched]
      : amlSteps(
          before,
          fetched,
          history.map((version) => version.matches),
          mayLag,
        );
  const difference = differenceOver(lists, referBy(vault, referenceNo));
  await keep({ store, vault }, session, of, lists.at(-1) ?? fetched, history.at(-1)?.version ?? 0);
  return {
    summary: {
      ...summarise(difference, whitelistedByUs),
      ...(before === null ? { beforeIsUnknown: true } : {}),
    },
    sealed: await sealDifference(vault, referenceNo, difference),
  };
}

/**
 * Takes a journey whose matches compliance knows from before an import; takes those that it shows as known, in the
 * caller's transaction. They are kept rather than looked up when they change: by then years of answers may have come.
 *
 * @throws when the stored answer cannot be opened, as `findDifference` does.
 */
export async function takeAsKnown(
  dependencies: Dependencies,
  session: mongo.ClientSession,
  of: ShownOfJourney,
): Promise<void> {
  await keep(dependencies, session, of, await fetchedMatches(dependencies, of), 0);
}

async function fetchedMatches(
  { store, vault }: Dependencies,
  { referenceNo, journeyId, answerDigest }: ShownOfJourney,
): Promise<readonly FetchedMatch[]> {
  const opened = await openAnswer({ store, vault }, referenceNo, answerIdOf(journeyId, answerDigest));
  if (opened.kind !== 'answer') throw new Error(`The stored answer of a journey is ${opened.kind}.`);
  return opened.answer.aml?.matches ?? [];
}

async function keep(
  { store, vault }: Dependencies,
  session: mongo.ClientSession,
  of: ShownOfJourney,
  known: readonly FetchedMatch[],
  historyTo: number,
): Promise<void> {
  const { referenceNo, journeyId } = of;
  const matches = await vault.seal(referenceNo, known);
  await store.knownMatches.updateOne(
    { _id: keyOf(of) },
    { $set: { referenceNo, journeyId, matches }, $max: { historyTo } },
    { session, upsert: true },
  );
}

function keyOf({ referenceNo, journeyId }: ShownOfJourney): string {
  return `${referenceNo}\n${journeyId}`;
}

/**
 * A journey whose matches compliance was told of by a release that kept no list of them: the answer that bears their
 * digest has them. A stored AML version would not do, for it lists what it changed and not what there was. Where there is
 * no such answer any more nobody can tell what is new, and old matches must not hold the customer as if they were.
 *
 * @returns null where they cannot be had
 */
async function matchesToldBefore(
  { store, vault }: Dependencies,
  { referenceNo, journeyId, toldDigest }: OfJourney,
): Promise<readonly FetchedMatch[] | null> {
  if (toldDigest === null) return [];
  const key = vault.digestKey(referenceNo);
  const told = await findAnswer(
    { store, vault },
    referenceNo,
    journeyId,
    (answer) => toSnapshot(answer, key).aml?.digest === toldDigest,
  );
  return told === null ? null : (told.aml?.matches ?? []);
}

/** More versions at once would be a history of years; the journey shows what became of it. */
const MOST_VERSIONS_TOLD = 50;

async function storedVersions(
  { store, vault }: Dependencies,
  session: mongo.ClientSession,
  referenceNo: string,
  journeyId: string,
  { from, to }: OfJourney['versions'],
): Promise<readonly { readonly version: number; readonly matches: readonly FetchedMatch[] }[]> {
  const first = Math.max(from + 1, to - MOST_VERSIONS_TOLD + 1);
  const ids = Array.from(
    { length: Math.max(to - first + 1, 0) },
    (_, index) => `${journeyId}:${first + index}`,
  );
  const rows = await store.amlVersions
    .find({ _id: { $in: ids }, referenceNo }, { session })
    .sort({ version: 1 })
    .toArray();
  return Promise.all(
    rows.map(async (row) => {
      const opened = await vault.open(referenceNo, row.matches);
      if (opened.kind !== 'json') throw new Error('A stored version of the matches cannot be opened.');
      const { matches } = opened.value as { readonly matches: readonly FetchedMatch[] };
      return { version: row.version, matches };
    }),
  );
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
