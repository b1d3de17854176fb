// People at the desk, who do a little work and are photographed.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { PlayedCases } from './cases.js';

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };

/** Takes a browser, the desk's address, the cases and a folder; returns the files that were written there. */
export async function takePictures(
  browser: Browser,
  deskUrl: string,
  cases: PlayedCases,
  folder: string,
): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const taken: string[] = [];
  const signsIn = async (name: string, options: BrowserContextOptions): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    await page.goto(deskUrl);
    await page.getByRole('button', { name }).click();
    await page.waitForURL(deskUrl);
    const exposed = page.getByRole(options === PHONE ? 'listitem' : 'row').filter({ hasText: cases.exposed });
    await exposed.getByText('1 match changed').waitFor();
    return page;
  };
  const photograph = async (page: Page, name: string, isWhole = false) => {
    const path = join(folder, `${name}.png`);
    // A button that the pointer happens to lie on would look as if it meant something.
    await page.mouse.move(0, 0);
    await page.screenshot({ path, fullPage: isWhole, animations: 'disabled' });
    taken.push(path);
  };

  const omar = await signsIn('Omar Officer', DESKTOP);
  await opens(omar, cases.sanctioned);
  await does(omar, 'Acknowledge', 'Acknowledged.');
  await opensList(omar, deskUrl);
  await opens(omar, cases.alike);
  await does(omar, 'Acknowledge', 'Acknowledged.');
  await proposesFalsePositive(omar, 'Another person: born thirty years earlier, and of another country.');

  const olivia = await signsIn('Olivia Officer', DESKTOP);
  await opens(olivia, cases.exposed);
  await does(olivia, 'Acknowledge', 'Acknowledged.');
  await olivia.getByRole('button', { name: 'Add a note' }).click();
  await olivia.getByLabel('In your words').fill('Asked the branch for the birth certificate.');
  await olivia.getByRole('button', { name: 'Confirm' }).click();
  await olivia.getByText('The note is in the timeline.').waitFor();
  await olivia.getByRole('button', { name: 'Show personal data' }).click();
  await olivia.getByRole('table', { name: 'Customer' }).waitFor();
  await photograph(olivia, 'desk-case', true);
  await opensList(olivia, deskUrl);
  await photograph(olivia, 'desk-list');

  const phone = await signsIn('Olivia Officer', PHONE);
  await photograph(phone, 'desk-phone');
  const dark = await signsIn('Olivia Officer', { ...DESKTOP, colorScheme: 'dark' });
  await opens(dark, cases.alike);
  await dark.getByRole('button', { name: 'Show personal data' }).click();
  await dark.getByRole('table', { name: 'Customer' }).waitFor();
  await photograph(dark, 'desk-dark');
  return taken;
}

async function opensList(page: Page, deskUrl: string): Promise<void> {
  await page.getByRole('link', { name: 'All cases' }).click();
  await page.waitForURL(deskUrl);
  await page.getByRole('table', { name: 'Cases' }).waitFor();
}

async function opens(page: Page, referenceNo: string): Promise<void> {
  await page.getByRole('row').filter({ hasText: referenceNo }).getByRole('link').click();
  await page.getByRole('region', { name: 'Actions' }).waitFor();
}

async function does(page: Page, button: string, done: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByText(done).waitFor();
}

async function proposesFalsePositive(page: Page, why: string): Promise<void> {
  await page.getByRole('button', { name: 'Propose an outcome' }).click();
  await page.getByRole('radio', { name: 'False positive' }).check();
  await page.getByRole('checkbox').first().check();
  await page.getByLabel('Why').fill(why);
  await page.getByRole('button', { name: 'Propose', exact: true }).click();
  await page.getByText('Proposed.').waitFor();
}
