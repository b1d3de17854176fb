// Temporal's test server with a clock that skips ahead, from Maven Central. For tests only.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fillCacheFolder } from './cache.js';
import { type Attempt, found, type Resolution, refused, resolveByChain, unavailable } from './chain.js';
import { runCommand } from './command.js';
import { canConnect, freePort } from './ports.js';
import { type Report, withSignsOfLife } from './progress.js';
import { projectRoot } from './project-root.js';

const VERSION = '1.38.0';
const MAIN_CLASS = 'io.temporal.testserver.TestServer';
const CLASS_DATA = 'test-server.jsa';
const JAVA_FLAGS = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** Obtains the server. Returns the path of a program that takes a port, or the message that says why not. */
export async function obtainTimeSkippingServer(report: Report): Promise<Resolution<string>> {
  const steps = [
    { name: 'TEST_TIME_SKIPPING_SERVER', attempt: fromEnvironment },
    { name: 'Maven Central', attempt: () => fromMaven(report) },
  ];
  return await resolveByChain('time-skipping Temporal test server', steps, [
    'install Java 17 or newer and Maven, with access to Maven Central',
    'set TEST_TIME_SKIPPING_SERVER to a program that serves on the port given as its argument',
  ]);
}

async function fromEnvironment(): Promise<Attempt<string>> {
  const path = process.env.TEST_TIME_SKIPPING_SERVER;
  if (path === undefined || path === '') return unavailable('not set');
  return existsSync(path)
    ? found(path)
    : refused(`TEST_TIME_SKIPPING_SERVER names ${path}, which does not exist.`);
}

async function fromMaven(report: Report): Promise<Attempt<string>> {
  const java = await runCommand('java', ['-version'], { timeoutMs: 20_000 });
  if (java.outcome === 'failed') return unavailable(java.reason);
  // The class-data archive serves only the very Java that wrote it.
  const javaKey = createHash('sha256').update(java.output).digest('hex').slice(0, 8);
  const folder = cacheFolder('time-skipping-server', `${VERSION}-java-${javaKey}`);
  const problem = await fillCacheFolder(folder, report, async (partial) => {
    report(`Obtaining the time-skipping test server ${VERSION} from Maven Central (about 38 MB) …`);
    const pom = join(projectRoot, 'tools/servers/time-skipping/pom.xml');
    const args = [
      '-q',
      '-B',
      '-f',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${join(partial, 'lib')}`,
    ];
    const maven = await withSignsOfLife(report, 'mvn', () => runCommand('mvn', args, { timeoutMs: 600_000 }));
    if (maven.outcome === 'failed') return maven.reason;
    await recordClassData(partial, report);
    writeFileSync(join(partial, 'serve'), wrapperScript(folder));
    chmodSync(join(partial, 'serve'), 0o755);
    return null;
  });
  if (problem !== null) return unavailable(problem);
  return found(join(folder, 'serve'));
}

// Must end in exec: whoever starts it kills only the process that it started. The class path is relative, because
// Java accepts the class-data archive only under the very class path that it was recorded with.
function wrapperScript(folder: string): string {
  const archive = `-XX:SharedArchiveFile=${CLASS_DATA} -Xshare:auto -Xlog:disable -Xlog:all=off`;
  return `#!/bin/sh
cd "${folder}" || exit 1
exec java ${JAVA_FLAGS.join(' ')} ${archive} -cp "lib/*" ${MAIN_CLASS} "$@"
`;
}

/**
 * Runs the server once and lets Java write down its loaded classes, so that later starts take 0.3 s: whoever waits
 * for it gives up after 5 s. Without the archive it works too, so a failure is only reported.
 */
async function recordClassData(partial: string, report: Report): Promise<void> {
  const port = await freePort();
  const flags = [...JAVA_FLAGS, `-XX:ArchiveClassesAtExit=${CLASS_DATA}`, '-cp', 'lib/*'];
  const server = spawn('java', [...flags, MAIN_CLASS, String(port)], { cwd: partial, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  server.once('error', () => {});
  const giveUpAtMs = Date.now() + 30_000;
  while (Date.now() < giveUpAtMs && !(await canConnect('127.0.0.1', port))) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  server.kill('SIGTERM');
  const killer = setTimeout(() => server.kill('SIGKILL'), 30_000);
  await ended;
  clearTimeout(killer);
  if (!existsSync(join(partial, CLASS_DATA)))
    report('Java wrote no class-data archive; the test server will start more slowly.');
}
