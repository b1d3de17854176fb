import { Client, Connection } from '@temporalio/client';
import { type DeliveryView, SimulatorControl } from '../../simulator/control-client.js';
import { customerWorkflowId } from '../../src/temporal/names.js';
import type { SimulatedCall } from './ledger.js';
import type { Product } from './product.js';

/**
 * What both sides have written down of one customer, in order of time, to be read when a story ended otherwise than it
 * should: which webhook or call came late, and what waited for it.
 *
 * @returns one line for each, with seconds since the first
 */
export async function trail(product: Product, referenceNo: string): Promise<string> {
  const { store } = product;
  const control = new SimulatorControl(product.simulator.url);
  const [deliveries, { calls }, rows, records, history] = await Promise.all([
    control.deliveries({ referenceNo }),
    control.call('GET', '/sim/calls'),
    store.inbox.find({ referenceNo }, { projection: { raw: 0 } }).toArray(),
    store.audit.find({ referenceNo }).toArray(),
    eventsOfRun(product, referenceNo),
  ]);
  const journeyIds = new Set(deliveries.map(({ journeyId }) => journeyId));
  const moments: Moment[] = [
    ...deliveries.flatMap(webhookMoments),
    ...(calls as SimulatedCall[])
      .filter(({ journeyId }) => journeyIds.has(journeyId))
      .map(({ atMs, endpoint, status, fault }) => ({
        atMs,
        text: `IDWise is asked: ${endpoint}, answers ${status ?? 'nothing'}${fault === null ? '' : ` (${fault})`}`,
      })),
    ...rows.flatMap(({ _id, kind, receivedAt, signalledAt, processedAt, state }) => [
      { atMs: receivedAt.getTime(), text: `inbox: ${kind} ${_id} received; it is ${state} now` },
      ...(signalledAt === null ? [] : [{ atMs: signalledAt.getTime(), text: `inbox: ${_id} signalled` }]),
      ...(processedAt === null ? [] : [{ atMs: processedAt.getTime(), text: `inbox: ${_id} processed` }]),
    ]),
    ...records.map(({ at, sequence, effect, cause }) => ({
      atMs: at.getTime(),
      text: `audit ${sequence}: ${effect}, by ${cause.kind} ${cause.id}`,
    })),
    ...history,
  ];
  moments.sort((a, b) => a.atMs - b.atMs);
  const beganAtMs = moments[0]?.atMs ?? 0;
  return moments
    .map(({ atMs, text }) => `${((atMs - beganAtMs) / 1_000).toFixed(2).padStart(9)} s  ${text}`)
    .join('\n');
}

interface Moment {
  readonly atMs: number;
  readonly text: string;
}

function webhookMoments({ event, attempts }: DeliveryView): Moment[] {
  return attempts.map(({ atMs, durationMs, status, failure }) => ({
    atMs: atMs + durationMs,
    text: `webhook ${event}: ${status ?? failure} after ${durationMs} ms`,
  }));
}

interface Attributes {
  readonly activityType?: { readonly name?: string };
  readonly signalName?: string;
  readonly startToFireTimeout?: { readonly seconds?: unknown };
}

/** The history of the customer's latest run, by the names of its events and of what they carry. */
async function eventsOfRun({ environment }: Product, referenceNo: string): Promise<Moment[]> {
  const connection = await Connection.connect({ address: environment['TEMPORAL_ADDRESS'] ?? '' });
  try {
    const workflow = new Client({ connection }).workflow.getHandle(customerWorkflowId(referenceNo));
    const { events } = await workflow.fetchHistory();
    return (events ?? []).map(({ eventTime, ...event }) => {
      const [[kind, attributes] = ['event', {}]] = Object.entries(event).filter(
        ([name, value]) => name.endsWith('EventAttributes') && value,
      );
      const { activityType, startToFireTimeout, signalName } = attributes as Attributes;
      const what = [activityType?.name, signalName, startToFireTimeout?.seconds].find((each) => each);
      return {
        atMs: Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6,
        text: `workflow: ${kind.replace('EventAttributes', '')} ${String(what ?? '')}`.trimEnd(),
      };
    });
  } finally {
    await connection.close();
  }
}
