// Where the `temporal` program (CLI with development server and Web UI) comes from when nobody named a Temporal:
// TEMPORAL_CLI, the cache, PATH, the published archive, a build from source through the Go module proxy.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, cacheRoot, fillCacheFolder } from './cache.js';
import { type Attempt, found, type Resolution, refused, resolveByChain, unavailable } from './chain.js';
import { findOnPath, runCommand } from './command.js';
import { platformKey } from './platform.js';
import { type Report, withSignsOfLife } from './progress.js';
import { projectRoot } from './project-root.js';
import { unpackPublished } from './published-archive.js';

export interface TemporalBinary {
  readonly path: string;
  /** Major and minor version of the server inside, e.g. `1.31`; the database file is named by it. */
  readonly series: string;
}

/** The version that go.mod beside this file names too; a test holds the two together. */
export const TEMPORAL_CLI_VERSION = '1.8.2';
const OLDEST_SERVER_MINOR = 28;
const GO_BUILD_LIMIT_MS = 20 * 60_000;

/** Obtains the Temporal CLI. Returns it, or the message to print. */
export async function obtainTemporal(report: Report): Promise<Resolution<TemporalBinary>> {
  const steps = [
    { name: 'TEMPORAL_CLI', attempt: () => fromEnvironment(process.env.TEMPORAL_CLI) },
    { name: 'cache', attempt: fromCache },
    { name: 'temporal on PATH', attempt: fromPath },
    { name: 'official archive', attempt: () => fromOfficialArchive(report) },
    { name: 'build from source', attempt: () => fromGoBuild(report) },
  ];
  return await resolveByChain('Temporal server', steps, [
    'set TEMPORAL_ADDRESS to a Temporal server that runs',
    'start the services of docker-compose.yml (docker compose up -d temporal)',
    'install the Temporal CLI, so that temporal is on PATH, or set TEMPORAL_CLI to its path',
    'give this machine access to github.com, or install Go 1.21 or newer with access to its module proxy',
  ]);
}

/** Takes the output of `temporal --version`; returns the server's `{major, minor, series}` or null. */
export function parseTemporalVersion(
  output: string,
): { major: number; minor: number; series: string } | null {
  const match = /Server (\d+)\.(\d+)\.\d+/.exec(output);
  if (match === null) return null;
  return { major: Number(match[1]), minor: Number(match[2]), series: `${match[1]}.${match[2]}` };
}

async function examine(path: string): Promise<Attempt<TemporalBinary>> {
  const result = await runCommand(path, ['--version'], { timeoutMs: 20_000 });
  if (result.outcome === 'failed') return unavailable(`${path} does not run: ${result.reason}`);
  const version = parseTemporalVersion(result.output);
  if (version === null) return unavailable(`${path} is not the Temporal CLI with its server`);
  if (version.major === 1 && version.minor < OLDEST_SERVER_MINOR) {
    return unavailable(`${path} holds server ${version.series}, older than 1.${OLDEST_SERVER_MINOR}`);
  }
  return found({ path, series: version.series });
}

async function fromEnvironment(path: string | undefined): Promise<Attempt<TemporalBinary>> {
  if (path === undefined || path === '') return unavailable('not set');
  const attempt = await examine(path);
  return attempt.outcome === 'unavailable'
    ? refused(`TEMPORAL_CLI cannot be used: ${attempt.reason}. Correct it, or unset it to let one be found.`)
    : attempt;
}

function folder(): string {
  return cacheFolder('temporal', TEMPORAL_CLI_VERSION);
}

async function fromCache(): Promise<Attempt<TemporalBinary>> {
  const path = join(folder(), 'temporal');
  return existsSync(path) ? await examine(path) : unavailable(`nothing in ${cacheRoot()}`);
}

async function fromPath(): Promise<Attempt<TemporalBinary>> {
  const path = findOnPath('temporal');
  return path === null ? unavailable('not there') : await examine(path);
}

/** The published archive's address for a machine, or null where there is none. */
export function officialArchiveUrl(platform: NodeJS.Platform, arch: string): string | null {
  const system = platform === 'linux' || platform === 'darwin' ? platform : null;
  const machine = arch === 'x64' ? 'amd64' : arch === 'arm64' ? 'arm64' : null;
  if (system === null || machine === null) return null;
  const release = `https://github.com/temporalio/cli/releases/download/v${TEMPORAL_CLI_VERSION}`;
  return `${release}/temporal_cli_${TEMPORAL_CLI_VERSION}_${system}_${machine}.tar.gz`;
}

async function fromOfficialArchive(report: Report): Promise<Attempt<TemporalBinary>> {
  const url = officialArchiveUrl(process.platform, process.arch);
  if (url === null) return unavailable(`there is none for ${platformKey()}`);
  const published = { url, checksumsUrl: new URL('checksums.txt', url).href, program: 'temporal' };
  const problem = await fillCacheFolder(
    folder(),
    report,
    async (partial) => (await unpackPublished(published, partial, report)) ?? (await trialProblem(partial)),
  );
  return problem === null ? await examine(join(folder(), 'temporal')) : unavailable(problem);
}

/** Of which a server on one machine, with SQLite, runs nothing: clouds, clusters, other databases and search. */
const NEVER_RUN = [
  ...['github.com/aws', 'cloud.google.com', 'google.golang.org/api', 'google.golang.org/genproto'],
  ...['k8s.io', 'github.com/google/gnostic-models'],
  ...['github.com/jackc', 'github.com/gocql', 'github.com/apache', 'github.com/olivere'],
];

/**
 * What makes the build shorter and the server no slower: no debugging data, which the linker drops anyway; none of the
 * parts of gRPC that Temporal's own releases leave out too; and no optimising of what is never run.
 */
const QUICK = [
  '-tags=disable_grpc_modules',
  '-gcflags=all=-dwarf=false',
  ...NEVER_RUN.map((library) => `-gcflags=${library}/...=-dwarf=false -l -N`),
];

async function fromGoBuild(report: Report): Promise<Attempt<TemporalBinary>> {
  const go = await runCommand('go', ['version'], { timeoutMs: 20_000 });
  if (go.outcome === 'failed') return unavailable(go.reason);
  const problem = await fillCacheFolder(folder(), report, async (partial) => {
    report(
      `Building the Temporal CLI ${TEMPORAL_CLI_VERSION} from source, once (about 5 minutes on two cores) …`,
    );
    const version = `-X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_CLI_VERSION}`;
    const flags = ['-trimpath', '-ldflags', `-s -w ${version}`, ...QUICK, '-o', join(partial, 'temporal')];
    const build = await withSignsOfLife(report, 'go build', () =>
      runCommand('go', ['build', ...flags, 'github.com/temporalio/cli/cmd/temporal'], {
        // The module files pin every source by its checksum; nothing else is in that folder.
        cwd: join(projectRoot, 'tools/servers/temporal-cli'),
        env: { CGO_ENABLED: '0', GOWORK: 'off' },
        timeoutMs: GO_BUILD_LIMIT_MS,
      }),
    );
    if (build.outcome === 'failed') return build.reason;
    return await trialProblem(partial);
  });
  return problem === null ? await examine(join(folder(), 'temporal')) : unavailable(problem);
}

/** Runs what was just obtained, so that only what works on this machine gets into the cache. */
async function trialProblem(partial: string): Promise<string | null> {
  const path = join(partial, 'temporal');
  const attempt = await examine(path);
  return attempt.outcome === 'unavailable' ? attempt.reason.replaceAll(path, 'the obtained program') : null;
}
