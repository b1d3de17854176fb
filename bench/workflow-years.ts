import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { SimulatorControl } from '../simulator/control-client.js';
import { DEFAULT_POLICY } from '../src/domain/policy.js';
import { appInboxRow } from '../src/intake/inbox-row.js';
import type { InboxRow } from '../src/store/inbox-records.js';
import { newProfileRow } from '../src/store/new-profile.js';
import { openStore, type Store } from '../src/store/store.js';
import { customerWorkflowId } from '../src/temporal/names.js';
import { createSignaller, type Signaller } from '../src/temporal/signaller.js';
import { freePort } from '../tools/servers/ports.js';
import { median } from './apply-load.js';
import { EVENTS_PER_BLOCK, type ScriptedEvent, scriptOfBlock, untilJudged } from './lifetime.js';
import type { Machinery } from './machinery.js';

/** What both parts of the benchmark are told. */
export interface YearsRun {
  readonly machinery: Machinery;
  readonly simulatorUrl: string;
  readonly blocks: number;
  readonly pairs: number;
  readonly say: (line: string) => void;
  readonly verdict: (name: string, ratio: number) => void;
}

interface Customer {
  readonly referenceNo: string;
  readonly journeyId: string;
}

interface World {
  readonly run: YearsRun;
  readonly control: SimulatorControl;
  readonly store: Store;
  readonly client: Client;
  readonly signaller: Signaller;
  readonly workerPid: number;
}

const LOOK_EVERY_MS = 2;
const AT_A_TIME = 25;
/** Linux counts a process's CPU in these, whatever the machine. */
const TICK_MS = 10;

/** (b): the same life through the worker as it is shipped, and Temporal; on the real clock, as fast as it goes. */
export async function workflowYears(run: YearsRun): Promise<void> {
  const { machinery, blocks, pairs, say, verdict } = run;
  const workerPort = await freePort();
  const environment = machinery.environment({
    IDWISE_BASE_URL: run.simulatorUrl,
    WORKER_HEALTH_PORT: String(workerPort),
    IDWISE_CALLS_PER_SECOND: '1000',
    LOG_LEVEL: 'error',
  });
  await machinery.finish('src/main/setup.js', environment);
  const ready = `http://127.0.0.1:${workerPort}/readyz`;
  const worker = await machinery.run('src/main/worker.js', [], {
    environment,
    isReady: async () => (await fetch(ready).catch(() => null))?.ok ?? false,
  });
  const store = await openStore(environment['MONGODB_URI'] ?? '', 0);
  const connection = await Connection.connect({ address: environment['TEMPORAL_ADDRESS'] ?? '' });
  const client = new Client({ connection });
  const signaller = createSignaller(client, environment['TEMPORAL_TASK_QUEUE'] ?? '');
  const control = new SimulatorControl(run.simulatorUrl);
  const world: World = { run, control, store, client, signaller, workerPid: worker.identity.pid };
  try {
    say(
      `\n(b) ${blocks * EVENTS_PER_BLOCK} events through workflow, worker and Temporal, on the real clock:`,
    );
    await hurry(world, await born(world), 0);
    const old = await born(world);
    const cpuAtFirst = cpuOf(world.workerPid);
    for (let block = 0; block < blocks - pairs; block += 1) await hurry(world, old, block);
    const events = (blocks - pairs) * EVENTS_PER_BLOCK;
    say(`  ${events} events, ${AT_A_TIME} at a time: ${perEvent(cpuAtFirst, world, events)} of the worker`);
    const ratios: number[] = [];
    for (let block = blocks - pairs; block < blocks; block += 1) {
      const fresh = await born(world);
      const cost = await pairOfBlocks(world, old, block, fresh);
      ratios.push(cost.old / cost.fresh);
      say(
        `  last hundred (${block + 1})  ${ms(cost.old)} per event, median   first hundred  ${ms(cost.fresh)}`,
      );
    }
    say(`  ${await runsLine(world, old)}`);
    verdict('last hundred ÷ first hundred, event to outcome, median of the pairs', median(ratios));
  } finally {
    signaller.close();
    await connection.close();
    await store.close();
  }
}

