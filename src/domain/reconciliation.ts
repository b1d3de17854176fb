import type { Difference } from './comparison.js';

/** Whom a run of the reconciliation compares with IDWise. */
export const SWEEPS = ['all', 'unsettled', 'settled'] as const;
/** `all`: everybody who has not been compared since the run began. The other two: who is due. */
export type Sweep = (typeof SWEEPS)[number];

/** How a run ended. */
export type ReconciliationOutcome =
  | 'completed'
  /** IDWise refuses our credentials; every further call would be refused as well. */
  | 'refused_by_idwise'
  /** IDWise answered nobody for minutes. */
  | 'idwise_unavailable';

/** What a run has done so far. */
export interface ReconciliationCounts {
  readonly customers: number;
  readonly journeys: number;
  /** Calls to IDWise for comparing; the looks that repair a difference are not among them. */
  readonly calls: number;
  /** Journeys that differ, and for which a look was asked for. */
  readonly repairs: number;
  readonly differences: Readonly<Partial<Record<Difference, number>>>;
  /** Journeys that IDWise does not know. */
  readonly unknown: number;
  /** Journeys that bear another reference number than the customer's. */
  readonly notOurs: number;
  /** Journeys that could not be compared. */
  readonly failed: number;
}

export const NOTHING_COMPARED: ReconciliationCounts = {
  customers: 0,
  journeys: 0,
  calls: 0,
  repairs: 0,
  differences: {},
  unknown: 0,
  notOurs: 0,
  failed: 0,
};

/** What comparing one journey came to. */
export type JourneyFinding =
  | { readonly kind: 'same' }
  /** `amlVersion`: the version of the AML matches that nobody told us of, where there is one. */
  | {
      readonly kind: 'differs';
      readonly differences: readonly Difference[];
      readonly amlVersion: number | null;
    }
  | { readonly kind: 'unknown_journey' | 'not_ours' }
  /** The record has changed in between: nothing is left to compare. */
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'failed';
      readonly reason: 'unavailable' | 'refused' | 'unreadable';
      readonly code: string;
      readonly retryAfterMs: number | null;
    };

/** One customer of a run, compared. */
export interface CustomerFindings {
  readonly referenceNo: string;
  readonly calls: number;
  readonly journeys: readonly { readonly journeyId: string; readonly finding: JourneyFinding }[];
}

/** Takes what a run has counted and the findings of further customers; returns the counts with them. */
export function countFindings(
  before: ReconciliationCounts,
  found: readonly CustomerFindings[],
): ReconciliationCounts {
  const findings = found.flatMap(({ journeys }) => journeys.map(({ finding }) => finding));
  const count = (kind: JourneyFinding['kind']) => findings.filter((finding) => finding.kind === kind).length;
  const differences = { ...before.differences };
  for (const finding of findings) {
    if (finding.kind !== 'differs') continue;
    for (const name of finding.differences) differences[name] = (differences[name] ?? 0) + 1;
  }
  return {
    customers: before.customers + found.length,
    journeys: before.journeys + findings.length,
    calls: found.reduce((sum, { calls }) => sum + calls, before.calls),
    repairs: before.repairs + count('differs'),
    differences,
    unknown: before.unknown + count('unknown_journey'),
    notOurs: before.notOurs + count('not_ours'),
    failed: before.failed + count('failed'),
  };
}
