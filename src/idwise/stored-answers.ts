import type { Instant } from '../domain/instant.js';
import type { Vault } from '../personal-data/vault.js';
import { insertOnce } from '../store/insert-once.js';
import type { JourneyAnswerRow } from '../store/records.js';
import type { Store } from '../store/store.js';
import { type JourneyAnswer, parseJourney } from './answers.js';

/** Journeys as fetched, encrypted, in MongoDB: what verified details, the government's face and audits rest on. */
export interface AnswerShelf {
  readonly store: Pick<Store, 'journeyAnswers'>;
  readonly vault: Vault;
}

/** Takes a journey and the digest of an answer about it; returns the answer's id. */
export function answerIdOf(journeyId: string, answerDigest: string): string {
  return `${journeyId}:${answerDigest}`;
}

/**
 * Takes the customer, the answer, its digest and the time; stores it sealed and returns its id, which is the same for
 * the same answer however often it is fetched.
 * @throws when MongoDB does not take it.
 */
export async function storeAnswer(
  { store, vault }: AnswerShelf,
  referenceNo: string,
  answer: JourneyAnswer,
  answerDigest: string,
  at: Instant,
): Promise<string> {
  const { journeyId } = answer;
  const fetchId = answerIdOf(journeyId, answerDigest);
  if ((await store.journeyAnswers.countDocuments({ _id: fetchId }, { limit: 1 })) > 0) return fetchId;
  const sealed = await vault.seal(referenceNo, answer.raw);
  await insertOnce(() =>
    store.journeyAnswers.insertOne({
      _id: fetchId,
      referenceNo,
      journeyId,
      fetchedAt: new Date(at),
      answer: sealed,
    }),
  );
  return fetchId;
}

export type OpenedAnswer =
  | { readonly kind: 'answer'; readonly answer: JourneyAnswer }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unopenable'; readonly code: string };

/**
 * Takes a customer and the id of a stored answer (`ProfileRow.details`, `fetchId` of a look); returns the answer,
 * opened and parsed. An answer of another customer is missing.
 */
export async function openAnswer(
  { store, vault }: AnswerShelf,
  referenceNo: string,
  fetchId: string,
): Promise<OpenedAnswer> {
  return openRow(vault, referenceNo, await store.journeyAnswers.findOne({ _id: fetchId, referenceNo }));
}

/** Takes a customer and a journey; returns the answer that was stored last, opened and parsed. */
export async function openLatestAnswer(
  { store, vault }: AnswerShelf,
  referenceNo: string,
  journeyId: string,
): Promise<OpenedAnswer> {
  const row = await store.journeyAnswers.findOne({ referenceNo, journeyId }, { sort: { fetchedAt: -1 } });
  return openRow(vault, referenceNo, row);
}

/** More answers of one journey than this are years of them; what is older is looked for no more. */
const MOST_ANSWERS_SEARCHED = 100;

/** Takes a customer, a journey and what is looked for; returns the latest stored answer that is it, or null. */
export async function findAnswer(
  { store, vault }: AnswerShelf,
  referenceNo: string,
  journeyId: string,
  isIt: (answer: JourneyAnswer) => boolean,
): Promise<JourneyAnswer | null> {
  const rows = store.journeyAnswers
    .find({ referenceNo, journeyId })
    .sort({ fetchedAt: -1 })
    .limit(MOST_ANSWERS_SEARCHED);
  for await (const row of rows) {
    const opened = await openRow(vault, referenceNo, row);
    if (opened.kind === 'answer' && isIt(opened.answer)) return opened.answer;
  }
  return null;
}

async function openRow(
  vault: Vault,
  referenceNo: string,
  row: JourneyAnswerRow | null,
): Promise<OpenedAnswer> {
  if (row === null) return { kind: 'missing' };
  const opened = await vault.open(referenceNo, row.answer);
  if (opened.kind === 'unopenable') return opened;
  const parsed = parseJourney(opened.kind === 'json' ? opened.value : null);
  return parsed.kind === 'parsed'
    ? { kind: 'answer', answer: parsed.answer }
    : { kind: 'unopenable', code: parsed.code };
}
