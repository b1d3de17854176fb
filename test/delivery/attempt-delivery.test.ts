import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import {
  type AttemptDeliveryDependencies,
  createAttemptDelivery,
} from '../../src/delivery/attempt-delivery.js';
import { createComplianceMailer } from '../../src/delivery/case-mail.js';
import { createCompanyWebhook } from '../../src/delivery/company-webhook.js';
import { createDeliveryMetrics } from '../../src/delivery/delivery-metrics.js';
import { createMailer, type Mailer } from '../../src/delivery/mailer.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { DeliveryAttempt, OutboxRow } from '../../src/store/outbox-records.js';
import type { Store } from '../../src/store/store.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { type Endpoint, startEndpoint, status } from './http-endpoint.js';
import { type MailServer, readMail, startMailServer } from './mail-server.js';
import { CASE_MAIL, owed, STATUS_EVENT } from './outbox-fixture.js';

const FROM = 'no-reply@bank.test';
const HOUR_MS = 3_600_000;
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let store: Store;
let drop: () => Promise<void>;
let endpoint: Endpoint;
let mailServer: MailServer;
let mailer: Mailer;
let alarms: string[];
let counted: string[];
let logged: string[];

beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
  endpoint = await startEndpoint();
  mailServer = await startMailServer();
  mailer = createMailer({ smtpUrl: mailServer.url, from: FROM });
});
afterAll(async () => {
  mailer.close();
  await Promise.all([endpoint.close(), mailServer.close(), drop()]);
});
beforeEach(() => {
  endpoint.received.length = 0;
  endpoint.answer = status(204);
  mailServer.received.length = 0;
  mailServer.refuse = {};
  alarms = [];
  counted = [];
  logged = [];
});

function attempter(differing: Partial<AttemptDeliveryDependencies> = {}) {
  const keep = (text: string, fields?: unknown) => logged.push(`${text} ${JSON.stringify(fields)}`);
  return createAttemptDelivery({
    store,
    companyWebhook: createCompanyWebhook({ url: endpoint.url, secrets: [SECRET] }),
    pusher: null,
    complianceMailer: createComplianceMailer({
      mailer,
      from: FROM,
      deskUrl: null,
      studioUrlTemplate: null,
      systemOwner: null,
    }),
    complianceRecipients: ['first@bank.test', 'second@bank.test', 'third@bank.test'],
    policy: DEFAULT_POLICY,
    metrics: { attempted: (channel, outcome) => counted.push(`${channel} ${outcome}`) },
    log: { info: keep, warn: keep },
    alarm: (code, fields) => {
      alarms.push(code);
      keep(code, fields);
    },
    ...differing,
  });
}

async function write(row: OutboxRow): Promise<OutboxRow> {
  await store.outbox.insertOne(row);
  return row;
}

const read = (id: string) => store.outbox.findOne({ _id: id });

describe('one attempt', () => {
  test('delivers, records itself and settles the row', async () => {
    const row = await write(owed(STATUS_EVENT));
    const at = new Date();
    expect(await attempter()({ outboxId: row._id, at })).toEqual({
      kind: 'settled',
      state: 'delivered',
      attemptCount: 1,
      nextOutboxId: null,
    });
    expect(endpoint.received.map(({ headers }) => headers['webhook-id'])).toEqual([row._id]);
    expect(await read(row._id)).toMatchObject({
      state: 'delivered',
      attemptCount: 1,
      attempts: [{ at, durationMs: expect.any(Number), outcome: 'delivered' }],
      settledAt: expect.any(Date),
    });
    expect(counted).toEqual(['company_webhook delivered']);
  });

  test('of a settled row sends nothing and answers as before', async () => {
    const row = await write(owed(STATUS_EVENT));
    const attempt = attempter();
    await attempt({ outboxId: row._id, at: new Date() });
    expect(await attempt({ outboxId: row._id, at: new Date() })).toMatchObject({
      state: 'delivered',
      attemptCount: 1,
    });
    expect(endpoint.received).toHaveLength(1);
  });

  test('of a row that is not there says so and harms nothing', async () => {
    expect(await attempter()({ outboxId: 'msg_nowhere', at: new Date() })).toMatchObject({
      kind: 'settled',
      state: 'missing',
    });
  });

  test('that fails leaves the row pending, with its code and when to try again, and no body', async () => {
    endpoint.answer = (response) => response.writeHead(500).end('a text of the company');
    const row = await write(owed(STATUS_EVENT));
    expect(await attempter()({ outboxId: row._id, at: new Date() })).toEqual({
      kind: 'retry',
      code: 'http_500',
      attemptCount: 1,
      inMs: 3_000,
    });
    const after = await read(row._id);
    expect(after).toMatchObject({ state: 'pending', attempts: [{ outcome: 'http_500' }], settledAt: null });
    expect(JSON.stringify(after)).not.toContain('a text of the company');
  });

  test('that was sent but not recorded is made again under the same id', async () => {
    const row = await write(owed(STATUS_EVENT));
    const broken: AttemptDeliveryDependencies['store'] = {
      ...store,
      outbox: Object.assign(Object.create(store.outbox), {
        updateOne: () => Promise.reject(new Error('the process died here')),
      }),
    };
    await expect(attempter({ store: broken })({ outboxId: row._id, at: new Date() })).rejects.toThrow();
    await attempter()({ outboxId: row._id, at: new Date() });
    const [first, second] = endpoint.received;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true);
    expect(await read(row._id)).toMatchObject({ state: 'delivered', attemptCount: 1 });
  });

  test('of a late twin does not undo what the other recorded', async () => {
    const row = await write(owed(STATUS_EVENT));
    endpoint.answer = async (response) => {
      await store.outbox.updateOne({ _id: row._id }, { $set: { state: 'delivered', attemptCount: 1 } });
      response.writeHead(410).end();
    };
    await attempter()({ outboxId: row._id, at: new Date() });
    expect(await read(row._id)).toMatchObject({ state: 'delivered', attemptCount: 1 });
  });
});

