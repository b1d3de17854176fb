import { randomUUID } from 'node:crypto';
import type { ServiceConfig } from '../../src/config/service-config.js';
import { ROLES } from '../../src/domain/cases/roles.js';
import { createVault } from '../../src/personal-data/vault.js';
import { startIdentityProvider } from '../../tools/identity-provider/identity-provider.js';
import type { DemoPerson } from '../../tools/identity-provider/people.js';
import { freePort } from '../../tools/servers/ports.js';
import { type StoredCase, storeCase } from '../builders/stored-case.js';
import { type ApiUnderTest, type Called, startApi } from './api-under-test.js';
import { Browser, signsIn } from './browser-session.js';
import { sentAgain } from './sent-again.js';

/** The desk's API with a real identity provider, and one person of each role. */
export interface DeskUnderTest {
  readonly api: ApiUnderTest;
  /** Who can sign in. What is changed here counts from the next sign-in on. */
  readonly people: DemoPerson[];
  signIn(subject: string): Promise<Visitor>;
  newCase(earlierRecords?: number): Promise<StoredCase>;
  /** Everything that is on record of a case and its customer. */
  recorded(of: StoredCase): Promise<Recorded>;
  close(): Promise<void>;
}

export type Recorded = Awaited<ReturnType<typeof recordedOf>>;

const CLIENT = { clientId: 'desk', clientSecret: 'a-secret-of-the-test' };

/** Starts both; `config` is what differs from the usual. Each role's person is called as the role, and there are others. */
export async function startDesk(config: Partial<ServiceConfig> = {}): Promise<DeskUnderTest> {
  const people: DemoPerson[] = [
    ...ROLES.map((role) => ({ subject: role, name: `Person ${role}`, roles: [role] })),
    { subject: 'officer-2', name: 'Another Officer', roles: ['officer'] },
    { subject: 'approver-2', name: 'Another Approver', roles: ['approver'] },
    { subject: 'both', name: 'Officer And Approver', roles: ['officer', 'approver'] },
    { subject: 'stranger', name: 'Somebody Else', roles: ['payroll'] },
  ];
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const provider = await startIdentityProvider({ port: 0, ...CLIENT, publicUrls: [url], people });
  const desk = { issuer: provider.issuer, ...CLIENT, rolesClaim: 'roles', publicUrl: url };
  const api = await startApi({ config: { desk, publicUrl: url, ...config }, port });
  const vault = createVault(api.config.service.piiKey);
  return {
    api,
    people,
    signIn: (subject) => Visitor.signIn(api.url, subject),
    newCase: (earlierRecords) => storeCase(api.store, vault, earlierRecords),
    recorded: (of) => recordedOf(api, of),
    close: async () => {
      await api.close();
      await provider.close();
    },
  };
}

async function recordedOf({ store }: ApiUnderTest, { caseId, referenceNo }: StoredCase) {
  const [row, profile, audit, inbox, outbox] = await Promise.all([
    store.cases.findOne({ _id: caseId }),
    store.profiles.findOne({ _id: referenceNo }),
    store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray(),
    store.inbox.find({ referenceNo }).sort({ _id: 1 }).toArray(),
    store.outbox.find({ referenceNo }).sort({ _id: 1 }).toArray(),
  ]);
  if (row === null || profile === null) throw new Error('The case or its customer is gone.');
  return { row, profile, audit, inbox, outbox };
}

/** Somebody who has signed in, with what a page of the desk sends along. */
export class Visitor {
  readonly browser = new Browser();
  csrfToken = '';

  private constructor(
    readonly publicUrl: string,
    readonly subject: string,
  ) {}

  static async signIn(publicUrl: string, subject: string): Promise<Visitor> {
    const visitor = new Visitor(publicUrl, subject);
    await signsIn(visitor.browser, publicUrl, subject);
    visitor.csrfToken = String((await visitor.call('GET', '/session')).json['csrfToken']);
    return visitor;
  }

  /** Calls the desk's API; `headers` replace those that a page of ours sends, null leaves one out. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string | null>> = {},
  ): Promise<Called> {
    const sent = {
      'content-type': 'application/json',
      'sec-fetch-site': 'same-origin',
      'x-csrf-token': this.csrfToken,
      ...headers,
    };
    return await sentAgain(
      () => this.send(method, path, sent, body),
      ({ json }) => json,
    );
  }

  private async send(
    method: string,
    path: string,
    sent: Readonly<Record<string, string | null>>,
    body: unknown,
  ): Promise<Called> {
    const answer = await this.browser.fetch(`${this.publicUrl}/desk/api${path}`, {
      method,
      headers: Object.fromEntries(
        Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null),
      ),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = text !== '' && /json/.test(answer.headers.get('content-type') ?? '');
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: answer.status, headers: answer.headers, text, json };
  }

  act(caseId: string, act: Readonly<Record<string, unknown>>): Promise<Called> {
    return this.call('POST', `/cases/${caseId}/actions`, { requestId: randomUUID(), ...act });
  }
}
