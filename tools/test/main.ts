// `npm test [-- <path or jest option> …]`: all suites, first those that need no server, then those on real servers.

import { relative } from 'node:path';
import { projectRoot } from '../servers/project-root.js';
import { closingLine, NO_TESTS, sum } from './counts.js';
import { type JestRun, runJest } from './run-jest.js';
import { obtainTestPrograms } from './servers.js';
import { ON_SERVERS, type Stages, WITHOUT_SERVERS } from './suites.js';

/** What comes before a suite's first test is not counted by jest, and may take long on a slow machine. */
const SETUP_WORTH_TELLING_MS = 5_000;

const args = process.argv.slice(2);
const runs: JestRun[] = [];
const isInterrupted = () => runs.some((run) => run.wasInterrupted);

async function run(stages: Stages): Promise<void> {
  for (const stage of stages) {
    if (isInterrupted()) return;
    for (const { title } of stage) console.error(`\n${title}`);
    runs.push(...(await Promise.all(stage.map((suite) => runJest(suite, args)))));
  }
}

// The first time it takes minutes, so it begins at once; whoever names tests may want none that needs a server. What cannot
// be had is told by the suites that fail for it.
const obtained =
  args.length > 0 ? null : obtainTestPrograms((line) => console.error(line)).catch(() => undefined);
await run(WITHOUT_SERVERS);
if (!isInterrupted()) await obtained;
await run(ON_SERVERS);

const counts = runs.reduce((total, run) => sum(total, run.counts), NO_TESTS);
const skipped = runs.flatMap((run) => run.skipped);
const nothingRan = counts.passed + counts.failed + counts.skipped === 0;
if (skipped.length > 0) {
  console.log('\nSkipped, because something that they need is missing on this machine:');
  for (const name of skipped) console.log(`  ${relative(projectRoot, name)}`);
}
const failures = runs.flatMap((run) => run.failures);
// Said again: jest told it minutes of output ago, and of that a CI often keeps the end alone.
if (failures.length > 0) console.log('\nFailed:');
for (const { file, name, message } of failures) {
  console.log(`\n  ${relative(projectRoot, file)}: ${name ?? 'could not be loaded'}`);
  console.log(message.replace(/^(?=.)/gm, '    '));
}
if (nothingRan) console.log(`\nNo test matches ${args.join(' ')}.`);
const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
const times = runs.map(({ project, took }) => {
  const setup = `, ${seconds(took.setupMs)} of it before the first test`;
  return `${project} ${seconds(took.allMs)}${took.setupMs < SETUP_WORTH_TELLING_MS ? '' : setup}`;
});
console.log(`\nTook: ${times.join('; ')}.`);
console.log(`\n${closingLine(counts)}`);
// Whatever is still being obtained for a run that was interrupted ends with this process.
process.exit(runs.every((run) => run.succeeded) && !nothingRan ? 0 : 1);
