import { type AmlDifferenceSummary, LIST_KINDS, type ListKind, tellsOfSomething } from './aml-summary.js';
import type { CasePolicy } from './case-policy.js';

/** How much a case weighs, from least to most; it decides its clocks and how it is told. */
export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The member of the policy that says what a match weighs which came onto a list of that kind. */
const WEIGHED_BY = {
  sanctions: 'sanctionsAdded',
  pep: 'pepAdded',
  adverse_media: 'adverseMediaAdded',
  other: 'otherAdded',
} as const satisfies Record<ListKind, keyof CasePolicy['severity']>;

/**
 * Takes severities; returns the highest, or `low` where there is none: a change of which nothing is known to have been
 * added or changed is at most a removal.
 */
export function highest(...severities: readonly Severity[]): Severity {
  return severities.reduce<Severity>((top, next) => (outweighs(next, top) ? next : top), 'low');
}

/** Takes two severities; returns true when the first weighs more. */
export function outweighs(one: Severity, other: Severity): boolean {
  return SEVERITIES.indexOf(one) > SEVERITIES.indexOf(other);
}

/**
 * What a change of matches weighs by the policy: the heaviest thing in it. A match that was known and is
 * now on a further list weighs as if it were new on that list. A version in which nothing differs that we can see weighs
 * as something changed.
 *
 * Takes the summary of a difference and the policy; returns the severity.
 */
export function severityOf(summary: AmlDifferenceSummary, { severity }: CasePolicy): Severity {
  const { added, gained, changed, removed, whitelistedElsewhere } = summary;
  const isUntold = !tellsOfSomething(summary) || summary.beforeIsUnknown === true;
  const isChanged = changed.matches + whitelistedElsewhere > 0 || isUntold;
  const listed = LIST_KINDS.filter((kind) => added.kinds[kind] + gained[kind] > 0);
  return highest(
    ...listed.map((kind) => severity[WEIGHED_BY[kind]]),
    // Somebody took a match out of sight without a second person of ours.
    ...(isChanged ? [severity.changed] : []),
    ...(removed.matches > 0 ? [severity.removed] : []),
  );
}
