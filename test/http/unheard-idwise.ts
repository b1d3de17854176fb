import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { startSimulator } from '../../simulator/simulator.js';
import { workflowRests } from '../builders/workflow-at-rest.js';
import { until } from '../eventually.js';
import { type ApiUnderTest, startApi, testConfig, testDatabaseUri } from './api-under-test.js';
import { startWorker } from './worker-under-test.js';

export interface UnheardCustomer {
  readonly referenceNo: string;
  readonly journeyId: string;
}

/** An API and its worker beside an IDWise whose webhooks never come: what is learned is learned by asking. */
export interface UnheardIdwise {
  readonly api: ApiUnderTest;
  /** Registers a customer who does nothing; returns the reference number. */
  registered(): Promise<string>;
  /** A customer whose journey IDWise has decided without our knowing. */
  decidedUnheard(): Promise<UnheardCustomer>;
  statusOf(referenceNo: string): Promise<unknown>;
  /**
   * Resolves when the customer's workflow has nothing under way: MongoDB shows what a turn did a moment before the
   * workflow, which answers requests by what it knows itself, has heard of it.
   */
  rests(referenceNo: string): Promise<void>;
  stop(): Promise<void>;
}

const FLOW_ID = 'flow-under-test';

/** Starts all of it, on a database and a task queue of its own. */
export async function startUnheardIdwise(): Promise<UnheardIdwise> {
  const simulator = await startSimulator({ flowId: FLOW_ID, processingMs: 20 });
  const mongodbUri = testDatabaseUri();
  const idwise = {
    ...testConfig(mongodbUri).idwise,
    baseUrl: simulator.url,
    apiKey: 'simulated-api-key',
    apiSecret: 'simulated-api-secret',
    flowId: FLOW_ID,
  };
  const api = await startApi({ mongodbUri, config: { idwise } });
  const stopWorker = await startWorker(api.config);
  const connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
  const { workflow } = new Client({ connection, namespace: api.config.temporal.namespace });

  const sim = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${simulator.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  };
  const viewPath = (referenceNo: string) => `/v1/verifications/${encodeURIComponent(referenceNo)}`;
  const registered = async () => {
    const referenceNo = `ref/${randomUUID()}`;
    const { status } = await api.call('POST', '/v1/verifications', {
      body: { customerId: randomUUID(), referenceNo },
    });
    if (status !== 201) throw new Error(`The registration was answered ${status}`);
    return referenceNo;
  };

  return {
    api,
    registered,
    decidedUnheard: async () => {
      const referenceNo = await registered();
      const journeyId = String((await sim('POST', '/sim/sdk/journeys', { referenceNo }))['journeyId']);
      await api.call('POST', `${viewPath(referenceNo)}/journeys`, { body: { journeyId } });
      // The look that the report asked for is over before there is anything to see.
      await until(async () => {
        const profile = await api.store.profiles.findOne({ _id: referenceNo });
        const journey = profile?.facts.journeys[journeyId];
        return journey !== undefined && journey.owedLook === null && journey.snapshot !== null;
      });
      await sim('POST', `/sim/sdk/journeys/${journeyId}/finish`, {});
      await until(async () => (await sim('GET', `/sim/journeys/${journeyId}`))['phase'] === 'finished');
      return { referenceNo, journeyId };
    },
    statusOf: async (referenceNo) => (await api.call('GET', viewPath(referenceNo))).json['status'],
    rests: (referenceNo) => workflowRests(workflow, referenceNo),
    stop: async () => {
      await connection.close();
      await stopWorker();
      await api.close();
      await simulator.stop();
    },
  };
}
