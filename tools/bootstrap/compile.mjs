// TypeScript → dist/, the Temporal workflows → one bundle, the desk → pages; each only when its input changed.

import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnBound } from './bound-child.mjs';

const SOURCE_FOLDERS = ['src', 'workflows', 'activities', 'simulator', 'tools', 'bench'];
const WORKFLOWS = 'dist/workflows/index.js';
const BUNDLE = 'dist/workflow-bundle.js';

/**
 * Compiles what is newer than its output.
 * Takes the project's folder, a function for progress lines, and whether type errors are tolerated (the output
 * is written all the same; tests that are run while somebody edits another file want that).
 * Throws with the compiler's messages when it fails.
 */
export async function compile(root, log, { tolerateTypeErrors = false } = {}) {
  await compileTypeScript(root, log, tolerateTypeErrors);
  await bundleWorkflows(root, log);
  await buildPages(root, log);
}

async function compileTypeScript(root, log, tolerateTypeErrors) {
  const sources = SOURCE_FOLDERS.flatMap((folder) => filesUnder(join(root, folder), /\.(ts|mts|mjs|json)$/));
  const configs = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].map((name) =>
    join(root, name),
  );
  const digest = digestOfFiles(root, [...configs, ...sources]);
  const stamp = join(root, 'dist/.sources-stamp');
  if (readText(stamp) === digest) return;
  const startedMs = Date.now();
  log('Compiling TypeScript …');
  const { code, output } = await runNode(root, [
    'node_modules/typescript/bin/tsc',
    '-p',
    'tsconfig.build.json',
  ]);
  if (code !== 0 && !(tolerateTypeErrors && existsSync(join(root, 'dist/tools')))) {
    throw new Error(`The TypeScript compiler ended with code ${code}:\n${output}`);
  }
  removeOrphans(root);
  copyPlainModules(root);
  if (code !== 0) log(`Compiled with type errors (code ${code}); going on with the output.`);
  else writeAtomically(stamp, digest);
  log(`Compiled in ${seconds(startedMs)}.`);
}

async function bundleWorkflows(root, log) {
  const entry = join(root, WORKFLOWS);
  if (!existsSync(entry)) return;
  const digest = digestOfFiles(root, [join(root, 'package-lock.json'), ...importedFiles(entry)]);
  const stamp = join(root, 'dist/.bundle-stamp');
  if (existsSync(join(root, BUNDLE)) && readText(stamp) === digest) return;
  const startedMs = Date.now();
  log('Bundling the Temporal workflows …');
  const requireFromProject = createRequire(join(root, 'package.json'));
  const worker = await import(pathToFileURL(requireFromProject.resolve('@temporalio/worker')).href);
  const quiet = { level: 'WARN' };
  const logger = new worker.DefaultLogger(quiet.level, ({ level, message }) => log(`${level}: ${message}`));
  const { code } = await worker.bundleWorkflowCode({ workflowsPath: entry, logger });
  writeAtomically(join(root, BUNDLE), code);
  writeAtomically(stamp, digest);
  log(`Bundled in ${seconds(startedMs)}.`);
}

// The desk's pages: everything that they load comes from here, so that no browser asks another host.
async function buildPages(root, log) {
  const sources = filesUnder(join(root, 'desk'), /\.(tsx?|css|html)$/);
  const digest = digestOfFiles(root, [
    join(root, 'package-lock.json'),
    join(root, 'src/desk/contract.ts'),
    ...sources,
  ]);
  const stamp = join(root, 'dist/.pages-stamp');
  if (existsSync(join(root, 'dist/desk/index.html')) && readText(stamp) === digest) return;
  const startedMs = Date.now();
  log('Building the pages of the desk …');
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--config', 'desk/vite.config.ts'];
  const { code, output } = await runNode(root, [...vite, '--logLevel', 'warn']);
  if (code !== 0) throw new Error(`The pages could not be built (code ${code}):\n${output}`);
  writeAtomically(stamp, digest);
  log(`Built in ${seconds(startedMs)}.`);
}

/** All files that a compiled module reaches through relative imports, itself included, sorted. */
export function importedFiles(entry) {
  const seen = new Set();
  const queue = [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path) || !existsSync(path)) continue;
    seen.add(path);
    for (const match of readFileSync(path, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      queue.push(resolve(dirname(path), match[1]));
    }
  }
  return [...seen].sort();
}

// A module that was renamed would otherwise live on in dist/ and hide a broken import.
function removeOrphans(root) {
  for (const folder of SOURCE_FOLDERS) {
    for (const output of filesUnder(join(root, 'dist', folder), /\.js$/)) {
      const source = join(root, relative(join(root, 'dist'), output)).replace(/\.js$/, '');
      if (['.ts', '.js', '.tsx'].some((extension) => existsSync(source + extension))) continue;
      rmSync(output);
      rmSync(`${output}.map`, { force: true });
    }
  }
}

// The bootstrap's own modules are plain JavaScript, used by the compiled tools as well.
function copyPlainModules(root) {
  const target = join(root, 'dist/tools/bootstrap');
  mkdirSync(target, { recursive: true });
  for (const path of filesUnder(join(root, 'tools/bootstrap'), /\.mjs$/)) {
    copyFileSync(path, join(target, relative(join(root, 'tools/bootstrap'), path)));
  }
}

function filesUnder(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(path, pattern);
      return pattern.test(entry.name) ? [path] : [];
    })
    .sort();
}

function digestOfFiles(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths)
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** Runs a Node script of the project and returns its code with everything that it printed. */
function runNode(root, args) {
  return new Promise((resolve, reject) => {
    const child = spawnBound(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function writeAtomically(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

function seconds(startedMs) {
  return `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
}
