import type { ReconciliationCounts, ReconciliationOutcome } from '../src/domain/reconciliation.js';
import type { ReconciliationRun } from '../src/usecases/record-comparisons.js';

const OUTCOMES: Readonly<Record<ReconciliationOutcome, string>> = {
  completed: 'Completed',
  refused_by_idwise: 'Stopped: IDWise refuses our credentials',
  idwise_unavailable: 'Stopped: IDWise answered nobody for minutes',
};

/** Takes a run, its counts and how it ended (null: it goes on); returns what Temporal's UI shows of it, in Markdown. */
export function reconciliationPage(
  { scope, startedAt }: ReconciliationRun,
  counts: ReconciliationCounts,
  outcome: ReconciliationOutcome | null,
): string {
  const whom = 'which' in scope ? `${scope.which} customers` : `customer \`${scope.referenceNo}\``;
  const differences = Object.entries(counts.differences).map(([name, count]) => `${name} ${count}`);
  return [
    `**${outcome === null ? 'Comparing' : OUTCOMES[outcome]}:** ${whom} with IDWise, since ${startedAt}.`,
    '',
    '| | |',
    '|---|---|',
    `| customers | ${counts.customers} |`,
    `| journeys | ${counts.journeys} |`,
    `| calls to IDWise | ${counts.calls} |`,
    `| journeys that differ, and are looked at | ${counts.repairs} |`,
    `| in what | ${differences.length === 0 ? 'nothing' : differences.join(', ')} |`,
    `| unknown to IDWise / of another reference | ${counts.unknown} / ${counts.notOurs} |`,
    `| could not be compared | ${counts.failed} |`,
  ].join('\n');
}
