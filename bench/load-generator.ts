import { Agent, request } from 'node:http';

/**
 * Sends webhooks as fast as a server answers over a number of keep-alive connections, or at a steady rate, and
 * measures. A process of its own, an ordinary HTTP client. Takes its order as JSON in the first argument; writes its
 * findings as JSON to standard output.
 */
export interface LoadOrder {
  readonly port: number;
  readonly authorization: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Events per second over all connections; null: as fast as the server answers. */
  readonly perSecond: number | null;
  /** Whom the events are about; each event takes the next. */
  readonly customers: readonly { readonly referenceNo: string; readonly journeyId: string }[];
  /** Makes the event ids of this run unlike those of any other. */
  readonly run: string;
}

export interface LoadFindings {
  readonly answered: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
}

function bodyOf(order: LoadOrder, number: number): string {
  const customer = order.customers[number % order.customers.length];
  return JSON.stringify({
    event: 'Updated Journey',
    body: {
      eventId: `${order.run}-${number}`,
      journeyId: customer?.journeyId,
      referenceNo: customer?.referenceNo,
      systemDecision: 'Complete',
      manualDecision: null,
      finalDecision: 'Complete',
      action: 'Step Update',
    },
  });
}

async function run(order: LoadOrder): Promise<LoadFindings> {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections });
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  const beginsAtMs = performance.now() + order.warmUpMs;
  const endsAtMs = beginsAtMs + order.measureMs;
  let sent = 0;

  /** Resolves when it is this request's turn: at once, or by the steady rate. */
  const turn = async (number: number): Promise<void> => {
    if (order.perSecond === null) return;
    const dueAtMs = beginsAtMs - order.warmUpMs + (number * 1_000) / order.perSecond;
    const leftMs = dueAtMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
  };

  const converse = async (): Promise<void> => {
    while (performance.now() < endsAtMs) {
      const number = sent;
      sent += 1;
      await turn(number);
      const body = bodyOf(order, number);
      const sentAtMs = performance.now();
      const status = await post(order, agent, body);
      const answeredAtMs = performance.now();
      if (answeredAtMs < beginsAtMs || answeredAtMs > endsAtMs) continue;
      latenciesMs.push(answeredAtMs - sentAtMs);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };

  await Promise.all(Array.from({ length: order.connections }, converse));
  agent.destroy();
  latenciesMs.sort((a, b) => a - b);
  const quantile = (q: number) =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * q))] ?? 0;
  return {
    answered: latenciesMs.length,
    perSecond: latenciesMs.length / (order.measureMs / 1_000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    worstMs: latenciesMs.at(-1) ?? 0,
    statuses,
  };
}

/** Sends one webhook; resolves with the answer's status once the whole answer is there. */
function post(order: LoadOrder, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        agent,
        host: '127.0.0.1',
        port: order.port,
        path: '/webhooks/idwise',
        method: 'POST',
        headers: {
          authorization: order.authorization,
          'content-type': 'application/json',
          'content-length': body.length,
        },
      },
      (res) => {
        res.resume();
        res.on('end', () => resolve(res.statusCode ?? 0));
      },
    );
    req.on('error', reject);
    req.end(body);
  });
}

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
process.stdout.write(JSON.stringify(await run(order)));
