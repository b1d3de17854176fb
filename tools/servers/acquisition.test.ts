import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cacheRoot, fillCacheFolder } from './cache.js';
import { found, refused, resolveByChain, unavailable } from './chain.js';
import { runCommand } from './command.js';
import { COMPOSE } from './compose-services.js';
import { officialArchive, parseMongodVersion } from './mongod-binary.js';
import { parseOsRelease, platformKey } from './platform.js';
import { projectRoot } from './project-root.js';
import { officialArchiveUrl, parseTemporalVersion, TEMPORAL_CLI_VERSION } from './temporal-binary.js';

describe('the acquisition chain', () => {
  const step = (name: string, attempt: Parameters<typeof found>[0] | null) => ({
    name,
    attempt: async () => (attempt === null ? unavailable<unknown>(`no ${name}`) : found(attempt)),
  });

  test('takes the first way that works and tries none after it', async () => {
    const never = { name: 'never', attempt: () => Promise.reject(new Error('must not be tried')) };
    const resolution = await resolveByChain('thing', [step('one', null), step('two', 2), never], []);
    expect(resolution).toEqual({ ok: true, value: 2, from: 'two' });
  });

  test('ends at something that the user named and that does not work', async () => {
    const named = { name: 'named', attempt: async () => refused<unknown>('NAMED does not answer') };
    const resolution = await resolveByChain('thing', [named, step('two', 2)], []);
    expect(resolution).toEqual({ ok: false, message: 'NAMED does not answer' });
  });

  test('says what was tried, why each failed, and how to mend it', async () => {
    const resolution = await resolveByChain('thing', [step('one', null), step('two', null)], ['do this']);
    const text = resolution.ok ? '' : resolution.message;
    expect(text).toContain('one: no one');
    expect(text).toContain('two: no two');
    expect(text).toContain('- do this');
  });
});

describe('the cache', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cache-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const silent = () => {};

  test('lies under XDG_CACHE_HOME where that is set', () => {
    expect(cacheRoot({ XDG_CACHE_HOME: '/x' })).toBe('/x/idwise-customer-backend');
    expect(cacheRoot({})).toMatch(/\/\.cache\/idwise-customer-backend$/);
  });

  test('is filled once, even by two at the same time', async () => {
    const target = join(folder, 'thing-1');
    let fills = 0;
    const fill = async (partial: string) => {
      fills += 1;
      writeFileSync(join(partial, 'file'), 'x');
      return null;
    };
    await Promise.all([fillCacheFolder(target, silent, fill), fillCacheFolder(target, silent, fill)]);
    expect(fills).toBe(1);
    expect(readdirSync(folder)).toEqual(['thing-1']);
  });

  test('shows nothing of an attempt that failed', async () => {
    const target = join(folder, 'thing-1');
    const problem = await fillCacheFolder(target, silent, async (partial) => {
      writeFileSync(join(partial, 'half'), 'x');
      return 'broke off';
    });
    expect(problem).toBe('broke off');
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('clears away what a killed process left half done', async () => {
    const target = join(folder, 'thing-1');
    writeFileSync(`${target}.partial-old`, 'x');
    await fillCacheFolder(target, silent, async () => null);
    expect(readdirSync(folder)).toEqual(['thing-1']);
  });
});

describe('versions and platforms', () => {
  test('a mongod tells its series', () => {
    expect(parseMongodVersion('db version v6.0.5\nBuild Info: {')).toEqual({ major: 6, series: '6.0' });
    expect(parseMongodVersion('something else')).toBeNull();
  });

  test('a Temporal CLI tells the series of its server', () => {
    const output = 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)';
    expect(parseTemporalVersion(output)).toEqual({ major: 1, minor: 31, series: '1.31' });
    expect(parseTemporalVersion('tctl version 1.18')).toBeNull();
  });

  test('the version in the code is the one that the Go module pins', () => {
    const goMod = readFileSync(join(projectRoot, 'tools/servers/temporal-cli/go.mod'), 'utf8');
    expect(goMod).toContain(`github.com/temporalio/cli v${TEMPORAL_CLI_VERSION}`);
  });

  test('each platform gets its own official archive, an unknown one none', () => {
    expect(platformKey('linux', 'x64')).toBe('linux-x86_64');
    expect(platformKey('linux', 'arm64')).toBe('linux-aarch64');
    expect(platformKey('darwin', 'arm64')).toBe('macos-arm64');
    const debian = { id: 'debian', versionId: '12' };
    expect(officialArchive('linux-x86_64', debian)).toMatch(/^linux\/mongodb-linux-x86_64-debian12-\d/);
    expect(officialArchive('linux-aarch64', debian)).toMatch(/^linux\/mongodb-linux-aarch64-ubuntu2204-\d/);
    expect(officialArchive('macos-arm64', { id: '', versionId: '' })).toMatch(/^osx\/mongodb-macos-arm64-\d/);
    expect(officialArchive('win32-x86_64', { id: '', versionId: '' })).toBeNull();
    expect(officialArchiveUrl('darwin', 'arm64')).toMatch(/_darwin_arm64\.tar\.gz$/);
    expect(officialArchiveUrl('win32', 'x64')).toBeNull();
  });

  test('a distribution is read with and without quotes', () => {
    expect(parseOsRelease('ID=debian\nVERSION_ID="12"\n')).toEqual({ id: 'debian', versionId: '12' });
  });
});

test('the composed services are looked for where docker-compose.yml publishes them', () => {
  const compose = readFileSync(join(projectRoot, 'docker-compose.yml'), 'utf8');
  for (const port of [
    COMPOSE.mongodbPort,
    COMPOSE.temporalPort,
    COMPOSE.temporalUiPort,
    COMPOSE.smtpPort,
    COMPOSE.mailUiPort,
  ]) {
    expect(compose).toContain(`127.0.0.1:${port}:`);
  }
  for (const name of [COMPOSE.replicaSet, COMPOSE.temporalNamespace, COMPOSE.mailLabel])
    expect(compose).toContain(name);
});

describe('running a program', () => {
  test('a missing one is named', async () => {
    expect(await runCommand('no-such-program', [])).toEqual({
      outcome: 'failed',
      reason: 'no-such-program is not installed',
    });
  });

  test('a failing one shows its last lines', async () => {
    const result = await runCommand('sh', ['-c', 'echo one; echo two >&2; exit 3']);
    expect(result).toMatchObject({ outcome: 'failed' });
    expect(result.outcome === 'failed' && result.reason).toContain('ended with 3: one | two');
  });

  test('one that hangs is ended', async () => {
    const result = await runCommand('sleep', ['60'], { timeoutMs: 50 });
    expect(result).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('no end after') });
  });
});
