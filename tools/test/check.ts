// `npm run check`: everything that can be known without a server, in half a minute. With `--no-tests`, what a run of
// `npm test` right after it would not find out.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../servers/project-root.js';
import { closingLine, NO_TESTS, sum } from './counts.js';
import { runJest } from './run-jest.js';
import { REPLAY, UNIT } from './suites.js';

const CHECKS = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'types of the pages', script: 'typescript/bin/tsc', args: ['-p', 'desk/tsconfig.json'] },
  { name: 'format and lint', script: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
  {
    name: 'unused files, exports and dependencies',
    script: 'knip/bin/knip.js',
    args: ['--cache', '--cache-location', 'node_modules/.cache/knip'],
  },
];

/** The part of its stories that a property test plays here; `npm test` plays them all. */
process.env['PROPERTY_SHARE'] ??= '0.1';

const failures: string[] = [];
const startedMs = Date.now();
const checks = CHECKS.map(async ({ name, script, args }) => {
  const { code, output } = await runScript(script, args);
  if (code !== 0) failures.push(name);
  return `${output}${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(startedMs)})`;
});
// Beside the tests, because some of those wait more than they work.
const tests = process.argv.includes('--no-tests')
  ? null
  : Promise.all([REPLAY, UNIT].map((suite) => runJest(suite, [])));
for (const check of checks) console.log(await check);
if (tests !== null) {
  const runs = await tests;
  const succeeded = runs.every((run) => run.succeeded);
  if (!succeeded) failures.push('tests without servers');
  const counts = runs.reduce((total, run) => sum(total, run.counts), NO_TESTS);
  console.log(`${succeeded ? 'ok    ' : 'FAILED'} tests without servers: ${closingLine(counts)}`);
}
console.log(
  failures.length === 0
    ? `Check passed in ${seconds(startedMs)}.`
    : `Check failed in ${seconds(startedMs)}: ${failures.join('; ')}.`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Their output is held back, because they run side by side. */
async function runScript(
  script: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, [join(projectRoot, 'node_modules', script), ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return code === 0 ? { code, output: '' } : { code: code ?? 1, output };
}

function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}