describe('the record of attempts', () => {
  test('keeps the latest 150, more than three days of trying take, and counts them all', async () => {
    endpoint.answer = status(503);
    const attempts = Array.from(
      { length: 150 },
      (_, n): DeliveryAttempt => ({ at: new Date(), durationMs: 1, outcome: `http_${n}` }),
    );
    const row = await write(owed(STATUS_EVENT, { attempts, attemptCount: 180 }));
    await attempter()({ outboxId: row._id, at: new Date() });
    const after = await read(row._id);
    expect(after?.attemptCount).toBe(181);
    expect(after?.attempts).toHaveLength(150);
    expect(after?.attempts[0]?.outcome).toBe('http_1');
    expect(after?.attempts.at(-1)?.outcome).toBe('http_503');
  });

  test('and the log name no recipient and nothing of the message', async () => {
    mailServer.refuse = { recipient: () => 550 };
    const row = await write(owed(CASE_MAIL));
    await attempter()({ outboxId: row._id, at: new Date() });
    expect(logged.join('\n')).not.toMatch(/bank\.test|REF-1|case_1/);
    expect(logged.join('\n')).toContain(row._id);
  });
});

describe('a message is given up', () => {
  const longAgo = (ageMs: number): Partial<OutboxRow> => ({
    createdAt: new Date(Date.now() - ageMs),
    attempts: [{ at: new Date(Date.now() - ageMs), durationMs: 1, outcome: 'http_500' }],
    attemptCount: 1,
  });

  test('when the time of its channel is over, with an alarm and not before', async () => {
    endpoint.answer = status(500);
    const young = await write(owed(STATUS_EVENT, longAgo(75 * HOUR_MS)));
    const old = await write(owed(STATUS_EVENT, longAgo(77 * HOUR_MS)));
    expect(await attempter()({ outboxId: young._id, at: new Date() })).toMatchObject({ kind: 'retry' });
    expect(alarms).toEqual([]);
    expect(await attempter()({ outboxId: old._id, at: new Date() })).toMatchObject({ state: 'given_up' });
    expect(alarms).toEqual(['company_webhook_undelivered']);
    expect(await read(old._id)).toMatchObject({ state: 'given_up', attempts: [{}, { outcome: 'http_500' }] });
  });

  test('at once when the company says that its endpoint is gone', async () => {
    endpoint.answer = status(410);
    const row = await write(owed(STATUS_EVENT));
    expect(await attempter()({ outboxId: row._id, at: new Date() })).toMatchObject({ state: 'given_up' });
    expect(alarms).toEqual(['company_webhook_gone']);
  });
});

describe('a feature that was turned off', () => {
  test('drops the events that were owed for it', async () => {
    const row = await write(owed(STATUS_EVENT));
    const attempt = attempter({ companyWebhook: null });
    expect(await attempt({ outboxId: row._id, at: new Date() })).toMatchObject({ state: 'dropped' });
    expect(await read(row._id)).toMatchObject({ attempts: [{ outcome: 'not_configured' }] });
  });

  test('never drops a mail to compliance: it waits, with an alarm', async () => {
    const row = await write(owed(CASE_MAIL));
    const attempt = attempter({ complianceMailer: null });
    expect(await attempt({ outboxId: row._id, at: new Date() })).toMatchObject({ kind: 'retry' });
    expect(alarms).toEqual(['mail_not_configured']);
  });
});

