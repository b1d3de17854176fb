import { Counter, type Registry } from 'prom-client';
import type { CustomerFindings, ReconciliationOutcome } from '../domain/reconciliation.js';

/** What the reconciliation counts; labels hold codes only. */
export interface ReconciliationMetrics {
  /** Takes the findings of one page of customers. */
  compared(found: readonly CustomerFindings[]): void;
  runEnded(which: string, outcome: ReconciliationOutcome): void;
}

/** Takes the registry; registers the counters of the reconciliation and returns them. Call it once per process. */
export function createReconciliationMetrics(registry: Registry): ReconciliationMetrics {
  const registers = [registry];
  const runs = new Counter({
    name: 'reconciliation_runs_total',
    help: 'Runs that compared records with IDWise, by sweep and how they ended.',
    labelNames: ['which', 'outcome'],
    registers,
  });
  const customers = new Counter({
    name: 'reconciliation_customers_total',
    help: 'Customers compared with IDWise.',
    registers,
  });
  const calls = new Counter({
    name: 'reconciliation_calls_total',
    help: 'Calls to IDWise for comparing; the looks that repair a difference are not among them.',
    registers,
  });
  const journeys = new Counter({
    name: 'reconciliation_journeys_total',
    help: 'Journeys compared with IDWise, by what was found.',
    labelNames: ['finding'],
    registers,
  });
  const differences = new Counter({
    name: 'reconciliation_differences_total',
    help: 'In what journeys differed from our record; each one is news that no event has brought.',
    labelNames: ['difference'],
    registers,
  });
  return {
    compared: (found) => {
      customers.inc(found.length);
      calls.inc(found.reduce((sum, customer) => sum + customer.calls, 0));
      for (const { finding } of found.flatMap((customer) => customer.journeys)) {
        journeys.inc({ finding: finding.kind });
        if (finding.kind !== 'differs') continue;
        for (const difference of finding.differences) differences.inc({ difference });
      }
    },
    runEnded: (which, outcome) => runs.inc({ which, outcome }),
  };
}
