import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { findChromium } from '../../tools/servers/browser.js';
import { DeskSession } from '../end-to-end/desk-session.js';
import { eventually } from '../eventually.js';
import { type DeskWorld, somebodyNew, startDeskWorld } from './desk-world.js';

const chromium = findChromium();
const inBrowser = chromium === null ? describe.skip : describe;

inBrowser('what the browser holds the desk to:', () => {
  let world: DeskWorld;
  beforeAll(async () => {
    world = await startDeskWorld(chromium ?? '');
  });
  afterAll(() => world.close());

  test('the pages ask nobody but this service, and violate nothing that their policy forbids', async () => {
    const { caseId } = await world.listed({ name: somebodyNew(), datasets: ['Adverse Media'] });
    const { page, asked, complaints } = await world.signsIn('olivia');
    await page.goto(`${world.deskUrl}/cases/${caseId}`);
    await page.getByRole('button', { name: 'Show personal data' }).click();
    await page.getByRole('table', { name: 'Customer' }).waitFor();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByRole('button', { name: 'Assign' }).click();
    await page.getByLabel('Owner').selectOption('Olivia Officer');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Assigned.').waitFor();
    await page.getByRole('button', { name: 'Olivia Officer' }).click();
    await page.getByRole('menuitem', { name: 'Dark mode' }).click();
    await page.getByRole('button', { name: 'Olivia Officer' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL((url) => url.origin === world.provider.issuer);

    const origins = new Set(
      asked.filter((url) => !url.startsWith('data:')).map((url) => new URL(url).origin),
    );
    expect(origins).toEqual(new Set([world.product.apiUrl, world.provider.issuer]));
    // Before somebody has signed in, the question who it is is answered 401.
    expect(complaints.filter((complaint) => !complaint.includes('/desk/api/session'))).toEqual([]);
  });

  test('no script reads the cookies, and what a script of another place would need is refused', async () => {
    const { page, context } = await world.signsIn('olivia');
    const cookies = (await context.cookies(world.deskUrl)).filter(({ name }) => name === 'desk');
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Lax' }]);
    expect(await page.evaluate<string>('document.cookie')).not.toContain('desk=');
    const violated = page.evaluate<string>(
      "new Promise((resolve) => document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective)))",
    );
    await page.evaluate(
      "void document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))",
    );
    expect(await violated).toBe('script-src-elem');
    expect(await page.evaluate<boolean>('window.ran === true')).toBe(false);
  });

  test('a session that has ended is said in words, loses nothing on the page, and leads to sign in and back', async () => {
    const { caseId } = await world.listed({ name: somebodyNew(), datasets: ['Adverse Media'] });
    const { page, context } = await world.signsIn('olivia', `/cases/${caseId}`);
    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.getByLabel('In your words').fill('Half an hour of thought.');
    await world.product.store.sessions.deleteMany({ subject: 'olivia' });
    await page.getByRole('button', { name: 'Confirm' }).click();
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('Your session has ended. Sign in again to go on');
    expect(await page.getByLabel('In your words').inputValue()).toBe('Half an hour of thought.');

    await alert.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Acknowledge' }).waitFor();
    expect(page.url()).toBe(`${world.deskUrl}/cases/${caseId}`);

    await context.clearCookies();
    await page.reload();
    await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  });

  test('a link in a mail opens nothing before somebody has signed in, and then the case', async () => {
    const { caseId } = await world.listed({ name: somebodyNew(), datasets: ['Adverse Media'] });
    const mail = await eventually('the mail', async () =>
      (await world.mailbox.mails()).find(({ text }) => text.includes(caseId)),
    );
    const link = /http\S+\/desk\/cases\/\S+/.exec(mail.text)?.[0] ?? '';
    const { page } = await world.opens(link.replace(world.deskUrl, ''));
    expect(new URL(page.url()).origin).toBe(world.provider.issuer);
    await page.getByRole('button', { name: 'Omar Officer' }).click();
    await page.getByRole('heading', { name: '1 match added (adverse media)' }).waitFor();
    expect(page.url()).toBe(link);
  });

  test('an act on a case that has moved on is refused in words, and what was written stays', async () => {
    const name = somebodyNew();
    const listing = {
      resourceId: `resource-${name}`,
      name,
      datasets: ['Adverse Media'],
      datesOfBirth: ['1951'],
    };
    const { caseId, journeyId } = await world.listed(listing);
    const officer = await DeskSession.signIn(world.product.apiUrl, 'olivia');
    await officer.act(caseId, { action: 'acknowledge' });
    const { page } = await world.signsIn('olivia', `/cases/${caseId}`);
    await page.getByRole('button', { name: 'Propose an outcome' }).click();
    await page.getByRole('radio', { name: 'Monitor' }).check();
    await page.getByLabel('Why').fill('Nothing new in ten years.');
    await world.product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      changed: [{ resourceId: listing.resourceId, datesOfBirth: ['1984'] }],
      systemDecision: 'Refer',
    });
    await eventually('the case has a version more', async () =>
      (await officer.read(caseId)).version === 2 ? true : undefined,
    );
    await page.getByRole('button', { name: 'Propose', exact: true }).click();
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('has changed since you opened it');
    expect(await page.getByLabel('Why').inputValue()).toBe('Nothing new in ten years.');
    expect((await officer.read(caseId)).proposal).toBeNull();
  });

  /** Lets the next acts of a page be done and their answers be lost, each in its own way; returns the ids that were sent. */
  async function losesAnswers(page: Page, ways: readonly ('reset' | 502)[]): Promise<string[]> {
    const requestIds: string[] = [];
    await page.route('**/actions', async (route) => {
      requestIds.push((route.request().postDataJSON() as { requestId: string }).requestId);
      const way = ways[requestIds.length - 1];
      if (way === undefined) return await route.continue();
      await route.fetch();
      await (way === 'reset' ? route.abort('connectionreset') : route.fulfill({ status: way }));
    });
    return requestIds;
  }

  test('an act whose answer is lost on the way is sent again under its id, and done once', async () => {
    const { caseId } = await world.listed({ name: somebodyNew(), datasets: ['Adverse Media'] });
    const { page } = await world.signsIn('olivia', `/cases/${caseId}`);
    const requestIds = await losesAnswers(page, ['reset', 502]);
    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.getByLabel('In your words').fill('Written once.');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(requestIds).toHaveLength(3);
    expect(new Set(requestIds).size).toBe(1);
    expect(await page.getByText('Written once.').count()).toBe(1);
  });

  test('an act of which no answer comes at all may have been done, says the page; asked for again it is the same act', async () => {
    const { caseId } = await world.listed({ name: somebodyNew(), datasets: ['Adverse Media'] });
    const { page } = await world.signsIn('olivia', `/cases/${caseId}`);
    const requestIds = await losesAnswers(page, ['reset', 'reset', 'reset']);
    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.getByLabel('In your words').fill('Written once.');
    await page.getByRole('button', { name: 'Confirm' }).click();
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('This may not have been done');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Add a note' }).click();
    await page.getByLabel('In your words').fill('Written once.');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByText('The note is in the timeline.').waitFor();
    expect(requestIds).toHaveLength(4);
    expect(new Set(requestIds).size).toBe(1);
    expect(await page.getByText('Written once.').count()).toBe(1);
  });
});
