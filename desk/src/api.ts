import type { CaseDetail, CaseList, CasePerson, CaseView, SessionView } from '../../src/desk/contract.js';

/** A refusal by the service, in words for the person at the desk. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** A problem document (RFC 9457), as far as the pages read it. */
interface ProblemDocument {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly problem: string }[];
}

let csrfToken = '';

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/desk/api${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as ProblemDocument;
  throw new Refused(
    answer.status,
    problem.code ?? 'unknown',
    problem.detail ?? 'The service did not answer.',
  );
}

/** Asks who is signed in; sends the browser to sign in where nobody is. */
export async function fetchSession(): Promise<SessionView> {
  try {
    const session = await call<SessionView>('GET', '/session');
    csrfToken = session.csrfToken;
    return session;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) goToSignIn();
    throw error;
  }
}

export function goToSignIn(): void {
  location.assign(`/desk/sign-in?to=${encodeURIComponent(location.pathname)}`);
}

export async function signOut(): Promise<void> {
  const answer = await fetch('/desk/sign-out', { method: 'POST' });
  const { next } = (await answer.json()) as { next: string };
  location.assign(next);
}

export interface CaseFilter {
  readonly view: CaseView;
  readonly severity: string | null;
  readonly referenceNo: string;
}

export function fetchCases(
  { view, severity, referenceNo }: CaseFilter,
  cursor: string | null,
): Promise<CaseList> {
  const query = new URLSearchParams({ view });
  if (severity !== null) query.set('severity', severity);
  if (referenceNo !== '') query.set('referenceNo', referenceNo);
  if (cursor !== null) query.set('cursor', cursor);
  return call('GET', `/cases?${query}`);
}

export function fetchCase(caseId: string): Promise<CaseDetail> {
  return call('GET', `/cases/${encodeURIComponent(caseId)}`);
}

/** Each call is on record as a reading of personal data. */
export function fetchPerson(caseId: string): Promise<CasePerson> {
  return call('POST', `/cases/${encodeURIComponent(caseId)}/person`, {});
}

export interface CaseAct {
  readonly action: string;
  readonly owner?: string;
  readonly text?: string;
  readonly outcome?: string;
  readonly matches?: readonly string[];
  readonly proposal?: number;
  readonly version?: number;
  readonly reportedAt?: string;
}

/** `requestId` makes an act that is sent twice one. */
export function act(caseId: string, requestId: string, body: CaseAct): Promise<CaseDetail> {
  return call('POST', `/cases/${encodeURIComponent(caseId)}/actions`, { requestId, ...body });
}
