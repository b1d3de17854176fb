import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { companyWebhook } from './company/company-events.js';
import { pushService } from './company/push-devices.js';
import { refusal } from './idwise/answers.js';
import { controlApi } from './idwise/control-api.js';
import { governmentFaceApi } from './idwise/government-face.js';
import { runWork } from './idwise/lifecycle.js';
import { restApi } from './idwise/rest-api.js';
import { Simulation } from './idwise/simulation.js';
import { emptyState, type SimulatorState } from './idwise/state.js';
import { loadState, StateFile } from './idwise/state-file.js';
import { credentialHeader } from './idwise/webhook-post.js';

/** All optional: a simulator without options works on a free port of the loopback interface. */
export interface SimulatorOptions {
  host?: string | undefined;
  /** 0, the default, takes a free one. */
  port?: number | undefined;
  webhookUrl?: string | undefined;
  /** `basic`, `bearer` or `header:<Name>`; unset: webhooks carry no credentials. */
  webhookAuth?: string | undefined;
  /** For `basic`: `user:password`. */
  webhookSecret?: string | undefined;
  /** How long IDWise waits for an answer to a webhook; nowhere documented, 10 s here. */
  webhookTimeoutMs?: number | undefined;
  apiKey?: string | undefined;
  apiSecret?: string | undefined;
  flowId?: string | undefined;
  clientKey?: string | undefined;
  /** Unset: the flow has no custom step. */
  customStepId?: string | undefined;
  customStepType?: string | undefined;
  /** Factor on the 5, 10 and 15 minutes between attempts. */
  retryScale?: number | undefined;
  /** How long IDWise needs for each piece of its work. */
  processingMs?: number | undefined;
  /** Where the state is kept; unset: in memory only. */
  dataFile?: string | undefined;
  summaryLimit?: boolean | undefined;
  /** `whsec_…`; unset: the company stand-in verifies nothing and refuses everything. */
  companyWebhookSecret?: string | undefined;
}

export interface RunningSimulator {
  /** Without a slash at the end. */
  url: string;
  /** Finishes what is being answered, stops sending, and writes the state. */
  stop(): Promise<void>;
}

/**
 * Starts the IDWise stand-in, the government's registry and the company's stand-ins on one port.
 *
 * @throws when the port is taken, the data file is not one of ours, or the webhook authentication is unknown
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  const webhookAuth = options.webhookAuth ?? null;
  credentialHeader(webhookAuth, options.webhookSecret ?? '');
  const settings = options.summaryLimit === undefined ? {} : { summaryLimit: options.summaryLimit };
  const state: SimulatorState = options.dataFile
    ? await loadState(options.dataFile, settings)
    : emptyState(settings);
  const file = options.dataFile ? new StateFile(options.dataFile, () => state) : undefined;
  const simulation = new Simulation(
    {
      apiKey: options.apiKey ?? 'simulated-api-key',
      apiSecret: options.apiSecret ?? 'simulated-api-secret',
      flowId: options.flowId ?? 'simulated-flow',
      clientKey: options.clientKey ?? 'simulated-client-key',
      customStep: options.customStepId
        ? { stepId: options.customStepId, stepType: options.customStepType ?? 'AdditionalFace' }
        : null,
      retryScale: options.retryScale ?? 1,
      processingMs: options.processingMs ?? 300,
      webhookTimeoutMs: options.webhookTimeoutMs ?? 10_000,
      webhook: options.webhookUrl
        ? { url: options.webhookUrl, auth: webhookAuth, secret: options.webhookSecret ?? '' }
        : null,
      companyWebhookSecret: options.companyWebhookSecret ?? null,
    },
    state,
    runWork,
    () => file?.changed(),
  );

  const host = options.host ?? '127.0.0.1';
  const app = express().disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.use(companyWebhook(simulation));
  app.use(pushService(simulation));
  app.use('/sim', controlApi(simulation));
  app.use(governmentFaceApi(simulation));
  app.use(restApi(simulation));
  app.use((_request, response) => {
    response.status(404).json(notFound);
  });
  app.use(malformed);

  const server = createServer(app);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, host, resolve);
    });
  } catch (error) {
    await simulation.stop();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

  return {
    url,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await simulation.stop();
      // Faults leave connections that would never end by themselves.
      server.closeAllConnections();
      await closed;
      await file?.flush();
    },
  };
}

const notFound = {
  success: false,
  message: 'There is no such path',
  error_code: 'missing_requested_resource',
};

const malformed: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  const status =
    error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  if (status >= 500) console.error('simulator:', error);
  const answer = refusal(
    status,
    'invalid_request',
    status >= 500 ? 'internal error' : 'the body is malformed',
  );
  response.status(status).json(answer.kind === 'json' ? answer.json : {});
};
