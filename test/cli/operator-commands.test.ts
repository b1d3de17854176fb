import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { askCustomer, showCustomer } from '../../src/cli/customers-commands.js';
import { listEvents, replayEvents, showEvent } from '../../src/cli/events-commands.js';
import { type OperatorSession, openOperatorSession } from '../../src/cli/operator-session.js';
import { measureInboxRow } from '../../src/intake/inbox-row.js';
import { freePort } from '../../tools/servers/ports.js';
import { until } from '../eventually.js';
import { API_KEY, type ApiUnderTest, idwiseEvent, OPERATOR_KEY, startApi } from '../http/api-under-test.js';

/** The commands against a real API: what they print, what they say where something is wrong, and how they end. */

let api: ApiUnderTest;
let printed: string[];
let said: string[];
const folder = mkdtempSync(join(tmpdir(), 'cli-'));
beforeAll(async () => {
  api = await startApi({ sweeps: false });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  printed = [];
  said = [];
});

const streams = { print: (text: string) => printed.push(text), say: (text: string) => said.push(text) };
const open = (env: Readonly<Record<string, string>>) => openOperatorSession(env, streams);
function session(env: Readonly<Record<string, string>> = {}): OperatorSession {
  const opened = open({ SERVICE_URL: api.url, OPERATOR_KEY, DATA_DIR: join(folder, 'none'), ...env });
  if (opened === null) throw new Error(said.join('\n'));
  return opened;
}
const out = () => printed.join('\n');
const err = () => said.join('\n');

async function parked(body: Readonly<Record<string, unknown>> = {}, name = 'Finished Spot Check') {
  const { inboxId, payload } = idwiseEvent(name, body);
  await api.webhook(payload);
  await until(async () => (await api.inboxRow(inboxId))?.state === 'parked');
  return inboxId;
}

describe('events list', () => {
  test('prints a line for each event, and how to go on where there are more', async () => {
    const ids = [await parked({ referenceNo: 'ref-list' }), await parked({ referenceNo: 'ref-list' })];
    expect(await listEvents(session(), { reference: 'ref-list', parked: true, since: '1h' })).toBe(0);
    const [heads, ...lines] = out().split('\n');
    expect(heads).toMatch(/^RECEIVED +STATE +REASON +KIND +CUSTOMER +ID$/);
    expect(lines[0]).toMatch(
      new RegExp(`Z +parked +unknown_reference +finished_spot_check +ref-list +${ids[1]}$`),
    );
    expect(out()).toContain('2 events.');
    printed = [];
    await listEvents(session(), { reference: 'ref-list', limit: '1' });
    const cursor = /--cursor (\S+)$/.exec(out())?.[1] ?? '';
    printed = [];
    await listEvents(session(), { reference: 'ref-list', cursor, json: true });
    expect(JSON.parse(out())).toMatchObject({ events: [{ id: ids[0] }], next: null });
  });

  test.each([
    [{ since: 'yesterday' }, '--since takes a duration'],
    [{ from: 'yesterday' }, '--from and --to take times'],
    [{ since: '1h', from: '2026-03-01T02:00Z' }, 'name one of them'],
    [{ parked: true, state: 'processed' }, 'contradict'],
    [{ state: 'lost' }, 'query.state: must be one of received'],
  ])('says what is wrong with %j', async (options, problem) => {
    expect(await listEvents(session(), options)).toBe(1);
    expect(err()).toContain(problem);
    expect(out()).toBe('');
  });

  test('takes a time without a zone as UTC', async () => {
    const id = await parked({ referenceNo: 'ref-times' });
    const at = (await api.inboxRow(id))?.receivedAt.toISOString() ?? '';
    await listEvents(session(), { reference: 'ref-times', from: at.replace('Z', ''), json: true });
    expect(JSON.parse(out())).toMatchObject({ events: [{ id }] });
  });
});

