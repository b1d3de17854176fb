// `npm ci`, but only when what is installed differs from what package-lock.json asks for.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnBound } from './bound-child.mjs';

/** Takes the parsed lock file and npm's own record of what it installed; returns why they differ, or null. */
export function installationProblem(wanted, installed) {
  if (installed === null) return 'nothing is installed yet';
  for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
    if (path === '' || entry.link) continue;
    const present = installed.packages?.[path];
    // Packages for other platforms are optional and rightly absent.
    if (present === undefined && (entry.optional || entry.devOptional)) continue;
    if (present === undefined) return `${path} is missing`;
    if (present.version !== entry.version) return `${path} is ${present.version}, not ${entry.version}`;
  }
  return null;
}

/**
 * Installs the dependencies when they are missing or outdated.
 * npm writes its record (`node_modules/.package-lock.json`) last, so an interrupted installation is done again.
 * Returns once they are there; throws when npm fails.
 */
export async function ensureDependencies(root, log) {
  const wanted = readJson(join(root, 'package-lock.json'));
  if (wanted === null) throw new Error('package-lock.json is missing or broken: this is no complete clone.');
  const problem = installationProblem(wanted, readJson(join(root, 'node_modules/.package-lock.json')));
  if (problem === null) return;
  log(`Installing dependencies with npm ci (${problem}) …`);
  const startedMs = Date.now();
  const code = await runNpm(root, ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) {
    throw new Error(
      `npm ci ended with code ${code}. Its own message is above; usually the package registry cannot be reached, or the disk is full.`,
    );
  }
  log(`Dependencies installed in ${Math.round((Date.now() - startedMs) / 1000)} s.`);
}

function runNpm(root, args) {
  // Under `npm start` this is the very npm that runs us; otherwise the one on PATH.
  const cli = process.env.npm_execpath;
  const viaNode = cli?.endsWith('npm-cli.js') === true;
  const command = viaNode ? process.execPath : 'npm';
  return new Promise((resolve, reject) => {
    const child = spawnBound(command, viaNode ? [cli, ...args] : args, { cwd: root, stdio: 'inherit' });
    child.once('error', (error) => reject(new Error(`npm could not be started: ${error.message}`)));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
