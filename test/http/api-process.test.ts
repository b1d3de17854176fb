import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openPatientStore } from '../builders/patient-store.js';
import { removeSchedules } from '../end-to-end/product.js';
import { until } from '../eventually.js';
import { API_KEY, idwiseEvent, testDatabaseUri, WEBHOOK_SECRET } from './api-under-test.js';
import { openEventStream } from './event-stream.js';

interface Running {
  readonly output: () => string;
  readonly exit: Promise<number | null>;
  readonly pid: number;
  /** Resolves with the address that the process says it listens on. */
  url(): Promise<string>;
}

const started: Running[] = [];
afterAll(async () => {
  for (const { pid } of started) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended by itself.
    }
  }
  await Promise.all(started.splice(0).map(({ exit }) => exit));
});

function start(entry: string, changes: Readonly<Record<string, string>> = {}): Running {
  const path = fileURLToPath(new URL(`../../dist/src/main/${entry}.js`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: '0',
      API_KEYS: API_KEY,
      PII_KEY: Buffer.alloc(32, 3).toString('base64'),
      MONGODB_URI: testDatabaseUri(),
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
      TEMPORAL_TASK_QUEUE: `test-${randomUUID()}`,
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'a@example.com',
      COMPLIANCE_EMAIL_TO: 'b@example.com',
      IDWISE_BASE_URL: 'http://127.0.0.1:9',
      IDWISE_API_KEY: 'user',
      IDWISE_API_SECRET: 'secret-of-the-idwise-api',
      IDWISE_FLOW_ID: 'flow',
      IDWISE_WEBHOOK_AUTH: 'bearer',
      IDWISE_WEBHOOK_SECRETS: WEBHOOK_SECRET,
      ...changes,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const running: Running = {
    pid: child.pid ?? 0,
    output: () => output,
    exit: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
    url: () => until(async () => /listens on (http:\S+?)"/.exec(output)?.[1] ?? null),
  };
  started.push(running);
  return running;
}

/** Sends a webhook's head; resolves when the API has begun to take it, with what sends the rest and gives the status. */
function beginWebhook(url: string): Promise<(payload: unknown) => Promise<number | undefined>> {
  return new Promise((resolve, reject) => {
    const webhook = request(`${url}/webhooks/idwise`, {
      method: 'POST',
      headers: { authorization: `Bearer ${WEBHOOK_SECRET}`, expect: '100-continue' },
    });
    const status = new Promise<number | undefined>((answered, failed) => {
      webhook.once('response', (response) => {
        response.resume();
        answered(response.statusCode);
      });
      webhook.once('error', failed);
    });
    status.catch(reject);
    webhook.once('continue', () =>
      resolve((payload) => {
        webhook.end(JSON.stringify(payload));
        return status;
      }),
    );
    webhook.flushHeaders();
  });
}

describe('the API process', () => {
  test.concurrent('on SIGTERM finishes what it has begun, ends its streams and is gone within 10 s with code 0', async () => {
    const api = start('api');
    const url = await api.url();
    const headers = { authorization: `Bearer ${API_KEY}` };
    const registered = await fetch(`${url}/v1/verifications`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ customerId: 'c', referenceNo: 'r' }),
    });
    expect(registered.status).toBe(201);
    const stream = await openEventStream(`${url}/v1/verifications/r/events`, headers);
    await stream.next();
    const begun = await Promise.all(Array.from({ length: 20 }, () => beginWebhook(url)));
    const startedAtMs = performance.now();
    process.kill(api.pid, 'SIGTERM');
    const statuses = await Promise.all(
      begun.map((finish) =>
        finish(idwiseEvent('Finished Journey', { journeyId: 'j', referenceNo: 'r' }).payload),
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    await stream.ended;
    expect(await api.exit).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    expect(api.output()).toContain('The API has stopped');
  });

  test.concurrent('on SIGTERM answers whoever waits for a workflow that nobody works for, instead of hanging up', async () => {
    const mongodbUri = testDatabaseUri();
    const api = start('api', { MONGODB_URI: mongodbUri });
    const url = await api.url();
    const post = (path: string, body: unknown) =>
      fetch(`${url}/v1/verifications${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post('', { customerId: 'waits', referenceNo: 'waits' })).status).toBe(201);
    const startedAtMs = performance.now();
    const asked = post(`/waits/journeys/${randomUUID()}/complete`, { reason: 'the customer asks for it' });
    const store = await openPatientStore(mongodbUri);
    await until(async () => (await store.requests.countDocuments({ state: 'asked' })) === 1);
    await store.close();
    process.kill(api.pid, 'SIGTERM');
    const answer = await asked;
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'workflow_unavailable' });
    // By itself it would have waited for 12 s.
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
    expect(await api.exit).toBe(0);
  });

  test.concurrent('prints no secret, whatever it logs', async () => {
    const api = start('api', { LOG_LEVEL: 'debug' });
    const url = await api.url();
    await fetch(`${url}/v1/verifications/x`, { headers: { authorization: `Bearer ${API_KEY}` } });
    process.kill(api.pid, 'SIGTERM');
    await api.exit;
    for (const secret of [
      API_KEY,
      WEBHOOK_SECRET,
      'secret-of-the-idwise-api',
      Buffer.alloc(32, 3).toString('base64'),
    ]) {
      expect(api.output()).not.toContain(secret);
    }
  });

  test.concurrent('whose port is taken says so and ends with code 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const api = start('api', { PORT: String(port) });
    expect(await api.exit).toBe(1);
    expect(api.output()).toContain(
      `127.0.0.1:${port} is in use by another process; stop it, or set another PORT.`,
    );
    await new Promise((resolve) => other.close(resolve));
  });

  test.concurrent('that MongoDB does not answer for 30 s says so and ends with code 1', async () => {
    const api = start('api', { MONGODB_URI: 'mongodb://127.0.0.1:9/x?directConnection=true' });
    expect(await api.exit).toBe(1);
    expect(api.output()).toContain('MongoDB (MONGODB_URI) did not answer for 30 s');
  });

  test.concurrent.each(['api', 'worker'])(
    'and the worker alike: without configuration %s names every variable and ends with code 1',
    async (role) => {
      const api = start(role, { API_KEYS: '', PII_KEY: 'short', IDWISE_WEBHOOK_SECRETS: '' });
      expect(await api.exit).toBe(1);
      for (const name of [
        'API_KEYS is not set',
        'PII_KEY is not 32 bytes',
        'IDWISE_WEBHOOK_SECRETS is not set',
      ]) {
        expect(api.output()).toContain(name);
      }
    },
  );
});

describe('the set-up', () => {
  test("may be repeated, needs the servers' addresses alone, and says in one line each what is there", async () => {
    const taskQueue = `test-${randomUUID()}`;
    const unset = { API_KEYS: '', PII_KEY: '', IDWISE_WEBHOOK_SECRETS: '' };
    try {
      for (let times = 0; times < 2; times += 1) {
        const setup = start('setup', { ...unset, TEMPORAL_TASK_QUEUE: taskQueue });
        expect(await setup.exit).toBe(0);
        expect(setup.output().trim().split('\n')).toEqual([
          'MongoDB: every index is there.',
          expect.stringMatching(/^Temporal: every search attribute is there/),
          'Temporal: the schedules of reconciliation and audit checkpoints are there.',
        ]);
      }
    } finally {
      await removeSchedules(process.env['TEST_TEMPORAL_ADDRESS'] ?? '', taskQueue);
    }
  });
});
