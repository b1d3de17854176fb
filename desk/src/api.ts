import type {
  CaseAction,
  CaseDetail,
  CaseList,
  CasePerson,
  CaseView,
  SessionView,
} from '../../src/desk/contract.js';

/** A refusal by the service, in words for the person at the desk. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    words: string,
  ) {
    super(words);
  }
}

/**
 * Takes what a call failed with; returns true where it is not the service's word: nothing came back, the service says that
 * it cannot tell, or a proxy before it speaks.
 */
export function isAway(error: unknown): boolean {
  return !(error instanceof Refused) || error.status >= 500;
}

/** Nobody can say whether an act was done: of one of its sendings no answer came. */
export class Unsure extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** A problem document (RFC 9457), as far as the pages read it. */
interface ProblemDocument {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly at: string; readonly problem: string }[];
}

/** What the person is told: the rule that refused, where the service names it, else what it says in general. */
function wordsOf({ code, detail, errors = [] }: ProblemDocument, status: number): string {
  if (status === 401) return 'Your session has ended. Sign in again to go on.';
  if (code === 'case_refused' && errors.length > 0) return errors.map(({ problem }) => problem).join(' ');
  const general = detail ?? 'The service did not answer as it should. Try again in a moment.';
  return [general, ...errors.map(({ at, problem }) => `${at.replace(/^body\./, '')} ${problem}.`)].join(' ');
}

/** A service that is quiet for so long is away. */
const TIMEOUT_MS = 30_000;

let csrfToken = '';

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`/desk/api${path}`, {
    method,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrfToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Error('The service cannot be reached. Try again in a moment.');
  });
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as ProblemDocument;
  throw new Refused(answer.status, wordsOf(problem, answer.status));
}

/** Asks who is signed in; sends the browser to sign in where nobody is. */
export async function fetchSession(): Promise<SessionView> {
  try {
    const session = await call<SessionView>('GET', '/session');
    csrfToken = session.csrfToken;
    return session;
  } catch (error) {
    if (isSignedOut(error)) location.assign(signInAddress());
    throw error;
  }
}

/** Takes what a call failed with; returns true when nobody is signed in any more. */
export function isSignedOut(error: unknown): boolean {
  if (error instanceof Unsure) return isSignedOut(error.cause);
  return error instanceof Refused && error.status === 401;
}

/** Where to sign in, and to come back from to this very page. */
export function signInAddress(): string {
  return `/desk/sign-in?to=${encodeURIComponent(location.pathname)}`;
}

export async function signOut(): Promise<void> {
  const answer = await fetch('/desk/sign-out', { method: 'POST' });
  const { next } = (await answer.json()) as { next: string };
  location.assign(next);
}

export interface CaseFilter {
  readonly view: CaseView;
  readonly severity: string | null;
  readonly state: string | null;
  readonly due: string | null;
  /** Exact; empty for any. */
  readonly referenceNo: string;
}

export const NO_FILTER: CaseFilter = {
  view: 'open',
  severity: null,
  state: null,
  due: null,
  referenceNo: '',
};

export function fetchCases(
  { view, severity, state, due, referenceNo }: CaseFilter,
  cursor: string | null,
): Promise<CaseList> {
  const query = new URLSearchParams({ view });
  if (severity !== null) query.set('severity', severity);
  if (state !== null) query.set('state', state);
  if (due !== null) query.set('due', due);
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
  readonly action: CaseAction;
  readonly owner?: string;
  readonly text?: string;
  readonly outcome?: string;
  readonly matches?: readonly string[];
  readonly proposal?: number;
  readonly version?: number;
  readonly reportedAt?: string;
}

/** Gaps before an act is sent again, in milliseconds. */
const GAPS_MS = [1_000, 2_000];
/** Not again after so long: the machine may have slept, and what was meant then may not be meant now. */
const TOO_LATE_MS = 2 * 60_000;

/**
 * Sends an act; again, under the same id, where no answer comes. The service does what comes under one id once.
 *
 * @throws Refused when it was not done; Unsure when nobody can say
 */
export async function act(caseId: string, requestId: string, body: CaseAct): Promise<CaseDetail> {
  const beganAtMs = Date.now();
  const path = `/cases/${encodeURIComponent(caseId)}/actions`;
  for (let sent = 0; ; sent += 1) {
    try {
      return await call<CaseDetail>('POST', path, { requestId, ...body });
    } catch (error) {
      const failure = error as Error;
      // What a repeat is refused for, the session for instance, says nothing of the sending before.
      if (!isAway(failure)) throw sent === 0 ? failure : new Unsure(failure);
      const gapMs = GAPS_MS[sent];
      if (gapMs === undefined) throw new Unsure(failure);
      await new Promise((resolve) => setTimeout(resolve, gapMs));
      if (Date.now() - beganAtMs > TOO_LATE_MS) throw new Unsure(failure);
    }
  }
}
