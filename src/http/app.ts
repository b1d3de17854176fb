import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import helmet from 'helmet';
import { isLoopback } from '../config/loopback.js';
import type { ServiceConfig } from '../config/service-config.js';
import type { Intake } from '../intake/intake.js';
import type { Relay } from '../intake/relay.js';
import { createAlarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { createVault } from '../personal-data/vault.js';
import type { ProfileFeed } from '../store/profile-feed.js';
import type { Store } from '../store/store.js';
import type { AskCustomer } from '../usecases/ask-customer.js';
import { createReadEventTrail } from '../usecases/event-trail.js';
import { createFindEvents } from '../usecases/find-events.js';
import { createImportCustomers } from '../usecases/import-customers.js';
import { createReadCustomerStanding } from '../usecases/read-customer-standing.js';
import { createReadDetails } from '../usecases/read-details.js';
import { createReadImages } from '../usecases/read-images.js';
import { createReadImports } from '../usecases/read-imports.js';
import { createReadReconciliations } from '../usecases/read-reconciliations.js';
import { createRegisterCustomer } from '../usecases/register-customer.js';
import { createReplayEvents } from '../usecases/replay-events.js';
import type { StartReconciliation } from '../usecases/start-reconciliation.js';
import { createAuthenticate } from './authentication.js';
import type { CaseUseCases } from './desk/case-routes.js';
import { deskRouter } from './desk/desk-router.js';
import { createEventStreams, type EventStreams } from './event-streams.js';
import { openapiDocument } from './openapi.js';
import { sendProblem } from './problems.js';
import { createReportLimit } from './report-limit.js';
import type { Route } from './route.js';
import { createRouter, problemOf } from './router.js';
import { deviceRoutes } from './routes/devices.js';
import { imageRoutes } from './routes/images.js';
import { journeyRoutes } from './routes/journeys.js';
import { operatorCustomerRoutes } from './routes/operator-customers.js';
import { operatorEventRoutes } from './routes/operator-events.js';
import { operatorImportRoutes } from './routes/operator-imports.js';
import { operatorReconciliationRoutes } from './routes/operator-reconciliations.js';
import { processStateRoutes } from './routes/process-state.js';
import { profileRoutes } from './routes/profile.js';
import { registrationRoutes } from './routes/registration.js';
import { createChooseLanguage } from './view-language.js';
import { createWebhookHandler, WEBHOOK_PATH } from './webhook-route.js';

export interface AppDependencies {
  readonly config: ServiceConfig;
  readonly store: Store;
  readonly intake: Intake;
  readonly relay: Relay;
  readonly askCustomer: AskCustomer;
  readonly cases: CaseUseCases;
  readonly startReconciliation: StartReconciliation;
  readonly feed: ProfileFeed;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface App {
  readonly handler: RequestListener;
  readonly routes: readonly Route[];
  readonly eventStreams: EventStreams;
}

/** Takes everything that the HTTP interface stands on; returns the whole interface (design §3). */
export function createApp(dependencies: AppDependencies): App {
  const { config, store, intake, relay, askCustomer, startReconciliation, cases, feed, metrics, logger } =
    dependencies;
  const alarm = createAlarm(logger, metrics);
  const vault = createVault(config.service.piiKey);
  const eventStreams = createEventStreams(feed, metrics);
  const chooseLanguage = createChooseLanguage(config.policy.texts);
  const routes: Route[] = [
    ...registrationRoutes({
      idwise: config.idwise,
      registerCustomer: createRegisterCustomer({ store, policy: config.policy }),
      relay,
      chooseLanguage,
    }),
    ...journeyRoutes({ store, intake, askCustomer, reportLimit: createReportLimit(), chooseLanguage }),
    ...deviceRoutes({ store, vault, webPush: config.webPush }),
    ...profileRoutes({
      store,
      readDetails: createReadDetails({ store, vault, policy: config.policy }),
      eventStreams,
      alarm,
      chooseLanguage,
    }),
    ...imageRoutes({ readImages: createReadImages({ store, vault, policy: config.policy }), alarm }),
    ...operatorEventRoutes({
      findEvents: createFindEvents(store.inbox),
      readEventTrail: createReadEventTrail(store),
      replayEvents: createReplayEvents({ store, relay }),
    }),
    ...operatorReconciliationRoutes({
      startReconciliation,
      readReconciliations: createReadReconciliations(store.reconciliations),
    }),
    ...operatorCustomerRoutes({ readCustomerStanding: createReadCustomerStanding(store), askCustomer }),
    ...operatorImportRoutes({
      importCustomers: createImportCustomers({ store, policy: config.policy, relay }),
      readImports: createReadImports(store),
    }),
    ...processStateRoutes({ store, metrics, openapi: () => document }),
  ];
  const document = openapiDocument(routes);

  const app = express();
  // As in `exact-router.ts`.
  app.enable('case sensitive routing').enable('strict routing');
  app.disable('x-powered-by');
  app.disable('etag');
  // First of all: the webhook needs raw bytes and none of what follows.
  const receiveWebhook = createWebhookHandler({ config: config.webhookIntake, intake, metrics });
  app.post(WEBHOOK_PATH, receiveWebhook);
  app.all(WEBHOOK_PATH, (_req, res) => sendProblem(res.setHeader('Allow', 'POST'), 'method_not_allowed'));
  app.use(helmet());
  const isPrivate = isLoopback(config.service.host);
  const hasOperators = config.service.operatorKeys.length > 0;
  const authenticate = createAuthenticate(config);
  app.use(
    createRouter(routes, {
      profiles: store.profiles,
      authenticate,
      isPrivate,
      hasOperators,
      metrics,
      logger,
    }),
  );
  if (config.desk !== null)
    app.use(deskRouter({ desk: config.desk, piiKey: config.service.piiKey, store, cases, logger }));
  app.use((_req, res) => sendProblem(res, 'not_found'));
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    const code = problemOf(error, logger);
    if (res.headersSent) res.destroy();
    else sendProblem(res, code);
  };
  app.use(onError);
  // The one address that IDWise posts to needs no router, which would cost an event as much as its way into the inbox.
  const handler: RequestListener = (req, res) => {
    if (req.url === WEBHOOK_PATH && req.method === 'POST') receiveWebhook(req, res);
    else app(req, res);
  };
  return { handler, routes, eventStreams };
}
