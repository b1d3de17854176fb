import type { ServiceConfig } from '../config/service-config.js';
import type { Alarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import type { Vault } from '../personal-data/vault.js';
import type { Store } from '../store/store.js';
import { createAttemptDelivery } from './attempt-delivery.js';
import { createComplianceMailer } from './case-mail.js';
import { createCompanyWebhook } from './company-webhook.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import { createMailer } from './mailer.js';
import { createPusher } from './web-push.js';

export interface Delivery {
  /** One attempt for one outbox row; what the activities call. */
  readonly attempt: ReturnType<typeof createAttemptDelivery>;
  /** Closes the connections to the mail server. */
  close(): void;
}

/** Takes the configuration and the service's parts; returns deliveries over every channel that is configured. */
export function assembleDelivery(parts: {
  readonly config: Pick<ServiceConfig, 'companyWebhook' | 'webPush' | 'mail' | 'compliance' | 'policy'>;
  readonly store: Pick<Store, 'outbox' | 'devices' | 'transaction'>;
  readonly vault: Pick<Vault, 'open'>;
  readonly metrics: DeliveryMetrics;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly alarm: Alarm;
}): Delivery {
  const { config, store, vault, metrics, log, alarm } = parts;
  const mailer = config.mail === null ? null : createMailer(config.mail);
  const attempt = createAttemptDelivery({
    store,
    companyWebhook: config.companyWebhook === null ? null : createCompanyWebhook(config.companyWebhook),
    pusher:
      config.webPush === null
        ? null
        : createPusher({
            store,
            vault,
            vapid: {
              publicKey: config.webPush.publicKey,
              privateKey: config.webPush.privateKey,
              subject: config.webPush.subject,
            },
            extraAllowedHosts: config.webPush.extraAllowedHosts,
          }),
    complianceMailer:
      config.mail === null || mailer === null
        ? null
        : createComplianceMailer({
            mailer,
            from: config.mail.from,
            deskUrl: config.compliance.deskUrl,
            studioUrlTemplate: config.compliance.studioUrlTemplate,
            systemOwner: config.compliance.systemOwner,
          }),
    complianceRecipients: config.compliance.emailTo,
    policy: config.policy,
    metrics,
    log,
    alarm,
  });
  return { attempt, close: () => mailer?.close() };
}
