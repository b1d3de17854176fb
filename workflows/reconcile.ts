import {
  defineQuery,
  makeContinueAsNewFunc,
  patched,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ReconciliationActivities } from '../activities/reconciliation-activities.js';
import type { Instant } from '../src/domain/instant.js';
import {
  type CustomerFindings,
  countFindings,
  NOTHING_COMPARED,
  type ReconciliationCounts,
  type ReconciliationOutcome,
} from '../src/domain/reconciliation.js';
import { DEAD_AFTER } from '../src/temporal/names.js';
import type {
  CustomersPage,
  PagePosition,
  ReconciliationScope,
} from '../src/usecases/customers-to-compare.js';
import type { ReconciliationRun } from '../src/usecases/record-comparisons.js';
import { type CustomerToCompare, compareCustomers, priorityOf } from './compare-customers.js';
import { reconciliationPage } from './reconciliation-page.js';

/** How a run was started, or continued. */
export interface ReconcileInput {
  readonly scope: ReconciliationScope;
  /** Of a run that somebody asked for; a scheduled one is known by its first run in Temporal. */
  readonly runId?: string;
  /** What the run before hands on. */
  readonly carried?: {
    readonly startedAt: Instant;
    readonly after: PagePosition | null;
    readonly counts: ReconciliationCounts;
  };
  /** History length after which the run continues as new; for tests, which have few customers. */
  readonly rollOverAtHistoryLength?: number;
}

/** What a run reports in the end. */
export interface ReconciliationReport {
  readonly runId: string;
  readonly outcome: ReconciliationOutcome;
  readonly counts: ReconciliationCounts;
}

export const getReconciliationCounts = defineQuery<ReconciliationCounts>('getReconciliationCounts');

/** One customer costs about a dozen events of history: some two hundred customers. */
const ROLL_OVER_AT_HISTORY_LENGTH = 2_500;
/** What IDWise did not answer is asked for again after each of these. */
const PAUSES_MS = [10_000, 60_000, 300_000];
const LONGEST_PAUSE_MS = 15 * 60_000;
/** Of so many customers one at least is answered, unless IDWise is away. */
const FEWEST_FOR_AN_OUTAGE = 5;

/**
 * Compares customers' records with IDWise, page by page, and has every difference looked at: what no event told of is
 * found all the same (design §4.5). It decides nothing itself. A difference goes into the inbox and takes the way of an
 * event from there. A page is recorded before the next is begun, so that a run goes on where it stood, whoever dies.
 *
 * Takes whom to compare; returns what was counted.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconciliationReport> {
  const { scope, carried } = input;
  const runId = input.runId ?? workflowInfo().firstExecutionRunId;
  const startedAt = carried?.startedAt ?? now();
  const record = proxyActivities<ReconciliationActivities>({
    startToCloseTimeout: '30s',
    heartbeatTimeout: DEAD_AFTER,
    // The record is ours: while MongoDB is away it is tried for ever.
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
    priority: priorityOf(scope),
  });
  const run: ReconciliationRun = { runId, scope, startedAt };
  let counts = carried?.counts ?? NOTHING_COMPARED;
  let after = carried?.after ?? null;
  setHandler(getReconciliationCounts, () => counts, { description: 'What this run has counted so far' });
  setCurrentDetails(reconciliationPage(run, counts, null));

  const end = async (outcome: ReconciliationOutcome): Promise<ReconciliationReport> => {
    await record.endReconciliation({ run, counts, outcome, at: now() });
    setCurrentDetails(reconciliationPage(run, counts, outcome));
    return { runId, outcome, counts };
  };

  for (;;) {
    const page: CustomersPage = await record.customersToCompare({ scope, startedAt, after });
    const found = await comparePage(scope, page.customers);
    const outcome = whyStopped(found);
    // Whom an outage kept from being compared stays due as they were.
    if (outcome !== null) return end(outcome);
    if (found.length > 0) {
      counts = countFindings(counts, found);
      await record.recordComparisons({ run, found, counts, at: now() });
      setCurrentDetails(reconciliationPage(run, counts, null));
    }
    if (page.next === null) return end('completed');
    after = page.next;
    if (workflowInfo().historyLength > (input.rollOverAtHistoryLength ?? ROLL_OVER_AT_HISTORY_LENGTH)) {
      const next: ReconcileInput = { ...input, runId, carried: { startedAt, after, counts } };
      await makeContinueAsNewFunc<typeof reconcile>()(next);
    }
  }
}

/** Compares a page of customers; those whom IDWise did not answer for are compared again after a pause. */
async function comparePage(
  scope: ReconciliationScope,
  customers: readonly CustomerToCompare[],
): Promise<readonly CustomerFindings[]> {
  let found = await compareCustomers(scope, customers);
  for (const pauseMs of PAUSES_MS) {
    const again = found.filter(isUnanswered);
    if (again.length === 0 || areWeRefused(found)) break;
    const askedFor = again.map(pauseAskedFor).reduce((a, b) => Math.max(a, b), pauseMs);
    await sleep(Math.min(askedFor, LONGEST_PAUSE_MS), { summary: 'Until IDWise is asked again' });
    const names = new Set(again.map(({ referenceNo }) => referenceNo));
    const retried = await compareCustomers(
      scope,
      customers.filter(({ referenceNo }) => names.has(referenceNo)),
    );
    found = found.map((before) => {
      const now = retried.find(({ referenceNo }) => referenceNo === before.referenceNo);
      return now === undefined ? before : { ...now, calls: before.calls + now.calls };
    });
  }
  return found;
}

function whyStopped(found: readonly CustomerFindings[]): Exclude<ReconciliationOutcome, 'completed'> | null {
  if (areWeRefused(found)) return 'refused_by_idwise';
  return found.length >= FEWEST_FOR_AN_OUTAGE && found.every(isUnanswered) ? 'idwise_unavailable' : null;
}

/**
 * Our credentials, or our address. That a journey is another account's (`unauthorized`, contract §3.2) concerns that journey
 * alone, which anybody may have named who holds a customer's token, unless it is said of all.
 */
function areWeRefused(found: readonly CustomerFindings[]): boolean {
  if (!found.some((each) => isRefused(each))) return false;
  // A run of before ended with the first one.
  if (!patched('one-foreign-journey-ends-nothing')) return true;
  const isOfAll = found.length >= FEWEST_FOR_AN_OUTAGE && found.every((each) => isRefused(each));
  return isOfAll || found.some((each) => isRefused(each, (code) => code !== 'unauthorized'));
}

function isRefused({ journeys }: CustomerFindings, isSaid = (_code: string) => true): boolean {
  return journeys.some(
    ({ finding }) => finding.kind === 'failed' && finding.reason === 'refused' && isSaid(finding.code),
  );
}

function isUnanswered({ journeys }: CustomerFindings): boolean {
  return journeys.some(({ finding }) => finding.kind === 'failed' && finding.reason === 'unavailable');
}

function pauseAskedFor({ journeys }: CustomerFindings): number {
  return journeys.reduce(
    (longest, { finding }) =>
      finding.kind === 'failed' ? Math.max(longest, finding.retryAfterMs ?? 0) : longest,
    0,
  );
}

function now(): Instant {
  return new Date(Date.now()).toISOString();
}
