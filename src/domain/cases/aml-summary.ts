/** The kinds of lists that a match can stand on, the heaviest first. */
export const LIST_KINDS = ['sanctions', 'pep', 'adverse_media', 'other'] as const;
export type ListKind = (typeof LIST_KINDS)[number];

/** How many per kind of list; a match on two kinds counts in both. */
export type KindCounts = Readonly<Record<ListKind, number>>;

export interface MatchCount {
  readonly matches: number;
  readonly kinds: KindCounts;
}

/**
 * An opaque name of a match: a keyed digest of its identity. It may travel through Temporal and stand in a case, where
 * neither the match nor IDWise's id of the listed person may.
 */
export type MatchRef = string;

/**
 * A difference of AML matches as the case knows it: how many, on which kinds of lists. It holds nothing that is said of
 * anybody, so that it may go through Temporal, lists and mails; the difference itself stays encrypted beside it.
 */
export interface AmlDifferenceSummary {
  readonly added: MatchCount;
  readonly removed: MatchCount;
  readonly changed: MatchCount;
  /** Changed matches that are now on a kind of list on which they were not before. */
  readonly gained: KindCounts;
  /** Matches that were whitelisted as the outcome of a case of ours. */
  readonly whitelisted: number;
  /** Matches that were whitelisted by somebody else, in the Studio say. */
  readonly whitelistedElsewhere: number;
  /** Nobody can tell what changed, because which matches were there before cannot be had; nothing else is said then. */
  readonly beforeIsUnknown?: true;
  /** The matches that count after the change. */
  readonly open: readonly MatchRef[];
  /** Those of them that IDWise cannot whitelist, because it gave them no id to do it by. */
  readonly notWhitelistable: readonly MatchRef[];
}

/** Takes a summary; returns true when there is something in it that a human must see. */
export function tellsOfSomething(summary: AmlDifferenceSummary): boolean {
  const { added, removed, changed, whitelistedElsewhere, beforeIsUnknown = false } = summary;
  return beforeIsUnknown || added.matches + removed.matches + changed.matches + whitelistedElsewhere > 0;
}

/** Takes a summary; returns true when a match is on a sanctions list that was not, or was not there at all. */
export function addsSanctions({ added, gained }: AmlDifferenceSummary): boolean {
  return added.kinds.sanctions + gained.sanctions > 0;
}

/** Takes lists of kinds, one of each match; returns how many matches there are of each kind. */
export function countKinds(matches: readonly (readonly ListKind[])[]): KindCounts {
  const of = (kind: ListKind) => matches.filter((kinds) => kinds.includes(kind)).length;
  return {
    sanctions: of('sanctions'),
    pep: of('pep'),
    adverse_media: of('adverse_media'),
    other: of('other'),
  };
}
