import { z } from 'zod';
import { latestCheckpoint } from '../../audit/stored-checkpoints.js';
import type { Metrics } from '../../observability/metrics.js';
import type { Store } from '../../store/store.js';
import { type Route, route } from '../route.js';

interface Dependencies {
  readonly store: Pick<Store, 'ping' | 'auditCheckpoints'>;
  readonly metrics: Metrics;
  /** Built from all routes, this one included. */
  readonly openapi: () => unknown;
}

const PING_TIMEOUT_MS = 1_000;

/** Takes what they need; returns the routes for operators and tools. */
export function processStateRoutes({ store, metrics, openapi }: Dependencies): Route[] {
  return [
    route({
      method: 'get',
      path: '/healthz',
      operationId: 'health',
      summary: 'The process runs.',
      access: 'public',
      body: null,
      answers: { 200: { description: 'It does', schema: z.object({ status: z.literal('ok') }) } },
      problems: [],
      handle: async ({ res }) => {
        res.json({ status: 'ok' });
      },
    }),
    route({
      method: 'get',
      path: '/readyz',
      operationId: 'readiness',
      summary:
        'MongoDB answers, so that events can be stored. Temporal is not asked: intake does not need it.',
      access: 'public',
      body: null,
      answers: {
        200: {
          description: 'Ready; auditCheckpointAt tells when the audit trail was last attested, null: never',
          schema: z.object({ status: z.literal('ready'), auditCheckpointAt: z.string().nullable() }),
        },
      },
      problems: ['storage_unavailable'],
      handle: async ({ res }) => {
        try {
          await store.ping(PING_TIMEOUT_MS);
          const checkpoint = await latestCheckpoint(store);
          res.json({ status: 'ready', auditCheckpointAt: checkpoint?.body.at ?? null });
        } catch {
          return 'storage_unavailable';
        }
      },
    }),
    route({
      method: 'get',
      path: '/metrics',
      operationId: 'metrics',
      summary: 'Metrics for Prometheus. Needs an API key unless the service listens on loopback only.',
      access: 'metrics',
      body: null,
      answers: { 200: { description: 'Metrics', contentType: 'text/plain' } },
      problems: [],
      handle: async ({ res }) => {
        const text = await metrics.registry.metrics();
        res.set('Content-Type', metrics.registry.contentType).end(text);
      },
    }),
    route({
      method: 'get',
      path: '/openapi.json',
      operationId: 'openapi',
      summary: 'This description.',
      access: 'public',
      body: null,
      answers: { 200: { description: 'OpenAPI 3.1', schema: z.object({ openapi: z.string() }) } },
      problems: [],
      handle: async ({ res }) => {
        res.json(openapi());
      },
    }),
  ];
}
