import type { Priority } from '@temporalio/common';
import { ActivityFailure, CancelledFailure, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CustomerFindings, JourneyFinding } from '../src/domain/reconciliation.js';
import { DEAD_AFTER, idwiseTaskQueue } from '../src/temporal/names.js';
import type { AmlVersionAnswer, CompareJourney, JourneyComparison } from '../src/usecases/compare-journey.js';
import type { CustomersPage, ReconciliationScope } from '../src/usecases/customers-to-compare.js';

export type CustomerToCompare = CustomersPage['customers'][number];

/**
 * So many calls of one run wait on the IDWise queue at most: what an event causes meanwhile waits behind no more than
 * these, also on a server that knows no priorities.
 */
const MOST_AT_ONCE = 4;

/**
 * Takes whom a run compares; returns with which priority. The lowest of Temporal's five for a sweep, so that what events
 * cause goes first; for one customer, whom somebody asks for, the usual one.
 */
export function priorityOf(scope: ReconciliationScope): Priority {
  return { priorityKey: 'referenceNo' in scope ? 3 : 5 };
}

/** Takes the run's scope and customers; compares their journeys with IDWise, some at a time, and returns the findings in the same order. */
export async function compareCustomers(
  scope: ReconciliationScope,
  customers: readonly CustomerToCompare[],
): Promise<readonly CustomerFindings[]> {
  const idwise = proxyActivities<CompareJourney>({
    taskQueue: idwiseTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '15s',
    heartbeatTimeout: DEAD_AFTER,
    retry: { initialInterval: '1s', maximumAttempts: 2 },
    priority: priorityOf(scope),
  });
  const found: CustomerFindings[] = [];
  const waiting = customers.map((customer, index) => ({ customer, index }));
  const compareNext = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      found[next.index] = await compareCustomer(idwise, next.customer);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, compareNext));
  return found;
}

type Idwise = ReturnType<typeof proxyActivities<CompareJourney>>;

async function compareCustomer(
  idwise: Idwise,
  { referenceNo, journeyIds }: CustomerToCompare,
): Promise<CustomerFindings> {
  const journeys: CustomerFindings['journeys'][number][] = [];
  let calls = 0;
  for (const journeyId of journeyIds) {
    const compared = await compareJourney(idwise, referenceNo, journeyId);
    calls += compared.calls;
    journeys.push({ journeyId, finding: compared.finding });
  }
  return { referenceNo, calls, journeys };
}

/** One activity is one call, so that the queue's limit of activities per second is IDWise's limit of calls. */
async function compareJourney(
  idwise: Idwise,
  referenceNo: string,
  journeyId: string,
): Promise<{ finding: JourneyFinding; calls: number }> {
  const summary = `IDWise: compare journey ${journeyId}`;
  const { finding, amlVersionToAskFor: version } = await answered<JourneyComparison>(
    idwise.compareJourney.executeWithOptions({ summary }, [{ referenceNo, journeyId }]),
    { finding: LOST, amlVersionToAskFor: null },
  );
  if (version === null) return { finding, calls: 1 };
  const asked = await answered<AmlVersionAnswer>(
    idwise.askForAmlVersion.executeWithOptions(
      { summary: `IDWise: is there an AML version ${version} of journey ${journeyId}?` },
      [{ referenceNo, journeyId, version }],
    ),
    LOST,
  );
  return { finding: withAmlVersion(finding, version, asked), calls: 2 };
}

/** What the journey shows is not lost where only the history cannot be read. */
function withAmlVersion(finding: JourneyFinding, version: number, asked: AmlVersionAnswer): JourneyFinding {
  switch (asked.kind) {
    case 'there': {
      const others = finding.kind === 'differs' ? finding.differences : [];
      return {
        kind: 'differs',
        differences: [...new Set([...others, 'aml_version' as const])],
        amlVersion: version,
      };
    }
    case 'not_there':
      return finding;
    case 'not_ours':
      return finding.kind === 'same' ? { kind: 'not_ours' } : finding;
    case 'failed':
      return finding.kind === 'same' ? asked : finding;
  }
}

const LOST = { kind: 'failed', reason: 'unavailable', code: 'attempt_lost', retryAfterMs: null } as const;

/** A call whose worker died twice brought nothing that we know of. */
async function answered<Outcome>(call: Promise<Outcome>, lost: Outcome): Promise<Outcome> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ActivityFailure && !(error.cause instanceof CancelledFailure)) return lost;
    throw error;
  }
}
