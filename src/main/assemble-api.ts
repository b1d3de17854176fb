import { setMaxListeners } from 'node:events';
import type { ServiceConfig } from '../config/service-config.js';
import { createApp } from '../http/app.js';
import type { CaseUseCases } from '../http/desk/case-routes.js';
import { createDeliverer } from '../intake/deliver.js';
import { createGroupCommit } from '../intake/group-commit.js';
import { createInsertRows } from '../intake/insert-rows.js';
import { createIntake } from '../intake/intake.js';
import { createRelay, type Relay } from '../intake/relay.js';
import { createSweeper } from '../intake/sweeper.js';
import { createAlarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import { createMetrics } from '../observability/metrics.js';
import { createVault } from '../personal-data/vault.js';
import { createProfileFeed } from '../store/profile-feed.js';
import { oldestUndelivered, type Store } from '../store/store.js';
import { createTellCaseClock } from '../temporal/case-clock-starter.js';
import { createTemporalClient, createTemporalConnection } from '../temporal/client.js';
import { ASKER_WAITS_MS, createSendCustomerUpdate } from '../temporal/customer-updates.js';
import { createSignaller } from '../temporal/signaller.js';
import { createAskCustomer } from '../usecases/ask-customer.js';
import { createActOnCase } from '../usecases/cases/act-on-case.js';
import { createCaseClocks } from '../usecases/cases/case-clock-sweeper.js';
import { casesOf } from '../usecases/cases/cases-of.js';
import { createExportCase } from '../usecases/cases/export-case.js';
import { createReadCasePerson } from '../usecases/cases/read-case-person.js';
import { createReadCases } from '../usecases/cases/read-cases.js';
import { createStartReconciliation, type StartReconciliation } from '../usecases/start-reconciliation.js';

export interface Api {
  readonly handler: ReturnType<typeof createApp>['handler'];
  readonly routes: ReturnType<typeof createApp>['routes'];
  readonly relay: Relay;
  /** Compares customers with IDWise at once, for operators. */
  readonly startReconciliation: StartReconciliation;
  /** Begins to sweep up what no relay delivered. */
  startSweeping(): void;
  /** Ends streams at once, so that their connections do not hold up the server's end. */
  endStreams(): void;
  /** Answers whoever waits for the word of a customer's workflow that none came in time. */
  endWaits(): void;
  /** Hands on what was taken in, within the time limit in milliseconds, and lets go of Temporal. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Takes the configuration, the open store and a log; returns the API process's parts, put together. A relay may be
 * given in place of the usual one: the benchmark holds events back with it, to measure intake alone.
 */
export function assembleApi(
  config: ServiceConfig,
  store: Store,
  logger: Logger,
  given: { readonly relay?: Relay } = {},
): Api {
  const connection = createTemporalConnection();
  const client = createTemporalClient(config, connection);
  const metrics = createMetrics(() => oldestUndelivered(store.inbox));
  const alarm = createAlarm(logger, metrics);
  const signaller = createSignaller(client, config.temporal.taskQueue);
  const deliverer = createDeliverer({ store, signaller, metrics, logger, alarm });
  const relay = given.relay ?? createRelay(deliverer);
  const sweeper = createSweeper(store.inbox, deliverer, logger);
  const groupCommit = createGroupCommit(createInsertRows(store.connection));
  const intake = createIntake({ inbox: store.inbox, groupCommit, relay, metrics });
  const vault = createVault(config.service.piiKey);
  const feed = createProfileFeed(store.profiles, logger);
  const ending = new AbortController();
  // Everybody who waits listens, and there may be many.
  setMaxListeners(0, ending.signal);
  const askCustomer = createAskCustomer({
    store,
    send: createSendCustomerUpdate(client, config.temporal.taskQueue, ASKER_WAITS_MS, ending.signal),
  });
  const settings = casesOf(config);
  const { policyVersion } = settings;
  const caseClocks = createCaseClocks({
    cases: store.cases,
    tell: createTellCaseClock(client, config.temporal.taskQueue),
    log: logger,
  });
  const cases: CaseUseCases = {
    readCases: createReadCases({
      store,
      vault,
      policy: config.policy.cases,
      studioUrlTemplate: config.compliance.studioUrlTemplate,
    }),
    readCasePerson: createReadCasePerson({ store, vault, policyVersion }),
    exportCase: createExportCase({ store, audit: config.audit, policyVersion }),
    actOnCase: createActOnCase({
      ...settings,
      store,
      vault,
      onChanged: (caseId) => caseClocks.onChanged(caseId),
    }),
  };
  const startReconciliation = createStartReconciliation({
    store,
    client,
    taskQueue: config.temporal.taskQueue,
  });
  const app = createApp({
    config,
    store,
    intake,
    relay,
    askCustomer,
    startReconciliation,
    cases,
    feed,
    metrics,
    logger,
  });
  return {
    handler: app.handler,
    routes: app.routes,
    relay,
    startReconciliation,
    startSweeping: () => sweeper.start(),
    endStreams: () => app.eventStreams.close(),
    endWaits: () => ending.abort(),
    stop: async (timeoutMs) => {
      await Promise.all([relay.drain(timeoutMs), sweeper.stop(), feed.close()]);
      signaller.close();
      await connection.close();
    },
  };
}
