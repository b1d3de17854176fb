import type { RequestListener } from 'node:http';
import express from 'express';
import { configOrExit, readEnvironment } from '../src/config/environment.js';
import { listen } from '../src/http/listen.js';
import { WEBHOOK_PATH } from '../src/http/webhook-route.js';
import { idwiseInboxRow } from '../src/intake/inbox-row.js';
import type { Relay } from '../src/intake/relay.js';
import { assembleApi } from '../src/main/assemble-api.js';
import { createLogger } from '../src/observability/logger.js';
import { openStore } from '../src/store/store.js';
import { createTemporalClient } from '../src/temporal/client.js';
import { CUSTOMER_SIGNAL, customerWorkflowId, WORKFLOW_TYPES } from '../src/temporal/names.js';

/**
 * The servers that are compared, each in a process of its own; which one, the first argument says. Prints the port
 * that it listens on.
 */
export type Variant = 'empty' | 'ours' | 'naive';

/** Holds events back, so that intake alone is measured; the benchmark's fourth part runs with everything on. */
const HELD: Relay = { offer: () => {}, pending: () => 0, drain: async () => {} };

async function handlerOf(variant: Variant): Promise<RequestListener> {
  const app = express();
  app.disable('x-powered-by');
  if (variant === 'empty') {
    app.post(WEBHOOK_PATH, (_req, res) => {
      res.status(200).end();
    });
    return app;
  }
  const config = configOrExit(readEnvironment(process.env));
  const store = await openStore(config.mongodbUri);
  if (variant === 'ours')
    return assembleApi(config, store, createLogger('bench', 'error'), { relay: HELD }).handler;

  // What one writes in an afternoon: parse, insert, signal, answer.
  const client = createTemporalClient(config);
  app.post(WEBHOOK_PATH, express.raw({ type: () => true }), async (req, res) => {
    const raw = req.body as Buffer;
    const { row } = idwiseInboxRow(JSON.parse(raw.toString('utf8')), raw, new Date());
    await store.inbox.insertOne(row, { writeConcern: { w: 'majority' } });
    await client.workflow.signalWithStart(WORKFLOW_TYPES.customer, {
      workflowId: customerWorkflowId(row.referenceNo ?? ''),
      taskQueue: config.temporal.taskQueue,
      args: [{ referenceNo: row.referenceNo }],
      signal: CUSTOMER_SIGNAL,
      signalArgs: [
        { id: row._id, inboxId: row._id, kind: row.kind, receivedAt: row.receivedAt.toISOString() },
      ],
    });
    res.status(200).end();
  });
  return app;
}

const outcome = await listen(await handlerOf(process.argv[2] as Variant), '127.0.0.1', 0);
if (outcome.kind === 'refused') throw new Error(`Cannot listen: ${outcome.code}`);
process.stdout.write(`listening on ${outcome.listening.port}\n`);
process.on('SIGTERM', () => process.exit(0));