describe('events show', () => {
  test('takes the beginning of an id where it fits one event alone', async () => {
    const id = await parked({ referenceNo: 'ref-short' });
    expect(await showEvent(session(), id.slice('idwise:'.length, 20), {})).toBe(0);
    expect(out()).toContain(`${id} is parked: unknown_reference`);
  });

  test('suggests events whose ids begin alike', async () => {
    const id = await parked();
    expect(await showEvent(session(), `${id.slice(0, -3)}xyz`, {})).toBe(1);
    expect(err()).toContain('There is no event');
    expect(err()).toContain(id);
    said = [];
    expect(await showEvent(session(), 'zzzzzzzz', {})).toBe(1);
    expect(err()).toContain('No id begins like that');
  });

  test('lets nothing that a sender wrote reach the terminal as a command', async () => {
    const id = await parked({ note: '\u001b]0;owned\u0007\u202etxt' }, 'Something \u001b[2J New');
    expect(await showEvent(session(), id, {})).toBe(0);
    // Line breaks are ours.
    expect(out().replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Cf}/u);
  });
});

test('what a case wants of its customer is listed, shown and named with them like any event', async () => {
  const referenceNo = 'ref-of-a-case';
  await api.call('POST', '/v1/verifications', { body: { customerId: 'customer-of-a-case', referenceNo } });
  const id = 'case:case_00112233445566778899:1:0';
  const measure = { kind: 'lay_hold', hold: 'held' } as const;
  const of = { caseId: 'case_00112233445566778899', revision: 1, journeyId: 'j', measure };
  await api.store.inbox.insertOne(measureInboxRow(of, id, referenceNo, new Date()));
  expect(await listEvents(session(), { reference: referenceNo, kind: 'lay_hold' })).toBe(0);
  expect(await showEvent(session(), id, {})).toBe(0);
  expect(await showCustomer(session(), referenceNo, {})).toBe(0);
  expect(await replayEvents(session(), [id], { reason: 'a test', yes: true })).toBe(1);
  expect([said, printed.map((text) => text.includes(id))]).toEqual([[], printed.map(() => true)]);
  expect(printed.at(-1)).toContain('measure of a case, never replayed');
});

describe('events replay', () => {
  test('without --yes changes nothing and says so; with it, follows a filter to its end', async () => {
    const ids = [await parked({ referenceNo: 'ref-replay' }), await parked({ referenceNo: 'ref-replay' })];
    const options = { reference: 'ref-replay', parked: true, reason: 'a test' };
    expect(await replayEvents(session(), [], options)).toBe(0);
    expect(out()).toContain('2 events would be replayed. Nothing was changed: add --yes to do it.');
    expect(await api.store.inbox.countDocuments({ referenceNo: 'ref-replay' })).toBe(2);
    expect(await replayEvents(session(), [], { ...options, yes: true })).toBe(0);
    expect(out()).toContain('2 events replayed.');
    expect(out()).toContain(`${ids[0]}#1`);
  });

  test('a filter with more events than one request takes is followed page by page', async () => {
    const rows = Array.from({ length: 230 }, (_, i) => i);
    const sample = await parked({ referenceNo: 'ref-many' });
    const row = await api.inboxRow(sample);
    if (row === null) throw new Error('The sample is gone');
    await api.store.inbox.insertMany(rows.map((i) => ({ ...row, _id: `idwise:many-${i}` })));
    const options = { reference: 'ref-many', state: 'parked', reason: 'r', json: true };
    expect(await replayEvents(session(), [], options)).toBe(0);
    const { events } = JSON.parse(out()) as { events: readonly { readonly id: string }[] };
    expect(new Set(events.map(({ id }) => id)).size).toBe(231);
  });

  test('ends with 1 where something is not there or still not understood, and names it', async () => {
    const known = await parked();
    const unknown = await parked({}, 'Something New');
    const ids = [known, unknown, 'idwise:nothing-like-it'];
    expect(await replayEvents(session(), ids, { reason: 'r', yes: true })).toBe(1);
    expect(out()).toMatch(new RegExp(`^replayed +finished_spot_check +${known} `, 'm'));
    expect(out()).toMatch(new RegExp(`^still not understood +unknown_event +${unknown}`, 'm'));
    expect(err()).toContain('There is no event idwise:nothing-like-it');
  });

  test('wants either ids or a filter, so that nobody replays everything by accident', async () => {
    expect(await replayEvents(session(), [], { reason: 'r', yes: true })).toBe(1);
    expect(err()).toContain('Name either ids or a filter');
  });
});

