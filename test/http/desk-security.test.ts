import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sessionIdOf } from '../../src/desk/sessions.js';
import type { StoredCase } from '../builders/stored-case.js';
import { Browser } from './browser-session.js';
import { type DeskUnderTest, startDesk, type Visitor } from './desk-under-test.js';

/** What stands before the desk's API, whoever's roles are asked: session, origin, token, sizes and forms. */

let desk: DeskUnderTest;
let officer: Visitor;
let one: StoredCase;

beforeAll(async () => {
  desk = await startDesk();
  officer = await desk.signIn('officer');
  one = await desk.newCase();
});
afterAll(() => desk.close());

const acknowledge = () => ({ requestId: randomUUID(), action: 'acknowledge' });
const actionsOf = ({ caseId }: StoredCase) => `/cases/${caseId}/actions`;
const READS = () => ['/session', '/cases', `/cases/${one.caseId}`, `/cases/${one.caseId}/export?format=json`];
const CHANGES = () =>
  [
    [`/cases/${one.caseId}/person`, {}],
    [actionsOf(one), acknowledge()],
  ] as const;

/** Finds a visitor's session in the store. */
const sessionOf = ({ browser }: Visitor) => ({ _id: sessionIdOf(browser.cookie('desk') ?? '') });

/** A test's name, the same in every run. */
const shortened = (text: string) => {
  const name = text.replace(/[0-9a-f-]{36}/, 'UUID');
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
};
const named = (texts: readonly string[]) => texts.map((text) => [shortened(text), text] as const);

describe('a session', () => {
  test('is needed for everything: without one each route answers 401 and writes nothing', async () => {
    const before = await desk.recorded(one);
    for (const cookie of ['', 'desk=', 'desk=made-up', `desk=${'x'.repeat(4_000)}`]) {
      const headers = { cookie, 'sec-fetch-site': 'same-origin', 'x-csrf-token': officer.csrfToken };
      for (const path of READS()) {
        const answer = await fetch(`${desk.api.url}/desk/api${path}`, { headers });
        expect([path, answer.status]).toEqual([path, 401]);
      }
      for (const [path, body] of CHANGES()) {
        const init = { method: 'POST', headers, body: JSON.stringify(body) };
        expect((await fetch(`${desk.api.url}/desk/api${path}`, init)).status).toBe(401);
      }
    }
    expect(await desk.recorded(one)).toEqual(before);
  });

  test('opens the desk and nothing else: the API of the company and its operators knows no cookie', async () => {
    for (const path of [`/v1/verifications/${one.referenceNo}`, `/v1/operator/customers/${one.referenceNo}`])
      expect((await officer.browser.fetch(`${desk.api.url}${path}`)).status).toBe(401);
    for (const authorization of ['the-key-of-the-company-server', 'the-key-of-the-night-shift']) {
      const headers = { authorization: `Bearer ${authorization}` };
      expect((await fetch(`${desk.api.url}/desk/api/cases`, { headers })).status).toBe(401);
    }
  });

  test('that has ended opens nothing any more, whether by sign-out, by idleness or by the end of the day', async () => {
    const leaving = await desk.signIn('officer-2');
    const cookie = `desk=${leaving.browser.cookie('desk')}`;
    await leaving.browser.fetch(`${desk.api.url}/desk/sign-out`, {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin' },
    });
    expect((await fetch(`${desk.api.url}/desk/api/cases`, { headers: { cookie } })).status).toBe(401);

    const idle = await desk.signIn('officer-2');
    await desk.api.store.sessions.updateOne(sessionOf(idle), {
      $set: { expiresAt: new Date(Date.now() - 1) },
    });
    expect((await idle.call('GET', '/cases')).json).toMatchObject({ status: 401, code: 'sign_in_needed' });
    const { status } = await idle.call('POST', actionsOf(one), acknowledge());
    expect(status).toBe(401);
  });

  test('is prolonged by work, but never beyond its ten hours', async () => {
    const working = await desk.signIn('officer-2');
    const begun = await desk.api.store.sessions.findOne(sessionOf(working));
    if (begun?.kind !== 'session') throw new Error('There is no session.');
    expect(begun.endsAt.getTime() - begun.expiresAt.getTime()).toBe(9.5 * 3_600_000);
    const endsAt = new Date(Date.now() + 5 * 60_000);
    const expiresAt = new Date(Date.now() + 60_000);
    await desk.api.store.sessions.updateOne(sessionOf(working), { $set: { endsAt, expiresAt } });
    expect((await working.call('GET', '/cases')).status).toBe(200);
    expect((await desk.api.store.sessions.findOne(sessionOf(working)))?.expiresAt).toEqual(endsAt);
  });

  test('keeps the roles it began with; what the provider takes away counts from the next sign-in', async () => {
    desk.people.push({ subject: 'leaver', name: 'Leaver', roles: ['officer'] });
    const leaver = await desk.signIn('leaver');
    desk.people.splice(-1, 1, { subject: 'leaver', name: 'Leaver', roles: [] });
    expect((await leaver.call('GET', '/cases')).status).toBe(200);
    const again = await desk.signIn('leaver');
    expect((await again.call('GET', '/cases')).json).toMatchObject({ status: 403, code: 'role_missing' });
    desk.people.pop();
  });
});

