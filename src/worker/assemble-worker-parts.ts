import type { Client } from '@temporalio/client';
import type { CaseActivities } from '../../activities/case-activities.js';
import type { CustomerActivities } from '../../activities/customer-activities.js';
import type { DeliveryActivityDependencies } from '../../activities/delivery-activities.js';
import type { IdwiseActivities } from '../../activities/idwise-activities.js';
import type { ReconciliationActivities } from '../../activities/reconciliation-activities.js';
import { createDailyCheckpoint } from '../audit/daily-checkpoint.js';
import { recordPolicy } from '../audit/record-policy.js';
import type { ServiceConfig } from '../config/service-config.js';
import { assembleDelivery } from '../delivery/assemble-delivery.js';
import { createDeliveryMetrics } from '../delivery/delivery-metrics.js';
import { createOutboxSweeper, type OutboxSweeper } from '../delivery/outbox-sweeper.js';
import { createStartDelivery } from '../delivery/start-delivery.js';
import type { DecisionContext } from '../domain/policy.js';
import { createGovernmentFaceProvider } from '../government-face/provider.js';
import { createIdwiseClient } from '../idwise/client.js';
import { createLook } from '../idwise/look.js';
import { createSendOnce } from '../idwise/send-once.js';
import { createAlarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import { createMetrics, type Metrics } from '../observability/metrics.js';
import { createReconciliationMetrics } from '../observability/reconciliation-metrics.js';
import { createVault } from '../personal-data/vault.js';
import type { ParkReason } from '../store/inbox-records.js';
import { openStore, type Store } from '../store/store.js';
import { createTellCaseClock } from '../temporal/case-clock-starter.js';
import { createTemporalClient } from '../temporal/client.js';
import { createStartCustomerRun, createWakeCustomerRun } from '../temporal/customer-start.js';
import { createSendCustomerUpdate } from '../temporal/customer-updates.js';
import { type CaseClocks, createCaseClocks } from '../usecases/cases/case-clock-sweeper.js';
import { casesOf } from '../usecases/cases/cases-of.js';
import { createPassCaseTime } from '../usecases/cases/pass-case-time.js';
import { createTellCases } from '../usecases/cases/tell-cases.js';
import { createWhitelistMatches } from '../usecases/cases/whitelist-matches.js';
import { type CompareJourney, createCompareJourney } from '../usecases/compare-journey.js';
import { type CustomerRunSweeper, createCustomerRunSweeper } from '../usecases/customer-run-sweeper.js';
import { createCustomersToCompare } from '../usecases/customers-to-compare.js';
import { createIdentifyEvent } from '../usecases/identify-event.js';
import { createJourneyCalls } from '../usecases/journey-calls.js';
import { createReadAmlVersions } from '../usecases/read-aml-versions.js';
import { createRecordComparisons } from '../usecases/record-comparisons.js';
import type { FailedRequest } from '../usecases/request-settlement.js';
import { createRequestSweeper, type RequestSweeper } from '../usecases/request-sweeper.js';
import { createStoreImages } from '../usecases/store-images.js';
import { createTakeCustomerTurn } from '../usecases/take-customer-turn.js';
import { withDefectAlarm } from './with-defect-alarm.js';

/** Nobody waits for it, it is sent again in five minutes, and a worker that is asked to end waits for it. */
const RESENT_REQUEST_WAITS_MS = 3_000;

/** Everything that a worker's activities stand on. */
export interface WorkerParts {
  readonly store: Store;
  readonly metrics: Metrics;
  readonly caseClocks: CaseClocks;
  readonly useCases: CustomerActivities & IdwiseActivities & CaseActivities;
  readonly comparing: CompareJourney;
  readonly reconciliation: ReconciliationActivities;
  readonly delivery: DeliveryActivityDependencies;
  readonly outboxSweeper: OutboxSweeper;
  readonly customerRunSweeper: CustomerRunSweeper;
  readonly requestSweeper: RequestSweeper;
  readonly temporal: Client;
  readonly dailyCheckpoint: ReturnType<typeof createDailyCheckpoint>;
  close(): Promise<void>;
}

/** Takes the configuration; returns what decisions need to know of it. */
export function decisionContext(config: ServiceConfig): DecisionContext {
  return {
    policy: config.policy,
    flowId: config.idwise.flowId,
    customStepConfigured: config.idwise.customStep !== null,
  };
}

/**
 * Takes the configuration and the logger; returns the worker's parts, connected to MongoDB.
 * @throws when MongoDB does not answer.
 */
export async function assembleWorkerParts(config: ServiceConfig, logger: Logger): Promise<WorkerParts> {
  const store = await openStore(config.mongodbUri);
  await recordPolicy(store, config.policy, new Date());
  const metrics = createMetrics(async () => null);
  const alarm = createAlarm(logger, metrics);
  const vault = createVault(config.service.piiKey);
  const client = createIdwiseClient(config.idwise);
  const look = createLook({ client, vault, store, customStepId: config.idwise.customStep?.stepId ?? null });
  const provider =
    config.governmentFaceUrl === null ? null : createGovernmentFaceProvider(config.governmentFaceUrl);
  const sendOnce = createSendOnce({ client, store, vault, provider });
  const context = decisionContext(config);
  const onParked = (reason: ParkReason, count: number) => {
    for (let parked = 0; parked < count; parked += 1) metrics.eventParked(reason);
  };
  const onRequestFailed = ({ requestId, referenceNo, failure }: FailedRequest) =>
    alarm('request_not_carried_out', { requestId, referenceNo, reason: failure });
  const calls = createJourneyCalls({ look, sendOnce });
  const temporal = createTemporalClient(config);
  const delivery = assembleDelivery({
    config,
    store,
    vault,
    metrics: createDeliveryMetrics(metrics.registry, store),
    log: logger,
    alarm,
  });

  const cases = { ...casesOf(config), store, vault };
  const caseClocks = createCaseClocks({
    cases: store.cases,
    tell: createTellCaseClock(temporal, config.temporal.taskQueue),
    log: logger,
  });

  return {
    store,
    metrics,
    caseClocks,
    customerRunSweeper: createCustomerRunSweeper({
      store,
      startRun: createStartCustomerRun(temporal, config.temporal.taskQueue),
      wakeRun: createWakeCustomerRun(temporal, config.temporal.taskQueue),
      onEventNotTaken: (referenceNo) => alarm('event_not_taken', { referenceNo }),
      log: logger,
      upSince: new Date(),
    }),
    requestSweeper: createRequestSweeper({
      store,
      startRun: createStartCustomerRun(temporal, config.temporal.taskQueue),
      send: createSendCustomerUpdate(temporal, config.temporal.taskQueue, RESENT_REQUEST_WAITS_MS),
      onRequestFailed,
      log: logger,
    }),
    useCases: {
      passCaseTime: withDefectAlarm(
        createPassCaseTime({ ...cases, onAlarm: (code, caseId) => alarm(code, { caseId }) }),
        ({ caseId }, error) => alarm('record_defect', { caseId, error }),
      ),
      whitelistMatches: createWhitelistMatches({ store, vault, client }),
      takeCustomerTurn: withDefectAlarm(
        createTakeCustomerTurn({
          store,
          context,
          messageRules: {
            companyWebhook: config.companyWebhook !== null,
            webPush: config.webPush !== null,
          },
          tellCases: createTellCases(cases),
          onCaseChanged: (caseId) => caseClocks.onChanged(caseId),
          onAlarm: (code, referenceNo) => alarm(code, { referenceNo }),
          onParked,
          onRequestFailed,
        }),
        ({ referenceNo }, error) => alarm('record_defect', { referenceNo, error }),
      ),
      lookAtJourney: (about) => look.look(about),
      readAmlVersions: createReadAmlVersions(look),
      storeImages: createStoreImages({ client, store, vault, policy: config.policy.images }),
      advanceCustomStep: calls.advanceCustomStep,
      closeJourney: calls.closeJourney,
      identifyEvent: withDefectAlarm(
        createIdentifyEvent({
          store,
          look,
          context,
          onParked,
          onGivenUp: (reason, inboxId) => alarm(reason, { inboxId }),
        }),
        ({ inboxId }, error) => alarm('record_defect', { inboxId, error }),
      ),
    },
    comparing: createCompareJourney({ store, look }),
    reconciliation: {
      customersToCompare: createCustomersToCompare(store.profiles),
      ...createRecordComparisons({
        store,
        policy: config.policy,
        metrics: createReconciliationMetrics(metrics.registry),
        logger,
        onIncomplete: (outcome, count) => alarm('reconciliation_incomplete', { outcome, count }),
      }),
    },
    temporal,
    delivery: { attempt: delivery.attempt, log: logger, alarm },
    outboxSweeper: createOutboxSweeper({
      store,
      startDelivery: createStartDelivery(temporal, config.temporal.taskQueue),
      log: logger,
      alarm,
    }),
    dailyCheckpoint: createDailyCheckpoint({ store, config: config.audit, logger, alarm }),
    close: async () => {
      delivery.close();
      await temporal.connection.close();
      await store.close();
    },
  };
}
