import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { findChromium } from '../../tools/servers/browser.js';
import { becomes, finishes, starts } from '../end-to-end/customers.js';
import { DeskSession } from '../end-to-end/desk-session.js';
import { eventually } from '../eventually.js';
import { type DeskWorld, somebodyNew, startDeskWorld } from './desk-world.js';

const chromium = findChromium();
const inBrowser = chromium === null ? describe.skip : describe;

inBrowser('at the desk, in a browser,', () => {
  let world: DeskWorld;
  beforeAll(async () => {
    world = await startDeskWorld(chromium ?? '');
  });
  afterAll(() => world.close());

  test('an officer weighs a match and proposes; somebody else approves; IDWise has the match whitelisted', async () => {
    const name = somebodyNew();
    const person = { firstName: 'Alfa', lastName: 'Exampleton', birthDate: '1984-05-06' };
    const listing = {
      resourceId: `resource-${name}`,
      name,
      datasets: ['Politically Exposed Person'],
      datesOfBirth: ['1951'],
    };
    const { referenceNo, journeyId, caseId } = await world.listed(listing, { person });
    await eventually('the mail', async () =>
      (await world.mailbox.mails()).find(({ text }) => text.includes(caseId)),
    );
    await world.product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      changed: [{ resourceId: listing.resourceId, datesOfBirth: ['1952'] }],
      systemDecision: 'Refer',
    });
    await eventually('the case has the second version', async () => {
      const row = await world.product.store.cases.findOne({ _id: caseId });
      return row?.case.versions.length === 2 ? true : undefined;
    });

    const { page } = await world.signsIn('olivia');
    const row = page.getByRole('row').filter({ hasText: referenceNo });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/high.*Open/);
    await row.getByRole('link').click();

    await heading(page, '1 match changed (politically exposed)').waitFor();
    expect(await page.content()).not.toContain('Exampleton');
    await button(page, 'Show personal data').click();
    const customer = page.getByRole('table', { name: 'Customer' });
    await customer.waitFor();
    expect(await customer.textContent()).toContain('Exampleton');
    expect(await cellsOf(page.getByRole('table', { name: `Added: ${name}` }), 'Born')).toEqual(['–', '1951']);
    const change = page.getByRole('table', { name: `Changed: ${name}` });
    expect(await cellsOf(change, 'Born (changed)')).toEqual(['1951', '1952']);
    expect(await areSideBySide(change)).toBe(true);

    await button(page, 'Acknowledge').click();
    await page.getByText('Acknowledged.').waitFor();
    await button(page, 'Assign').click();
    const owners = await page.getByLabel('Owner').getByRole('option').allTextContents();
    expect(owners).toContain('Olivia Officer');
    expect(owners).not.toContain('Amir Auditor');
    await button(page, 'Close').click();
    await button(page, 'Add a note').click();
    await page.getByLabel('In your words').fill('Asked the branch for the birth certificate.');
    await button(page, 'Confirm').click();
    await region(page, 'Timeline').getByText('Asked the branch for the birth certificate.').waitFor();

    await button(page, 'Propose an outcome').click();
    await page.getByRole('radio', { name: 'False positive' }).check();
    await page.getByRole('checkbox', { name }).check();
    await page.getByLabel('Why').fill('Born thirty years later.');
    await button(page, 'Propose').last().click();
    await page.getByText('Awaiting approval').waitFor();
    expect(await region(page, 'Proposal 1: False positive').textContent()).toContain(
      'Born thirty years later.',
    );
    expect(await button(page, 'Withdraw the proposal').count()).toBe(1);
    expect(await button(page, 'Approve the proposal').count()).toBe(0);
    expect(await button(page, 'Decline the proposal').count()).toBe(0);

    const other = (await world.signsIn('anna', `/cases/${caseId}`)).page;
    await other.getByText('Born thirty years later.').first().waitFor();
    await button(other, 'Approve the proposal').click();
    await other.getByLabel('In your words').fill('The birth certificate says so too.');
    await button(other, 'Confirm').click();
    await region(other, 'Concluded: False positive').waitFor();
    await eventually('IDWise has whitelisted the match', async () => {
      const journey = await world.product.sim('GET', `/sim/journeys/${journeyId}`);
      return JSON.stringify(journey).includes('"isWhitelisted":true') ? true : undefined;
    });

    await other.getByRole('link', { name: 'All cases' }).click();
    await heading(other, 'Cases').waitFor();
    await other.getByText('Closed', { exact: true }).first().click();
    const closed = other.getByRole('row').filter({ hasText: referenceNo });
    await closed.waitFor();
    expect(await closed.textContent()).toContain('Closed');
    await other.getByText('All open', { exact: true }).click();
    await closed.waitFor({ state: 'detached' });
  });

  test('a match that IDWise cannot whitelist is not to be chosen for a false positive, with the reason; the others are', async () => {
    const [name, nameWithoutId] = [somebodyNew(), somebodyNew()];
    const { journeyId, caseId } = await world.listed({ name, datasets: ['Adverse Media'] });
    await world.product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      added: [{ name: nameWithoutId, resourceId: '', datasets: ['Adverse Media'] }],
      systemDecision: 'Refer',
    });
    const officer = await DeskSession.signIn(world.product.apiUrl, 'olivia');
    await eventually('the case has the second version', async () =>
      (await officer.read(caseId)).version === 2 ? true : undefined,
    );
    await officer.act(caseId, { action: 'acknowledge' });

    const { page } = await world.signsIn('olivia', `/cases/${caseId}`);
    await button(page, 'Propose an outcome').click();
    await page.getByRole('radio', { name: 'False positive' }).check();
    await page.getByLabel('Why').fill('Another one of this name.');
    const withoutId = page.getByRole('checkbox', { name: nameWithoutId });
    await withoutId.waitFor();
    expect(await withoutId.isDisabled()).toBe(true);
    const reason = page.locator(`[id="${await withoutId.getAttribute('aria-describedby')}"]`);
    expect(await reason.textContent()).toContain('IDWise gave it no id by which it could be whitelisted.');
    expect(await button(page, 'Propose').last().isDisabled()).toBe(true);

    await page.getByRole('checkbox', { name }).check();
    await button(page, 'Propose').last().click();
    await region(page, 'Proposal 1: False positive').getByText('Whitelists 1 match at IDWise.').waitFor();
  });

  test('a match on a sanctions list is critical, due within hours, holds the customer, and two people release them', async () => {
    const { referenceNo, caseId } = await world.listed({ name: somebodyNew(), datasets: ['Sanctions'] });
    const { page } = await world.signsIn('olivia');
    const row = page.getByRole('row').filter({ hasText: referenceNo });
    await row.waitFor();
    expect(await row.textContent()).toMatch(/critical.*In [1-4] h\d+ \w+ \d{4}, \d\d:\d\d UTC/);
    await row.getByRole('link').click();
    const facts = page.getByRole('table', { name: 'Facts' });
    await facts.getByRole('row', { name: 'Holds compliance' }).waitFor();
    expect(await facts.textContent()).toMatch(/suspended, access none/);

    await button(page, 'Acknowledge').click();
    await button(page, 'Propose an outcome').click();
    await page.getByRole('radio', { name: 'Monitor' }).check();
    await page.getByLabel('Why').fill('Delisted last week.');
    await button(page, 'Propose').last().click();
    await page.getByText('Awaiting approval').waitFor();
    expect(await facts.textContent()).toMatch(/suspended, access none/);

    const other = (await world.signsIn('anna', `/cases/${caseId}`)).page;
    await button(other, 'Approve the proposal').click();
    await other.getByLabel('In your words').fill('The list says so.');
    await button(other, 'Confirm').click();
    await region(other, 'Concluded: Monitor').waitFor();
    // The customer's workflow lets them go; the page looks again by itself.
    const released = other.getByRole('table', { name: 'Facts' });
    await released.getByRole('row', { name: 'Holds None' }).waitFor();
    expect(await released.textContent()).toMatch(/approved, access full/);
  });

  test('an engineer sees list and case and nobody’s data; an auditor sees the data and no button that changes anything', async () => {
    const name = somebodyNew();
    const { referenceNo, caseId } = await world.listed({ name, datasets: ['Adverse Media'] });
    const officer = await DeskSession.signIn(world.product.apiUrl, 'olivia');
    await officer.act(caseId, { action: 'acknowledge' });
    await officer.act(caseId, { action: 'note', text: `Spoke with ${name}.` });

    const engineer = (await world.signsIn('elena')).page;
    await engineer.getByRole('row').filter({ hasText: referenceNo }).getByRole('link').click();
    await region(engineer, 'Timeline').getByText('Note').waitFor();
    await engineer.getByText('Your roles do not show personal data.').waitFor();
    expect(await engineer.content()).not.toContain(name);
    expect(await buttonsOfPage(engineer)).toEqual([]);

    const auditor = (await world.signsIn('amir', `/cases/${caseId}`)).page;
    await region(auditor, 'Timeline').getByText(`Spoke with ${name}.`).waitFor();
    expect(await buttonsOfPage(auditor)).toEqual(['Show personal data']);
    await button(auditor, 'Show personal data').click();
    await auditor.getByRole('table', { name: `Added: ${name}` }).waitFor();
    expect(await buttonsOfPage(auditor)).toEqual([]);
  });

  test('the list is narrowed by whose a case is, its state, its severity and when it is due', async () => {
    const { product } = world;
    const sanctioned = await world.listed({ name: somebodyNew(), datasets: ['Sanctions'] });
    const reviewed = await starts(product, { outcome: 'refer' });
    await finishes(product, reviewed);
    await becomes(product, reviewed, 'under_review');
    const omar = await DeskSession.signIn(product.apiUrl, 'omar');
    await omar.act(sanctioned.caseId, { action: 'acknowledge' });

    const { page } = await world.signsIn('omar');
    const shows = async (isSanctionedThere: boolean, isReviewedThere: boolean) => {
      const rows = [
        { of: sanctioned, isThere: isSanctionedThere },
        { of: reviewed, isThere: isReviewedThere },
      ];
      for (const { of, isThere } of rows)
        await page
          .getByRole('row')
          .filter({ hasText: of.referenceNo })
          .waitFor({ state: isThere ? 'visible' : 'detached' });
    };
    await shows(true, true);
    await page.getByLabel('Severity').selectOption('Critical');
    await shows(true, false);
    await page.getByLabel('Severity').selectOption('Medium');
    await shows(false, true);
    await page.getByLabel('Severity').selectOption('Any');
    await page.getByLabel('State').selectOption('Acknowledged');
    await shows(true, false);
    await page.getByLabel('State').selectOption('Any');
    await page.getByLabel('Due').selectOption('Within a day');
    await shows(true, false);
    await page.getByLabel('Due').selectOption('Overdue');
    await shows(false, false);
    await page.getByLabel('Due').selectOption('Any');
    await page.getByText('Mine', { exact: true }).click();
    await shows(true, false);
    await page.getByText('Unassigned', { exact: true }).click();
    await shows(false, true);
    await page.getByLabel('Reference number').fill('another');
    await shows(false, false);

    // A look at a case does not lose what was chosen.
    await page.getByLabel('Reference number').fill(reviewed.referenceNo);
    await page.getByRole('row').filter({ hasText: reviewed.referenceNo }).getByRole('link').click();
    await page.getByRole('link', { name: 'All cases' }).click();
    await page.getByRole('row').filter({ hasText: reviewed.referenceNo }).waitFor();
    expect(await page.getByLabel('Reference number').inputValue()).toBe(reviewed.referenceNo);
  });
});

function heading(page: Page, name: string): Locator {
  return page.getByRole('heading', { level: 1, name, exact: true });
}

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true });
}

function region(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

/** What can be pressed in the page itself, beside its head. */
async function buttonsOfPage(page: Page): Promise<readonly string[]> {
  return await page.getByRole('main').getByRole('button').allTextContents();
}

/** The two cells of one row of a difference: before, and now. */
async function cellsOf(table: Locator, row: string): Promise<readonly string[]> {
  const rowHeader = table.page().getByRole('rowheader', { name: row, exact: true });
  return await table.getByRole('row').filter({ has: rowHeader }).getByRole('cell').allTextContents();
}

async function areSideBySide(table: Locator): Promise<boolean> {
  const [was, is] = await Promise.all(
    [0, 1].map((index) => table.getByRole('row').last().getByRole('cell').nth(index).boundingBox()),
  );
  return was != null && is != null && was.y === is.y && was.x + was.width <= is.x;
}
