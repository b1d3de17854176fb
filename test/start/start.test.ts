import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runScenario } from '../../simulator/scenarios/run-scenario.js';
import { parseDemoEnv } from '../../tools/start/demo-env-file.js';
import { ownEnvironment } from '../../tools/start/own-environment.js';
import { allGone, RunningStart } from './running-start.js';

const CHILDREN = ['mongod', 'temporal', 'mailbox', 'simulator', 'sign-in', 'api', 'worker'];

describe('npm start', () => {
  let folder = '';
  let environment: Record<string, string> = {};
  let start: RunningStart;
  const apiKey = () => parseDemoEnv(readFileSync(join(folder, 'demo.env'), 'utf8')).API_KEYS ?? '';
  const get = (path: string) =>
    fetch(`${start.record().addresses.api}${path}`, { headers: { authorization: `Bearer ${apiKey()}` } });
  const childPids = () => start.record().children.map((child) => child.pid);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idwise-start-'));
    environment = await ownEnvironment(folder);
    start = RunningStart.launch(environment);
    await start.says('npm run simulate -- approved');
  });
  afterAll(async () => {
    start.signal('SIGTERM');
    await start.end();
    rmSync(folder, { recursive: true, force: true });
  });

  test('starts everything and prints one table of addresses that answer', async () => {
    const { addresses, children } = start.record();
    expect(children.map((child) => child.name).sort()).toEqual([...CHILDREN].sort());
    for (const address of Object.values(addresses)) expect(start.terminal).toContain(address);
    expect((await get('/readyz')).status).toBe(200);
    expect((await fetch(addresses.temporalUi ?? '')).status).toBe(200);
    expect((await fetch(`${addresses.mailUi}/api/email`)).status).toBe(200);
  });

  test('says which settings it invented, shows none of them, and keeps them from others', () => {
    const path = join(folder, 'demo.env');
    const invented = parseDemoEnv(readFileSync(path, 'utf8'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    for (const name of ['PII_KEY', 'API_KEYS', 'IDWISE_API_SECRET', 'VAPID_PRIVATE_KEY']) {
      expect(start.terminal).toContain(name);
      expect(start.terminal).not.toContain(invented[name]);
    }
  });

  test('refuses a second start on the same data, naming the first', async () => {
    const second = RunningStart.launch(environment);
    expect(await second.end()).toBe(1);
    expect(second.terminal).toContain(`process ${start.pid}`);
    expect(second.terminal).toContain('DATA_DIR');
  });

  test('brings back every child that dies, one at a time or all at once', async () => {
    await start.killsAndRecovers(['api']);
    await start.killsAndRecovers(CHILDREN);
    const { addresses } = start.record();
    const result = await runScenario('approved', {
      api: addresses.api ?? '',
      simulator: addresses.simulator ?? '',
      apiKey: apiKey(),
      report: () => {},
    });
    expect(result.failure).toBeNull();
  });

  test('a supervisor that was killed leaves nothing that blocks the next start, and no data is lost', async () => {
    const customerId = 'customer-before-the-kill';
    const register = () =>
      fetch(`${start.record().addresses.api}/v1/verifications`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey()}`, 'content-type': 'application/json' },
        body: JSON.stringify({ customerId }),
      });
    expect((await register()).status).toBe(201);
    const orphans = childPids();
    start.signal('SIGKILL');
    await start.end();
    start = RunningStart.launch(environment);
    await start.says('npm run simulate -- approved');
    await allGone(orphans, 1_000);
    expect((await register()).status).toBe(200);
  });

  test('children of a killed supervisor end by themselves', async () => {
    const orphans = childPids();
    start.signal('SIGKILL');
    await start.end();
    await allGone(orphans, 15_000);
    start = RunningStart.launch(environment);
    await start.says('npm run simulate -- approved');
    expect(start.terminal).not.toContain('left behind');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends everything within 10 s, with code 0',
    async (signal) => {
      const children = childPids();
      const startedMs = Date.now();
      start.signal(signal);
      expect(await start.end(10_000)).toBe(0);
      expect(Date.now() - startedMs).toBeLessThan(10_000);
      await allGone(children, 100);
      expect(existsSync(join(folder, 'supervisor.lock'))).toBe(false);
      start = RunningStart.launch(environment);
      await start.says('npm run simulate -- approved');
    },
  );
});

describe('npm start that cannot be', () => {
  let folder = '';
  let environment: Record<string, string> = {};
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idwise-start-'));
    environment = await ownEnvironment(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const ends = async (extra: Record<string, string>) => {
    const start = RunningStart.launch({ ...environment, ...extra });
    expect(await start.end()).toBe(1);
    return start.terminal;
  };

  test.each([
    ['MONGODB_URI', 'mongodb://user:geheim@127.0.0.1:1/db'],
    ['TEMPORAL_ADDRESS', '127.0.0.1:1'],
    ['SMTP_URL', 'smtp://user:geheim@127.0.0.1:1'],
    ['IDWISE_BASE_URL', 'http://127.0.0.1:1'],
    ['OIDC_ISSUER', 'http://127.0.0.1:1'],
    ['MONGOD_BIN', '/bin/ls'],
    ['TEMPORAL_CLI', '/nowhere/temporal'],
  ])('names a dead %s, shows no password, and falls back on nothing', async (name, value) => {
    const terminal = await ends({ [name]: value });
    expect(terminal).toContain(name);
    expect(terminal).not.toContain('geheim');
    expect(terminal).not.toContain('Starting');
  });

  test.each(['PORT', 'TEMPORAL_UI_PORT'])('names the variable of a busy port: %s', async (name) => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(Number(environment[name]), '127.0.0.1', resolve));
    try {
      const terminal = await ends({});
      expect(terminal).toContain(`Port ${environment[name]}`);
      expect(terminal).toContain(`${name}=`);
    } finally {
      holder.close();
    }
  });

  test('ends with the last lines of the log of a child that does not come up', async () => {
    const terminal = await ends({ IDWISE_WEBHOOK_AUTH: 'nonsense' });
    expect(terminal).toContain('IDWISE_WEBHOOK_AUTH');
  });
});
