import type { CustomerFacts } from './customer.js';
import type { Policy, Status } from './policy.js';
import type { Judgement } from './status.js';

/** Nothing is expected of these for the time being: a change would be news. */
const SETTLED: ReadonlySet<Status> = new Set(['approved', 'rejected', 'expired', 'suspended']);

/**
 * Takes the facts, their judgement and the policy; returns how long after now the record is compared with IDWise again,
 * in milliseconds, or null where there is nothing to compare: no journey is known, or the customer is gone.
 */
export function checkEveryMs(
  facts: CustomerFacts,
  judgement: Pick<Judgement, 'status'>,
  { reconciliation }: Policy,
): number | null {
  if (facts.closedAt !== null || Object.keys(facts.journeys).length === 0) return null;
  return SETTLED.has(judgement.status) ? reconciliation.settledEveryMs : reconciliation.unsettledEveryMs;
}
