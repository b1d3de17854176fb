import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { startSimulator } from '../../simulator/simulator.js';
import { createLogger } from '../../src/observability/logger.js';
import type { InboxRow } from '../../src/store/inbox-records.js';
import { buildMissingIndexes } from '../../src/store/indexes.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { Store } from '../../src/store/store.js';
import { CUSTOMER_SIGNAL, customerWorkflowId, WORKFLOW_TYPES } from '../../src/temporal/names.js';
import { registerSearchAttributes } from '../../src/temporal/search-attributes.js';
import type { CustomerTurnCommand } from '../../src/usecases/customer-turn-command.js';
import { assembleWorkerParts } from '../../src/worker/assemble-worker-parts.js';
import type { CustomerWorkflowInput, CustomerWorkflowState } from '../../workflows/customer-state.js';
import { openPatientStore } from '../builders/patient-store.js';
import { eventually } from '../eventually.js';
import { recorder } from '../replay/replay.js';
import { FLOW_ID, serviceConfigOf, serviceEnvironment, startWorkers } from './worker-in-test.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const keep = recorder();

/** Customers' workflows on the real Temporal and the real MongoDB, with nothing of the API between them and the test. */
export interface CustomersOnTemporal {
  readonly client: Client;
  readonly store: Store;
  /** What the service's own processes would be told. */
  readonly environment: Readonly<Record<string, string>>;
  /** Every turn that was written, in this order: what reached the record. */
  readonly turns: readonly CustomerTurnCommand[];
  /** Makes a profile and starts its workflow. */
  start(referenceNo: string, input?: Omit<CustomerWorkflowInput, 'referenceNo'>): Promise<void>;
  /** Stores an event and signals it, as the relay does. */
  signal(referenceNo: string, row: InboxRow): Promise<void>;
  /** Lets the run that the customer has now write nothing any more, as if MongoDB were away for it. */
  holdTurns(referenceNo: string): Promise<void>;
  /** Signals a stored event once more. */
  signalAgain(referenceNo: string, row: InboxRow): Promise<void>;
  state(referenceNo: string): Promise<CustomerWorkflowState>;
  /** Resolves when the customer's run has nothing to do but wait. */
  atRest(referenceNo: string): Promise<CustomerWorkflowState>;
  runId(referenceNo: string): Promise<string>;
  /** Keeps the history of the run that the customer has now under this name, where histories are recorded. */
  record(path: string, referenceNo: string): Promise<void>;
  /** Has somebody work on IDWise's queue; only where nobody does yet (`isIdwiseQueueUnattended`). */
  attendIdwiseQueue(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts worker and simulator on the servers of the test run, with a database and queues of their own. Where IDWise's queue is
 * left unattended, whatever is put into it waits, as behind a great many others.
 */
export async function startCustomersOnTemporal({
  isIdwiseQueueUnattended = false,
} = {}): Promise<CustomersOnTemporal> {
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const simulator = await startSimulator({ flowId: FLOW_ID, processingMs: 20, summaryLimit: false });
  const environment = serviceEnvironment(simulator.url, { environment: { TEMPORAL_ADDRESS: address } });
  const config = serviceConfigOf(environment);
  const { taskQueue } = config.temporal;
  const connection = await Connection.connect({ address });
  await registerSearchAttributes(connection, 'default');
  const client = new Client({ connection });
  const native = await NativeConnection.connect({ address });
  process.env['TEMPORAL_ADDRESS'] = address;
  const parts = await assembleWorkerParts(config, createLogger('worker', 'error'));
  await buildMissingIndexes(config.mongodbUri);
  const store = await openPatientStore(config.mongodbUri);

  const turns: CustomerTurnCommand[] = [];
  const held = new Set<string>();
  const takeCustomerTurn: typeof parts.useCases.takeCustomerTurn = async (command) => {
    if (held.has(command.runId)) throw new Error('The turns of this run are held.');
    const result = await parts.useCases.takeCustomerTurn(command);
    const isRepeated = turns.some(({ turn, runId }) => turn === command.turn && runId === command.runId);
    if (result.kind === 'done' && command.input.kind !== 'open' && !isRepeated) turns.push(command);
    return result;
  };
  const useCases = { ...parts.useCases, takeCustomerTurn };
  const startQueues = (queues: Parameters<typeof startWorkers>[3]) =>
    startWorkers(native, config, { useCases, delivery: parts.delivery }, queues);
  const attended = isIdwiseQueueUnattended ? (['main', 'deliveries'] as const) : undefined;
  const stopWorkers = [await startQueues(attended)];

  const handle = (referenceNo: string) => client.workflow.getHandle(customerWorkflowId(referenceNo));
  const signalAgain = async (referenceNo: string, row: InboxRow) => {
    const { _id: id, kind, receivedAt } = row;
    const event = { id, inboxId: id, kind, receivedAt: receivedAt.toISOString() };
    await eventually('Temporal takes a signal', () =>
      // A run that is about to continue refuses for a moment; the relay, too, comes again then.
      client.workflow
        .signalWithStart(WORKFLOW_TYPES.customer, {
          workflowId: customerWorkflowId(referenceNo),
          taskQueue,
          args: [{ referenceNo }],
          signal: CUSTOMER_SIGNAL,
          signalArgs: [event],
        })
        .then(
          () => true,
          () => undefined,
        ),
    );
  };
  const state = (referenceNo: string) => handle(referenceNo).query<CustomerWorkflowState>('getState');

  return {
    client,
    store,
    environment,
    turns,
    start: async (referenceNo, input = {}) => {
      const at = new Date().toISOString();
      await store.profiles.insertOne(
        newProfileRow(referenceNo, `customer-${randomUUID()}`, at, config.policy),
      );
      await client.workflow.start(WORKFLOW_TYPES.customer, {
        workflowId: customerWorkflowId(referenceNo),
        taskQueue,
        args: [{ referenceNo, ...input }],
      });
    },
    signal: async (referenceNo, row) => {
      await store.inbox.insertOne({ ...row, state: 'signalled' });
      await signalAgain(referenceNo, row);
    },
    signalAgain,
    holdTurns: async (referenceNo) => {
      held.add((await handle(referenceNo).describe()).runId);
    },
    state,
    atRest: (referenceNo) =>
      eventually(`${referenceNo} is at rest`, async () => {
        const seen = await state(referenceNo);
        const isDue = seen.agenda.some(({ nextAttemptAt }) => Date.parse(nextAttemptAt) <= Date.now());
        const isBusy = isDue || seen.queue.length > 0 || seen.requests.length > 0;
        return isBusy || seen.standing.version === 0 ? undefined : seen;
      }),
    runId: async (referenceNo) => (await handle(referenceNo).describe()).runId,
    record: async (path, referenceNo) => {
      const raw = await handle(referenceNo).fetchHistory();
      const history = JSON.parse(historyToJSON(raw)) as unknown;
      keep(path, { workflowId: customerWorkflowId(referenceNo), history });
    },
    attendIdwiseQueue: async () => {
      stopWorkers.push(await startQueues(['idwise']));
    },
    stop: async () => {
      for await (const { workflowId } of client.workflow.list({
        query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`,
      })) {
        await client.workflow.getHandle(workflowId).terminate('the test is over');
      }
      await Promise.all(stopWorkers.map((stop) => stop()));
      await store.connection.dropDatabase();
      await store.close();
      await parts.close();
      await native.close();
      await connection.close();
      await simulator.stop();
    },
  };
}
