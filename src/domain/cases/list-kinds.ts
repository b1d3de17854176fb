import { LIST_KINDS, type ListKind } from './aml-summary.js';
import type { FetchedMatch } from './fetched-match.js';

/**
 * IDWise names a match's lists in two ways: `datasets` with a closed set of names, and, in newer answers, `details` by
 * kind, each with `datasets` (titles of lists) and `datasets_classes` (contract §4.6). These are open sets, so a list's
 * kind is known by the words in its names. A match may be on lists of several kinds.
 */
const WORDS: readonly (readonly [ListKind, RegExp])[] = [
  ['sanctions', /\bsanction(s|ed)?\b|\basset freeze\b|\bofac\b|\bsdn\b/],
  ['pep', /\bpeps?\b|\bpolitically exposed\b|\brca\b/],
  ['adverse_media', /\badverse media\b|\bnegative (media|news)\b|\badverse news\b/],
  [
    'other',
    /\benforcement\b|\b(people|persons?) of interest\b|\bspecial interest\b|\bdisqualified director\b|\binsolvency\b|\bfitness (and )?probity\b|\bwarnings?\b|\bwanted\b/,
  ],
];

/**
 * Takes a match as fetched; returns the kinds of lists that it stands on, in a fixed order. Where no name tells a kind
 * (a list that we do not know, or no list at all) it is `other`: unknown is never harmless.
 */
export function listKindsOf(match: FetchedMatch): readonly ListKind[] {
  const kinds = new Set(listNamesOf(match).flatMap(kindsOfName));
  return kinds.size === 0 ? ['other'] : LIST_KINDS.filter((kind) => kinds.has(kind));
}

/** Takes a match as fetched; returns the names of its lists and of their classes, as IDWise writes them, each once. */
export function listNamesOf(match: FetchedMatch): readonly string[] {
  const details = isRecord(match['details']) ? match['details'] : {};
  const ofDetails = Object.entries(details).flatMap(([kind, detail]) => [
    kind,
    ...(isRecord(detail) ? [...texts(detail['datasets']), ...texts(detail['datasets_classes'])] : []),
  ]);
  return [...new Set([...texts(match['datasets']), ...texts(match['datasets_classes']), ...ofDetails])];
}

function kindsOfName(name: string): readonly ListKind[] {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ');
  return WORDS.filter(([, pattern]) => pattern.test(words)).map(([kind]) => kind);
}

/** A list of texts, or one text, or nothing that could be read. */
function texts(value: unknown): readonly string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter((item): item is string => typeof item === 'string' && item.trim() !== '');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
