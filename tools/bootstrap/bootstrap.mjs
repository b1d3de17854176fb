// From a bare clone to compiled tools: what `npm start`, `npm test` and `npm run build` have in common.
// Nothing in this folder may import a dependency: none may be installed yet.

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './compile.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { withFileLock } from './file-lock.mjs';
import { nodeVersionProblem } from './node-version.mjs';

/** The project's folder. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Checks Node, installs the dependencies, compiles. Options as in `compile`, and `log` for the progress lines.
 * Throws an error whose message is meant for the reader of the terminal.
 */
export async function prepare({ log = (line) => console.log(line), ...options } = {}) {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem !== null) throw new Error(problem);
  const work = async () => {
    await ensureDependencies(projectRoot, log);
    await compile(projectRoot, log, options);
  };
  await withFileLock(join(projectRoot, 'dist/.build-lock'), work, {
    onWait: (pid) => log(`Waiting for the build that process ${pid} is at …`),
  });
}

/** Prepares, then runs one compiled tool in this process. Ends with code 1 and a message when that cannot be. */
export async function prepareAndRun(compiledTool, options) {
  try {
    await prepare(options);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  // What it starts in this environment need not prepare anew, nor wait for another that does.
  process.env.PREPARED_PROJECT = projectRoot;
  await import(pathToFileURL(join(projectRoot, 'dist', compiledTool)).href);
}
