import { pairUp } from './aml-difference.js';
import { type FetchedMatch, isRemoval } from './fetched-match.js';

type Matches = readonly FetchedMatch[];

/**
 * By which steps the matches came from what compliance knows to what there is now. The journey shows only how it ended;
 * IDWise's history of the versions in between tells of matches that came and went, and of matches that the journey does
 * not show yet. What both show is taken from the journey alone, because the two answers need not agree in every member.
 *
 * Takes the matches that compliance knows of, those of the journey as fetched, those that the history lists for each
 * version in order, and whether the journey may lag behind its history; returns the lists of matches, the known ones
 * first.
 */
export function amlSteps(
  known: Matches,
  fetched: Matches,
  versions: readonly Matches[],
  mayLag: boolean,
): readonly Matches[] {
  const came: FetchedMatch[] = [];
  let still: Matches = [];
  for (const version of versions) {
    const listed = version.filter((match) => !isRemoval(match));
    const seenNowhereElse = pairUp(listed, [...known, ...fetched, ...came]).gone;
    came.push(...seenNowhereElse);
    still = pairUp([...still, ...seenNowhereElse], version.filter(isRemoval)).gone;
  }
  if (came.length === 0) return [known, fetched];
  return [known, [...known, ...came], mayLag ? [...fetched, ...still] : fetched];
}
