// What the service needs and nobody has set is invented for the demo: keys, secrets, and the addresses of what
// npm start itself runs. What the operator has set is never touched, and never written down.

import { randomBytes, randomUUID } from 'node:crypto';
import webPush from 'web-push';
import { newSigningKey } from '../../src/audit/signing-key.js';
import type { Variables } from './demo-env-file.js';

/** Addresses that follow from what is started; null: not started by us, or not there. */
export interface Addresses {
  readonly mongodbUri: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly smtpUrl: string;
  /** Folder for the audit trail's checkpoints. */
  readonly auditCheckpointDir: string;
  /** null: the operator named IDWISE_BASE_URL. */
  readonly simulatorUrl: string | null;
}

export interface Environment {
  /** Everything for the service, on top of the operator's environment. */
  readonly variables: Variables;
  /** What is to be kept in demo.env. */
  readonly toKeep: Variables;
  /** The names of those that are new in this start. */
  readonly newlyInvented: readonly string[];
}

/**
 * Takes the operator's environment, what an earlier start kept, and the addresses.
 * Returns what the service is to be given beyond what the operator has set.
 */
export function inventEnvironment(
  operator: NodeJS.ProcessEnv,
  kept: Variables,
  addresses: Addresses,
): Environment {
  const isSet = (name: string) => (operator[name] ?? '') !== '';
  const toKeep: Record<string, string> = {};
  const newlyInvented: string[] = [];
  // Kept values are secrets and ids that must stay the same from start to start.
  const keep = (name: string, invent: () => string) => {
    if (isSet(name)) return;
    const earlier = kept[name];
    if (earlier === undefined) newlyInvented.push(name);
    toKeep[name] = earlier ?? invent();
  };

  keep('API_KEYS', () => `demo-${token(24)}`);
  keep('OPERATOR_KEYS', () => `operator:${token(24)}`);
  keep('PII_KEY', () => randomBytes(32).toString('base64'));
  keep('AUDIT_SIGNING_KEY', () => newSigningKey());
  keep('COMPLIANCE_EMAIL_TO', () => 'compliance@demo.example,second@demo.example');
  keep('MAIL_FROM', () => 'verification@demo.example');
  keepVapidKeys(isSet, kept, toKeep, newlyInvented);
  if (addresses.simulatorUrl !== null) keepIdwiseAccount(operator, keep, addresses.simulatorUrl);

  const follows: Record<string, string> = {
    MONGODB_URI: addresses.mongodbUri,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    TEMPORAL_NAMESPACE: addresses.temporalNamespace,
    SMTP_URL: addresses.smtpUrl,
    AUDIT_CHECKPOINT_DIR: addresses.auditCheckpointDir,
    ...(addresses.simulatorUrl === null ? {} : simulatorAddresses(operator, addresses.simulatorUrl)),
  };
  for (const [name, value] of Object.entries(follows)) {
    if (!isSet(name)) toKeep[name] = value;
  }
  return { variables: toKeep, toKeep, newlyInvented };
}

function keepVapidKeys(
  isSet: (name: string) => boolean,
  kept: Variables,
  toKeep: Record<string, string>,
  newlyInvented: string[],
): void {
  // The two keys belong together; with only one of them set, the service says what is missing.
  if (isSet('VAPID_PUBLIC_KEY') || isSet('VAPID_PRIVATE_KEY')) return;
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey } = kept;
  if (publicKey !== undefined && privateKey !== undefined) {
    toKeep.VAPID_PUBLIC_KEY = publicKey;
    toKeep.VAPID_PRIVATE_KEY = privateKey;
  } else {
    const fresh = webPush.generateVAPIDKeys();
    toKeep.VAPID_PUBLIC_KEY = fresh.publicKey;
    toKeep.VAPID_PRIVATE_KEY = fresh.privateKey;
    newlyInvented.push('VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY');
  }
  if (!isSet('VAPID_SUBJECT')) toKeep.VAPID_SUBJECT = 'mailto:verification@demo.example';
}

