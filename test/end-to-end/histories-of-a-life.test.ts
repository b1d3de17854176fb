import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import type { ProfileRow } from '../../src/store/records.js';
import { ASKER_WAITS_MS, createSendCustomerUpdate } from '../../src/temporal/customer-updates.js';
import { CUSTOMER_SIGNAL, customerWorkflowId, ROLL_OVER, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import { createAskCustomer } from '../../src/usecases/ask-customer.js';
import { eventually } from '../eventually.js';
import { type RecordedHistory, recorder, replay } from '../replay/replay.js';
import { type Product, startProduct } from './product.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const record = recorder();

/** What takes months at a company takes seconds here, on the real clock. */
const SHORT_CLOCKS = {
  look: { resultOverdueAfter: '1s' },
  redo: { mostRounds: 1 },
  reminders: { firstAfter: '2s', every: '2s', most: 2 },
  expiry: { after: '15s', completesJourney: true },
  renewal: { gracePeriod: '8s', remindBefore: ['5s', '2s'], documentExpiryNotice: '10d' },
};

/** The paths of a customer's later life, played for real; each must replay at once, and is recorded on request. */
describe('the history of', () => {
  let product: Product;
  let client: Client;

  beforeAll(async () => {
    const policyFile = join(mkdtempSync(join(tmpdir(), 'policy-')), 'policy.json');
    writeFileSync(policyFile, JSON.stringify(SHORT_CLOCKS));
    product = await startProduct({ environment: { POLICY_FILE: policyFile } });
    const address = product.environment['TEMPORAL_ADDRESS'] ?? '';
    client = new Client({ connection: await Connection.connect({ address }) });
  });
  afterAll(async () => {
    if (client !== undefined) await client.connection.close();
    if (product !== undefined) await product.stop();
  });

  async function fetched(referenceNo: string, runId?: string): Promise<RecordedHistory> {
    const workflowId = customerWorkflowId(referenceNo);
    const raw = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return { workflowId, history: JSON.parse(historyToJSON(raw)) as unknown };
  }

  async function replays(path: string, referenceNo: string, runId?: string): Promise<void> {
    const recorded = await fetched(referenceNo, runId);
    record(path, recorded);
    await replay(recorded);
  }

  const profile = async (referenceNo: string): Promise<ProfileRow> => {
    const found = await product.store.profiles.findOne({ _id: referenceNo });
    if (found === null) throw new Error(`There is no profile ${referenceNo}.`);
    return found;
  };

  const until = (what: string, holds: () => Promise<boolean>) =>
    eventually(what, async () => ((await holds()) ? true : undefined));

  const statusIs = (referenceNo: string, ...statuses: string[]) =>
    until(`${referenceNo} is ${statuses.join(' or ')}`, async () =>
      statuses.includes((await profile(referenceNo)).view.status),
    );

  const happened = (referenceNo: string, effect: string) =>
    until(`${effect} of ${referenceNo}`, async () => {
      const found = await product.store.audit.findOne({ referenceNo, effect: { $regex: `^${effect}` } });
      return found !== null;
    });

  async function registered(referenceNo: string): Promise<string> {
    await product.call('POST', '/v1/verifications', { customerId: `customer-${referenceNo}`, referenceNo });
    return referenceNo;
  }

  async function started(referenceNo: string, sdk: Record<string, unknown> = {}): Promise<string> {
    await registered(referenceNo);
    const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo, ...sdk });
    await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
    return String(journeyId);
  }

  async function approved(referenceNo: string, sdk: Record<string, unknown> = {}): Promise<string> {
    const journeyId = await started(referenceNo, sdk);
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await statusIs(referenceNo, 'approved');
    return journeyId;
  }

  async function redone(journeyId: string): Promise<void> {
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/resume`);
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
  }

  const ask = (referenceNo: string, kind: 'close' | 'reopen' | 'reprocess') => {
    const request = { referenceNo, kind, journeyId: null, actor: 'operator-1', reason: 'the recorder' };
    const send = createSendCustomerUpdate(
      client,
      product.environment['TEMPORAL_TASK_QUEUE'] ?? '',
      ASKER_WAITS_MS,
    );
    return until(`${kind} is accepted`, async () => {
      const outcome = await createAskCustomer({ store: product.store, send })(request, new Date());
      return outcome.kind === 'accepted';
    });
  };

  test.concurrent('a customer who registers, is reminded, never starts, and expires', async () => {
    const referenceNo = await registered('life-never-started');
    await statusIs(referenceNo, 'expired');
    expect(await product.store.audit.countDocuments({ referenceNo, effect: 'reminded' })).toBe(2);
    await replays('registered-and-expired', referenceNo);
  });

  test.concurrent('a customer who starts, walks away, is reminded, expires, and whose journey is closed at IDWise', async () => {
    await started('life-abandoned');
    await happened('life-abandoned', 'completion:done');
    await replays('abandoned-and-closed', 'life-abandoned');
  });

  test.concurrent('a customer who is reminded and goes on', async () => {
    const journeyId = await started('life-reminded');
    await happened('life-reminded', 'reminded');
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await statusIs('life-reminded', 'approved');
    await replays('reminded', 'life-reminded');
  });

  test.concurrent('a customer who is asked to redo steps more often than the policy allows', async () => {
    const journeyId = await approved('life-redo');
    const review = { decision: 'Resubmission Requested' };
    await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, review);
    await statusIs('life-redo', 'resubmission_required');
    await redone(journeyId);
    await statusIs('life-redo', 'approved');
    await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, review);
    await happened('life-redo', 'alarm:redo_cap_reached');
    await replays('redo-with-cap', 'life-redo');
  });

  test.concurrent('a customer who renews in time', async () => {
    const journeyId = await approved('life-renewal');
    await product.sim('POST', `/sim/renewals/journeys/${journeyId}`);
    await happened('life-renewal', 'renewal_asked');
    await redone(journeyId);
    await happened('life-renewal', 'renewed');
    await replays('renewal-asked-and-done', 'life-renewal');
  });

  test.concurrent('a customer whose renewal is overdue: reminded, suspended, renewed', async () => {
    const journeyId = await approved('life-overdue');
    await product.sim('POST', `/sim/renewals/journeys/${journeyId}`);
    await statusIs('life-overdue', 'suspended');
    await product.sim('POST', `/sim/renewals/journeys/${journeyId}/deadline-exceeded`);
    await redone(journeyId);
    await statusIs('life-overdue', 'approved');
    await replays('renewal-overdue-and-renewed', 'life-overdue');
  });

  test.concurrent('a customer whose document expires soon', async () => {
    const inFiveDays = new Date(Date.now() + 5 * 24 * 60 * 60_000).toISOString().slice(0, 10);
    await approved('life-document', { person: { expiryDate: inFiveDays } });
    await happened('life-document', 'renewal_asked');
    await replays('renewal-of-a-document', 'life-document');
  });

  test.concurrent('a customer whose result IDWise never told of', async () => {
    await product.sim('POST', '/sim/faults', { kind: 'lose', referenceNo: 'life-untold' });
    const journeyId = await started('life-untold');
    await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await product.call('POST', `/v1/verifications/life-untold/journeys/${journeyId}/completed`);
    await statusIs('life-untold', 'approved');
    await replays('result-overdue', 'life-untold');
  });

  test.concurrent('a customer who is looked at again, closed, of whom an event comes late, and who is taken back', async () => {
    const journeyId = await approved('life-closed');
    await ask('life-closed', 'reprocess');
    await happened('life-closed', 'reprocess_requested');
    await ask('life-closed', 'close');
    await statusIs('life-closed', 'closed');
    await product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      added: [{ datasets: ['Politically Exposed Person'] }],
    });
    await happened('life-closed', 'alarm:event_after_close');
    await ask('life-closed', 'reopen');
    await statusIs('life-closed', 'approved');
    await replays('closed-and-reopened', 'life-closed');
  });

  test.concurrent('a customer whose run was rolled over: the one that ended, and the one that goes on', async () => {
    const journeyId = await approved('life-rolled');
    const handle = client.workflow.getHandle(customerWorkflowId('life-rolled'));
    const { runId } = await handle.describe();
    await handle.signal(CUSTOMER_SIGNAL, { kind: ROLL_OVER, id: 'recorder' });
    await until('the run has moved', async () => (await handle.describe()).runId !== runId);
    await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision: 'Rejected' });
    await statusIs('life-rolled', 'rejected');
    await replays('rolled-over', 'life-rolled', runId);
    await replays('rolled-over-and-on', 'life-rolled');
  });

  test('a customer whose run left what waited to the next one', async () => {
    const referenceNo = await registered('life-busy');
    const workflowId = customerWorkflowId(referenceNo);
    // The registration is answered before its signal has started the run.
    await until('the run of the registration is ended', () =>
      client.workflow
        .getHandle(workflowId)
        .terminate('a new run with a smaller budget')
        .then(
          () => true,
          () => false,
        ),
    );
    const rows = Array.from({ length: 200 }, () =>
      appInboxRow({ kind: 'registered' }, referenceNo, new Date()),
    );
    await product.store.inbox.insertMany(rows.map((row) => ({ ...row, state: 'signalled' as const })));
    for (const { _id: id, kind, receivedAt } of rows) {
      await until('Temporal takes the signal', () =>
        client.workflow
          .signalWithStart(WORKFLOW_TYPES.customer, {
            workflowId,
            taskQueue: product.environment['TEMPORAL_TASK_QUEUE'] ?? '',
            args: [{ referenceNo, rollOverAtHistoryLength: 20 }],
            signal: CUSTOMER_SIGNAL,
            signalArgs: [{ id, inboxId: id, kind, receivedAt: receivedAt.toISOString() }],
          })
          .then(
            () => true,
            () => false,
          ),
      );
    }
    const ids = rows.map((row) => row._id);
    await until('every event is processed', async () => {
      const done = { _id: { $in: ids }, state: 'processed' as const };
      return (await product.store.inbox.countDocuments(done)) === ids.length;
    });
    const runs: RecordedHistory[] = [];
    await until('a run that left something is listed', async () => {
      for await (const { runId } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
        const run = await fetched(referenceNo, runId);
        if (JSON.stringify(run).includes('core_patch')) runs.push(run);
      }
      return runs.length > 0;
    });
    const [busy] = runs;
    if (busy === undefined) throw new Error('There is no such run.');
    record('rolled-over-busy', busy);
    await replay(busy);
  });
});