describe('a change', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, string | null>>])[] = [
    ['without the token', { 'x-csrf-token': null }],
    ['with an empty token', { 'x-csrf-token': '' }],
    ['with a token of another length', { 'x-csrf-token': 'short' }],
    ['with a token that is made up', { 'x-csrf-token': 'A'.repeat(32) }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a sister domain', { 'sec-fetch-site': 'same-site' }],
    ['by a link or a form of nobody’s', { 'sec-fetch-site': 'none' }],
    ['from an old browser on another site', { 'sec-fetch-site': null, origin: 'https://evil.example' }],
    ['from an old browser that says nothing', { 'sec-fetch-site': null }],
    ['from a sandboxed frame', { 'sec-fetch-site': null, origin: 'null' }],
  ];

  test.each(wrong)('%s is refused and writes nothing', async (_what, headers) => {
    const before = await desk.recorded(one);
    for (const [path, body] of CHANGES()) {
      const { status, json } = await officer.call('POST', path, body, headers);
      expect([status, json['code']]).toEqual([403, 'cross_site_request']);
    }
    expect(await desk.recorded(one)).toEqual(before);
  });

  test('with the token of another session is refused', async () => {
    const other = await desk.signIn('officer-2');
    const { status } = await officer.call('POST', actionsOf(one), acknowledge(), {
      'x-csrf-token': other.csrfToken,
    });
    expect(status).toBe(403);
  });

  test('from a page of ours in an old browser, which names its origin only, is done', async () => {
    const of = await desk.newCase();
    const headers = { 'sec-fetch-site': null, origin: desk.api.url };
    expect((await officer.call('POST', actionsOf(of), acknowledge(), headers)).status).toBe(200);
  });

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'])('by %s is none', async (method) => {
    const before = await desk.recorded(one);
    for (const [path] of CHANGES()) expect((await officer.call(method, path)).status).toBe(404);
    expect(await desk.recorded(one)).toEqual(before);
  });
});

