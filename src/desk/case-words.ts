import type { AmlDifferenceSummary, MatchCount } from '../domain/cases/aml-summary.js';
import { LIST_KINDS, type ListKind } from '../domain/cases/aml-summary.js';
import type { CaseVersion } from '../domain/cases/case.js';
import type { CaseEffect } from '../domain/cases/case-effects.js';

/** Neutral words of a case: counts and kinds of lists, nothing of anybody. */

const KIND_WORDS: Readonly<Record<ListKind, string>> = {
  sanctions: 'sanctions',
  pep: 'politically exposed',
  adverse_media: 'adverse media',
  other: 'another list',
};

/** Takes a kind of list; returns its words. */
export function kindWords(kind: ListKind): string {
  return KIND_WORDS[kind];
}

/** Takes a version of a case; returns what it is about. */
export function aboutWords({ because }: Pick<CaseVersion, 'because'>): string {
  switch (because.kind) {
    case 'aml':
      return differenceWords(because.summary);
    case 'review':
      return 'Verification to be decided in IDWise Studio';
    case 'asked':
      return 'Taken up again';
  }
}

function differenceWords(summary: AmlDifferenceSummary): string {
  const { added, removed, changed, whitelistedElsewhere, beforeIsUnknown } = summary;
  if (beforeIsUnknown === true) return 'Matches changed; what they were before is not on record';
  const parts = [
    countWords(added, 'added'),
    countWords(changed, 'changed'),
    countWords(removed, 'removed'),
    whitelistedElsewhere > 0 ? `${matches(whitelistedElsewhere)} whitelisted outside of this desk` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? 'Watch-list record changed' : parts.join(', ');
}

function countWords(count: MatchCount, what: string): string | null {
  if (count.matches === 0) return null;
  const kinds = LIST_KINDS.filter((kind) => count.kinds[kind] > 0).map(kindWords);
  return `${matches(count.matches)} ${what}${kinds.length === 0 ? '' : ` (${kinds.join(', ')})`}`;
}

function matches(count: number): string {
  return count === 1 ? '1 match' : `${count} matches`;
}

/** The effects of a case, and what people did to it without changing it. */
type RecordedKind = CaseEffect['kind'] | 'person_viewed' | 'audit_exported';

const EFFECT_WORDS: Readonly<Record<RecordedKind, string>> = {
  case_opened: 'Case opened',
  version_added: 'New version',
  reopened: 'Reopened',
  acknowledged: 'Acknowledged',
  assigned: 'Assigned',
  note_added: 'Note',
  proposed: 'Outcome proposed',
  withdrawn: 'Proposal withdrawn',
  approved: 'Outcome approved',
  declined: 'Proposal declined',
  closed: 'Closed',
  external_report_recorded: 'Reported to an authority',
  measure_wanted: 'Customer’s workflow instructed',
  escalated: 'Next recipient told, because nobody had acknowledged',
  reminded: 'Reminded of the due time',
  overdue: 'Overdue: told again',
  digest_due: 'Told in the digest',
  alarm: 'Alarm',
  person_viewed: 'Personal data viewed',
  audit_exported: 'Audit trail exported',
};

/** Takes an effect's name as it stands in a record (`case:closed`) and its detail; returns it in words. */
export function effectWords(effect: string, detail: Readonly<Record<string, unknown>>): string {
  const kind = effect.replace(/^case:/, '');
  // A record may be of a later release.
  const words = isKnown(kind) ? EFFECT_WORDS[kind] : sentence(kind.replaceAll('_', ' '));
  const measure = detail['measure'];
  if (typeof measure === 'object' && measure !== null && 'kind' in measure)
    return `${words}: ${String(measure.kind).replaceAll('_', ' ')}`;
  const outcome = detail['outcome'];
  return typeof outcome === 'string' ? `${words}: ${outcome.replaceAll('_', ' ')}` : words;
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isKnown(kind: string): kind is RecordedKind {
  return Object.hasOwn(EFFECT_WORDS, kind);
}
