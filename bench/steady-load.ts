import { randomUUID } from 'node:crypto';
import { SimulatorControl } from '../simulator/control-client.js';
import { openStore, type Store } from '../src/store/store.js';
import { freePort } from '../tools/servers/ports.js';
import { applyLoad } from './apply-load.js';
import { BENCH_API_KEY, BENCH_FLOW_ID, BENCH_WEBHOOK_SECRET, type Machinery } from './machinery.js';

/** What a steady load does to the whole product: API with relay and sweeper, worker, IDWise's stand-in. */
export interface SteadyFindings {
  readonly perSecond: number;
  readonly answerP99Ms: number;
  /** From receipt to Temporal's acceptance, of every event that was sent. */
  readonly signalledP50Ms: number;
  readonly signalledP99Ms: number;
  /** Stored and not yet accepted by Temporal, each second. */
  readonly backlog: readonly number[];
  readonly statuses: Readonly<Record<string, number>>;
  /** Of the events sent, how many Temporal had not accepted at the end. */
  readonly undelivered: number;
}

const CUSTOMERS = 100;
const CONNECTIONS = 64;
const WARM_UP_MS = 5_000;
const SETTLE_MS = 10_000;

/** Takes the machinery, the rate in events per second and the duration in milliseconds. */
export async function steadyLoad(
  machinery: Machinery,
  perSecond: number,
  measureMs: number,
): Promise<SteadyFindings> {
  const [simulatorPort, apiPort, workerPort] = [await freePort(), await freePort(), await freePort()];
  const simulatorUrl = `http://127.0.0.1:${simulatorPort}`;
  const environment = machinery.environment({
    PORT: String(apiPort),
    WORKER_HEALTH_PORT: String(workerPort),
    IDWISE_BASE_URL: simulatorUrl,
  });
  const answers = (url: string) => async () => (await fetch(url).catch(() => null))?.ok ?? false;
  const simulatorEnvironment = {
    PATH: process.env['PATH'] ?? '',
    SIM_PORT: String(simulatorPort),
    SIM_FLOW_ID: BENCH_FLOW_ID,
    SIM_PROCESSING_MS: '20',
  };
  await machinery.run('simulator/main.js', [], {
    environment: simulatorEnvironment,
    isReady: answers(`${simulatorUrl}/healthz`),
  });
  await machinery.finish('src/main/setup.js', environment);
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  await machinery.run('src/main/api.js', [], { environment, isReady: answers(`${apiUrl}/readyz`) });
  await machinery.run('src/main/worker.js', [], {
    environment,
    isReady: answers(`http://127.0.0.1:${workerPort}/readyz`),
  });

  const customers = await makeCustomers(apiUrl, new SimulatorControl(simulatorUrl));
  const store = await openStore(environment['MONGODB_URI'] ?? '');
  try {
    const run = `steady-${randomUUID()}`;
    const backlog: number[] = [];
    const sampling = setInterval(() => {
      void store.inbox.countDocuments({ state: 'received' }).then((count) => backlog.push(count));
    }, 1_000);
    const findings = await applyLoad({
      port: apiPort,
      authorization: `Bearer ${BENCH_WEBHOOK_SECRET}`,
      connections: CONNECTIONS,
      warmUpMs: WARM_UP_MS,
      measureMs,
      perSecond,
      customers,
      run,
    });
    clearInterval(sampling);
    const lagsMs = await signalLags(store, run);
    return {
      perSecond: findings.perSecond,
      answerP99Ms: findings.p99Ms,
      signalledP50Ms: lagsMs.ofDelivered[Math.floor(lagsMs.ofDelivered.length * 0.5)] ?? 0,
      signalledP99Ms: lagsMs.ofDelivered[Math.floor(lagsMs.ofDelivered.length * 0.99)] ?? 0,
      backlog: backlog.slice(WARM_UP_MS / 1_000),
      statuses: findings.statuses,
      undelivered: lagsMs.undelivered,
    };
  } finally {
    await store.close();
  }
}

/** Registers customers and takes each through a whole journey with the stand-in, as an app would. */
async function makeCustomers(
  apiUrl: string,
  simulator: SimulatorControl,
): Promise<{ referenceNo: string; journeyId: string }[]> {
  const post = async (path: string, body: unknown) => {
    const answer = await fetch(`${apiUrl}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${BENCH_API_KEY}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const customers: { referenceNo: string; journeyId: string }[] = [];
  for (let number = 0; number < CUSTOMERS; number += 1) {
    const registered = await post('/v1/verifications', { customerId: `customer-${number}` });
    const referenceNo = String(registered['referenceNo']);
    const journeyId = await simulator.startJourney({ referenceNo, outcome: 'complete' });
    await simulator.finish(journeyId);
    customers.push({ referenceNo, journeyId });
  }
  return customers;
}

/** Reads of every event of a run how long it waited for Temporal, once all are there or the time to settle is over. */
async function signalLags(
  store: Store,
  run: string,
): Promise<{ readonly ofDelivered: readonly number[]; readonly undelivered: number }> {
  const sent = { _id: { $regex: `^idwise:${run}-` } };
  const endsAtMs = performance.now() + SETTLE_MS;
  for (;;) {
    const undelivered = await store.inbox.countDocuments({ ...sent, signalledAt: null });
    if (undelivered > 0 && performance.now() < endsAtMs) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      continue;
    }
    const rows = await store.inbox
      .find({ ...sent, signalledAt: { $ne: null } }, { projection: { receivedAt: 1, signalledAt: 1 } })
      .toArray();
    const ofDelivered = rows
      .map((row) => (row.signalledAt?.getTime() ?? 0) - row.receivedAt.getTime())
      .sort((a, b) => a - b);
    return { ofDelivered, undelivered };
  }
}