describe('what was not expected', () => {
  const LONG = 'x'.repeat(6_000);
  const paths = [
    '/cases?view=secret',
    '/cases?view=open&view=mine',
    '/cases?view[$ne]=open',
    '/cases?referenceNo[$ne]=x',
    '/cases?referenceNo[$regex]=.*',
    '/cases?severity[]=high',
    '/cases?severity=%00',
    `/cases?referenceNo=${LONG}`,
    '/cases?refrenceNo=x',
    '/cases?$where=1',
    '/cases?__proto__=x',
    '/cases?cursor=garbage',
    '/cases?cursor=1~',
    '/cases?cursor=1~case_XYZ',
    '/cases?cursor=99999999999999999999~case_ab',
    '/cases?cursor[$gt]=',
    `/cases?cursor=1~case_${'a'.repeat(4_000)}`,
    '/cases/%7B%22%24ne%22%3Anull%7D',
    '/cases/%00',
    '/cases/%ff',
    '/cases/..%2f..%2fetc%2fpasswd',
    '/cases/__proto__',
    `/cases/${LONG}`,
    '/cases/case_00/export',
    '/cases/case_00/export?format=exe',
    '/cases/case_00/export?format=json&format=csv',
    '/cases/case_00/export?format[$ne]=json',
    '/nothing-here',
  ];

  test.each(named(paths))('in the address is 400 or 404, never a fault of ours: %s', async (_name, path) => {
    const approver = await desk.signIn('approver');
    const { status, json, text } = await approver.call('GET', path);
    expect([400, 404]).toContain(status);
    expect(json['code']).toMatch(/^(invalid_request|not_found)$/);
    expect(text).not.toMatch(/\bat \S+:\d+|node_modules|Error:/);
  });

  const bodies: readonly (readonly [string, number, string])[] = [
    ['', 400, 'invalid_request'],
    ['null', 400, 'invalid_request'],
    ['[]', 400, 'invalid_request'],
    ['{"action":', 400, 'not_json'],
    ['{"action":{"$ne":1}}', 400, 'invalid_request'],
    ['{"requestId":"1","action":"acknowledge"}', 400, 'invalid_request'],
    [JSON.stringify({ requestId: { $gt: '' }, action: 'acknowledge' }), 400, 'invalid_request'],
    [JSON.stringify({ ...acknowledge(), __proto__x: 1 }), 400, 'invalid_request'],
    [JSON.stringify({ ...acknowledge(), action: 'assign', owner: { $ne: '' } }), 400, 'invalid_request'],
    [JSON.stringify({ ...acknowledge(), action: 'note', text: '   ' }), 400, 'invalid_request'],
    [JSON.stringify({ ...acknowledge(), action: 'note', text: 'x'.repeat(4_001) }), 400, 'invalid_request'],
    [
      JSON.stringify({ ...acknowledge(), action: 'approve', proposal: 1e99, text: 'x' }),
      400,
      'invalid_request',
    ],
    [JSON.stringify({ ...acknowledge(), action: 'note', text: 'x'.repeat(70_000) }), 413, 'body_too_large'],
    [`${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'invalid_request'],
  ];

  test.each(bodies.map(([body, ...answer]) => [shortened(body), body, ...answer] as const))(
    'in a body is refused by name and writes nothing: %s',
    async (_name, body, status, code) => {
      const before = await desk.recorded(one);
      const answer = await officer.call('POST', actionsOf(one), body);
      expect([answer.status, answer.json['code']]).toEqual([status, code]);
      expect(answer.text).not.toMatch(/\bat \S+:\d+|node_modules|Error:/);
      expect(await desk.recorded(one)).toEqual(before);
    },
  );

  test('a compressed body is not unpacked', async () => {
    const answer = await officer.browser.fetch(`${desk.api.url}/desk/api${actionsOf(one)}`, {
      method: 'POST',
      headers: {
        'content-encoding': 'gzip',
        'sec-fetch-site': 'same-origin',
        'x-csrf-token': officer.csrfToken,
      },
      body: new Uint8Array(gzipSync('x'.repeat(1_000_000))),
    });
    expect(await answer.json()).toMatchObject({ status: 400, code: 'content_encoding_refused' });
  });

  test('an act on a case that does not exist is 404', async () => {
    for (const caseId of ['case_00', '%00', '__proto__', LONG]) {
      expect((await officer.act(caseId, { action: 'acknowledge' })).status).toBe(404);
      expect((await officer.call('POST', `/cases/${caseId}/person`, {})).status).toBe(404);
    }
  });
});

test.each([
  '/desk/sign-in?to[$ne]=x',
  '/desk/sign-in?to=/desk&to=/desk',
  '/desk/signed-in?code=a&code=b&state[$ne]=x',
  `/desk/signed-in?state=${'x'.repeat(200)}`,
  '/desk/%ff',
  '/desk/assets/%00',
  '/desk/assets/..%2f..%2fpackage.json',
])('at the doors of the desk, %s is no fault of ours and opens nothing', async (path) => {
  const visitor = new Browser();
  await visitor.follow(`${desk.api.url}/desk/sign-in`);
  const answer = await visitor.fetch(`${desk.api.url}${path}`);
  expect(answer.status).toBeLessThan(500);
  expect(await answer.text()).not.toMatch(/node_modules|"dependencies"|Error:/);
  expect((await visitor.fetch(`${desk.api.url}/desk/api/session`)).status).toBe(401);
});

test('every answer of the desk’s API is for this moment and this page only', async () => {
  const answers = [
    ...(await Promise.all(READS().map((path) => officer.call('GET', path)))),
    ...(await Promise.all(CHANGES().map(([path]) => officer.call('POST', path, {})))),
    await officer.call('GET', '/nothing-here'),
    await officer.call('GET', '/cases?view=secret'),
  ];
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 403, 404]));
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('each view of personal data has one record, with who viewed and which case', async () => {
  const of = await desk.newCase();
  const before = await desk.recorded(of);
  const auditor = await desk.signIn('auditor');
  await Promise.all([1, 2, 3].map(() => officer.call('POST', `/cases/${of.caseId}/person`, {})));
  await auditor.call('POST', `/cases/${of.caseId}/person`, {});
  // Looking at the case alone shows nothing personal, and leaves no record.
  await auditor.call('GET', `/cases/${of.caseId}`);
  const added = (await desk.recorded(of)).audit.slice(before.audit.length);
  expect(added.map(({ effect, actor, to, cause }) => [effect, actor, to, cause.kind])).toEqual(
    ['officer', 'officer', 'officer', 'auditor'].map((actor) => [
      'case:person_viewed',
      actor,
      { caseId: of.caseId },
      'person',
    ]),
  );
});
