import type { Policy } from '../domain/policy.js';
import type { ServiceConfig } from './service-config.js';
import type { Values } from './variables.js';

/**
 * From the values of the variables to the configuration. Called only where there was nothing wrong with them, so that
 * every required value is there.
 */

/** What `npm run setup` needs: the two servers alone, so that a deployment job carries no secrets of the service. */
export type ServersConfig = Pick<ServiceConfig, 'mongodbUri' | 'temporal'> & {
  /** MongoDB as a user who may manage roles; null: roles are left alone. */
  readonly mongodbSetupUri: string | null;
};

/** What the commands over the audit trail need: the database, and the key and folder of its checkpoints. */
export type AuditConfig = Pick<ServiceConfig, 'mongodbUri' | 'audit'>;

/** What a check of the IDWise account needs: nothing but the account. */
export type IdwiseConfig = Pick<ServiceConfig, 'idwise'>;

/** Takes the values; returns what `npm run setup` needs. */
export function serversConfig(values: Values): ServersConfig {
  return {
    mongodbUri: given(values.MONGODB_URI),
    mongodbSetupUri: values.MONGODB_SETUP_URI ?? null,
    temporal: temporalOf(values),
  };
}

function temporalOf(values: Values): ServiceConfig['temporal'] {
  return { namespace: given(values.TEMPORAL_NAMESPACE), taskQueue: given(values.TEMPORAL_TASK_QUEUE) };
}

/** Takes the values; returns what the commands over the audit trail need. */
export function auditConfig(values: Values): AuditConfig {
  return {
    mongodbUri: given(values.MONGODB_URI),
    audit: {
      signingKey: values.AUDIT_SIGNING_KEY ?? null,
      publicKeys: values.AUDIT_PUBLIC_KEYS ?? [],
      checkpointDir: values.AUDIT_CHECKPOINT_DIR ?? null,
    },
  };
}

/** Takes the values and the overrides of IDWise's paths; returns what a check of the IDWise account needs. */
export function idwiseConfig(values: Values, pathOverrides: Record<string, string>): IdwiseConfig {
  const { IDWISE_CUSTOM_STEP_ID } = values;
  const idwise = {
    baseUrl: given(values.IDWISE_BASE_URL),
    apiKey: given(values.IDWISE_API_KEY),
    apiSecret: given(values.IDWISE_API_SECRET),
    flowId: given(values.IDWISE_FLOW_ID),
    clientKey: values.IDWISE_CLIENT_KEY ?? null,
    customStep:
      IDWISE_CUSTOM_STEP_ID === undefined
        ? null
        : { stepId: IDWISE_CUSTOM_STEP_ID, stepType: values.IDWISE_CUSTOM_STEP_TYPE ?? null },
    pathOverrides,
    callsPerSecond: given(values.IDWISE_CALLS_PER_SECOND),
  };
  return { idwise };
}

/** Takes the values, the policy and the overrides of IDWise's paths; returns the whole configuration. */
export function serviceConfig(
  values: Values,
  policy: Policy,
  pathOverrides: Record<string, string>,
): ServiceConfig {
  const { CUSTOMER_WEBHOOK_URL, CUSTOMER_JWT_ISSUER, VAPID_PUBLIC_KEY } = values;
  return {
    ...auditConfig(values),
    temporal: temporalOf(values),
    ...idwiseConfig(values, pathOverrides),
    service: {
      host: given(values.HOST),
      port: given(values.PORT),
      apiKeys: given(values.API_KEYS),
      operatorKeys: values.OPERATOR_KEYS ?? [],
      piiKey: given(values.PII_KEY),
      logLevel: given(values.LOG_LEVEL),
      workerHealthPort: values.WORKER_HEALTH_PORT ?? null,
    },
    policy,
    mail: { smtpUrl: given(values.SMTP_URL), from: given(values.MAIL_FROM) },
    compliance: {
      emailTo: given(values.COMPLIANCE_EMAIL_TO),
      studioUrlTemplate: values.IDWISE_STUDIO_URL_TEMPLATE ?? null,
      deskUrl: values.PUBLIC_URL === undefined ? null : `${values.PUBLIC_URL.replace(/\/+$/, '')}/desk`,
      systemOwner: values.SYSTEM_OWNER_CONTACT ?? null,
    },
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    desk:
      values.OIDC_ISSUER === undefined
        ? null
        : {
            issuer: values.OIDC_ISSUER,
            clientId: given(values.OIDC_CLIENT_ID),
            clientSecret: given(values.OIDC_CLIENT_SECRET),
            rolesClaim: given(values.OIDC_ROLES_CLAIM),
            publicUrl: given(values.PUBLIC_URL).replace(/\/+$/, ''),
          },
    webhookIntake: {
      auth: given(values.IDWISE_WEBHOOK_AUTH),
      secrets: given(values.IDWISE_WEBHOOK_SECRETS),
      allowedIps: values.IDWISE_WEBHOOK_ALLOWED_IPS ?? [],
    },
    governmentFaceUrl: values.GOVERNMENT_FACE_URL ?? null,
    companyWebhook:
      CUSTOMER_WEBHOOK_URL === undefined
        ? null
        : { url: CUSTOMER_WEBHOOK_URL, secrets: given(values.CUSTOMER_WEBHOOK_SECRETS) },
    customerJwt:
      CUSTOMER_JWT_ISSUER === undefined
        ? null
        : {
            issuer: CUSTOMER_JWT_ISSUER,
            audience: given(values.CUSTOMER_JWT_AUDIENCE),
            jwksUrl: given(values.CUSTOMER_JWT_JWKS_URL),
          },
    webPush:
      VAPID_PUBLIC_KEY === undefined
        ? null
        : {
            publicKey: VAPID_PUBLIC_KEY,
            privateKey: given(values.VAPID_PRIVATE_KEY),
            subject: given(values.VAPID_SUBJECT),
            extraAllowedHosts: values.WEB_PUSH_ALLOWED_HOSTS ?? [],
          },
  };
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('A required variable was not checked');
  return value;
}