describe('customers', () => {
  test('an unknown one is said to be unknown, and a journey id leads to its customer', async () => {
    await parked({ referenceNo: 'ref-owner', journeyId: 'journey-of-owner' }, 'Something New');
    expect(await showCustomer(session(), 'journey-of-owner', {})).toBe(1);
    expect(err()).toContain('There is no customer journey-of-owner');
    expect(err()).toContain("customers show 'ref-owner'");
    said = [];
    const wish = { kind: 'close', referenceNo: 'nobody', reason: 'r' } as const;
    expect(await askCustomer(session(), wish)).toBe(1);
    expect(err()).toContain('There is no customer nobody');
  });

  test('a page is shown of one who has done nothing yet', async () => {
    const referenceNo = 'ref/with@signs';
    await api.call('POST', '/v1/verifications', { body: { customerId: 'customer-page', referenceNo } });
    expect(await showCustomer(session(), referenceNo, {})).toBe(0);
    expect(out()).toContain(`${referenceNo} is created, access none`);
    expect(out()).toContain('customer_registered');
  });
});

test('a service that has lost its database for a moment is asked again for what only reads', async () => {
  let asked = 0;
  const server: Server = createServer((_req, res) => {
    asked += 1;
    const isBack = asked > 2;
    res.writeHead(isBack ? 200 : 503, { 'content-type': 'application/json' });
    res.end(
      isBack ? '{"events": [], "next": null}' : '{"code": "storage_unavailable", "detail": "Not now."}',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await listEvents(session({ SERVICE_URL: `http://127.0.0.1:${port}` }), {})).toBe(0);
  expect(asked).toBe(3);
  await new Promise((resolve) => server.close(resolve));
});

describe('where the service cannot be asked, it is said why, and the exit code is 2:', () => {
  test('nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    expect(await listEvents(session({ SERVICE_URL: url }), {})).toBe(2);
    expect(err()).toContain(`${url} does not answer (ECONNREFUSED)`);
    expect(err()).toContain('SERVICE_URL');
  });

  test('something else answers', async () => {
    const server: Server = createServer((_req, res) => res.end('{"hello": "there"}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await listEvents(session({ SERVICE_URL: `http://127.0.0.1:${port}` }), {})).toBe(2);
    expect(err()).toContain('is not this service');
    await new Promise((resolve) => server.close(resolve));
  });

  test('the key is unknown, or of another kind', async () => {
    expect(await listEvents(session({ OPERATOR_KEY: 'wrong' }), {})).toBe(2);
    expect(err()).toContain('does not know this key');
    expect(await listEvents(session({ OPERATOR_KEY: API_KEY }), {})).toBe(2);
    expect(err()).toContain('This is one of API_KEYS');
    expect(err()).not.toContain(API_KEY);
  });

  test('no key is set and no demo is there, or the address is none', () => {
    expect(open({ DATA_DIR: join(folder, 'none') })).toBeNull();
    expect(err()).toContain('OPERATOR_KEY is not set');
    expect(open({ OPERATOR_KEY, SERVICE_URL: 'verification.internal' })).toBeNull();
    expect(err()).toContain('SERVICE_URL is not a URL');
  });
});

test('in a demo its own key and address are taken, and that is said, without the key', async () => {
  writeFileSync(join(folder, 'demo.env'), `OPERATOR_KEYS='operator:${OPERATOR_KEY},other:x'\n`);
  writeFileSync(join(folder, 'run.json'), JSON.stringify({ addresses: { api: api.url } }));
  const opened = open({ DATA_DIR: folder });
  if (opened === null) throw new Error('No access was found');
  expect(err()).toContain(`asking ${api.url} with the key of the demo`);
  expect(err()).not.toContain(OPERATOR_KEY);
  expect(await listEvents(opened, { limit: '1' })).toBe(0);
});
