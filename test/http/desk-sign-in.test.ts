import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sessionIdOf } from '../../src/desk/sessions.js';
import {
  type RunningIdentityProvider,
  startIdentityProvider,
} from '../../tools/identity-provider/identity-provider.js';
import { freePort } from '../../tools/servers/ports.js';
import { type ApiUnderTest, startApi } from './api-under-test.js';
import { Browser } from './browser-session.js';

const CLIENT = { clientId: 'desk', clientSecret: 'a-secret-of-the-test' };
let api: ApiUnderTest;
let provider: RunningIdentityProvider;
const publicUrl = () => api.url;

beforeAll(async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  provider = await startIdentityProvider({ port: 0, ...CLIENT, publicUrls: [url] });
  const desk = { issuer: provider.issuer, ...CLIENT, rolesClaim: 'roles', publicUrl: url };
  api = await startApi({ config: { desk, publicUrl: url }, port });
});
afterAll(async () => {
  await api.close();
  await provider.close();
});

async function signedIn(subject: string): Promise<Browser> {
  const browser = new Browser();
  const chooser = await browser.follow(`${publicUrl()}/desk/sign-in?to=/desk/cases/c-1`);
  await browser.follow(chooser.url, { method: 'POST', body: new URLSearchParams({ subject }) });
  return browser;
}

const session = (browser: Browser) => browser.fetch(`${publicUrl()}/desk/api/session`);

describe('signing in', () => {
  test('by the identity provider gives name and roles, and leads to the page that was wanted', async () => {
    const browser = await signedIn('olivia');
    expect(browser.lastUrl).toBe(`${publicUrl()}/desk/cases/c-1`);
    const answer = await session(browser);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      person: { subject: 'olivia', name: 'Olivia Officer', roles: ['officer'] },
    });
  });

  test('gives a cookie that no script can read and no other site can send with a change', async () => {
    const browser = await signedIn('olivia');
    const [cookie] = browser.setCookies.filter((header) => header.startsWith('desk='));
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
  });

  test('is needed: without it the API says so, and a made-up cookie is none', async () => {
    expect((await fetch(`${publicUrl()}/desk/api/session`)).status).toBe(401);
    const forged = await fetch(`${publicUrl()}/desk/api/session`, { headers: { cookie: 'desk=made-up' } });
    expect(forged.status).toBe(401);
  });

  test('does not follow a callback that belongs to no sign-in begun here', async () => {
    const answer = await fetch(`${publicUrl()}/desk/signed-in?code=stolen&state=x`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/desk/sign-in']);
  });

  test('refuses an answer whose state is another one', async () => {
    const browser = new Browser();
    await browser.follow(`${publicUrl()}/desk/sign-in`);
    const answer = await browser.fetch(`${publicUrl()}/desk/signed-in?code=x&state=another`);
    expect(answer.status).toBe(403);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain('The sign-in did not succeed. Go back to the desk and try again.');
    expect((await session(browser)).status).toBe(401);
  });

  test('is told on a page when the identity provider does not answer, and works as soon as it does', async () => {
    const port = await freePort();
    const issuerPort = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const issuer = `http://127.0.0.1:${issuerPort}`;
    const desk = { issuer, ...CLIENT, rolesClaim: 'roles', publicUrl: url };
    const alone = await startApi({ config: { desk, publicUrl: url }, port });
    try {
      const answer = await new Browser().fetch(`${url}/desk/sign-in`);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
      expect(await answer.text()).toContain('sign-in does not answer at the moment');
      const late = await startIdentityProvider({ port: issuerPort, ...CLIENT, publicUrls: [url] });
      try {
        const chooser = await new Browser().follow(`${url}/desk/sign-in`);
        expect(new URL(chooser.url).origin).toBe(issuer);
      } finally {
        await late.close();
      }
    } finally {
      await alone.close();
    }
  });

  test.each(['https://evil.example', '//evil.example', '/\\evil.example', '/desk/../v1', '/desk?x=//evil'])(
    'never leads elsewhere afterwards: %s',
    async (to) => {
      const browser = new Browser();
      const chooser = await browser.follow(`${publicUrl()}/desk/sign-in?to=${encodeURIComponent(to)}`);
      await browser.follow(chooser.url, { method: 'POST', body: new URLSearchParams({ subject: 'olivia' }) });
      expect(browser.lastUrl).toBe(`${publicUrl()}/desk`);
    },
  );

  test('is begun without a trace in the database: nobody fills it by beginning', async () => {
    const before = await api.store.sessions.countDocuments();
    for (let times = 0; times < 5; times += 1) await new Browser().follow(`${publicUrl()}/desk/sign-in`);
    expect(await api.store.sessions.countDocuments()).toBe(before);
  });

  test('stores no secret that opens a session', async () => {
    const browser = await signedIn('olivia');
    const rows = await api.store.sessions.find({}).toArray();
    expect(JSON.stringify(rows)).not.toContain(browser.cookie('desk'));
  });
});

describe('whoever can write to the database', () => {
  test('becomes nobody by it: a session that was made up, edited or put under another secret opens nothing', async () => {
    const olivia = await signedIn('olivia');
    const omar = await signedIn('omar');
    const { sessions } = api.store;
    const [hers, his] = await Promise.all([olivia, omar].map((browser) => sessions.findOne(rowOf(browser))));
    if (hers === null || his === null || hers === undefined || his === undefined)
      throw new Error('There is no session.');
    expect(await (await session(omar)).json()).toMatchObject({ person: { subject: 'omar' } });
    await sessions.updateOne({ _id: his._id }, { $set: { sealed: hers.sealed, subject: hers.subject } });
    expect((await session(omar)).status).toBe(401);
    const madeUp = {
      person: { subject: 'olivia', name: 'Olivia', roles: ['admin'] },
      csrfToken: 't',
      idToken: '',
    };
    await sessions.updateOne({ _id: his._id }, { $set: { sealed: JSON.stringify(madeUp) } });
    expect((await session(omar)).status).toBe(401);
    expect((await session(olivia)).status).toBe(200);
  });

  const rowOf = (browser: Browser) => ({ _id: sessionIdOf(browser.cookie('desk') ?? '') });
});

describe('signing out', () => {
  test('ends the session here and at the provider, and only from a page of ours', async () => {
    const browser = await signedIn('olivia');
    const from = (site: string) => ({ method: 'POST', headers: { 'sec-fetch-site': site } });
    const stranger = await browser.fetch(`${publicUrl()}/desk/sign-out`, from('cross-site'));
    expect(stranger.status).toBe(403);
    expect((await session(browser)).status).toBe(200);
    const stolen = browser.cookie('desk');
    const own = await browser.fetch(`${publicUrl()}/desk/sign-out`, from('same-origin'));
    const { next } = (await own.json()) as { next: string };
    expect(new URL(next).origin).toBe(provider.issuer);
    const replayed = await fetch(`${publicUrl()}/desk/api/session`, {
      headers: { cookie: `desk=${stolen}` },
    });
    expect(replayed.status).toBe(401);
  });
});
