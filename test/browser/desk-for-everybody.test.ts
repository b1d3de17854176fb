import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { findChromium } from '../../tools/servers/browser.js';
import { graveFindings, overflow } from './accessibility.js';
import {
  type DeskWorld,
  type ListedCustomer,
  type SeatOptions,
  somebodyNew,
  startDeskWorld,
} from './desk-world.js';

const chromium = findChromium();
const inBrowser = chromium === null ? describe.skip : describe;

const PHONE = { width: 390, height: 844 };
const SETTINGS: readonly (readonly [string, SeatOptions])[] = [
  ['on a wide screen', {}],
  ['on a phone', { viewport: PHONE }],
  ['in the dark', { colorScheme: 'dark' }],
  ['on a phone in the dark', { viewport: PHONE, colorScheme: 'dark' }],
];

inBrowser('the desk is for everybody:', () => {
  let world: DeskWorld;
  let customer: ListedCustomer;
  beforeAll(async () => {
    world = await startDeskWorld(chromium ?? '');
    customer = await world.listed({ name: somebodyNew(), datasets: ['Politically Exposed Person'] });
  });
  afterAll(() => world.close());

  test('by keyboard alone one signs in, opens a case and acknowledges it, and sees at each step where one is', async () => {
    const { caseId, referenceNo } = await world.listed({ name: somebodyNew(), datasets: ['Sanctions'] });
    const { page } = await world.opens();
    await goesTo(page, page.getByRole('button', { name: 'Olivia Officer' }));
    await page.keyboard.press('Enter');
    const link = page.getByRole('row').filter({ hasText: referenceNo }).getByRole('link');
    await link.waitFor();
    await goesTo(page, link);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${world.deskUrl}/cases/${caseId}`);
    const acknowledge = page.getByRole('button', { name: 'Acknowledge' });
    await acknowledge.waitFor();
    await goesTo(page, acknowledge);
    await page.keyboard.press('Enter');
    await page.getByText('Acknowledged.').waitFor();
    const row = await world.product.store.cases.findOne({ _id: caseId });
    expect(row?.state).toBe('acknowledged');
  });

  test('a form opens by keyboard, holds the focus, and gives it back when it is left', async () => {
    const { page } = await world.signsIn('olivia', `/cases/${customer.caseId}`);
    const note = page.getByRole('button', { name: 'Add a note' });
    await note.waitFor();
    await goesTo(page, note);
    await page.keyboard.press('Enter');
    const words = page.getByLabel('In your words');
    await words.waitFor();
    await page.keyboard.type('Typed without a click.');
    expect(await words.inputValue()).toBe('Typed without a click.');
    await page.keyboard.press('Escape');
    await words.waitFor({ state: 'detached' });
    expect(await isFocused(note)).toBe(true);
  });

  test.each(SETTINGS)(
    '%s, axe finds nothing serious, and nothing scrolls sideways',
    async (_name, options) => {
      const { page } = await world.signsIn('olivia', '', options);
      const isPhone = options.viewport === PHONE;
      const found: Record<string, unknown> = {};
      const look = async (place: string) => {
        found[place] = { grave: await graveFindings(page), overflow: await overflow(page) };
      };
      await page.getByText(customer.referenceNo).waitFor();
      await look('list');
      if (isPhone) await page.getByRole('button', { name: 'More filters' }).click();
      await page.getByLabel('Reference number').fill('nobody');
      await page.getByText('No case fits these filters.').waitFor();
      await look('empty list');
      await page.getByRole('button', { name: 'Clear the filters' }).click();
      const row = page.getByRole(isPhone ? 'listitem' : 'row').filter({ hasText: customer.referenceNo });
      await row.getByRole('link').click();
      await page.getByRole('button', { name: 'Show personal data' }).click();
      await page.getByRole('table', { name: 'Customer' }).waitFor();
      await look('case');
      const acknowledge = page.getByRole('button', { name: 'Acknowledge' });
      if ((await acknowledge.count()) > 0) await acknowledge.click();
      await page.getByRole('button', { name: 'Propose an outcome' }).click();
      await page.getByRole('radio', { name: 'False positive' }).check();
      await page.getByRole('checkbox').first().waitFor();
      await look('form');
      const clean = { grave: [], overflow: 0 };
      expect(found).toEqual({ list: clean, 'empty list': clean, case: clean, form: clean });
    },
  );

  test('who prefers dark gets dark, until they choose', async () => {
    const { page } = await world.signsIn('olivia', '', { colorScheme: 'dark' });
    expect(await lightness(page)).toBeLessThan(0.3);
    await page.getByRole('button', { name: 'Olivia Officer' }).click();
    await page.getByRole('menuitem', { name: 'Light mode' }).click();
    expect(await lightness(page)).toBeGreaterThan(0.7);
    await page.reload();
    await page.getByRole('heading', { name: 'Cases' }).waitFor();
    expect(await lightness(page)).toBeGreaterThan(0.7);
  });
});

/** Presses Tab until something has the focus; fails where it never has, or where a stop on the way is not seen. */
async function goesTo(page: Page, wanted: Locator): Promise<void> {
  for (let stops = 0; stops < 60; stops += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>(UNSEEN_FOCUS)).toBe('');
    if (await isFocused(wanted)) return;
  }
  throw new Error('60 times Tab did not lead there.');
}

/** What has the focus without showing it: neither it nor the label that stands for it has an outline or a shadow. */
const UNSEEN_FOCUS = `(() => {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return '';
  const shows = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  };
  const labels = [...(focused.labels ?? [])];
  return [focused, ...labels].some(shows) ? '' : focused.outerHTML;
})()`;

async function isFocused(wanted: Locator): Promise<boolean> {
  return await wanted.evaluate((element) => element === element.ownerDocument.activeElement);
}

/** From 0, black, to 1, white: the ground that the page is drawn on. */
async function lightness(page: Page): Promise<number> {
  const color = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
  return (red + green + blue) / (3 * 255);
}
