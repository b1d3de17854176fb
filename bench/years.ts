import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { mongo } from 'mongoose';
import { SimulatorControl } from '../simulator/control-client.js';
import { configOrExit, readEnvironment } from '../src/config/environment.js';
import { createLogger } from '../src/observability/logger.js';
import { buildMissingIndexes } from '../src/store/indexes.js';
import { newProfileRow } from '../src/store/new-profile.js';
import { assembleWorkerParts, type WorkerParts } from '../src/worker/assemble-worker-parts.js';
import { freePort } from '../tools/servers/ports.js';
import { median } from './apply-load.js';
import { EVENTS_PER_BLOCK, scriptOfBlock, untilJudged } from './lifetime.js';
import { BENCH_FLOW_ID, type Machinery, startMachinery } from './machinery.js';
import { beginLife, type SimulatedLife } from './simulated-life.js';
import { workflowYears } from './workflow-years.js';

/**
 * `npm run bench:years`: does a customer cost more for having been one for years? Prints, writes nothing.
 *
 * (a) A customer with 5,000 events in ten years. MongoDB, the turn, the looks, the reading of AML versions and the HTTP
 * calls are the real ones; IDWise is the stand-in; time is handed in, and a loop like the workflow's takes Temporal's
 * place. (b) The same customer through the real workflow, worker and Temporal, in as much time as that takes.
 *
 * The last blocks of a hundred events are compared with the first hundred of customers who are new, event by event in
 * turns, so that both meet the same machine: whatever else it does falls on both. The median of several such pairs
 * decides.
 */

/** Fewer are for a try; the pairs at the end are of the last of them. */
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 5_000);
const YEARS_MS = 10 * 365.25 * 24 * 60 * 60_000;
const GAP_MS = YEARS_MS / EVENTS;
const PAIRS = Math.max(3, Number(process.env['BENCH_PAIRS'] ?? 7));
/** Each event is waited for there, so that fewer must do. */
const WORKFLOW_PAIRS = 3;
const BLOCKS = EVENTS / EVENTS_PER_BLOCK;
const MOST_GROWTH = 1.2;

interface Cost {
  wallMs: number;
  cpuMs: number;
}

interface Customer {
  readonly referenceNo: string;
  readonly journeyId: string;
  readonly life: SimulatedLife;
}

async function main(): Promise<void> {
  say(`${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}.`);
  const machinery = await startMachinery(say);
  try {
    const simulatorUrl = await startStandIn(machinery);
    await simulatedYears(machinery, simulatorUrl);
    await workflowYears({ machinery, simulatorUrl, blocks: BLOCKS, pairs: WORKFLOW_PAIRS, say, verdict });
  } finally {
    await machinery.stop();
  }
}

async function simulatedYears(machinery: Machinery, simulatorUrl: string): Promise<void> {
  const control = new SimulatorControl(simulatorUrl);
  const environment = machinery.environment({ IDWISE_BASE_URL: simulatorUrl });
  const config = configOrExit(readEnvironment(environment));
  const parts = await assembleWorkerParts(config, createLogger('worker', 'error'));
  try {
    await buildMissingIndexes(config.mongodbUri);
    const born = async (): Promise<Customer> => {
      const referenceNo = randomUUID();
      const at = new Date(Date.now() - YEARS_MS);
      const profile = newProfileRow(referenceNo, `customer-${referenceNo}`, at.toISOString(), config.policy);
      await parts.store.profiles.insertOne(profile);
      const journeyId = await control.startJourney({ referenceNo });
      await control.finish(journeyId);
      await untilJudged(control, journeyId);
      return { referenceNo, journeyId, life: await beginLife(parts, profile, at) };
    };

    say(`\n(a) ${EVENTS} events in ten simulated years, a turn at least for each:`);
    // Not measured: the first customer pays for a runtime that is still compiling.
    await liveBlocks(control, await born(), 0, 2);
    const old = await born();
    for (let block = 0; block < BLOCKS - PAIRS; block += 10) {
      const cost = await liveBlocks(control, old, block, Math.min(block + 10, BLOCKS - PAIRS));
      say(`  events ${block * EVENTS_PER_BLOCK}…  ${line(cost)}  ${await profileLine(parts, old)}`);
    }
    const wall: number[] = [];
    const cpu: number[] = [];
    for (let block = BLOCKS - PAIRS; block < BLOCKS; block += 1) {
      const fresh = await born();
      const costs = await pairOfBlocks(control, { old, oldBlock: block, fresh });
      wall.push(costs.old.wallMs / costs.fresh.wallMs);
      cpu.push(costs.old.cpuMs / costs.fresh.cpuMs);
      say(`  last hundred (${block + 1})  ${line(costs.old)}   first hundred  ${line(costs.fresh)}`);
    }
    const { turns, calls } = old.life.counts();
    say(`  the customer of ten years: ${turns} turns, ${calls} calls, ${await profileLine(parts, old)}`);
    verdict('last hundred ÷ first hundred, time, median of the pairs', median(wall));
    verdict('last hundred ÷ first hundred, CPU of the worker, median of the pairs', median(cpu));
  } finally {
    await parts.store.connection.dropDatabase();
    await parts.close();
  }
}

