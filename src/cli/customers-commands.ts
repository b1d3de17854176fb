import { customerStanding, eventPage } from '../http/operator-schemas.js';
import { accepted } from '../http/schemas.js';
import type { CustomerRequestKind } from '../temporal/names.js';
import { customerPage } from './customer-page.js';
import type { Asked } from './operator-client.js';
import { type ExitCode, type OperatorSession, sayWhy } from './operator-session.js';

/** `customers show`: takes the session and a reference number; prints how the customer stands and why. */
export async function showCustomer(
  session: OperatorSession,
  referenceNo: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const asked = await session.client.ask(`/customers/${encodeURIComponent(referenceNo)}`, customerStanding);
  if (asked.kind !== 'answer') return await sayWhyOfCustomer(session, referenceNo, asked);
  session.print(options.json ? JSON.stringify(asked.value, null, 2) : customerPage(asked.value, Date.now()));
  return 0;
}

const DONE: Readonly<Record<CustomerRequestKind, string>> = {
  complete: 'will have the journey closed at IDWise',
  reprocess: 'looks at every journey again',
  close: 'off-boards the customer: what comes later is recorded and changes nothing',
  reopen: 'takes the customer back and looks at every journey',
};

/** What a customer's workflow can be asked for, with the journey where one is meant. */
export interface CustomerWish {
  readonly kind: CustomerRequestKind;
  readonly referenceNo: string;
  readonly journeyId?: string;
  readonly reason: string;
}

/** `customers complete|reprocess|close|reopen`: takes the session and the wish; prints that it has been taken. */
export async function askCustomer(
  session: OperatorSession,
  { kind, referenceNo, journeyId, reason }: CustomerWish,
): Promise<ExitCode> {
  const body = { kind, reason, ...(journeyId === undefined ? {} : { journeyId }) };
  const path = `/customers/${encodeURIComponent(referenceNo)}/requests`;
  const asked = await session.client.ask(path, accepted, body);
  if (asked.kind !== 'answer') return await sayWhyOfCustomer(session, referenceNo, asked);
  session.print(`Taken: the workflow customer:${referenceNo} ${DONE[kind]}.`);
  return 0;
}

/**
 * Takes a session, the reference number that was asked about, and an answer that is none; says what is wrong and returns
 * the exit code. What was taken for a reference number is often a journey's id: then it says whose.
 */
export async function sayWhyOfCustomer(
  session: OperatorSession,
  referenceNo: string,
  asked: Exclude<Asked<unknown>, { kind: 'answer' }>,
): Promise<ExitCode> {
  if (asked.kind !== 'problem' || asked.code !== 'not_found') return sayWhy(session, asked);
  session.say(`There is no customer ${referenceNo}. Upper and lower case count.`);
  const query = new URLSearchParams({ journeyId: referenceNo, limit: '1' });
  const found = await session.client.ask(`/events?${query}`, eventPage);
  const owner = found.kind === 'answer' ? (found.value.events[0]?.referenceNo ?? null) : null;
  if (owner !== null) session.say(`It is a journey of ${owner}: npm run cli -- customers show '${owner}'`);
  return 1;
}
