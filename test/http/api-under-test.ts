import { randomUUID } from 'node:crypto';
import type { DestinationStream } from 'pino';
import type { ServiceConfig } from '../../src/config/service-config.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { listen } from '../../src/http/listen.js';
import { type Api, assembleApi } from '../../src/main/assemble-api.js';
import { createLogger, type Logger } from '../../src/observability/logger.js';
import type { InboxRow } from '../../src/store/inbox-records.js';
import { buildMissingIndexes } from '../../src/store/indexes.js';
import { openStore, type Store } from '../../src/store/store.js';
import { openPatientStore } from '../builders/patient-store.js';
import { sentAgain } from './sent-again.js';

export const API_KEY = 'the-key-of-the-company-server';
export const OPERATOR_KEY = 'the-key-of-the-night-shift';
export const WEBHOOK_SECRET = 'the-secret-of-idwise-webhooks';
export const LOG_SINK: DestinationStream = { write: () => {} };

/** A whole API process, but in this one: real HTTP, real MongoDB, real Temporal. */
export interface ApiUnderTest {
  readonly url: string;
  readonly config: ServiceConfig;
  /** The test's own connection, which is more patient than the API's. */
  readonly store: Store;
  readonly api: Api;
  /** Calls the API with the company's key, or with what `authorization` says (null: without). */
  call(method: string, path: string, options?: CallOptions): Promise<Called>;
  /** Posts to the webhook as IDWise does. */
  webhook(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Called>;
  inboxRow(id: string): Promise<InboxRow | null>;
  /** Stops the HTTP server and the parts, as SIGTERM does; the database is dropped. */
  close(): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; an empty object where there is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface ApiOptions {
  readonly mongodbUri?: string;
  /** An address in place of the test run's Temporal. */
  readonly temporalAddress?: string;
  readonly config?: Partial<ServiceConfig>;
  readonly logger?: Logger;
  /** False: only the relay delivers. */
  readonly sweeps?: boolean;
  /** False: also what is answered 503 is sent once alone. */
  readonly comesAgain?: boolean;
  /** Any free one unless named. */
  readonly port?: number;
}

/** Takes what differs from the usual; returns a running API on a database and a task queue of its own. */
export async function startApi(options: ApiOptions = {}): Promise<ApiUnderTest> {
  const config = { ...testConfig(options.mongodbUri ?? testDatabaseUri()), ...options.config };
  process.env['TEMPORAL_ADDRESS'] = options.temporalAddress ?? process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const logger = options.logger ?? createLogger('api', 'error', LOG_SINK);
  await buildMissingIndexes(config.mongodbUri);
  const own = await openStore(config.mongodbUri);
  const api = assembleApi(config, own, logger);
  const outcome = await listen(api.handler, '127.0.0.1', options.port ?? 0);
  if (outcome.kind === 'refused') throw new Error(`The API cannot listen: ${outcome.code}`);
  if (options.sweeps !== false) api.startSweeping();
  const { listening } = outcome;
  const store = await openPatientStore(config.mongodbUri);
  const url = `http://127.0.0.1:${listening.port}`;

  const sendOnce = async (
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string | Buffer,
  ) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: answer.status, headers: answer.headers, text, json };
  };

  const send: typeof sendOnce = (...request) =>
    options.comesAgain === false
      ? sendOnce(...request)
      : sentAgain(
          () => sendOnce(...request),
          ({ json }) => json,
        );

  return {
    url,
    config,
    store,
    api,
    call: (method, path, { body, authorization = `Bearer ${API_KEY}`, headers = {} } = {}) =>
      send(
        method,
        path,
        {
          ...(authorization === null ? {} : { authorization }),
          'content-type': 'application/json',
          ...headers,
        },
        body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      ),
    webhook: (body, headers = {}) =>
      send(
        'POST',
        '/webhooks/idwise',
        { authorization: `Bearer ${WEBHOOK_SECRET}`, ...headers },
        typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      ),
    inboxRow: (id) => store.inbox.findOne({ _id: id }),
    close: async () => {
      api.endStreams();
      await listening.close(2_000);
      await api.stop(2_000);
      await store.connection.dropDatabase().catch(() => {});
      await Promise.all([own.close(), store.close()]);
    },
  };
}

/** Returns the URI of a database of the test run that nobody else uses. */
export function testDatabaseUri(server = process.env['TEST_MONGODB_URI'] ?? ''): string {
  const uri = new URL(server);
  uri.pathname = `/test-${randomUUID()}`;
  return uri.href;
}

/** Takes a database's URI; returns a configuration that goes with `API_KEY` and `WEBHOOK_SECRET`. */
export function testConfig(mongodbUri: string): ServiceConfig {
  return {
    service: {
      host: '127.0.0.1',
      port: 0,
      apiKeys: ['another-key-of-the-company', API_KEY],
      operatorKeys: [
        { name: 'night-shift', key: OPERATOR_KEY },
        { name: 'day-shift', key: 'the-key-of-the-day-shift' },
      ],
      piiKey: new Uint8Array(32).fill(9),
      workerHealthPort: null,
      logLevel: 'error',
    },
    policy: DEFAULT_POLICY,
    mongodbUri,
    temporal: { namespace: 'default', taskQueue: `test-${randomUUID()}` },
    mail: null,
    compliance: { emailTo: [], studioUrlTemplate: null, deskUrl: null, systemOwner: null },
    idwise: {
      baseUrl: 'http://127.0.0.1:9',
      apiKey: 'user',
      apiSecret: 'password',
      flowId: 'flow-1',
      clientKey: 'client-key',
      customStep: null,
      pathOverrides: {},
      callsPerSecond: 50,
    },
    webhookIntake: { auth: { kind: 'bearer' }, secrets: [WEBHOOK_SECRET], allowedIps: [] },
    governmentFaceUrl: null,
    companyWebhook: null,
    customerJwt: null,
    publicUrl: null,
    desk: null,
    webPush: null,
    audit: { signingKey: null, publicKeys: [], checkpointDir: null },
  };
}

/** Takes a kind and members of the body; returns a webhook of IDWise with an event id of its own. */
export function idwiseEvent(event: string, body: Readonly<Record<string, unknown>> = {}) {
  const eventId = randomUUID();
  return { eventId, inboxId: `idwise:${eventId}`, payload: { event, body: { eventId, ...body } } };
}