async function startStandIn(machinery: Machinery): Promise<string> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await machinery.run('simulator/main.js', [], {
    environment: {
      PATH: process.env['PATH'] ?? '',
      SIM_PORT: String(port),
      SIM_FLOW_ID: BENCH_FLOW_ID,
      SIM_PROCESSING_MS: '1',
      SIM_SUMMARY_LIMIT: 'off',
    },
    isReady: async () => (await fetch(`${url}/healthz`).catch(() => null))?.ok ?? false,
  });
  return url;
}

/** Lives the blocks of a customer from one number to before another; returns the mean cost of an event. */
async function liveBlocks(
  control: SimulatorControl,
  customer: Customer,
  from: number,
  to: number,
): Promise<Cost> {
  const cost = { wallMs: 0, cpuMs: 0 };
  for (let block = from; block < to; block += 1) {
    for (const event of scriptOfBlock(control, customer, block)) await live(customer, event, cost);
  }
  return perEvent(cost, (to - from) * EVENTS_PER_BLOCK);
}

/** One block of the old customer and one of a fresh one, event by event in turns. */
async function pairOfBlocks(
  control: SimulatorControl,
  { old, oldBlock, fresh }: { old: Customer; oldBlock: number; fresh: Customer },
): Promise<{ old: Cost; fresh: Cost }> {
  const cost = { old: { wallMs: 0, cpuMs: 0 }, fresh: { wallMs: 0, cpuMs: 0 } };
  const freshScript = scriptOfBlock(control, fresh, 0);
  for (const [index, event] of scriptOfBlock(control, old, oldBlock).entries()) {
    const other = freshScript[index];
    if (other === undefined) throw new Error('The blocks are of different length.');
    // Who goes first changes, because the second finds warm caches.
    if (index % 2 === 0) await live(old, event, cost.old);
    await live(fresh, other, cost.fresh);
    if (index % 2 === 1) await live(old, event, cost.old);
  }
  return { old: perEvent(cost.old, EVENTS_PER_BLOCK), fresh: perEvent(cost.fresh, EVENTS_PER_BLOCK) };
}

/** The time to the next event, what is due in it, and the event; what IDWise's stand-in is made to do is not counted. */
async function live(
  { life }: Customer,
  event: ReturnType<typeof scriptOfBlock>[number],
  cost: Cost,
): Promise<void> {
  const at = new Date(life.now().getTime() + GAP_MS);
  await measured(cost, () => life.passUntil(at));
  const row = await event(at);
  await measured(cost, () => life.take(row));
}

async function measured(cost: Cost, work: () => Promise<void>): Promise<void> {
  const [startedAtMs, cpuBefore] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  cost.wallMs += performance.now() - startedAtMs;
  cost.cpuMs += (user + system) / 1_000;
}

function perEvent({ wallMs, cpuMs }: Cost, events: number): Cost {
  return { wallMs: wallMs / events, cpuMs: cpuMs / events };
}

async function profileLine({ store }: WorkerParts, { referenceNo }: Customer): Promise<string> {
  const profile = await store.profiles.findOne({ _id: referenceNo });
  const bytes = profile === null ? 0 : mongo.BSON.calculateObjectSize(profile);
  const audit = await store.audit.countDocuments({ referenceNo });
  return `profile ${(bytes / 1_024).toFixed(1)} kB, ${audit} audit records, version ${profile?.view.version ?? 0}`;
}

function line({ wallMs, cpuMs }: Cost): string {
  return `${wallMs.toFixed(1).padStart(6)} ms, CPU ${cpuMs.toFixed(1).padStart(5)} ms per event`;
}

function verdict(name: string, ratio: number): void {
  const isMet = ratio <= MOST_GROWTH;
  say(`  ${isMet ? 'met   ' : 'MISSED'} ${name}: ${ratio.toFixed(2)} (target: at most ${MOST_GROWTH})`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