// An account at the simulator. At the real IDWise nothing of this can be invented: the service names what is missing.
function keepIdwiseAccount(
  operator: NodeJS.ProcessEnv,
  keep: (name: string, invent: () => string) => void,
  simulatorUrl: string,
): void {
  keep('IDWISE_API_KEY', () => `demo-key-${token(12)}`);
  keep('IDWISE_API_SECRET', () => token(24));
  keep('IDWISE_FLOW_ID', () => randomUUID());
  keep('IDWISE_CLIENT_KEY', () => `demo-client-${token(12)}`);
  keep('IDWISE_CUSTOM_STEP_ID', () => '40');
  keep('IDWISE_CUSTOM_STEP_TYPE', () => 'AdditionalFace');
  keep('IDWISE_STUDIO_URL_TEMPLATE', () => `${simulatorUrl}/sim/journeys/{journeyId}`);
  keep('IDWISE_WEBHOOK_AUTH', () => 'basic');
  const auth = operator.IDWISE_WEBHOOK_AUTH || 'basic';
  keep('IDWISE_WEBHOOK_SECRETS', () => (auth === 'basic' ? `idwise:${token(24)}` : token(24)));
  if ((operator.CUSTOMER_WEBHOOK_URL ?? '') === '') {
    keep('CUSTOMER_WEBHOOK_SECRETS', () => `whsec_${randomBytes(24).toString('base64')}`);
  }
}

function simulatorAddresses(operator: NodeJS.ProcessEnv, simulatorUrl: string): Record<string, string> {
  return {
    IDWISE_BASE_URL: simulatorUrl,
    GOVERNMENT_FACE_URL: `${simulatorUrl}/government-face`,
    ...((operator.CUSTOMER_WEBHOOK_URL ?? '') === ''
      ? { CUSTOMER_WEBHOOK_URL: `${simulatorUrl}/company/webhook` }
      : {}),
    // The stand-in for the browsers' push services runs in the simulator, on loopback.
    WEB_PUSH_ALLOWED_HOSTS: new URL(simulatorUrl).host,
  };
}

/** The simulator's own environment: the other side of the same account. */
export function simulatorEnvironment(
  service: NodeJS.ProcessEnv,
  options: { host: string; port: number; webhookUrl: string; dataFile: string },
): Record<string, string> {
  const first = (name: string) => service[name]?.split(',')[0]?.trim() ?? '';
  const values: Record<string, string | undefined> = {
    SIM_HOST: options.host,
    SIM_PORT: String(options.port),
    SIM_WEBHOOK_URL: options.webhookUrl,
    SIM_WEBHOOK_AUTH: service.IDWISE_WEBHOOK_AUTH,
    SIM_WEBHOOK_SECRET: first('IDWISE_WEBHOOK_SECRETS'),
    SIM_API_KEY: service.IDWISE_API_KEY,
    SIM_API_SECRET: service.IDWISE_API_SECRET,
    SIM_FLOW_ID: service.IDWISE_FLOW_ID,
    SIM_CLIENT_KEY: service.IDWISE_CLIENT_KEY,
    SIM_CUSTOM_STEP_ID: service.IDWISE_CUSTOM_STEP_ID,
    SIM_CUSTOM_STEP_TYPE: service.IDWISE_CUSTOM_STEP_TYPE,
    SIM_COMPANY_WEBHOOK_SECRET: first('CUSTOMER_WEBHOOK_SECRETS'),
    SIM_RETRY_SCALE: service.SIM_RETRY_SCALE || '0.01',
    SIM_DATA_FILE: options.dataFile,
  };
  const entries = Object.entries(values).filter(
    (entry): entry is [string, string] => (entry[1] ?? '') !== '',
  );
  return Object.fromEntries(entries);
}

function token(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
