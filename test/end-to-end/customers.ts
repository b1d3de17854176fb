import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { workflowRests } from '../builders/workflow-at-rest.js';
import { eventually } from '../eventually.js';
import type { Product } from './product.js';

/** One customer with one journey. */
export interface OneCustomer {
  readonly referenceNo: string;
  readonly journeyId: string;
}

/** Registers a customer, under a reference number of the company's own or a new one; returns it. */
export async function registers(product: Product, referenceNo?: string): Promise<string> {
  const answer = await product.call('POST', '/v1/verifications', {
    customerId: `customer-${randomUUID()}`,
    ...(referenceNo === undefined ? {} : { referenceNo }),
  });
  // Where a first answer was lost to a busy MongoDB, the same is there already.
  if (answer.status !== 201 && answer.status !== 200)
    throw new Error(`The registration was answered ${answer.status}`);
  return String(answer.body['referenceNo']);
}

/** Registers a customer who starts a journey, which the app reports; `wishes` as the simulator takes them. */
export async function starts(product: Product, wishes: Record<string, unknown> = {}): Promise<OneCustomer> {
  const referenceNo = await registers(product);
  const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo, ...wishes });
  const answer = await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
  if (answer.status !== 200) throw new Error(`onJourneyStarted was answered ${answer.status}`);
  return { referenceNo, journeyId: String(journeyId) };
}

/** Somebody starts a journey under a reference number that nobody has registered. */
export async function startsUnregistered(
  product: Product,
  wishes: Record<string, unknown> = {},
): Promise<OneCustomer> {
  const referenceNo = `early-${randomUUID()}`;
  const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo, ...wishes });
  return { referenceNo, journeyId: String(journeyId) };
}

/** The user submits everything, and IDWise takes over. */
export async function finishes(product: Product, { journeyId }: OneCustomer): Promise<void> {
  await product.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
}

/** Waits until the profile has the status. */
export async function becomes(
  product: Product,
  { referenceNo }: Pick<OneCustomer, 'referenceNo'>,
  status: string,
): Promise<void> {
  await eventually(`${referenceNo} is ${status}`, async () => {
    const profile = await product.store.profiles.findOne({ _id: referenceNo });
    return profile?.view.status === status ? true : undefined;
  });
}

/** A customer who has gone through everything and is approved. */
export async function approvedCustomer(
  product: Product,
  wishes: Record<string, unknown> = {},
): Promise<OneCustomer> {
  const customer = await starts(product, wishes);
  await finishes(product, customer);
  await becomes(product, customer, 'approved');
  return customer;
}

/** One event of IDWise about a customer, of a kind that makes us look and changes nothing at IDWise. */
export function finishedStep({ referenceNo, journeyId }: OneCustomer): {
  readonly inboxId: string;
  readonly payload: { event: string; body: Record<string, unknown> };
} {
  const eventId = randomUUID();
  return {
    inboxId: `idwise:${eventId}`,
    payload: { event: 'Finished Step', body: { eventId, journeyId, referenceNo, stepId: '0' } },
  };
}

/** Posts a webhook as IDWise does; returns the status, or null where no answer came. */
export async function posts(
  product: Product,
  payload: unknown,
  apiUrl = product.apiUrl,
): Promise<number | null> {
  const credentials = Buffer.from(product.environment['IDWISE_WEBHOOK_SECRETS'] ?? '').toString('base64');
  try {
    const response = await fetch(`${apiUrl}/webhooks/idwise`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
      body: JSON.stringify(payload),
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}

/** Resolves when the customer's workflow knows what MongoDB shows of them, and has nothing under way. */
export async function rests(
  product: Product,
  { referenceNo }: Pick<OneCustomer, 'referenceNo'>,
): Promise<void> {
  const connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const namespace = product.environment['TEMPORAL_NAMESPACE'] ?? 'default';
    await workflowRests(new Client({ connection, namespace }).workflow, referenceNo);
  } finally {
    await connection.close();
  }
}
