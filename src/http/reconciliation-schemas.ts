import { z } from 'zod';
import { SWEEPS } from '../domain/reconciliation.js';
import { instant, reason } from './operator-schemas.js';
import { referenceNo } from './schemas.js';

/** What goes over the API about comparing records with IDWise. */

/** One customer, or a sweep: `all` after an outage, the other two for whoever is due. */
export const reconciliationRequest = z.union(
  [z.strictObject({ referenceNo, reason }), z.strictObject({ which: z.enum(SWEEPS), reason })],
  `must name one customer ("referenceNo") or whom to compare ("which": ${SWEEPS.join(', ')}), and the reason`,
);

export const reconciliationStarted = z.strictObject({ runId: z.string(), workflowId: z.string() });

export const reconciliation = z
  .object({
    runId: z.string(),
    which: z.enum([...SWEEPS, 'one']),
    referenceNo: z.string().nullable(),
    actor: z.string(),
    reason: z.string(),
    startedAt: instant,
    endedAt: instant.nullable().describe('Null while it runs'),
    outcome: z.string().nullable(),
    counts: z.object({
      customers: z.int(),
      journeys: z.int(),
      calls: z.int().describe('Calls to IDWise for comparing'),
      repairs: z.int().describe('Journeys that differ, and are looked at'),
      differences: z.record(z.string(), z.int()),
      unknown: z.int(),
      notOurs: z.int(),
      failed: z.int(),
    }),
  })
  .describe('A run that compares records with IDWise');

export const reconciliationList = z.object({ runs: z.array(reconciliation) });
