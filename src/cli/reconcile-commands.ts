import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { reconciliation, reconciliationList, reconciliationStarted } from '../http/reconciliation-schemas.js';
import { sayWhyOfCustomer } from './customers-commands.js';
import { type ExitCode, type OperatorSession, sayWhy } from './operator-session.js';
import { count, table } from './terminal-text.js';

type Run = z.output<typeof reconciliation>;

const LOOK_AGAIN_MS = 1_000;

/**
 * `reconcile one|all`: takes the session and whom to compare; waits for the run and prints what it found. Whoever stops
 * waiting stops nothing: the run goes on by itself.
 */
export async function reconcileNow(
  session: OperatorSession,
  wanted: { readonly reason: string } & ({ readonly referenceNo: string } | { readonly which: 'all' }),
): Promise<ExitCode> {
  const started = await session.client.ask('/reconciliations', reconciliationStarted, wanted);
  if (started.kind !== 'answer')
    return 'referenceNo' in wanted
      ? await sayWhyOfCustomer(session, wanted.referenceNo, started)
      : sayWhy(session, started);
  const { runId, workflowId } = started.value;
  session.say(`The run ${runId} has begun (workflow ${workflowId}). Ctrl-C stops the waiting, not the run.`);
  for (let saidCustomers = 0; ; ) {
    const asked = await session.client.ask(`/reconciliations/${encodeURIComponent(runId)}`, reconciliation);
    if (asked.kind !== 'answer') return sayWhy(session, asked);
    const { endedAt, outcome, counts } = asked.value;
    if (endedAt !== null) {
      session.print(runText(asked.value));
      return outcome === 'completed' ? 0 : 1;
    }
    if (counts.customers > saidCustomers) session.say(`… ${counts.customers} customers compared`);
    saidCustomers = counts.customers;
    await pause(LOOK_AGAIN_MS);
  }
}

/** `reconcile runs`: takes the session; prints the latest runs. */
export async function listRuns(
  session: OperatorSession,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const asked = await session.client.ask('/reconciliations', reconciliationList);
  if (asked.kind !== 'answer') return sayWhy(session, asked);
  const { runs } = asked.value;
  if (options.json) session.print(JSON.stringify(asked.value, null, 2));
  else if (runs.length === 0) session.print('No run yet.');
  else
    session.print(
      table(
        ['STARTED', 'WHOM', 'BY', 'OUTCOME', 'CUSTOMERS', 'CALLS', 'REPAIRED', 'FAILED'],
        runs.map(({ startedAt, which, referenceNo, actor, outcome, counts }) => [
          startedAt,
          referenceNo ?? which,
          actor,
          outcome ?? 'under way',
          String(counts.customers),
          String(counts.calls),
          String(counts.repairs),
          String(counts.failed),
        ]),
      ),
    );
  return 0;
}

function runText({ outcome, counts }: Run): string {
  const { customers, journeys, calls, repairs, differences, unknown, notOurs, failed } = counts;
  const kinds = Object.entries(differences).map(
    ([kind, number]) => `    ${kind.replaceAll('_', ' ')}: ${number}`,
  );
  return [
    `${outcome === 'completed' ? 'Done' : `Ended early (${outcome})`}: ${count(customers, 'customer')}, ${count(journeys, 'journey')}, ${count(calls, 'call')} to IDWise.`,
    `  different, and looked at now: ${repairs}`,
    ...kinds,
    `  unknown to IDWise: ${unknown}; of another reference: ${notOurs}; could not be compared: ${failed}`,
  ].join('\n');
}
