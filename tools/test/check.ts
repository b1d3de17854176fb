// `npm run check`: everything that can be known without a server, in half a minute.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../servers/project-root.js';
import { closingLine } from './counts.js';
import { runJest } from './run-jest.js';

const CHECKS = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', 'tsconfig.json'] },
  { name: 'types of the pages', script: 'typescript/bin/tsc', args: ['-p', 'desk/tsconfig.json'] },
  { name: 'format and lint', script: '@biomejs/biome/bin/biome', args: ['check', '--error-on-warnings'] },
  { name: 'unused files, exports and dependencies', script: 'knip/bin/knip.js', args: [] },
];

const failures: string[] = [];
const startedMs = Date.now();
for (const { name, script, args } of CHECKS) {
  const checkStartedMs = Date.now();
  const code = await runScript(script, args);
  if (code !== 0) failures.push(name);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds(checkStartedMs)})`);
}
const run = await runJest('unit', [], 2);
if (!run.succeeded) failures.push('tests without servers');
console.log(`${run.succeeded ? 'ok    ' : 'FAILED'} tests without servers: ${closingLine(run.counts)}`);
console.log(
  failures.length === 0
    ? `Check passed in ${seconds(startedMs)}.`
    : `Check failed in ${seconds(startedMs)}: ${failures.join('; ')}.`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

async function runScript(script: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [join(projectRoot, 'node_modules', script), ...args], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function seconds(sinceMs: number): string {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}
