import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { ReconciliationCounts } from '../../src/domain/reconciliation.js';
import { reconciliationWorkflowId, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import { eventually } from '../eventually.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;
const CUSTOMERS = 6;

withTimeSkipping('a comparison with IDWise', () => {
  let world: SkippedWorld;
  const journeys: string[] = [];

  beforeAll(async () => {
    // Nothing but the run waits for its clock, so the customers' records are changed by nothing else.
    const { reminders, expiry } = DEFAULT_POLICY;
    world = await startSkippedWorld({
      policy: { reminders: { ...reminders, most: 0 }, expiry: { ...expiry, afterMs: null } },
    });
    for (let number = 0; number < CUSTOMERS; number += 1) {
      const referenceNo = `c-${number}`;
      await world.register(referenceNo);
      const { journeyId } = await world.sim('POST', '/sim/sdk/journeys', { referenceNo });
      await world.app(referenceNo, { kind: 'journey_started', journeyId: String(journeyId) });
      await eventually('the journey is fetched', async () =>
        (await world.profile(referenceNo)).view.status === 'in_progress' &&
        (await world.profile(referenceNo)).facts.journeys[String(journeyId)]?.snapshot !== null
          ? true
          : undefined,
      );
      journeys.push(String(journeyId));
    }
  });
  afterAll(() => world?.stop());

  const run = (runId: string): Promise<{ outcome: string; counts: ReconciliationCounts }> =>
    world.environment.client.workflow.execute(WORKFLOW_TYPES.reconcile, {
      workflowId: reconciliationWorkflowId(runId),
      taskQueue: world.taskQueue,
      args: [{ scope: { which: 'all' }, runId }],
    });
  const compared = async () =>
    (await world.store.profiles.find().toArray()).filter(({ comparedAt }) => comparedAt !== undefined).length;

  test('waits out an outage of minutes, and compares everybody', async () => {
    await world.sim('POST', '/sim/faults', {
      kind: 'status',
      endpoint: 'get-journey',
      status: 503,
      times: 2 * CUSTOMERS,
    });
    expect(await run('short-outage')).toMatchObject({
      outcome: 'completed',
      counts: { customers: CUSTOMERS, journeys: CUSTOMERS, failed: 0, calls: 3 * CUSTOMERS },
    });
    expect(await compared()).toBe(CUSTOMERS);
  });

  test('stops where IDWise answers nobody for longer, and leaves everybody due as they were', async () => {
    await world.store.profiles.updateMany({}, { $unset: { comparedAt: '' } });
    const dueBefore = await world.store.profiles.distinct('nextCheckAt');
    const fault = { kind: 'status', endpoint: 'get-journey', status: 503 };
    const { faultId } = await world.sim('POST', '/sim/faults', fault);
    expect(await run('long-outage')).toMatchObject({
      outcome: 'idwise_unavailable',
      counts: { customers: 0 },
    });
    await world.sim('DELETE', `/sim/faults/${String(faultId)}`);
    expect(await compared()).toBe(0);
    expect(await world.store.profiles.distinct('nextCheckAt')).toEqual(dueBefore);
  });

  test('is not stopped by one journey that IDWise never answers for: it is counted, and due again soon', async () => {
    await world.store.profiles.updateMany({}, { $unset: { comparedAt: '' } });
    const fault = { kind: 'status', endpoint: 'get-journey', status: 503, journeyId: journeys[0] };
    await world.sim('POST', '/sim/faults', fault);
    expect(await run('poisoned')).toMatchObject({
      outcome: 'completed',
      counts: { customers: CUSTOMERS, failed: 1 },
    });
    expect(await compared()).toBe(CUSTOMERS - 1);
    // One page was recorded at one time: that of the others.
    const { comparedAt } = await world.profile('c-1');
    const dueAt = (comparedAt?.getTime() ?? 0) + DEFAULT_POLICY.reconciliation.unsettledEveryMs;
    expect((await world.profile('c-0')).nextCheckAt).toEqual(new Date(dueAt));
  });
});