describe('a mail about a case', () => {
  test('that is put off is tried again for hours, each attempt on record, and arrives under the same Message-ID', async () => {
    mailServer.refuse = { recipient: () => 451 };
    const row = await write(owed(CASE_MAIL));
    const attempt = attempter();
    const later = (hours: number) => new Date(row.createdAt.getTime() + hours * HOUR_MS);
    for (const hours of [0, 1, 12]) {
      expect(await attempt({ outboxId: row._id, at: later(hours) })).toMatchObject({
        kind: 'retry',
        code: 'smtp_451',
      });
    }
    mailServer.refuse = {};
    expect(await attempt({ outboxId: row._id, at: later(13) })).toMatchObject({ state: 'delivered' });
    expect((await read(row._id))?.attempts.map(({ at, outcome }) => [at, outcome])).toEqual([
      [later(0), 'smtp_451'],
      [later(1), 'smtp_451'],
      [later(12), 'smtp_451'],
      [later(13), 'delivered'],
    ]);
    expect(alarms).toEqual([]);
    expect(mailServer.received).toHaveLength(1);
  });

  test('that its recipient’s server refuses for good goes to the next one, who reads in whose place and what comes then, and raises an alarm', async () => {
    mailServer.refuse = { recipient: (address) => (address === 'first@bank.test' ? 550 : null) };
    const row = await write(owed(CASE_MAIL));
    const attempt = attempter();
    const result = await attempt({ outboxId: row._id, at: new Date() });
    expect(result).toMatchObject({ state: 'given_up', nextOutboxId: `${row._id}:2` });
    expect(await attempt({ outboxId: `${row._id}:2`, at: new Date() })).toMatchObject({ state: 'delivered' });
    const mail = await readMail(mailServer.received[0]);
    expect(mailServer.received.map(({ to }) => to)).toEqual([['second@bank.test']]);
    const text = mail.text?.replace(/\s+/g, ' ');
    expect(text).toContain('could not be delivered to first@bank.test.');
    // The clock of the case goes by its own order, in which this one is the next.
    expect(text).toContain('you are told again.');
    expect(alarms).toEqual(['compliance_mail_refused']);
    expect((await read(row._id))?.attempts).toMatchObject([{ outcome: 'smtp_550' }]);
  });
});

describe('a mailbox that refuses for good', () => {
  test('hands over to the next one in the order of escalation, until one takes the mail', async () => {
    mailServer.refuse = { recipient: (address) => (address === 'third@bank.test' ? null : 550) };
    const first = await write(owed(CASE_MAIL));
    const attempt = attempter();
    const told: (string | null)[] = [];
    let next: string | null = first._id;
    while (next !== null) {
      const result = await attempt({ outboxId: next, at: new Date() });
      told.push(next);
      next = result.kind === 'settled' ? result.nextOutboxId : null;
    }
    expect(told).toEqual([first._id, `${first._id}:2`, `${first._id}:2:3`]);
    expect(mailServer.received.map(({ to }) => to)).toEqual([['third@bank.test']]);
    const states = await Promise.all(told.map(async (id) => (await read(String(id)))?.state));
    expect(states).toEqual(['given_up', 'given_up', 'delivered']);
    expect(alarms).toEqual(['compliance_mail_refused', 'compliance_mail_refused']);
  });

  test('is not left without successor when the answer to the workflow was lost', async () => {
    mailServer.refuse = { recipient: () => 550 };
    const row = await write(owed(CASE_MAIL));
    const attempt = attempter();
    const before = await attempt({ outboxId: row._id, at: new Date() });
    expect(await attempt({ outboxId: row._id, at: new Date() })).toEqual(before);
    expect(await store.outbox.countDocuments({ _id: { $regex: `^${row._id}` } })).toBe(2);
  });

  test('leaves the matter with an alarm when it was the last one', async () => {
    mailServer.refuse = { recipient: () => 550 };
    const row = await write(owed({ ...CASE_MAIL, to: 'third@bank.test' }));
    expect(await attempter()({ outboxId: row._id, at: new Date() })).toMatchObject({
      state: 'given_up',
      nextOutboxId: null,
    });
    expect(alarms).toEqual(['compliance_mail_refused']);
  });

  test('is given up and handed over together or not at all, with an alarm even where that is not written', async () => {
    mailServer.refuse = { recipient: () => 550 };
    const row = await write(owed(CASE_MAIL));
    const failing: AttemptDeliveryDependencies['store'] = {
      ...store,
      transaction: (about, work) =>
        store.transaction(about, async (session) => {
          await work(session);
          throw new Error('the process died before the commit');
        }),
    };
    await expect(attempter({ store: failing })({ outboxId: row._id, at: new Date() })).rejects.toThrow();
    expect(await read(row._id)).toMatchObject({ state: 'pending', attemptCount: 0 });
    expect(await read(`${row._id}:2`)).toBeNull();
    expect(alarms).toEqual(['compliance_mail_refused']);
  });
});

test('the metrics tell how attempts ended and how long the oldest undelivered message has waited', async () => {
  await store.outbox.deleteMany({});
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry, store);
  expect(await registry.metrics()).toContain('outbox_oldest_undelivered_seconds 0\n');
  await write(owed(STATUS_EVENT, { createdAt: new Date(Date.now() - 90_000) }));
  await write(owed(STATUS_EVENT, { createdAt: new Date(Date.now() - 900_000), state: 'delivered' }));
  endpoint.answer = status(500);
  const row = await write(owed(STATUS_EVENT));
  await attempter({ metrics })({ outboxId: row._id, at: new Date() });
  const page = await registry.metrics();
  expect(page).toContain('deliveries_total{channel="company_webhook",outcome="retried"} 1');
  const [, seconds] = /outbox_oldest_undelivered_seconds ([\d.]+)/.exec(page) ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(90);
  expect(Number(seconds)).toBeLessThan(150);
});
