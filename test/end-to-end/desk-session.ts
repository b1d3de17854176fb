import { randomUUID } from 'node:crypto';
import type { CaseDetail, CaseList, CasePerson } from '../../src/desk/contract.js';
import { Browser, signsIn } from '../http/browser-session.js';
import { sentAgain } from '../http/sent-again.js';

/** Somebody of the demo's people at the desk, by its API as the pages use it. */
export class DeskSession {
  private readonly browser = new Browser();
  private csrfToken = '';

  private constructor(
    private readonly publicUrl: string,
    readonly subject: string,
  ) {}

  /** Signs in by the identity provider. */
  static async signIn(publicUrl: string, subject: string): Promise<DeskSession> {
    const session = new DeskSession(publicUrl, subject);
    await signsIn(session.browser, publicUrl, subject);
    const { body } = await session.call('GET', '/session');
    session.csrfToken = (body as { csrfToken: string }).csrfToken;
    return session;
  }

  /** Calls the desk's API; returns status and parsed body. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return sentAgain(
      () => this.callOnce(method, path, body),
      (answer) => answer.body,
    );
  }

  private async callOnce(method: string, path: string, body?: unknown) {
    const answer = await this.browser.fetch(`${this.publicUrl}/desk/api${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        'x-csrf-token': this.csrfToken,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as unknown };
  }

  async casesOf(referenceNo: string, view = 'open'): Promise<CaseList['cases']> {
    const { body } = await this.call(
      'GET',
      `/cases?view=${view}&referenceNo=${encodeURIComponent(referenceNo)}`,
    );
    return (body as CaseList).cases;
  }

  async read(caseId: string): Promise<CaseDetail> {
    return (await this.call('GET', `/cases/${caseId}`)).body as CaseDetail;
  }

  async person(caseId: string): Promise<CasePerson> {
    return (await this.call('POST', `/cases/${caseId}/person`, {})).body as CasePerson;
  }

  /** Acts on a case; returns the status, and the case or the problem. */
  act(caseId: string, act: Readonly<Record<string, unknown>>): ReturnType<DeskSession['call']> {
    return this.call('POST', `/cases/${caseId}/actions`, { requestId: randomUUID(), ...act });
  }
}
