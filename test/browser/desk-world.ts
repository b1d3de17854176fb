import { randomUUID } from 'node:crypto';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import {
  type RunningIdentityProvider,
  startIdentityProvider,
} from '../../tools/identity-provider/identity-provider.js';
import { PEOPLE } from '../../tools/identity-provider/people.js';
import { chromiumLaunch } from '../../tools/servers/browser.js';
import { freePort } from '../../tools/servers/ports.js';
import { approvedCustomer, type OneCustomer } from '../end-to-end/customers.js';
import { DeskSession } from '../end-to-end/desk-session.js';
import { type Mailbox, startMailbox } from '../end-to-end/mailbox.js';
import { type Product, startProduct } from '../end-to-end/product.js';
import { eventually, PATIENCE_MS } from '../eventually.js';

const CLIENT = { clientId: 'desk', clientSecret: 'a-secret-of-the-test' };

/** Somebody of the demo's people, by the subject of their login. */
export type Subject = (typeof PEOPLE)[number]['subject'];

/** What a page did behind the eyes of whoever looked at it. */
export interface Seat {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses that were asked, by whatever kind of request. */
  readonly asked: readonly string[];
  /** Errors and warnings of the console, and errors that nothing caught. */
  readonly complaints: readonly string[];
}

export interface SeatOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
}

/** The whole product with people in front of it: their browser, their sign-in, their mailbox. */
export interface DeskWorld {
  readonly product: Product;
  readonly provider: RunningIdentityProvider;
  readonly mailbox: Mailbox;
  /** The desk's address. */
  readonly deskUrl: string;
  /** Opens a browser of its own at an address of the desk, with nobody signed in; it ends at the provider's page. */
  opens(path?: string, options?: SeatOptions): Promise<Seat>;
  /** The same, and somebody signs in. */
  signsIn(subject: Subject, path?: string, options?: SeatOptions): Promise<Seat>;
  /** An approved customer whom monitoring finds on a list; returns them with their case. */
  listed(match: ListedAs, wishes?: Readonly<Record<string, unknown>>): Promise<ListedCustomer>;
  close(): Promise<void>;
}

export interface ListedAs {
  readonly name: string;
  readonly datasets: readonly string[];
  readonly datesOfBirth?: readonly (string | number)[];
}

export interface ListedCustomer extends OneCustomer {
  readonly caseId: string;
}

const ARRIVES_WITHIN_MS = 30_000;

/** Takes the program; starts everything and the browser. */
export async function startDeskWorld(executablePath: string): Promise<DeskWorld> {
  const mailbox = await startMailbox();
  const port = await freePort();
  const product = await startProduct({
    environment: {
      SMTP_URL: mailbox.smtpUrl,
      OIDC_ISSUER: `http://127.0.0.1:${port}`,
      OIDC_CLIENT_ID: CLIENT.clientId,
      OIDC_CLIENT_SECRET: CLIENT.clientSecret,
    },
  });
  const provider = await startIdentityProvider({ port, ...CLIENT, publicUrls: [product.apiUrl] });
  const browser = await chromium.launch(chromiumLaunch(executablePath));
  const deskUrl = `${product.apiUrl}/desk`;
  // Who looks for cases where no page does.
  const auditor = await DeskSession.signIn(product.apiUrl, 'amir');

  const opens: DeskWorld['opens'] = async (path = '', options = {}) => {
    const seat = await takeSeat(browser, options);
    await seat.page.goto(`${deskUrl}${path}`);
    await seat.page.getByRole('heading', { name: 'Who are you?' }).waitFor();
    return seat;
  };
  return {
    product,
    provider,
    mailbox,
    deskUrl,
    opens,
    signsIn: async (subject, path = '', options) => {
      const seat = await opens(path, options);
      const name = PEOPLE.find((person) => person.subject === subject)?.name ?? subject;
      const arrives = async () => {
        await seat.page.getByRole('button', { name }).click();
        await seat.page.waitForURL(`${deskUrl}${path}`, { timeout: ARRIVES_WITHIN_MS });
      };
      // As a person does whom a stalled server has shown an error.
      await eventually(`${name} is signed in`, () =>
        arrives().then(
          () => true,
          async () => void (await seat.page.goto(`${deskUrl}${path}`)),
        ),
      );
      await seat.page.getByRole('button', { name }).waitFor();
      return seat;
    },
    listed: async (match, wishes) => {
      const customer = await approvedCustomer(product, wishes);
      await product.sim('POST', `/sim/aml/journeys/${customer.journeyId}/changes`, {
        added: [match],
        systemDecision: 'Refer',
      });
      const found = await eventually(
        'there is a case',
        async () => (await auditor.casesOf(customer.referenceNo))[0],
      );
      return { ...customer, caseId: found.caseId };
    },
    close: async () => {
      await browser.close();
      await product.stop();
      await provider.close();
      await mailbox.close();
    },
  };
}

async function takeSeat(browser: Browser, options: SeatOptions): Promise<Seat> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 900 },
    colorScheme: options.colorScheme ?? 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  // As for every other look of these tests: a machine that does much else is no failure.
  context.setDefaultTimeout(PATIENCE_MS);
  const asked: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => asked.push(request.url()));
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.text()} (${message.location().url})`);
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, context, asked, complaints };
}

/** A name that stands in no other test. */
export function somebodyNew(): string {
  return `Somebody Alike ${randomUUID().slice(0, 8)}`;
}
