import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isAllowedPushEndpoint } from '../../src/delivery/push-hosts.js';
import { processStartTime } from '../bootstrap/process-identity.mjs';
import { addressTable, withoutSecrets } from './address-table.js';
import { serviceEnvironment } from './application.js';
import { formatDemoEnv, parseDemoEnv, readDemoEnv, writeDemoEnv } from './demo-env-file.js';
import { inventEnvironment, simulatorEnvironment } from './demo-environment.js';
import { rotateLog } from './log-files.js';
import { HELP, parseOptions } from './options.js';
import { portMessage } from './port-check.js';
import { endLeftovers, leftoversOf, readRunRecord, writeRunRecord } from './run-record.js';
import { PORT_VARIABLES, readSettings } from './settings.js';
import { restartDelayMs } from './supervised-child.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the command line', () => {
  test('runs by default, leaves the population out on --empty, helps, and refuses the rest by name', () => {
    expect(parseOptions([])).toEqual({ kind: 'run', empty: false });
    expect(parseOptions(['--empty'])).toEqual({ kind: 'run', empty: true });
    expect(parseOptions(['--empty', '--help'])).toEqual({ kind: 'help' });
    expect(parseOptions(['--emtpy'])).toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('--emtpy'),
    });
  });

  test('the help names every port variable with its default', () => {
    for (const { variable, value } of Object.values(PORT_VARIABLES)) {
      expect(HELP).toMatch(new RegExp(`${variable} +${value}\\b`));
    }
  });
});

describe('ports and folder', () => {
  test('a port that is no port, and one that is given twice, are named', () => {
    const bad = readSettings({ PORT: '80x' }, '/p');
    expect(bad).toMatchObject({ ok: false, message: expect.stringContaining('PORT must be a port number') });
    const twice = readSettings({ PORT: '4100' }, '/p');
    expect(twice).toMatchObject({
      ok: false,
      message: expect.stringContaining('PORT and SIM_PORT are both 4100'),
    });
  });

  test('an API that listens everywhere is called on loopback', () => {
    const read = readSettings({ HOST: '0.0.0.0', DATA_DIR: 'elsewhere' }, '/p');
    expect(read).toMatchObject({ ok: true, settings: { callHost: '127.0.0.1', dataFolder: '/p/elsewhere' } });
  });

  test('the message about a busy port names the variable that moves it', () => {
    expect(portMessage('temporalUi', '127.0.0.1', 8233, 'EADDRINUSE')).toContain('TEMPORAL_UI_PORT=8333');
    expect(portMessage('api', '10.9.8.7', 3000, 'EADDRNOTAVAIL')).toContain('HOST=10.9.8.7');
  });
});

describe('the invented environment', () => {
  const addresses = {
    mongodbUri: 'mongodb://127.0.0.1:1/idwise',
    temporalAddress: '127.0.0.1:2',
    temporalNamespace: 'default',
    smtpUrl: 'smtp://127.0.0.1:3',
    auditCheckpointDir: '/data/audit-checkpoints',
    simulatorUrl: 'http://127.0.0.1:4',
  };

  test('has keys of the right form and the addresses of what runs', () => {
    const { toKeep, newlyInvented } = inventEnvironment({}, {}, addresses);
    expect(Buffer.from(toKeep.PII_KEY ?? '', 'base64')).toHaveLength(32);
    expect(toKeep.CUSTOMER_WEBHOOK_SECRETS).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(toKeep.IDWISE_WEBHOOK_SECRETS).toMatch(/^idwise:.{20,}$/);
    expect(toKeep).toMatchObject({
      IDWISE_BASE_URL: 'http://127.0.0.1:4',
      MONGODB_URI: addresses.mongodbUri,
    });
    expect(newlyInvented).toContain('PII_KEY');
    expect(newlyInvented).not.toContain('MONGODB_URI');
  });

  test('stays the same from start to start', () => {
    const first = inventEnvironment({}, {}, addresses);
    const second = inventEnvironment({}, parseDemoEnv(formatDemoEnv(first.toKeep)), addresses);
    expect(second.toKeep).toEqual(first.toKeep);
    expect(second.newlyInvented).toEqual([]);
  });

  test('follows a server that has moved since', () => {
    const first = inventEnvironment({}, {}, addresses);
    const moved = inventEnvironment({}, first.toKeep, {
      ...addresses,
      mongodbUri: 'mongodb://127.0.0.1:9/idwise',
    });
    expect(moved.toKeep.MONGODB_URI).toBe('mongodb://127.0.0.1:9/idwise');
  });

  test('never writes down what the operator has set', () => {
    const operator = {
      PII_KEY: 'mine',
      API_KEYS: 'mine',
      OPERATOR_KEYS: 'me:mine',
      MONGODB_URI: 'mongodb://mine',
      VAPID_PUBLIC_KEY: 'mine',
    };
    const { toKeep } = inventEnvironment(operator, {}, addresses);
    for (const name of [...Object.keys(operator), 'VAPID_PRIVATE_KEY'])
      expect(toKeep).not.toHaveProperty(name);
  });

  test('invents no account at the real IDWise', () => {
    const operator = { IDWISE_BASE_URL: 'https://idwise.example' };
    const { toKeep } = inventEnvironment(operator, {}, { ...addresses, simulatorUrl: null });
    const idwise = Object.keys(toKeep).filter((name) => /^(IDWISE|GOVERNMENT|CUSTOMER)_/.test(name));
    expect(idwise).toEqual([]);
  });

  test("lets pushes go to the simulator's push service, which has a port of its own", () => {
    const { toKeep } = inventEnvironment({}, {}, addresses);
    const endpoint = `${addresses.simulatorUrl}/push/1`;
    expect(isAllowedPushEndpoint(endpoint, [toKeep.WEB_PUSH_ALLOWED_HOSTS ?? ''])).toBe(true);
  });

  test('gives no secret for a company endpoint that is not ours', () => {
    const { toKeep } = inventEnvironment({ CUSTOMER_WEBHOOK_URL: 'https://crm.example' }, {}, addresses);
    expect(toKeep).not.toHaveProperty('CUSTOMER_WEBHOOK_SECRETS');
    expect(toKeep).not.toHaveProperty('CUSTOMER_WEBHOOK_URL');
  });

  test('the simulator gets the other side of the same account, and no key to personal data', () => {
    const { toKeep } = inventEnvironment({}, {}, addresses);
    const simulator = simulatorEnvironment(
      { ...toKeep, IDWISE_WEBHOOK_SECRETS: 'new:one,old:two' },
      {
        host: '127.0.0.1',
        port: 4,
        webhookUrl: 'http://127.0.0.1:3000/webhooks/idwise',
        dataFile: '/d/simulator.json',
      },
    );
    expect(simulator).toMatchObject({
      SIM_API_SECRET: toKeep.IDWISE_API_SECRET,
      SIM_WEBHOOK_SECRET: 'new:one',
    });
    expect(Object.values(simulator)).not.toContain(toKeep.PII_KEY);
  });

  test("a user's Temporal Cloud settings do not reach the local server", () => {
    const read = readSettings({}, '/p');
    if (!read.ok) throw new Error(read.message);
    const operator = { TEMPORAL_API_KEY: 'cloud', TEMPORAL_TLS: 'true', LOG_LEVEL: 'info' };
    const own = serviceEnvironment(operator, { TEMPORAL_ADDRESS: '127.0.0.1:2' }, read.settings, true);
    expect(own).not.toHaveProperty('TEMPORAL_API_KEY');
    expect(own).toMatchObject({ TEMPORAL_ADDRESS: '127.0.0.1:2', LOG_LEVEL: 'info', PORT: '3000' });
    expect(serviceEnvironment(operator, {}, read.settings, false)).toHaveProperty(
      'TEMPORAL_API_KEY',
      'cloud',
    );
  });
});

