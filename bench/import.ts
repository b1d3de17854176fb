import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SimulatorControl } from '../simulator/control-client.js';
import { openStore, type Store } from '../src/store/store.js';
import type { ImportLine } from '../src/usecases/import-customers.js';
import { freePort } from '../tools/servers/ports.js';
import { projectRoot } from '../tools/servers/project-root.js';
import { BENCH_FLOW_ID, type Machinery, startMachinery } from './machinery.js';

/**
 * `npm run bench:import -- [customers] [lines per second]`: brings an installed base along, on real servers, with the
 * command killed (-9) at a third and at two thirds of the way, and counts what has come of it. Prints, writes nothing.
 */

const DEFAULT_CUSTOMERS = 10_000;
const DEFAULT_RATE = 50;
const OPERATOR_KEY = 'key-of-the-bench-0123456789abcdef';
const AT_ONCE = 20;
const PAGE = 500;

/** A line of each kind that cannot fit stands at the end of the list. */
const MISFITS = [
  'journey_not_ours',
  'customer_bound',
  'reference_bound',
  'invalid',
  'unknown_journey',
] as const;

interface Stage {
  readonly store: Store;
  readonly simulator: SimulatorControl;
  readonly apiUrl: string;
}

async function main(): Promise<void> {
  const [customers, rate] = [numberAt(0, DEFAULT_CUSTOMERS), numberAt(1, DEFAULT_RATE)];
  say(
    `${cpus().length} cores, Node ${process.version}; ${customers} customers, ${rate} lines per second at most.`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'bench-import-'));
  const machinery = await startMachinery(say);
  try {
    const stage = await setStage(machinery, rate);
    try {
      await measure(stage, join(folder, 'customers.csv'), customers, rate);
    } finally {
      await stage.store.close();
    }
  } finally {
    await machinery.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(stage: Stage, file: string, customers: number, rate: number): Promise<void> {
  const beganMs = performance.now();
  const base = await installedBase(stage.simulator, customers);
  say(`IDWise’s stand-in knows ${base.length} finished journeys after ${seconds(beganMs)} s.`);
  writeFileSync(file, [...base.map(csv), ...misfitLines(base), ''].join('\n'));

  const startedMs = performance.now();
  for (const share of [1 / 3, 2 / 3]) {
    const until = Math.floor(customers * share);
    const run = startImport(stage.apiUrl, file, rate);
    while (!run.hasEnded() && (await stage.store.profiles.countDocuments({})) < until) await pause(100);
    const wasRunning = !run.hasEnded();
    run.child.kill('SIGKILL');
    await run.ended;
    say(
      `  ${wasRunning ? 'killed' : 'had ended before it was killed'} at ${until} customers, after ${seconds(startedMs)} s`,
    );
  }
  const last = await startImport(stage.apiUrl, file, rate).ended;
  const tookS = Number(seconds(startedMs));
  say(
    `  ended with code ${last.code} after ${tookS} s: ${(customers / tookS).toFixed(1)} customers per second\n`,
  );
  say(
    last.out
      .trim()
      .split('\n')
      .slice(0, 2)
      .map((line) => `  ${line}`)
      .join('\n'),
  );

  const found = await count(stage.store, base);
  verdict('customers missing', found.missing, 0);
  verdict('customers that are not as IDWise says', found.otherwise, 0);
  verdict('registrations beyond one each', found.registrations - customers, 0);
  verdict('inbox rows beyond one each', found.rows - customers, 0);
  verdict('journeys linked beyond one each', found.links - customers, 0);
  verdict('messages about what the company knows', found.messages, 0);
  const report = readFileSync(file.replace(/\.csv$/, '.not-imported.csv'), 'utf8');
  const unreported = MISFITS.filter((reason) => !report.includes(`,${reason},`));
  verdict(`misfits of ${MISFITS.length} that the report lacks`, unreported.length, 0);
  if (unreported.length > 0) say(`  lacking: ${unreported.join(', ')}\n${last.err}`);
}

async function setStage(machinery: Machinery, rate: number): Promise<Stage> {
  const [simulatorPort, apiPort, workerPort] = [await freePort(), await freePort(), await freePort()];
  const [simulatorUrl, apiUrl] = [`http://127.0.0.1:${simulatorPort}`, `http://127.0.0.1:${apiPort}`];
  const environment = machinery.environment({
    PORT: String(apiPort),
    WORKER_HEALTH_PORT: String(workerPort),
    OPERATOR_KEYS: `bench:${OPERATOR_KEY}`,
    IDWISE_BASE_URL: simulatorUrl,
    IDWISE_CALLS_PER_SECOND: String(2 * rate),
    // Told of nothing that it knows: nobody listens there, and nothing may be owed to it.
    CUSTOMER_WEBHOOK_URL: 'http://127.0.0.1:9/events',
    CUSTOMER_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  });
  const answers = (url: string) => async () => (await fetch(url).catch(() => null))?.ok ?? false;
  await machinery.run('simulator/main.js', [], {
    environment: {
      PATH: process.env['PATH'] ?? '',
      SIM_PORT: String(simulatorPort),
      SIM_FLOW_ID: BENCH_FLOW_ID,
      SIM_PROCESSING_MS: '20',
    },
    isReady: answers(`${simulatorUrl}/healthz`),
  });
  await machinery.finish('src/main/setup.js', environment);
  await machinery.run('src/main/api.js', [], { environment, isReady: answers(`${apiUrl}/readyz`) });
  await machinery.run('src/main/worker.js', [], {
    environment,
    isReady: answers(`http://127.0.0.1:${workerPort}/readyz`),
  });
  const simulator = new SimulatorControl(simulatorUrl);
  await simulator.call('PUT', '/sim/webhook', { url: null });
  const store = await openStore(environment['MONGODB_URI'] ?? '', 60_000);
  return { store, simulator, apiUrl };
}

async function installedBase(simulator: SimulatorControl, customers: number): Promise<ImportLine[]> {
  const lines: ImportLine[] = [];
  const verify = async (number: number) => {
    const referenceNo = `base-${number}`;
    const journeyId = await simulator.startJourney({ referenceNo });
    await simulator.finish(journeyId);
    lines[number] = { customerId: `customer-${number}`, referenceNo, journeyId };
  };
  for (let from = 0; from < customers; from += AT_ONCE) {
    const most = Math.min(AT_ONCE, customers - from);
    await Promise.all(Array.from({ length: most }, (_, index) => verify(from + index)));
  }
  const last = lines.at(-1)?.journeyId ?? '';
  while ((await simulator.journey(last))['phase'] !== 'finished') await pause(50);
  return lines;
}

function csv({ customerId, referenceNo, journeyId }: ImportLine): string {
  return `${customerId},${referenceNo},${journeyId}`;
}

/** In the order of `MISFITS`. */
function misfitLines([first, second]: readonly ImportLine[]): string[] {
  if (first === undefined || second === undefined) throw new Error('At least two customers are needed');
  return [
    csv({ customerId: 'c-other', referenceNo: 'r-other', journeyId: second.journeyId }),
    csv({ ...first, referenceNo: 'r-second' }),
    csv({ ...first, customerId: 'c-second' }),
    'c-short,r-short',
    csv({ customerId: 'c-unknown', referenceNo: 'r-unknown', journeyId: 'f'.repeat(24) }),
  ];
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface ImportProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  hasEnded(): boolean;
}

function startImport(apiUrl: string, file: string, rate: number): ImportProcess {
  const args = [join(projectRoot, 'dist', 'src', 'main', 'cli.js'), 'import', file, '--rate', String(rate)];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', SERVICE_URL: apiUrl, OPERATOR_KEY },
  });
  let [out, err, isOver] = ['', '', false];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      isOver = true;
      resolve({ code, out, err });
    });
  });
  return { child, ended, hasEnded: () => isOver };
}

