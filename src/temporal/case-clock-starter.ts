import type { Client } from '@temporalio/client';
import { CASE_SIGNAL, caseWorkflowId, WORKFLOW_TYPES } from './names.js';

/** Tells a case's clock that the case changed, starting it where it does not run. @throws when Temporal does not take it. */
export type TellCaseClock = (caseId: string) => Promise<void>;

const DEADLINE_MS = 3_000;

/** Takes a client and the main task queue; returns the way to tell a case's clock. */
export function createTellCaseClock(client: Client, taskQueue: string): TellCaseClock {
  return async (caseId) => {
    await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.signalWithStart(WORKFLOW_TYPES.complianceCase, {
        workflowId: caseWorkflowId(caseId),
        taskQueue,
        args: [{ caseId }],
        signal: CASE_SIGNAL,
        signalArgs: [],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        staticSummary: `Clock of compliance case \`${caseId}\``,
      }),
    );
  };
}
