import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { ReconciliationCounts, ReconciliationOutcome } from '../../src/domain/reconciliation.js';
import { reconciliationWorkflowId, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import {
  ensureReconciliationSchedules,
  reconciliationScheduleId,
} from '../../src/temporal/reconciliation-schedules.js';
import type { ReconciliationScope } from '../../src/usecases/customers-to-compare.js';
import { createStartReconciliation } from '../../src/usecases/start-reconciliation.js';
import { eventually } from '../eventually.js';
import { approvedCustomer, becomes, finishes, type OneCustomer, registers, starts } from './customers.js';
import { kill9, type Product, startProduct } from './product.js';

const CALLS_PER_SECOND = 10;
/** A match on a list that lays no hold. */
const LISTED = { datasets: ['Politically Exposed Person'] };

interface Report {
  readonly runId: string;
  readonly outcome: ReconciliationOutcome;
  readonly counts: ReconciliationCounts;
}

/** What no event told of is found and repaired all the same (design §4.5), on real servers, against the simulator. */
describe('reconciliation', () => {
  let product: Product;
  let client: Client;
  let taskQueue: string;

  beforeAll(async () => {
    const policyFile = join(mkdtempSync(join(tmpdir(), 'policy-')), 'policy.json');
    // IDWise decides within a moment here, so it is overdue after a moment.
    const policy = { look: { resultOverdueAfter: '2s' }, requiredChecks: { governmentFace: 'never' } };
    writeFileSync(policyFile, JSON.stringify(policy));
    product = await startProduct({
      simulator: { customStepId: '90' },
      environment: {
        IDWISE_CUSTOM_STEP_ID: '90',
        IDWISE_CALLS_PER_SECOND: String(CALLS_PER_SECOND),
        POLICY_FILE: policyFile,
      },
    });
    client = new Client({
      connection: await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' }),
    });
    taskQueue = product.environment['TEMPORAL_TASK_QUEUE'] ?? '';
  });
  afterEach(() => product.sim('DELETE', '/sim/faults'));
  afterAll(async () => {
    if (client !== undefined) await client.connection.close();
    if (product !== undefined) await product.stop();
  });

  const loseEveryWebhook = () => product.sim('POST', '/sim/faults', { kind: 'lose' });
  const start = (scope: ReconciliationScope) =>
    createStartReconciliation({ store: product.store, client, taskQueue })(
      scope,
      { actor: 'operator', reason: 'webhooks were lost' },
      new Date(),
    );
  async function run(scope: ReconciliationScope): Promise<Report> {
    const started = await start(scope);
    if (started.kind !== 'started') throw new Error(`The run was not started: ${started.kind}`);
    return await client.workflow.getHandle(started.workflowId).result();
  }

  /** A customer without the flow's custom step. */
  const plain = (wishes: Record<string, unknown> = {}) => ({ customStep: false, ...wishes });
  const reviews = ({ journeyId }: OneCustomer, decision: string) =>
    product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision });
  const amlChanges = ({ journeyId }: OneCustomer, change: Record<string, unknown>) =>
    product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, change);
  const isDecidedAtIdwise = ({ journeyId }: OneCustomer) =>
    eventually(`IDWise has decided ${journeyId}`, async () => {
      const journey = await product.sim('GET', `/sim/journeys/${journeyId}`);
      return journey['phase'] === 'finished' ? true : undefined;
    });
  const profileOf = async ({ referenceNo }: Pick<OneCustomer, 'referenceNo'>) => {
    const profile = await product.store.profiles.findOne({ _id: referenceNo });
    if (profile === null) throw new Error(`There is no profile ${referenceNo}`);
    return profile;
  };
  const auditOf = ({ referenceNo }: OneCustomer) =>
    product.store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray();
  const changesTo = async (customer: OneCustomer, status: string) =>
    (await auditOf(customer)).filter(({ effect }) => effect === `status_changed:${status}`);
  const alertsAbout = ({ referenceNo }: OneCustomer) =>
    product.store.outbox.countDocuments({ referenceNo, 'message.channel': 'compliance_mail' });
  const nothingIsOwed = () =>
    eventually('nothing is owed to anybody', async () => {
      const open = await product.store.inbox.countDocuments({ state: { $in: ['received', 'signalled'] } });
      const profiles = await product.store.profiles.find({}, { projection: { facts: 1 } }).toArray();
      const owed = profiles.flatMap(({ facts }) =>
        Object.values(facts.journeys).filter(({ owedLook, aml }) => owedLook !== null || aml.owed !== null),
      );
      // Whether there are further versions is asked for an hour; what is asked for in vain holds up nothing.
      const waiting = owed.filter(
        ({ owedLook, aml }) => owedLook !== null || (aml.owed?.attempts ?? 0) === 0,
      );
      return open === 0 && waiting.length === 0 ? true : undefined;
    });
  async function callsOf(customers: readonly OneCustomer[], sinceMs = 0): Promise<number[]> {
    const { calls } = (await product.sim('GET', '/sim/calls')) as {
      calls: { atMs: number; journeyId: string | null; endpoint: string }[];
    };
    const journeys = new Set(customers.map(({ journeyId }) => journeyId));
    return calls
      .filter((call) => journeys.has(call.journeyId ?? '') && call.atMs >= sinceMs)
      .map(({ atMs }) => atMs);
  }

  test('with every webhook lost, one sweep brings each customer to what IDWise says, and tells of it as its own finding', async () => {
    const before = {
      amlHit: await approvedCustomer(product, plain()),
      cameAndWent: await approvedCustomer(product, plain()),
      reversed: await approvedCustomer(product, plain()),
    };
    await loseEveryWebhook();
    const during = {
      approved: await starts(product, plain()),
      rejected: await starts(product, plain({ outcome: 'rejected' })),
      captureFailed: await starts(product, plain({ outcome: 'capture-failed' })),
      referred: await starts(product, plain({ outcome: 'refer' })),
      approvedByHand: await starts(product, plain({ outcome: 'refer' })),
      rejectedByHand: await starts(product, plain({ outcome: 'refer' })),
      toBeRedone: await starts(product, plain({ outcome: 'refer' })),
      redone: await starts(product, plain({ outcome: 'refer' })),
      customStep: await starts(product),
    };
    // Their starts have been looked at; from here on nothing of ours asks for anything.
    await nothingIsOwed();
    for (const customer of Object.values(during)) await finishes(product, customer);
    for (const [name, customer] of Object.entries(during))
      if (name !== 'customStep') await isDecidedAtIdwise(customer);
    await reviews(during.approvedByHand, 'Approved');
    await reviews(during.rejectedByHand, 'Rejected');
    await reviews(during.toBeRedone, 'Resubmission Requested');
    await reviews(during.redone, 'Resubmission Requested');
    await product.sim('POST', `/sim/sdk/journeys/${during.redone.journeyId}/resume`, { outcome: 'complete' });
    await finishes(product, during.redone);
    await isDecidedAtIdwise(during.redone);
    await reviews(before.reversed, 'Rejected');
    const { matches } = (await amlChanges(before.cameAndWent, { added: [LISTED] })) as {
      matches: { resourceId: string }[];
    };
    await amlChanges(before.cameAndWent, { removed: [matches[0]?.resourceId ?? ''] });
    await amlChanges(before.amlHit, { added: [LISTED] });

    const customers = [...Object.values(before), ...Object.values(during)];
    const viewBefore = (await profileOf(before.amlHit)).view;
    const viewOfOther = (await profileOf(before.cameAndWent)).view;
    const sinceMs = Date.now();
    const report = await run({ which: 'all' });
    const comparing = await callsOf(customers, sinceMs);

    await becomes(product, during.approved, 'approved');
    await becomes(product, during.rejected, 'rejected');
    await becomes(product, during.captureFailed, 'resubmission_required');
    await becomes(product, during.referred, 'under_review');
    await becomes(product, during.approvedByHand, 'approved');
    await becomes(product, during.rejectedByHand, 'rejected');
    await becomes(product, during.toBeRedone, 'resubmission_required');
    await becomes(product, during.redone, 'approved');
    await becomes(product, before.reversed, 'rejected');
    await becomes(product, during.customStep, 'approved');
    await eventually('compliance is told of both', async () => {
      const told = await Promise.all([before.amlHit, before.cameAndWent].map(alertsAbout));
      return told.every((count) => count > 0) ? true : undefined;
    });
    await nothingIsOwed();
    const all = await callsOf(customers, sinceMs);
    const perCustomer = (calls: number) => (calls / customers.length).toFixed(2);
    process.stderr.write(
      `One sweep over ${customers.length} customers: ${report.counts.calls} calls for comparing ` +
        `(${perCustomer(report.counts.calls)} per customer), ${all.length} with all that the repairs asked for ` +
        `(${perCustomer(all.length)} per customer).\n`,
    );

    expect(report).toMatchObject({
      outcome: 'completed',
      counts: { customers: customers.length, failed: 0 },
    });
    expect(report.counts.repairs).toBe(customers.length);
    expect(report.counts.calls).toBeLessThanOrEqual(2 * customers.length);
    expect(comparing.length).toBeGreaterThanOrEqual(report.counts.calls);
    // The customer sees nothing of AML, and compliance is told of each change once.
    expect((await profileOf(before.amlHit)).view).toEqual(viewBefore);
    expect((await profileOf(before.cameAndWent)).view).toEqual(viewOfOther);
    expect(await alertsAbout(before.amlHit)).toBe(1);
    // A match that came and went is told by its versions, each of which was read and stored.
    const versions = await product.store.amlVersions
      .find({ journeyId: before.cameAndWent.journeyId })
      .toArray();
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2]);
    const told = (await auditOf(before.cameAndWent)).filter(({ effect }) => effect.startsWith('aml_changed'));
    expect(told.map(({ to }) => (to as { change: { toVersion: number } }).change.toVersion).at(-1)).toBe(2);
    expect(told[0]?.cause.kind).toBe('reconciliation');
    for (const customer of [during.approved, before.reversed]) {
      const record = (await auditOf(customer))
        .filter(({ effect }) => effect.startsWith('status_changed'))
        .at(-1);
      expect(record).toMatchObject({
        cause: {
          kind: 'reconciliation',
          because: [`reconciliation:${report.runId}:${customer.journeyId}`],
        },
      });
    }
    expect(await product.store.reconciliations.findOne({ _id: report.runId })).toMatchObject({
      which: 'all',
      actor: 'operator',
      reason: 'webhooks were lost',
      outcome: 'completed',
      endedAt: expect.any(Date),
      counts: report.counts,
    });

    await reviews(before.reversed, 'Approved');
    await run({ referenceNo: before.reversed.referenceNo });
    await becomes(product, before.reversed, 'approved');
  });

  test('a sweep over customers about whom nothing changed writes nothing but when they are compared next, at no more calls per second than allowed', async () => {
    await nothingIsOwed();
    const state = async () => ({
      inbox: await product.store.inbox.countDocuments(),
      audit: await product.store.audit.countDocuments(),
      outbox: await product.store.outbox.countDocuments(),
      profiles: (await product.store.profiles.find().sort({ _id: 1 }).toArray()).map(
        ({ _id, revision, view, facts }) => ({ _id, revision, view, facts }),
      ),
    });
    const before = await state();
    const sinceMs = Date.now();
    const runs = await Promise.all([run({ which: 'all' }), run({ which: 'all' })]);
    const { calls } = (await product.sim('GET', '/sim/calls')) as { calls: { atMs: number }[] };
    const times = calls.map(({ atMs }) => atMs).filter((atMs) => atMs >= sinceMs);

    expect(await state()).toEqual(before);
    for (const { counts } of runs) expect(counts).toMatchObject({ repairs: 0, differences: {}, failed: 0 });
    const profiles = await product.store.profiles.find({ 'view.journeys': { $ne: [] } }).toArray();
    expect(profiles.length).toBeGreaterThan(10);
    for (const { comparedAt, nextCheckAt } of profiles) {
      expect(comparedAt?.getTime()).toBeGreaterThanOrEqual(sinceMs);
      expect(nextCheckAt?.getTime()).toBeGreaterThan(Date.now());
    }
    const WINDOW_S = 3;
    const inWindow = times.map(
      (from) => times.filter((atMs) => atMs >= from && atMs < from + WINDOW_S * 1_000).length,
    );
    // Temporal lets a second's worth through at once, and a worker that was held up makes its calls then.
    expect(Math.max(...inWindow)).toBeLessThanOrEqual(CALLS_PER_SECOND * (WINDOW_S + 2));
  });

  test('two runs at once, and an event that comes late all the same, have one effect', async () => {
    const customers = [
      await approvedCustomer(product, plain()),
      await approvedCustomer(product, plain()),
      await approvedCustomer(product, plain()),
    ];
    const held = await product.sim('POST', '/sim/faults', { kind: 'reorder', hold: 1_000 });
    for (const customer of customers) await reviews(customer, 'Rejected');
    await amlChanges(customers[0] as OneCustomer, { added: [LISTED] });
    await Promise.all([run({ which: 'all' }), run({ which: 'all' })]);
    for (const customer of customers) await becomes(product, customer, 'rejected');
    await product.sim('DELETE', `/sim/faults/${String(held['faultId'])}`);
    for (const { referenceNo } of customers) {
      await eventually('the events came and are done with', async () => {
        const row = await product.store.inbox.findOne({
          referenceNo,
          source: 'idwise',
          kind: { $in: ['manually_reviewed', 'updated_journey'] },
          state: 'processed',
        });
        return row ?? undefined;
      });
    }
    await nothingIsOwed();
    for (const customer of customers) expect(await changesTo(customer, 'rejected')).toHaveLength(1);
    expect(await alertsAbout(customers[0] as OneCustomer)).toBe(1);
  });

  test('a run goes on where it stood when its worker is killed, over its continuation as well, and skips nobody', async () => {
    const customers: OneCustomer[] = [];
    await loseEveryWebhook();
    for (let number = 0; number < 25; number += 1) customers.push(await starts(product, plain()));
    await nothingIsOwed();
    for (const customer of customers) await finishes(product, customer);
    for (const customer of customers) await isDecidedAtIdwise(customer);

    const runId = `killed-${Date.now()}`;
    const sinceMs = Date.now();
    const handle = await client.workflow.start(WORKFLOW_TYPES.reconcile, {
      workflowId: reconciliationWorkflowId(runId),
      taskQueue,
      args: [{ scope: { which: 'all' }, runId, rollOverAtHistoryLength: 20 }],
    });
    const [worker] = product.processes.workers.slice(-1);
    await eventually('the run is under way', async () =>
      (await callsOf(customers, sinceMs)).length >= 3 ? true : undefined,
    );
    await kill9(worker);
    await product.startWorker();
    const report: Report = await handle.result();

    const everybody = await product.store.profiles.countDocuments({ 'view.journeys': { $ne: [] } });
    expect(report).toMatchObject({ runId, outcome: 'completed', counts: { failed: 0 } });
    expect(report.counts.customers).toBe(everybody);
    const description = await client.workflow.getHandle(reconciliationWorkflowId(runId)).describe();
    expect(description.runId).not.toBe(handle.firstExecutionRunId);
    for (const customer of customers) await becomes(product, customer, 'approved');
    for (const customer of customers) expect(await changesTo(customer, 'approved')).toHaveLength(1);
  });

  test('both sweeps are scheduled, each finds who is due and only them, and who sets them up again mends what differs and keeps a pause', async () => {
    await loseEveryWebhook();
    const [settled, unsettled, notDue] = [
      await starts(product, plain()),
      await starts(product, plain()),
      await starts(product, plain()),
    ];
    await nothingIsOwed();
    for (const customer of [settled, unsettled, notDue]) {
      await finishes(product, customer);
      await isDecidedAtIdwise(customer);
    }
    await run({ referenceNo: settled.referenceNo });
    await becomes(product, settled, 'approved');
    await nothingIsOwed();
    await reviews(settled, 'Rejected');
    const past = new Date(Date.now() - 60_000);
    for (const { referenceNo } of [settled, unsettled])
      await product.store.profiles.updateOne({ _id: referenceNo }, { $set: { nextCheckAt: past } });

    for (const sweep of ['settled', 'unsettled'] as const) {
      const schedule = client.schedule.getHandle(reconciliationScheduleId(sweep, taskQueue));
      const { policies, action, state } = await schedule.describe();
      expect({ overlap: policies.overlap, paused: state.paused, type: action.type }).toEqual({
        overlap: 'SKIP',
        paused: false,
        type: 'startWorkflow',
      });
      await schedule.update(({ action: present, policies: kept }) => ({
        action: present,
        policies: kept,
        spec: { intervals: [{ every: '7d' }] },
        state: { paused: true, note: 'for the test' },
      }));
      await eventually('the schedule is paused', async () =>
        (await schedule.describe()).state.paused ? true : undefined,
      );
      await product.startWorker();
      await eventually('the new worker has mended the schedule', async () => {
        const { spec } = await schedule.describe();
        return spec.intervals?.[0]?.every === 7 * 24 * 3_600_000 ? undefined : true;
      });
      const mended = await schedule.describe();
      expect(mended.state.paused).toBe(true);
      await ensureReconciliationSchedules(client, taskQueue);
      const { lastUpdatedAt } = (await schedule.describe()).info;
      expect(lastUpdatedAt).toEqual(mended.info.lastUpdatedAt);
      await schedule.trigger();
    }
    await becomes(product, settled, 'rejected');
    await becomes(product, unsettled, 'approved');
    expect((await profileOf(notDue)).view.status).toBe('in_progress');
    const rows = await product.store.reconciliations.find({ actor: 'schedule' }).toArray();
    expect(rows.map(({ which }) => which).sort()).toEqual(['settled', 'unsettled']);
  });

  test('a journey that IDWise does not know any more, or that bears another reference, is counted and left', async () => {
    const forgotten = await approvedCustomer(product, plain());
    const mistaken = await approvedCustomer(product, plain());
    const someoneElse = await approvedCustomer(product, plain());
    await nothingIsOwed();
    const theirs = (await profileOf(someoneElse)).facts.journeys[someoneElse.journeyId];
    await product.store.profiles.updateOne(
      { _id: mistaken.referenceNo },
      { $set: { [`facts.journeys.${someoneElse.journeyId}`]: theirs } },
    );
    const credentials = Buffer.from('simulated-api-key:simulated-api-secret').toString('base64');
    const deleted = await fetch(`${product.simulator.url}/journey/${forgotten.journeyId}`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${credentials}` },
    });
    expect(deleted.ok).toBe(true);
    const { counts: ofForgotten } = await run({ referenceNo: forgotten.referenceNo });
    const { counts: ofMistaken } = await run({ referenceNo: mistaken.referenceNo });
    expect(ofForgotten).toMatchObject({ journeys: 1, unknown: 1, repairs: 0, failed: 0 });
    expect(ofMistaken).toMatchObject({ journeys: 2, notOurs: 1, repairs: 0, failed: 0 });
    for (const customer of [forgotten, mistaken]) {
      const profile = await profileOf(customer);
      expect(profile.view.status).toBe('approved');
      expect(profile.comparedAt).toBeInstanceOf(Date);
    }
  });

  test('a run stops at once where IDWise refuses the credentials, and whom it did not compare stays due', async () => {
    const customer = await approvedCustomer(product, plain());
    await product.sim('POST', '/sim/faults', { kind: 'status', endpoint: 'get-journey', status: 401 });
    const report = await run({ referenceNo: customer.referenceNo });
    expect(report).toMatchObject({ outcome: 'refused_by_idwise', counts: { customers: 0 } });
    expect(await profileOf(customer)).not.toHaveProperty('comparedAt');
    expect(await product.store.reconciliations.findOne({ _id: report.runId })).toMatchObject({
      outcome: 'refused_by_idwise',
    });
  });

  test('a journey of another account, which anybody may have named, keeps nobody from being compared', async () => {
    const [theirs, ours] = [
      await approvedCustomer(product, plain()),
      await approvedCustomer(product, plain()),
    ];
    await nothingIsOwed();
    const { journeyId } = theirs;
    const fault = { kind: 'status', endpoint: 'get-journey', status: 403, journeyId };
    const { faultId } = await product.sim('POST', '/sim/faults', fault);
    const alone = await run({ referenceNo: theirs.referenceNo });
    expect(alone).toMatchObject({ outcome: 'completed', counts: { customers: 1, failed: 1, repairs: 0 } });
    expect(await run({ which: 'all' })).toMatchObject({ outcome: 'completed' });
    await product.sim('DELETE', `/sim/faults/${String(faultId)}`);
    expect(await profileOf(ours)).toMatchObject({
      view: { status: 'approved' },
      comparedAt: expect.any(Date),
    });
    expect(await profileOf(theirs)).toMatchObject({ view: { status: 'approved' } });
  });

  test('nobody is compared who is not a customer', async () => {
    expect(await start({ referenceNo: 'nobody' })).toEqual({ kind: 'unknown_customer' });
    const referenceNo = await registers(product);
    expect(await run({ referenceNo })).toMatchObject({ outcome: 'completed', counts: { customers: 0 } });
  });
});
