// Where the `temporal` program (CLI with development server and Web UI) comes from when nobody named a Temporal:
// TEMPORAL_CLI, the cache, PATH, the published archive, a build from source through the Go module proxy.

import { cpSync, existsSync, rmSync } from 'node:fs';
import { freemem } from 'node:os';
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

/**
 * Start workers in other people's clouds. They enter themselves into a list, so the server is whole without their files,
 * and a fifth of all code to compile (Kubernetes' and clouds' clients) is there for them alone.
 */
const CLOUD_WORKERS = {
  folder: 'go.temporal.io/auto-scaled-workers/wci/workflow/compute_provider',
  files: ['aws.go', 'aws_ecs.go', 'aws_lambda.go', 'gcp_cloudrun.go', 'k8s.go'],
};

/** Of which a server on one machine, with SQLite, runs nothing: clouds, clusters, other databases and search. */
const NEVER_RUN = [
  ...['github.com/aws', 'cloud.google.com', 'google.golang.org/api', 'google.golang.org/genproto'],
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

/** Below it, the compiler collects its garbage as often as it likes: otherwise it needs 1.4 GB for some packages. */
const ROOMY_BYTES = 6 * 1024 ** 3;

async function fromGoBuild(report: Report): Promise<Attempt<TemporalBinary>> {
  const go = await runCommand('go', ['version'], { timeoutMs: 20_000 });
  if (go.outcome === 'failed') return unavailable(go.reason);
  const problem = await fillCacheFolder(folder(), report, async (partial) => {
    report(
      `Building the Temporal CLI ${TEMPORAL_CLI_VERSION} from source, once (about 4 minutes on two cores) …`,
    );
    const sources = join(partial, 'sources');
    const build =
      (await fetchSources(sources, report)) ??
      (await buildSources(sources, join(partial, 'temporal'), report));
    rmSync(sources, { recursive: true, force: true });
    return build ?? (await trialProblem(partial));
  });
  return problem === null ? await examine(join(folder(), 'temporal')) : unavailable(problem);
}

/** The module files pin every source by its checksum. Returns null, or why the sources could not be had. */
async function fetchSources(sources: string, report: Report): Promise<string | null> {
  cpSync(join(projectRoot, 'tools/servers/temporal-cli'), sources, { recursive: true });
  const problem = await runGo(['mod', 'vendor'], sources, report);
  for (const file of CLOUD_WORKERS.files) {
    rmSync(join(sources, 'vendor', CLOUD_WORKERS.folder, file), { force: true });
  }
  return problem;
}

async function buildSources(sources: string, program: string, report: Report): Promise<string | null> {
  const version = `-X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_CLI_VERSION}`;
  const flags = ['-mod=vendor', '-trimpath', '-ldflags', `-s -w ${version}`, ...QUICK, '-o', program];
  return await runGo(['build', ...flags, 'github.com/temporalio/cli/cmd/temporal'], sources, report);
}

/** Returns null when it succeeded, else why it did not. */
async function runGo(args: readonly string[], cwd: string, report: Report): Promise<string | null> {
  const env = { CGO_ENABLED: '0', GOWORK: 'off', ...(freemem() > ROOMY_BYTES ? { GOGC: '400' } : {}) };
  const run = await withSignsOfLife(report, `go ${args[0]}`, () =>
    runCommand('go', args, { cwd, env, timeoutMs: GO_BUILD_LIMIT_MS }),
  );
  return run.outcome === 'done' ? null : run.reason;
}

/** Runs what was just obtained, so that only what works on this machine gets into the cache. */
async function trialProblem(partial: string): Promise<string | null> {
  const path = join(partial, 'temporal');
  const attempt = await examine(path);
  return attempt.outcome === 'unavailable' ? attempt.reason.replaceAll(path, 'the obtained program') : null;
}
