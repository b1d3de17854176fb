import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { runScenario, scenarios } from '../../simulator/scenarios/run-scenario.js';
import {
  CUSTOMER_SIGNAL,
  customerWorkflowId,
  deliveryWorkflowId,
  linkWorkflowId,
  WORKFLOW_TYPES,
} from '../../src/temporal/names.js';
import type { ReconciliationScope } from '../../src/usecases/customers-to-compare.js';
import { createStartReconciliation } from '../../src/usecases/start-reconciliation.js';
import { eventually } from '../eventually.js';
import { type RecordedHistory, recorder, replay } from '../replay/replay.js';
import { rests } from './customers.js';
import { type Product, startProduct } from './product.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Under `npm run record:histories` what is played here becomes what later code is replayed against. */
const record = recorder();

/** Every path through the business, played for real; its history must replay at once, and is recorded on request. */
describe('the history of', () => {
  let product: Product;
  let client: Client;

  beforeAll(async () => {
    product = await startProduct({
      simulator: { customStepId: '90' },
      environment: { IDWISE_CUSTOM_STEP_ID: '90' },
    });
    const connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
    client = new Client({ connection });
  });
  afterAll(async () => {
    if (client !== undefined) await client.connection.close();
    if (product !== undefined) await product.stop();
  });

  async function replays(path: string, workflowId: string, runId?: string): Promise<void> {
    const raw = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const recorded: RecordedHistory = { workflowId, history: JSON.parse(historyToJSON(raw)) as unknown };
    record(path, recorded);
    await replay(recorded);
  }

  /** Who played the scenario: its customers bear its name. */
  const playerOf = async (scenario: string) => {
    const profile = await product.store.profiles.findOne({
      customerId: { $regex: `^simulated-${scenario}-[0-9a-f]+$` },
    });
    return profile?._id ?? '';
  };

  const settled = (referenceNo: string) =>
    eventually('every event of the customer is processed', async () => {
      const open = await product.store.inbox.countDocuments({
        referenceNo,
        state: { $in: ['received', 'signalled'] },
      });
      return open === 0 ? true : undefined;
    });

  test.concurrent.each(scenarios.map(({ name }) => name))('%s', async (name) => {
    const played = await runScenario(name, {
      api: product.apiUrl,
      simulator: product.simulator.url,
      apiKey: product.apiKey,
      report: () => undefined,
      deadlineMs: 40_000,
    });
    expect(played.failure).toBeNull();
    const referenceNo = await playerOf(name);
    await settled(referenceNo);
    await replays(name, customerWorkflowId(referenceNo));
  });

  test('a delivery, and a link', async () => {
    const referenceNo = `early-${Date.now()}`;
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
    await product.sim('POST', `/sim/sdk/journeys/${String(journeyId)}/finish`);
    const message = await eventually('a delivered message', async () => {
      const row = await product.store.outbox.findOne({ referenceNo, state: 'delivered' });
      return row ?? undefined;
    });
    await replays('delivery', deliveryWorkflowId(message._id));
    const linked = await eventually('a run that linked an event', async () => {
      for (const row of await product.store.inbox.find({ referenceNo }).toArray()) {
        const found = await client.workflow
          .getHandle(linkWorkflowId(row._id))
          .describe()
          .then(
            () => row,
            () => undefined,
          );
        if (found !== undefined) return found;
      }
      return undefined;
    });
    await replays('link', linkWorkflowId(linked._id));
  });

  test('a customer whose journey an operator completed', async () => {
    const { body } = await product.call('POST', '/v1/verifications', { customerId: 'operator-case' });
    const referenceNo = String(body['referenceNo']);
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
    await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
    await eventually('the workflow knows of the journey', async () => {
      const profile = await product.store.profiles.findOne({ _id: referenceNo });
      return profile?.facts.journeys[String(journeyId)] === undefined ? undefined : true;
    });
    await rests(product, { referenceNo });
    const answer = await product.call(
      'POST',
      `/v1/verifications/${referenceNo}/journeys/${String(journeyId)}/complete`,
      { reason: 'asked for by phone' },
    );
    expect(answer.status).toBe(202);
    await eventually('the journey is closed', async () => {
      const profile = await product.store.profiles.findOne({ _id: referenceNo });
      return profile?.facts.journeys[String(journeyId)]?.completion?.state === 'done' ? true : undefined;
    });
    await replays('completed-by-operator', customerWorkflowId(referenceNo));
  });

  test('a reconciliation that found a difference, and one during an outage of IDWise', async () => {
    const { body } = await product.call('POST', '/v1/verifications', { customerId: 'reconciled' });
    const referenceNo = String(body['referenceNo']);
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
    await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
    await settled(referenceNo);
    const lost = await product.sim('POST', '/sim/faults', { kind: 'lose', referenceNo });
    await product.sim('POST', `/sim/sdk/journeys/${String(journeyId)}/finish`);
    const startReconciliation = createStartReconciliation({
      store: product.store,
      client,
      taskQueue: product.environment['TEMPORAL_TASK_QUEUE'] ?? '',
    });
    const run = async (path: string, scope: ReconciliationScope) => {
      const started = await startReconciliation(
        scope,
        { actor: 'operator', reason: 'recording' },
        new Date(),
      );
      if (started.kind !== 'started') throw new Error(`The run was not started: ${started.kind}`);
      const report: unknown = await client.workflow.getHandle(started.workflowId).result();
      await replays(path, started.workflowId);
      return report;
    };
    expect(await run('reconciliation', { which: 'all' })).toMatchObject({ outcome: 'completed' });
    const fault = { kind: 'status', endpoint: 'get-journey', status: 503, journeyId, times: 1 };
    await product.sim('POST', '/sim/faults', fault);
    expect(await run('reconciliation-outage', { referenceNo })).toMatchObject({
      outcome: 'completed',
      counts: { failed: 0 },
    });
    await product.sim('DELETE', `/sim/faults/${String(lost['faultId'])}`);
  });

  test('a customer whose run continued as new under a stream of signals: nothing lost, nothing taken twice', async () => {
    const { body } = await product.call('POST', '/v1/verifications', { customerId: 'long-life' });
    const referenceNo = String(body['referenceNo']);
    await settled(referenceNo);
    const workflowId = customerWorkflowId(referenceNo);
    await client.workflow.getHandle(workflowId).terminate('a new run with a smaller budget');
    const taskQueue = product.environment['TEMPORAL_TASK_QUEUE'] ?? '';
    const first = await client.workflow.signalWithStart(WORKFLOW_TYPES.customer, {
      workflowId,
      taskQueue,
      args: [{ referenceNo, rollOverAtHistoryLength: 30 }],
      signal: CUSTOMER_SIGNAL,
      signalArgs: [
        { id: 'nothing', inboxId: 'nothing', kind: 'nothing', receivedAt: new Date().toISOString() },
      ],
    });
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
    const path = `/v1/verifications/${referenceNo}/journeys/${String(journeyId)}`;
    await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
    for (let round = 0; round < 12; round += 1) await product.call('POST', `${path}/completed`);
    await settled(referenceNo);
    await eventually('the run has continued as new', async () => {
      const { runId } = await client.workflow.getHandle(workflowId).describe();
      return runId === first.signaledRunId ? undefined : true;
    });
    const rows = await product.store.inbox.find({ referenceNo }).toArray();
    const causes = (await product.store.audit.find({ referenceNo }).toArray()).flatMap(
      (record) => record.cause.because ?? [],
    );
    expect(rows.filter((row) => row.state !== 'processed')).toEqual([]);
    expect(new Set(causes).size).toBeGreaterThan(0);
    // The run that ended: the newest one may be in the middle of a task.
    await replays('continued-as-new', workflowId, first.signaledRunId);
  });
});
