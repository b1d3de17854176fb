import { type AmlDifferenceSummary, countKinds, type ListKind, type MatchRef } from './aml-summary.js';
import {
  changedMembers,
  type FetchedMatch,
  identitiesOf,
  isWhitelisted,
  resourceIdOf,
} from './fetched-match.js';
import { listKindsOf, listNamesOf } from './list-kinds.js';

/** One match as the case's page shows it. It is personal data: encrypted at rest, shown to whoever is entitled to it. */
export interface ListedMatch {
  readonly ref: MatchRef;
  /** By which IDWise whitelists it; null where it cannot be whitelisted. */
  readonly resourceId: string | null;
  readonly kinds: readonly ListKind[];
  readonly lists: readonly string[];
  /** As IDWise gave it. */
  readonly match: FetchedMatch;
}

export interface ChangedMatch {
  readonly ref: MatchRef;
  readonly before: ListedMatch;
  readonly after: ListedMatch;
  /** Names of the members that differ. */
  readonly members: readonly string[];
  readonly gained: readonly ListKind[];
  readonly lost: readonly ListKind[];
}

/**
 * What changed between two lists of matches, for display. Only matches that count are told of: one that is whitelisted
 * has been weighed, and what changes about it tells nobody (contract §5). One that is whitelisted no more is added again.
 */
export interface AmlDifference {
  readonly added: readonly ListedMatch[];
  readonly removed: readonly ListedMatch[];
  readonly changed: readonly ChangedMatch[];
  /** Counted before, whitelisted now. */
  readonly whitelisted: readonly ListedMatch[];
  /** All that count after the change. */
  readonly open: readonly ListedMatch[];
}

/** Takes a match's identity, which is personal data; returns its opaque name. A keyed digest, outside the domain. */
export type Refer = (identity: string) => MatchRef;

/**
 * Takes the matches before and after, as fetched, in whatever order and of whichever generation of IDWise's answers, and
 * how to name a match; returns what changed.
 */
export function amlDifference(
  before: readonly FetchedMatch[],
  after: readonly FetchedMatch[],
  refer: Refer,
): AmlDifference {
  const { pairs, gone, fresh } = pairUp(before, after);
  const list = (match: FetchedMatch) => listed(match, refer);
  const counted = pairs.filter(([was, is]) => !(isWhitelisted(was) || isWhitelisted(is)));
  const back = pairs.filter(([was, is]) => isWhitelisted(was) && !isWhitelisted(is));
  const taken = pairs.filter(([was, is]) => !isWhitelisted(was) && isWhitelisted(is));
  return {
    added: [...fresh.filter((match) => !isWhitelisted(match)), ...back.map(([, is]) => is)].map(list),
    removed: gone.filter((match) => !isWhitelisted(match)).map(list),
    changed: counted.flatMap(([was, is]) => changed(list(was), list(is))),
    whitelisted: taken.map(([, is]) => list(is)),
    open: after.filter((match) => !isWhitelisted(match)).map(list),
  };
}

/**
 * A change that comes with versions which were skipped is told by each of its steps: a match that came and went in between
 * was there.
 *
 * Takes lists of matches in order (`amlSteps`), and how to name a match; returns the differences from each to the next
 * one, in one. What is open is so after the last of them.
 */
export function differenceOver(lists: readonly (readonly FetchedMatch[])[], refer: Refer): AmlDifference {
  const steps = lists.slice(1).map((after, index) => amlDifference(lists[index] ?? [], after, refer));
  const all = <Of>(of: (step: AmlDifference) => readonly Of[]) => steps.flatMap(of);
  return {
    added: all(({ added }) => added),
    removed: all(({ removed }) => removed),
    changed: all((step) => step.changed),
    whitelisted: all(({ whitelisted }) => whitelisted),
    open: steps.at(-1)?.open ?? [],
  };
}

/** Takes a difference and the matches that outcomes of ours have whitelisted; returns what the case is told of it. */
export function summarise(
  { added, removed, changed: changes, whitelisted, open }: AmlDifference,
  whitelistedByUs: readonly MatchRef[],
): AmlDifferenceSummary {
  const ours = new Set(whitelistedByUs);
  const count = (matches: readonly { readonly kinds: readonly ListKind[] }[]) => ({
    matches: matches.length,
    kinds: countKinds(matches.map(({ kinds }) => kinds)),
  });
  const byUs = whitelisted.filter(({ ref }) => ours.has(ref));
  return {
    added: count(added),
    removed: count(removed),
    changed: count(changes.map(({ after }) => after)),
    gained: countKinds(changes.map(({ gained }) => gained)),
    whitelisted: byUs.length,
    whitelistedElsewhere: whitelisted.length - byUs.length,
    open: [...new Set(open.map(({ ref }) => ref))],
    notWhitelistable: [...new Set(open.flatMap(({ ref, resourceId }) => (resourceId === null ? [ref] : [])))],
  };
}

function changed(before: ListedMatch, after: ListedMatch): ChangedMatch[] {
  const members = changedMembers(before.match, after.match);
  if (members.length === 0) return [];
  return [
    {
      ref: after.ref,
      before,
      after,
      members,
      gained: after.kinds.filter((kind) => !before.kinds.includes(kind)),
      lost: before.kinds.filter((kind) => !after.kinds.includes(kind)),
    },
  ];
}

function listed(match: FetchedMatch, refer: Refer): ListedMatch {
  return {
    ref: refer(identitiesOf(match)[0] ?? ''),
    resourceId: resourceIdOf(match),
    kinds: listKindsOf(match),
    lists: listNamesOf(match),
    match,
  };
}

type Pair = readonly [before: FetchedMatch, after: FetchedMatch];

/**
 * Finds each match in the other list: by the surest identity first, and only what that leaves over by the next one, so
 * that a list from before there were ids still finds its matches. Where several bear one identity, equal ones are paired
 * before others.
 *
 * Takes two lists; returns the pairs, what is in the first one alone (`gone`), and what is in the second one alone.
 */
export function pairUp(
  before: readonly FetchedMatch[],
  after: readonly FetchedMatch[],
): { pairs: Pair[]; gone: FetchedMatch[]; fresh: FetchedMatch[] } {
  const gone = new Set(before);
  const fresh = new Set(after);
  const pairs: Pair[] = [];
  for (const scheme of ['resource:', 'match:', 'like:']) {
    const identityOf = (match: FetchedMatch) =>
      identitiesOf(match).find((identity) => identity.startsWith(scheme));
    for (const isFit of [isUnchanged, () => true]) {
      for (const was of [...gone]) {
        const identity = identityOf(was);
        if (identity === undefined) continue;
        const is = [...fresh].find(
          (match) => identityOf(match) === identity && !areOthers(was, match) && isFit(was, match),
        );
        if (is === undefined) continue;
        gone.delete(was);
        fresh.delete(is);
        pairs.push([was, is]);
      }
    }
  }
  return { pairs, gone: [...gone], fresh: [...fresh] };
}

function isUnchanged(was: FetchedMatch, is: FetchedMatch): boolean {
  return isWhitelisted(was) === isWhitelisted(is) && changedMembers(was, is).length === 0;
}

/** Two matches with two ids are two, however alike they look. */
function areOthers(was: FetchedMatch, is: FetchedMatch): boolean {
  const [before, after] = [resourceIdOf(was), resourceIdOf(is)];
  return before !== null && after !== null && before !== after;
}
