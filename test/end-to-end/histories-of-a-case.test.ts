import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { CaseRequest } from '../../src/domain/cases/case-actions.js';
import { DEFAULT_CASE_POLICY } from '../../src/domain/cases/case-policy.js';
import type { Actor } from '../../src/domain/cases/roles.js';
import { createVault } from '../../src/personal-data/vault.js';
import { createTellCaseClock } from '../../src/temporal/case-clock-starter.js';
import { CASE_SIGNAL, caseWorkflowId, ROLL_OVER, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import { createActOnCase } from '../../src/usecases/cases/act-on-case.js';
import { eventually } from '../eventually.js';
import { recorder, replay } from '../replay/replay.js';
import { approvedCustomer } from './customers.js';
import { type Mailbox, startMailbox } from './mailbox.js';
import { type Product, startProduct } from './product.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const record = recorder();

/** What takes hours at a company takes seconds here, on the real clock. */
const SHORT_CLOCKS = {
  cases: {
    clocks: { critical: { dueAfter: '4s', acknowledgeWithin: '1s', remindBefore: ['2s'] } },
    overdueEvery: '2s',
  },
};

/** The paths of a compliance case, played for real; each must replay at once, and is recorded on request. */
describe('the history of', () => {
  let product: Product;
  let mailbox: Mailbox;
  let client: Client;

  beforeAll(async () => {
    const policyFile = join(mkdtempSync(join(tmpdir(), 'policy-')), 'policy.json');
    writeFileSync(policyFile, JSON.stringify(SHORT_CLOCKS));
    mailbox = await startMailbox();
    product = await startProduct({ environment: { POLICY_FILE: policyFile, SMTP_URL: mailbox.smtpUrl } });
    const address = product.environment['TEMPORAL_ADDRESS'] ?? '';
    client = new Client({ connection: await Connection.connect({ address }) });
  });
  afterAll(async () => {
    if (client !== undefined) await client.connection.close();
    if (product !== undefined) await product.stop();
    await mailbox.close();
  });

  /** A customer who turns up on such a list; returns the id of their case, whose clock runs. */
  async function listed(dataset: string): Promise<string> {
    const { referenceNo, journeyId } = await approvedCustomer(product);
    await product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      added: [{ datasets: [dataset] }],
      systemDecision: 'Refer',
    });
    return await eventually('the case has been told of', async () => {
      const row = await product.store.cases.findOne({ referenceNo });
      return row !== null && row.untoldSince === null ? row._id : undefined;
    });
  }

  async function replays(path: string, caseId: string, runId?: string): Promise<void> {
    const workflowId = caseWorkflowId(caseId);
    const raw = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const recorded = { workflowId, history: JSON.parse(historyToJSON(raw)) as unknown };
    record(path, recorded);
    await replay(recorded);
  }

  test('a case that is opened, acknowledged, and concluded by two people', async () => {
    const caseId = await listed('Politically Exposed Person');
    const tell = createTellCaseClock(client, product.environment['TEMPORAL_TASK_QUEUE'] ?? '');
    const act = createActOnCase({
      store: product.store,
      vault: createVault(Buffer.from(product.environment['PII_KEY'] ?? '', 'base64')),
      context: { policy: DEFAULT_CASE_POLICY, recipients: 2 },
      mailRules: { recipients: [] },
      policyVersion: 'of the test',
      onChanged: () => undefined,
    });
    const does = async (actor: Actor, request: CaseRequest, words: string | null) => {
      const requestId = 'reasonId' in request ? request.reasonId : randomUUID();
      const outcome = await act({ caseId, requestId, actor, request, words }, new Date());
      expect(outcome.kind).toBe('done');
      await tell(caseId);
    };
    const officer: Actor = { id: 'officer-1', roles: ['officer'] };
    const approver: Actor = { id: 'approver-1', roles: ['approver'] };
    await does(officer, { action: 'acknowledge' }, null);
    const outcome = { outcome: 'monitor', matches: [] } as const;
    await does(officer, { action: 'propose', version: 1, ...outcome, reasonId: 'reason-1' }, 'Known.');
    await does(approver, { action: 'approve', proposal: 1, reasonId: 'reason-2' }, 'Agreed.');
    expect(await client.workflow.getHandle(caseWorkflowId(caseId)).result()).toBe('closed');
    await replays('case-opened-and-approved', caseId);
  });

  test('a case that nobody answers, whose clock continues as new', async () => {
    const caseId = await listed('Sanctions');
    const workflowId = caseWorkflowId(caseId);
    await client.workflow.getHandle(workflowId).terminate('a new run with a smaller budget');
    const first = await client.workflow.signalWithStart(WORKFLOW_TYPES.complianceCase, {
      workflowId,
      taskQueue: product.environment['TEMPORAL_TASK_QUEUE'] ?? '',
      args: [{ caseId, rollOverAtHistoryLength: 60 }],
      signal: CASE_SIGNAL,
      signalArgs: [],
    });
    await eventually('the run has continued as new', async () => {
      const { runId } = await client.workflow.getHandle(workflowId).describe();
      return runId === first.signaledRunId ? undefined : true;
    });
    await eventually('the new run goes on telling', async () => {
      const overdue = await product.store.audit.countDocuments({
        'to.caseId': caseId,
        effect: 'case:overdue',
      });
      return overdue >= 4 ? true : undefined;
    });
    const alarms = await product.store.audit.countDocuments({ 'to.caseId': caseId, effect: 'case:alarm' });
    expect(alarms).toBe(1);
    // The run that ended: the newest one may be in the middle of a task.
    await replays('case-that-nobody-answers', caseId, first.signaledRunId);
    await client.workflow.getHandle(workflowId).terminate('the end of the test');
  });

  test('a case whose clock was rolled over: the run that ended, and the one that goes on', async () => {
    const caseId = await listed('Politically Exposed Person');
    const handle = client.workflow.getHandle(caseWorkflowId(caseId));
    const { runId } = await handle.describe();
    await handle.signal(CASE_SIGNAL, { kind: ROLL_OVER, id: 'recorder' });
    await eventually('the run has moved', async () =>
      (await handle.describe()).runId === runId ? undefined : true,
    );
    await replays('case-rolled-over', caseId, runId);
    await eventually('the new run sleeps', async () => {
      const { events } = await handle.fetchHistory();
      return events?.some((event) => event.timerStartedEventAttributes) ? true : undefined;
    });
    await replays('case-rolled-over-and-on', caseId);
    await handle.terminate('the end of the test');
  });
});
