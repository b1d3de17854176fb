import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import { createVault } from '../../src/personal-data/vault.js';
import { CASE_SIGNAL, caseWorkflowId, customerWorkflowId, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { storeCase } from '../builders/stored-case.js';
import { eventually } from '../eventually.js';
import { type CustomersOnTemporal, startCustomersOnTemporal } from './customers-on-temporal.js';

const CUSTOMERS = ['asleep-1', 'asleep-2', 'asleep-3', 'asleep-4', 'asleep-5'];

describe('npm run cli -- rollover', () => {
  let world: CustomersOnTemporal;
  let releasedAt: string;
  const cases: string[] = [];
  beforeAll(async () => {
    world = await startCustomersOnTemporal();
    for (const referenceNo of CUSTOMERS) await world.start(referenceNo);
    for (const referenceNo of CUSTOMERS) await world.atRest(referenceNo);
    for (let number = 0; number < 2; number += 1) cases.push(await caseWhoseClockSleeps());
    releasedAt = new Date().toISOString();
    await listed(CUSTOMERS.length + cases.length);
  });
  afterAll(() => world?.stop());

  /** An open case of which its clock knows that nothing is due yet. */
  async function caseWhoseClockSleeps(): Promise<string> {
    const { caseId } = await storeCase(world.store, createVault(randomBytes(32)));
    await world.client.workflow.start(WORKFLOW_TYPES.complianceCase, {
      workflowId: caseWorkflowId(caseId),
      taskQueue: world.environment['TEMPORAL_TASK_QUEUE'] ?? '',
      args: [{ caseId }],
    });
    await hasLooked(caseId);
    return caseId;
  }
  const hasLooked = (caseId: string) =>
    eventually('the clock has looked at its case', async () =>
      (await world.store.cases.findOne({ _id: caseId }))?.untoldSince === null ? true : undefined,
    );
  const clockRunId = async (caseId: string) =>
    (await world.client.workflow.getHandle(caseWorkflowId(caseId)).describe()).runId;
  const runIds = () =>
    Promise.all([...CUSTOMERS.map((referenceNo) => world.runId(referenceNo)), ...cases.map(clockRunId)]);
  const rollover = (...args: string[]) =>
    run(['rollover', '--started-before', releasedAt, ...args], world.environment);

  /** Temporal's list of runs follows their histories a moment later. */
  async function listed(count: number): Promise<void> {
    const { TEMPORAL_TASK_QUEUE: taskQueue } = world.environment;
    await eventually(`${count} runs are listed`, async () => {
      const query = `TaskQueue = '${taskQueue}' AND WorkflowType IN ('customerVerification', 'complianceCase')`;
      return (await world.client.workflow.count(query)).count === count ? true : undefined;
    });
  }

  test('in a dry run counts the sleeping workflows and touches none', async () => {
    const before = await runIds();
    const { code, output } = await rollover('--dry-run');
    expect(output).toContain(`Open in runs that began before ${releasedAt}:`);
    expect(output).toMatch(/customers' workflows +5\n/);
    expect(output).toMatch(/clocks of compliance cases +2\n/);
    expect(code).toBe(0);
    expect(await runIds()).toEqual(before);
  });

  test('moves every sleeping workflow to a new run, which carries on where the old one was', async () => {
    const before = await runIds();
    const states = await Promise.all(CUSTOMERS.map((referenceNo) => world.state(referenceNo)));
    const { code, output } = await rollover('--rate', '100');
    expect(output).toMatch(/signalled +7\n/);
    expect(output).toMatch(/still open +0\n/);
    expect(output).toContain(`No run from before ${releasedAt} is open.`);
    expect(code).toBe(0);
    for (const [index, runId] of (await runIds()).entries()) expect(runId).not.toBe(before[index]);
    expect(await Promise.all(CUSTOMERS.map((referenceNo) => world.state(referenceNo)))).toEqual(states);
    const [customer = ''] = CUSTOMERS;
    const row = appInboxRow({ kind: 'registered' }, customer, new Date());
    await world.signal(customer, row);
    await eventually('the next event is processed', async () =>
      (await world.store.inbox.findOne({ _id: row._id }))?.state === 'processed' ? true : undefined,
    );
  });

  test('leaves the clock of each open case running: what changes in the case is looked at by the new run', async () => {
    for (const caseId of cases) {
      await world.store.cases.updateOne({ _id: caseId }, { $set: { untoldSince: new Date() } });
      await world.client.workflow.getHandle(caseWorkflowId(caseId)).signal(CASE_SIGNAL);
      await hasLooked(caseId);
    }
  });

  test('given the same time again moves nothing twice', async () => {
    const before = await runIds();
    const { code, output } = await rollover();
    expect(output).toContain('There is nothing to move.');
    expect(code).toBe(0);
    expect(await runIds()).toEqual(before);
  });

  test('refuses a rate that is none, and says what it may be', async () => {
    const { code, output } = await rollover('--rate', '0');
    expect(output).toContain('It is a number above 0, at most 1000.');
    expect(code).toBe(1);
  });

  test('says of a Temporal that is away which variable to check, and that it may be repeated', async () => {
    const { code, output } = await run(['rollover'], {
      ...world.environment,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect(output).toContain('TEMPORAL_ADDRESS');
    expect(output).toContain('what has moved stays moved');
    expect(code).toBe(1);
  });

  test('knows by its run id a run that has moved on, so that it never reaches the newer one', async () => {
    const [customer = ''] = CUSTOMERS;
    const handle = world.client.workflow.getHandle(customerWorkflowId(customer));
    const old = (await handle.describe()).runId;
    await handle.signal('customerEvent', { kind: 'roll_over', id: 'by-hand' });
    await eventually('the run has moved', async () =>
      (await world.runId(customer)) === old ? undefined : true,
    );
    await expect(
      world.client.workflow
        .getHandle(customerWorkflowId(customer), old)
        .signal('customerEvent', { kind: 'roll_over', id: 'late' }),
    ).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  });
});

/** Runs the compiled command as an operator would; returns its exit code and what it printed. */
async function run(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(projectRoot, 'dist/src/main/cli.js'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}