async function born(world: World): Promise<Customer> {
  const { control, store } = world;
  const referenceNo = randomUUID();
  const now = new Date();
  await store.profiles.insertOne(
    newProfileRow(referenceNo, `customer-${referenceNo}`, now.toISOString(), DEFAULT_POLICY),
  );
  const journeyId = await control.startJourney({ referenceNo });
  await control.finish(journeyId);
  await untilJudged(control, journeyId);
  const row = appInboxRow({ kind: 'journey_started', journeyId }, referenceNo, now);
  await send(world, referenceNo, row);
  await settled(world, [row._id]);
  return { referenceNo, journeyId };
}

/** A block as fast as it goes: several events are under way at a time, and share turns. */
async function hurry(world: World, customer: Customer, block: number): Promise<void> {
  let underWay: string[] = [];
  for (const event of scriptOfBlock(world.control, customer, block)) {
    const row = await event(new Date());
    await send(world, customer.referenceNo, row);
    underWay.push(row._id);
    if (underWay.length < AT_A_TIME) continue;
    await settled(world, underWay);
    underWay = [];
  }
  await settled(world, underWay);
}

/** One block of each, event by event in turns, each waited for; returns the median milliseconds of an event. */
async function pairOfBlocks(
  world: World,
  old: Customer,
  block: number,
  fresh: Customer,
): Promise<{ old: number; fresh: number }> {
  const took = { old: [] as number[], fresh: [] as number[] };
  const freshScript = scriptOfBlock(world.control, fresh, 0);
  for (const [index, event] of scriptOfBlock(world.control, old, block).entries()) {
    const other = freshScript[index];
    if (other === undefined) throw new Error('The blocks are of different length.');
    if (index % 2 === 0) took.old.push(await timed(world, old, event));
    took.fresh.push(await timed(world, fresh, other));
    if (index % 2 === 1) took.old.push(await timed(world, old, event));
  }
  return { old: median(took.old), fresh: median(took.fresh) };
}

async function timed(world: World, { referenceNo }: Customer, event: ScriptedEvent): Promise<number> {
  const row = await event(new Date());
  const startedAtMs = performance.now();
  await send(world, referenceNo, row);
  await settled(world, [row._id]);
  return performance.now() - startedAtMs;
}

async function send({ store, signaller }: World, referenceNo: string, row: InboxRow): Promise<void> {
  await store.inbox.insertOne({ ...row, state: 'signalled' });
  const event = { id: row._id, inboxId: row._id, kind: row.kind, receivedAt: row.receivedAt.toISOString() };
  for (;;) {
    const outcome = await signaller.signalCustomer(referenceNo, event);
    if (outcome.kind === 'accepted') return;
    if (outcome.kind === 'refused') throw new Error(`Temporal refuses a signal: ${outcome.code}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Each of the events has had its effect. Asked by their ids, so that the question costs the same for everybody. */
async function settled({ store }: World, ids: readonly string[]): Promise<void> {
  const waiting = { _id: { $in: [...ids] }, state: 'signalled' as const };
  while ((await store.inbox.countDocuments(waiting)) > 0) await pause(LOOK_EVERY_MS);
}

async function runsLine({ client, store }: World, { referenceNo }: Customer): Promise<string> {
  const lengths: number[] = [];
  const workflowId = customerWorkflowId(referenceNo);
  for await (const found of client.workflow.list({ query: `WorkflowId = '${workflowId}'` }))
    lengths.push(found.historyLength);
  const state = await client.workflow.getHandle(workflowId).query('getState');
  const carried = (JSON.stringify(state).length / 1_024).toFixed(1);
  const audit = await store.audit.countDocuments({ referenceNo });
  return `the old customer: ${lengths.length} runs, the longest of ${Math.max(...lengths)} history events; ${carried} kB handed on to each next run; ${audit} audit records`;
}

function cpuOf(pid: number): number | null {
  try {
    // Fields 14 and 15 are user and system time; the name in field 2 may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return null;
  }
}

function perEvent(before: number | null, { workerPid }: World, events: number): string {
  const after = cpuOf(workerPid);
  return before === null || after === null
    ? 'CPU unknown on this system'
    : `CPU ${ms((after - before) / events)} per event`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
