import { randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { createIndexes } from '../src/store/indexes.js';
import { openStore } from '../src/store/store.js';
import { applyLoad, median } from './apply-load.js';
import type { Variant } from './intake-variants.js';
import type { LoadFindings } from './load-generator.js';
import { BENCH_WEBHOOK_SECRET, type Machinery, startMachinery } from './machinery.js';
import { steadyLoad } from './steady-load.js';

/**
 * `npm run bench:intake`: what durable intake costs, measured in one run on this machine against real servers. Three
 * handlers in alternating rounds under the same load, then the whole product under a steady one. Prints, writes nothing.
 */

const CONNECTIONS = 64;
const ROUNDS = Math.max(5, Number(process.env['BENCH_ROUNDS'] ?? 5));
const WARM_UP_MS = 1_000;
const MEASURE_MS = 4_000;
const STEADY_PER_SECOND = 50;
const STEADY_MS = 60_000;

const VARIANTS: readonly { readonly variant: Variant; readonly letter: string; readonly what: string }[] = [
  { variant: 'empty', letter: 'a', what: 'an empty Express handler' },
  { variant: 'ours', letter: 'b', what: 'our intake, relay held' },
  { variant: 'naive', letter: 'c', what: 'insertOne, then signalWithStart, then 200' },
];

async function main(): Promise<void> {
  say(
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}; load generator on the same machine.`,
  );
  const machinery = await startMachinery(say);
  try {
    await compareHandlers(machinery);
    await measureSteadyLoad(machinery);
  } finally {
    await machinery.stop();
  }
}

async function compareHandlers(machinery: Machinery): Promise<void> {
  const environment = machinery.environment();
  const store = await openStore(environment['MONGODB_URI'] ?? '', 0);
  await createIndexes(store);
  await store.close();
  const ports = new Map<Variant, number>();
  for (const { variant } of VARIANTS) {
    const server = await machinery.run('bench/intake-variants.js', [variant], {
      environment,
      isReady: async (output) => /listening on \d+/.test(output),
    });
    ports.set(variant, Number(/listening on (\d+)/.exec(machinery.output(server))?.[1]));
  }

  say(
    `\n${ROUNDS} alternating rounds of ${MEASURE_MS / 1_000} s, ${CONNECTIONS} keep-alive connections, after a round to warm up:\n`,
  );
  const found = new Map<Variant, LoadFindings[]>(VARIANTS.map(({ variant }) => [variant, []]));
  const customers = Array.from({ length: 1_000 }, () => ({
    referenceNo: randomUUID(),
    journeyId: randomUUID(),
  }));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { variant, letter } of VARIANTS) {
      const findings = await applyLoad({
        port: ports.get(variant) ?? 0,
        authorization: `Bearer ${BENCH_WEBHOOK_SECRET}`,
        connections: CONNECTIONS,
        warmUpMs: WARM_UP_MS,
        measureMs: MEASURE_MS,
        perSecond: null,
        customers,
        run: randomUUID(),
      });
      const refused = Object.entries(findings.statuses).filter(([status]) => status !== '200');
      if (refused.length > 0) throw new Error(`(${letter}) answered ${JSON.stringify(findings.statuses)}`);
      if (round > 0) found.get(variant)?.push(findings);
      say(`  ${round === 0 ? 'warm-up' : `round ${round}`} (${letter}) ${line(findings)}`);
    }
  }

  const rate = (variant: Variant) => median((found.get(variant) ?? []).map((findings) => findings.perSecond));
  const p99 = median((found.get('ours') ?? []).map((findings) => findings.p99Ms));
  say('\nMedians:');
  for (const { variant, letter, what } of VARIANTS) say(`  (${letter}) ${whole(rate(variant))}/s  ${what}`);
  verdict('(b) ÷ (a)', rate('ours') / rate('empty'), (ratio) => ratio >= 0.8, 'at least 0.8');
  verdict('(b) ÷ (c)', rate('ours') / rate('naive'), (ratio) => ratio >= 10, 'at least 10');
  verdict('(b) p99 in ms', p99, (ms) => ms <= 50, 'at most 50');
}

async function measureSteadyLoad(machinery: Machinery): Promise<void> {
  say(`\n(d) everything on, ${STEADY_PER_SECOND} events/s for ${STEADY_MS / 1_000} s:`);
  const steady = await steadyLoad(machinery, STEADY_PER_SECOND, STEADY_MS);
  const third = Math.floor(steady.backlog.length / 3);
  const atFirst = median(steady.backlog.slice(0, third));
  const atLast = median(steady.backlog.slice(-third));
  say(
    `  answered ${steady.perSecond.toFixed(1)}/s ${JSON.stringify(steady.statuses)}, p99 ${whole(steady.answerP99Ms)} ms`,
  );
  say(
    `  event → signalled: median ${whole(steady.signalledP50Ms)} ms; not signalled at the end: ${steady.undelivered}`,
  );
  verdict('event → signalled p99 in ms', steady.signalledP99Ms, (ms) => ms <= 1_000, 'at most 1000');
  verdict(
    `backlog, first to last third (${atFirst} → ${atLast}, highest ${Math.max(0, ...steady.backlog)})`,
    atLast - atFirst,
    (growth) => growth <= STEADY_PER_SECOND / 10,
    'flat',
  );
}

function line({ perSecond, p50Ms, p99Ms, worstMs }: LoadFindings): string {
  return `${whole(perSecond)}/s  p50 ${whole(p50Ms)} ms  p99 ${whole(p99Ms)} ms  worst ${whole(worstMs)} ms`;
}

function verdict(name: string, value: number, holds: (value: number) => boolean, target: string): void {
  say(`  ${holds(value) ? 'met   ' : 'MISSED'} ${name}: ${value.toFixed(2)} (target: ${target})`);
}

function whole(value: number): string {
  return value.toFixed(0).padStart(5);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
