import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv, styleText } from 'node:util';
import { Argument, Command } from 'commander';
import { runScenario, type ScenarioResult, scenarios } from './scenarios/run-scenario.js';
import type { TimelineEntry } from './scenarios/timeline.js';
import { seconds } from './scenarios/waiting.js';

// The same folder as npm start's.
const dataFolder = process.env['DATA_DIR'] || '.data';
const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (style: 'green' | 'red' | 'cyan' | 'dim' | 'bold', text: string) =>
  coloured ? styleText(style, text) : text;

const marks = {
  sent: paint('cyan', '→'),
  seen: paint('green', '←'),
  note: paint('dim', '·'),
  failed: paint('red', '✗'),
};

function print(entry: TimelineEntry): void {
  const took = entry.tookMs === null ? '' : paint('dim', `  (${seconds(entry.tookMs)})`);
  const text = entry.kind === 'failed' ? paint('red', entry.text) : entry.text;
  console.log(`${seconds(entry.atMs).padStart(10)}  ${marks[entry.kind]} ${text}${took}`);
}

function printSummary(results: readonly ScenarioResult[]): void {
  const width = Math.max(...results.map((result) => result.name.length));
  console.log(`\n${paint('bold', 'Summary')}`);
  for (const { name, ok, tookMs, failure } of results) {
    const mark = ok ? paint('green', 'as expected') : paint('red', 'FAILED     ');
    console.log(
      `  ${name.padEnd(width)}  ${mark}  ${seconds(tookMs).padStart(9)}  ${failure ?? ''}`.trimEnd(),
    );
  }
}

/** What `npm start` has written down of itself: addresses that differ from the usual ones. */
function runningAddresses(): { api?: string; simulator?: string; mailUi?: string } {
  try {
    const record = JSON.parse(readFileSync(join(dataFolder, 'run.json'), 'utf8')) as { addresses?: object };
    return record.addresses ?? {};
  } catch {
    return {};
  }
}

/** The first of API_KEYS, from the environment or from what `npm start` has invented. */
function apiKey(): string {
  let keys = process.env['API_KEYS'];
  if (!keys) {
    try {
      keys = parseEnv(readFileSync(join(dataFolder, 'demo.env'), 'utf8'))['API_KEYS'];
    } catch {
      keys = undefined;
    }
  }
  const first = keys?.split(',')[0]?.trim();
  if (first) return first;
  throw new Error('no API key: set API_KEYS, or run this where npm start has left .data/demo.env (DATA_DIR)');
}

interface Options {
  api: string;
  simulator: string;
  mail?: string;
  deadline: string;
}

async function simulate(wanted: string, options: Options): Promise<void> {
  const deadlineMs = Number(options.deadline) * 1000;
  if (!(deadlineMs > 0)) throw new Error('--deadline must be a number of seconds');
  const around = {
    api: options.api,
    simulator: options.simulator,
    mail: options.mail ?? null,
    apiKey: apiKey(),
    deadlineMs,
    report: print,
  };
  const results: ScenarioResult[] = [];
  for (const { name, story } of scenarios.filter((each) => wanted === 'all' || wanted === each.name)) {
    console.log(`\n${paint('bold', name)}  ${story}`);
    const result = await runScenario(name, around);
    if (result.ok) console.log(`${seconds(result.tookMs).padStart(10)}  ${paint('green', '✓ as expected')}`);
    results.push(result);
  }
  if (wanted === 'all') printSummary(results);
  if (results.some((result) => !result.ok)) process.exitCode = 1;
}

const running = runningAddresses();
const names = [...scenarios.map((scenario) => scenario.name), 'all'];
const stories = scenarios.map(({ name, story }) => `  ${name.padEnd(16)} ${story}`).join('\n');

const program = new Command('simulate')
  .description('Plays a scenario against the running service and prints what was sent and what became of it.')
  .addArgument(new Argument('<scenario>', 'which one').choices(names))
  .option('--api <url>', 'where the API listens', running.api ?? 'http://127.0.0.1:3000')
  .option('--simulator <url>', 'where the simulator listens', running.simulator ?? 'http://127.0.0.1:4100')
  .option('--mail <url>', 'web interface of MailDev, to look for mails', running.mailUi)
  .option('--deadline <seconds>', 'how long to wait for each expectation', '60')
  .addHelpText('after', `\nScenarios:\n${stories}\n  ${'all'.padEnd(16)} All of them, one after the other.`)
  .action(simulate);

try {
  await program.parseAsync();
} catch (error) {
  console.error(`simulate: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