async function count(store: Store, base: readonly ImportLine[]) {
  let [missing, otherwise] = [0, 0];
  for (let from = 0; from < base.length; from += PAGE) {
    const page = base.slice(from, from + PAGE);
    const profiles = await store.profiles
      .find({ _id: { $in: page.map(({ referenceNo }) => referenceNo) } })
      .toArray();
    const byReference = new Map(profiles.map((profile) => [profile._id, profile]));
    for (const { customerId, referenceNo, journeyId } of page) {
      const profile = byReference.get(referenceNo);
      if (profile?.customerId !== customerId) missing += 1;
      else if (profile.facts.journeys[journeyId]?.snapshot == null || profile.view.status !== 'approved')
        otherwise += 1;
    }
  }
  const ofBase = { referenceNo: /^base-/ };
  return {
    missing,
    otherwise,
    registrations: await store.audit.countDocuments({ ...ofBase, effect: 'customer_registered' }),
    links: await store.audit.countDocuments({ ...ofBase, effect: /^journey_linked/ }),
    rows: await store.inbox.countDocuments(ofBase),
    messages: await store.outbox.countDocuments({}),
  };
}

function verdict(name: string, value: number, target: number): void {
  say(`  ${value === target ? 'met   ' : 'MISSED'} ${name}: ${value} (target: ${target})`);
}

function numberAt(place: number, usual: number): number {
  const given = process.argv.filter((argument) => /^\d+$/.test(argument))[place];
  return given === undefined ? usual : Number(given);
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1_000).toFixed(1);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