describe('demo.env', () => {
  test('is readable by its owner only, also when it was readable by all before', () => {
    const path = join(folder, 'demo.env');
    writeFileSync(path, "A='1'\n", { mode: 0o644 });
    writeDemoEnv(path, { PII_KEY: 'x+/=', EMPTY: '' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readDemoEnv(path)).toEqual({ PII_KEY: 'x+/=', EMPTY: '' });
  });

  test('that does not exist holds nothing', () => {
    expect(readDemoEnv(join(folder, 'none'))).toEqual({});
  });
});

describe('what an earlier start left behind', () => {
  test('is ended when it is really ours, and never a stranger with the same id', async () => {
    const ours = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    await Promise.all([once(ours, 'spawn'), once(stranger, 'spawn')]);
    const [oursPid, strangerPid] = [ours.pid ?? 0, stranger.pid ?? 0];
    const path = join(folder, 'run.json');
    writeRunRecord(path, {
      supervisor: { pid: 1, startTime: 'x' },
      addresses: {},
      children: [
        { name: 'worker', pid: oursPid, startTime: processStartTime(oursPid), last: false },
        { name: 'mongod', pid: strangerPid, startTime: 'another boot/1', last: true },
      ],
    });
    const leftovers = leftoversOf(readRunRecord(path));
    expect(leftovers.map((child) => child.name)).toEqual(['worker']);
    const ended = once(ours, 'exit');
    await endLeftovers(leftovers, 5_000);
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(processStartTime(strangerPid)).not.toBeNull();
    stranger.kill('SIGKILL');
  });

  test('that ignores the polite signal is killed', async () => {
    const stubborn = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(stubborn.stdout, 'data');
    const pid = stubborn.pid ?? 0;
    const ended = once(stubborn, 'exit');
    await endLeftovers([{ name: 'worker', pid, startTime: processStartTime(pid), last: false }], 300);
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  test('is nothing where run.json is missing or broken', () => {
    expect(leftoversOf(readRunRecord(join(folder, 'run.json')))).toEqual([]);
    writeFileSync(join(folder, 'run.json'), '{"children"');
    expect(leftoversOf(readRunRecord(join(folder, 'run.json')))).toEqual([]);
  });
});

test('restarts come quickly at first and never further apart than half a minute', () => {
  expect([0, 1, 2, 3].map(restartDelayMs)).toEqual([250, 500, 1_000, 2_000]);
  expect(restartDelayMs(50)).toBe(30_000);
});

test('a new log leaves the last three in place', () => {
  const path = join(folder, 'api.log');
  for (const text of ['1', '2', '3', '4', '5']) {
    rotateLog(path);
    writeFileSync(path, text);
  }
  const kept = ['', '.1', '.2', '.3'].map((suffix) => readFileSync(path + suffix, 'utf8'));
  expect(kept).toEqual(['5', '4', '3', '2']);
  expect(existsSync(`${path}.4`)).toBe(false);
});

test('the table is aligned and shows no secret', () => {
  const table = addressTable([
    ['API', 'http://x'],
    ['Temporal UI', 'http://y'],
  ]);
  expect(table).toBe('  API           http://x\n  Temporal UI   http://y');
  expect(withoutSecrets('mongodb://user:pass@host/db?authSource=x')).toBe('mongodb://host/db');
  expect(withoutSecrets('smtps://user:p%40ss@mail.example:465')).toBe('smtps://mail.example:465');
});
