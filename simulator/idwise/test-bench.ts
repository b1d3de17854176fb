import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SimulatorControl } from '../control-client.js';
import { type RunningSimulator, type SimulatorOptions, startSimulator } from '../simulator.js';

/** One webhook as it arrived. */
export interface ReceivedWebhook {
  atMs: number;
  headers: IncomingMessage['headers'];
  event: string;
  body: Record<string, unknown>;
}

/** A simulator with a receiver for its webhooks, as the simulator's own tests want them. */
export class TestBench {
  readonly received: ReceivedWebhook[] = [];
  /** Answers of the receiver in turn, then 200; null: never answers. */
  readonly answers: (number | null)[] = [];
  readonly control: SimulatorControl;

  private constructor(
    readonly simulator: RunningSimulator,
    private readonly receiver: Server,
  ) {
    this.control = new SimulatorControl(simulator.url);
  }

  /** Starts both on free ports; times are short unless the test says otherwise. */
  static async start(options: SimulatorOptions = {}): Promise<TestBench> {
    const pending: { bench?: TestBench } = {};
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const envelope = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Omit<
          ReceivedWebhook,
          'headers'
        >;
        const { event, body } = envelope;
        pending.bench?.received.push({ atMs: Date.now(), headers: request.headers, event, body });
        const answer = pending.bench?.answers.shift();
        if (answer === null) return;
        response.writeHead(answer ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    const starting = startSimulator({
      webhookUrl: `http://127.0.0.1:${port}/webhooks`,
      processingMs: 5,
      summaryLimit: false,
      ...options,
    });
    starting.catch(() => receiver.close());
    const simulator = await starting;
    const bench = new TestBench(simulator, receiver);
    pending.bench = bench;
    return bench;
  }

  async stop(): Promise<void> {
    await this.simulator.stop();
    this.receiver.closeAllConnections();
    await new Promise((resolve) => this.receiver.close(resolve));
  }

  /** Calls the REST API with the default credentials. */
  async rest(method: string, path: string, json?: unknown): Promise<{ status: number; json: unknown }> {
    const response = await this.restRaw(method, path, json);
    return { status: response.status, json: await response.json() };
  }

  restRaw(method: string, path: string, json?: unknown): Promise<Response> {
    return fetch(`${this.simulator.url}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from('simulated-api-key:simulated-api-secret').toString('base64')}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
  }

  /** Waits for the n-th webhook of that event. */
  async webhook(event: string, nth = 1): Promise<ReceivedWebhook> {
    return until(() => this.received.filter((webhook) => webhook.event === event)[nth - 1]);
  }

  /** Starts a journey and waits until it is finished and all about it was delivered. */
  async finishedJourney(wishes: Record<string, unknown> = {}): Promise<string> {
    const journeyId = await this.control.startJourney({ referenceNo: 'customer-1', ...wishes });
    await this.control.finish(journeyId);
    await until(async () => (await this.control.journey(journeyId)).phase === 'finished');
    await until(async () => {
      const deliveries = await this.control.deliveries({ journeyId });
      return deliveries.every((delivery) => delivery.state === 'delivered');
    });
    return journeyId;
  }
}

/** @returns what stands at a path in an answer, undefined when there is nothing */
export function at(json: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    json,
  );
}

/**
 * Waits for a condition, looking every few milliseconds.
 *
 * @throws after 5 s
 */
export async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) throw new Error('the condition did not come true within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
