import type { z } from 'zod';
import { LOG_LEVELS } from '../observability/logger.js';
import {
  addressOrRange,
  differentEmails,
  host,
  list,
  logLevel,
  numberAboveZero,
  operatorKeys,
  piiKey,
  publicKeys,
  signingKey,
  someText,
  standardWebhooksSecret,
  text,
  url,
  webhookAuth,
  wholeNumber,
} from './value-schemas.js';

/**
 * Every environment variable, once: its group, whether it must be set, what it means, what a good value looks like and
 * how to get one. The reader of the environment and the page of the documentation are both made from this table.
 */
export interface Variable<Value = unknown> {
  readonly group: Group;
  readonly required: boolean;
  /** The text that stands in where the variable is unset; null: the feature is off, or it is required. */
  readonly byDefault: string | null;
  readonly meaning: string;
  readonly mend: string;
  /** Its errors say what is wrong without repeating the value, because it may be a secret. */
  readonly schema: z.ZodType<Value, string>;
}

export type Group =
  | 'service'
  | 'servers'
  | 'audit'
  | 'compliance'
  | 'desk'
  | 'idwise'
  | 'webhooks'
  | 'face'
  | 'company';

const makeSecret = 'Make one with: openssl rand -base64 32';
const jwtTogether =
  'Set CUSTOMER_JWT_ISSUER, CUSTOMER_JWT_AUDIENCE and CUSTOMER_JWT_JWKS_URL together, or none of them';

const oidcTogether =
  'Set PUBLIC_URL, OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET together, or no OIDC_* at all';

type Described<Value> = Omit<Variable<Value>, 'required' | 'byDefault'>;

function required<Value>(of: Described<Value>): Variable<Value> {
  return { ...of, required: true, byDefault: null };
}

function optional<Value>(of: Described<Value>): Variable<Value> {
  return { ...of, required: false, byDefault: null };
}

function withDefault<Value>(byDefault: string, of: Described<Value>): Variable<Value> {
  return { ...of, required: false, byDefault };
}

export const VARIABLES = {
  HOST: withDefault('127.0.0.1', {
    group: 'service',
    meaning: 'Address that the API listens on.',
    mend: 'Set an address of this machine, or 0.0.0.0 for all of them',
    schema: someText,
  }),
  PORT: withDefault('3000', {
    group: 'service',
    meaning: 'Port that the API listens on; 0 takes any free one.',
    mend: 'Set a port between 0 and 65535',
    schema: wholeNumber(0, 65_535),
  }),
  API_KEYS: required({
    group: 'service',
    meaning: "Keys of the company's own servers, comma-separated, all alive at once.",
    mend: makeSecret,
    schema: list(20),
  }),
  OPERATOR_KEYS: optional({
    group: 'service',
    meaning:
      "Keys of people and machines that operate the service, as name:key, comma-separated. They open /v1/operator and nothing else, and the name stands in every record of what is done with the key. Unset: the operators' API is off.",
    mend: 'Set for example night-shift:$(openssl rand -hex 32), or unset it',
    schema: operatorKeys,
  }),
  PII_KEY: required({
    group: 'service',
    meaning: 'Key under which personal data is encrypted: 32 bytes in base64. Losing it loses the data.',
    mend: makeSecret,
    schema: piiKey,
  }),
  POLICY_FILE: optional({
    group: 'service',
    meaning: 'Path of a JSON file that overrides parts of the policy; see below.',
    mend: 'Set the path of a readable JSON file, or unset it for the defaults',
    schema: someText,
  }),
  LOG_LEVEL: withDefault('info', {
    group: 'service',
    meaning: `Least severe log line that is written: ${LOG_LEVELS.join(', ')}.`,
    mend: `Set one of ${LOG_LEVELS.join(', ')}`,
    schema: logLevel,
  }),
  WORKER_HEALTH_PORT: optional({
    group: 'service',
    meaning: 'Port on HOST where a worker answers /healthz and /metrics. Unset: it does not.',
    mend: 'Set a port between 1 and 65535, or unset it',
    schema: wholeNumber(1, 65_535),
  }),
  MONGODB_URI: required({
    group: 'servers',
    meaning:
      'MongoDB 6.0 or newer, a replica set (transactions and change streams are used), with the database in the path.',
    mend: 'Set for example mongodb://mongo-1:27017,mongo-2:27017/verification?replicaSet=rs0',
    schema: text.regex(/^mongodb(\+srv)?:\/\/./, 'does not begin with mongodb:// or mongodb+srv://'),
  }),
  MONGODB_SETUP_URI: optional({
    group: 'servers',
    meaning:
      'Read by npm run setup alone: the same MongoDB as a user who may manage users, roles and indexes. Setup then makes the indexes and gives the user of MONGODB_URI a role that can neither change nor remove audit records. Unset: roles are yours to arrange.',
    mend: 'Set for example mongodb://admin:password@mongo-1:27017/?replicaSet=rs0&authSource=admin, or unset it',
    schema: text.regex(/^mongodb(\+srv)?:\/\/./, 'does not begin with mongodb:// or mongodb+srv://'),
  }),
  TEMPORAL_ADDRESS: required({
    group: 'servers',
    meaning:
      "Temporal's frontend, host:port. With TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE it may come from the file instead. The other TEMPORAL_* of @temporalio/envconfig are honoured: TEMPORAL_API_KEY, TEMPORAL_TLS, TEMPORAL_TLS_CLIENT_CERT_PATH, …",
    mend: 'Set for example temporal.internal:7233',
    schema: text.regex(/^(https?:\/\/)?[^\s/]+$/, 'is not host:port'),
  }),
  TEMPORAL_NAMESPACE: withDefault('default', {
    group: 'servers',
    meaning: 'Temporal namespace; it must exist.',
    mend: 'Set the name of an existing namespace',
    schema: someText,
  }),
  TEMPORAL_TASK_QUEUE: withDefault('customer-verification', {
    group: 'servers',
    meaning: 'Main task queue; those of IDWise calls and of deliveries are named after it.',
    mend: 'Set a name of at most 200 characters',
    schema: someText.max(200, 'is too long'),
  }),
  SMTP_URL: required({
    group: 'servers',
    meaning: 'Mail server for compliance mails, with credentials where it wants them.',
    mend: 'Set for example smtps://user:password@smtp.example.com:465',
    schema: url('smtp', 'smtps'),
  }),
  MAIL_FROM: required({
    group: 'servers',
    meaning: 'Sender of compliance mails.',
    mend: 'Set for example: Verification <verification@example.com>',
    schema: text.regex(/^([^<>\r\n]*<)?[^\s@<>]+@[^\s@<>]+>?$/, 'is not an e-mail address'),
  }),
  COMPLIANCE_EMAIL_TO: required({
    group: 'compliance',
    meaning:
      'Compliance officers, comma-separated, in order of escalation: the first is told, the next ones when nobody answers. An address that stands twice counts once.',
    mend: 'Set for example officer@example.com,head-of-compliance@example.com',
    schema: differentEmails(20),
  }),
  IDWISE_STUDIO_URL_TEMPLATE: optional({
    group: 'compliance',
    meaning:
      'Link to a journey in the IDWise Studio, for the desk and for mails about what is decided there; {journeyId} is replaced. Unset: there is no link.',
    mend: 'Set a URL that holds {journeyId}',
    schema: url('http', 'https').refine(
      (value) => value.includes('{journeyId}'),
      'does not hold {journeyId}',
    ),
  }),
  SYSTEM_OWNER_CONTACT: optional({
    group: 'compliance',
    meaning:
      'Whom compliance turns to when the desk or its mails do not work: an address, a telephone number. Unset: mails name nobody.',
    mend: 'Set for example it-desk@example.com, +49 30 1234, or unset it',
    schema: someText,
  }),
  PUBLIC_URL: optional({
    group: 'desk',
    meaning:
      'Address under which people reach this service, for the links in mails and for signing in. Unset: mails carry no link to the desk, and there is no desk.',
    mend: 'Set for example https://verification.example.com',
    schema: url('http', 'https'),
  }),
  OIDC_ISSUER: optional({
    group: 'desk',
    meaning:
      "Your OpenID Connect provider, at which compliance's people sign in to the desk. Unset: there is no desk.",
    mend: `Set the issuer's URL, for example https://login.example.com. ${oidcTogether}`,
    schema: url('http', 'https'),
  }),
  OIDC_CLIENT_ID: optional({
    group: 'desk',
    meaning:
      'Client id under which the desk is registered there; redirect URI `<PUBLIC_URL>/desk/signed-in`.',
    mend: oidcTogether,
    schema: someText,
  }),
  OIDC_CLIENT_SECRET: optional({
    group: 'desk',
    meaning: "The client's secret.",
    mend: oidcTogether,
    schema: someText,
  }),
  OIDC_ROLES_CLAIM: withDefault('roles', {
    group: 'desk',
    meaning: "Claim of the ID token with a person's roles: officer, approver, auditor, engineer, admin.",
    mend: "Set the claim's name",
    schema: someText,
  }),
  AUDIT_SIGNING_KEY: optional({
    group: 'audit',
    meaning:
      'Ed25519 private key (PKCS #8, PEM or its base64) that signs the daily checkpoint of the audit trail; needed by workers and by npm run cli -- audit. Keep it out of MongoDB and its backups. Unset: no checkpoints.',
    mend: 'Make one with: openssl genpkey -algorithm ed25519 -outform DER | base64 -w0',
    schema: signingKey,
  }),
  AUDIT_PUBLIC_KEYS: optional({
    group: 'audit',
    meaning:
      'Ed25519 public keys (PEM or its base64, comma-separated) whose checkpoints exports are verified by, beside that of AUDIT_SIGNING_KEY: for the API, which so needs no private key, and after a change of keys. Unset: that of AUDIT_SIGNING_KEY alone.',
    mend: 'Make one of the private key with: openssl pkey -pubout -outform DER | base64 -w0',
    schema: publicKeys,
  }),
  AUDIT_CHECKPOINT_DIR: optional({
    group: 'audit',
    meaning:
      'Folder to which workers also write each checkpoint as a file, so that it survives the database; best on storage that keeps what was written. Unset: checkpoints stand in the database, and their digests and signatures in the log.',
    mend: 'Set the path of a folder that the worker may write to, or unset it',
    schema: someText,
  }),
  IDWISE_BASE_URL: required({
    group: 'idwise',
    meaning: "Base URL of IDWise's API for your region.",
    mend: "Copy it from the developer's area of the IDWise portal",
    schema: url('http', 'https'),
  }),
  IDWISE_API_KEY: required({
    group: 'idwise',
    meaning: "User name of IDWise's API.",
    mend: "Copy it from the developer's area of the IDWise portal",
    schema: someText,
  }),
  IDWISE_API_SECRET: required({
    group: 'idwise',
    meaning: "Password of IDWise's API.",
    mend: "Copy it from the developer's area of the IDWise portal",
    schema: someText,
  }),
  IDWISE_FLOW_ID: required({
    group: 'idwise',
    meaning: "The flow that is yours; a journey of another flow is never approved by the system's word.",
    mend: "Copy the flow's id from the IDWise portal",
    schema: someText,
  }),
  IDWISE_CLIENT_KEY: optional({
    group: 'idwise',
    meaning: "Client key that the app's SDK needs; passed on at registration.",
    mend: "Copy it from the developer's area of the IDWise portal, or unset it",
    schema: someText,
  }),
  IDWISE_CUSTOM_STEP_ID: optional({
    group: 'idwise',
    meaning: "Custom step that takes the government's photo. Unset: the flow has none.",
    mend: "Copy the step's id from the flow, or unset it",
    schema: someText,
  }),
  IDWISE_CUSTOM_STEP_TYPE: optional({
    group: 'idwise',
    meaning: "step_type that is sent with the custom step's image.",
    mend: 'Set it together with IDWISE_CUSTOM_STEP_ID, or unset it',
    schema: someText,
  }),
  IDWISE_PATHS_FILE: optional({
    group: 'idwise',
    meaning: "JSON file that overrides path templates of IDWise's API, by endpoint name.",
    mend: 'Set the path of a readable JSON file such as {"getJourney": "/v2/journey/{journeyId}"}, or unset it',
    schema: someText,
  }),
  IDWISE_CALLS_PER_SECOND: withDefault('5', {
    group: 'idwise',
    meaning:
      'Attempts per second at IDWise that all workers together may make: one call each, up to five where AML versions or images of one journey are fetched.',
    mend: 'Set a number above 0, such as 5 or 0.5',
    schema: numberAboveZero,
  }),
  IDWISE_WEBHOOK_AUTH: required({
    group: 'webhooks',
    meaning:
      "How IDWise proves itself: basic, bearer or header:<Name>; as set in the portal's webhook wizard.",
    mend: 'Set basic, bearer or for example header:X-Webhook-Key',
    schema: webhookAuth,
  }),
  IDWISE_WEBHOOK_SECRETS: required({
    group: 'webhooks',
    meaning:
      'One or two secrets, comma-separated, both alive, so that one can be rotated; for basic user:password each.',
    mend: makeSecret,
    schema: list(2),
  }),
  IDWISE_WEBHOOK_ALLOWED_IPS: optional({
    group: 'webhooks',
    meaning:
      "Addresses or ranges that webhooks may come from, comma-separated; compared with the socket's address, so behind a proxy filter there instead. Unset: any.",
    mend: 'Set for example 203.0.113.7,198.51.100.0/24,2001:db8::/32, or unset it',
    schema: list(200, addressOrRange),
  }),
  GOVERNMENT_FACE_URL: optional({
    group: 'face',
    meaning:
      "Endpoint that answers with the government's photo of a person. Unset: custom steps are completed without one.",
    mend: 'Set a URL, or unset it',
    schema: url('http', 'https'),
  }),
  CUSTOMER_WEBHOOK_URL: optional({
    group: 'company',
    meaning:
      "Endpoint of the company's backend that is told when a status or access changed, and when a customer is to be reminded. Unset: nobody is told.",
    mend: 'Set a URL, or unset it together with CUSTOMER_WEBHOOK_SECRETS',
    schema: url('http', 'https'),
  }),
  CUSTOMER_WEBHOOK_SECRETS: optional({
    group: 'company',
    meaning: 'One or two Standard Webhooks secrets, comma-separated; each event is signed with all of them.',
    mend: 'Make one with: echo "whsec_$(openssl rand -base64 32)"',
    schema: list(2, standardWebhooksSecret),
  }),
  CUSTOMER_JWT_ISSUER: optional({
    group: 'company',
    meaning: "Issuer (iss) of end customers' tokens. Unset: only API keys open the API.",
    mend: jwtTogether,
    schema: someText,
  }),
  CUSTOMER_JWT_AUDIENCE: optional({
    group: 'company',
    meaning: 'Audience (aud) that the tokens must name.',
    mend: jwtTogether,
    schema: someText,
  }),
  CUSTOMER_JWT_JWKS_URL: optional({
    group: 'company',
    meaning: "Where the issuer's public keys are; sub of a token is the customerId.",
    mend: jwtTogether,
    schema: url('http', 'https'),
  }),
  VAPID_PUBLIC_KEY: optional({
    group: 'company',
    meaning: 'Public key for Web Push. Unset: no pushes.',
    mend: 'Make a pair with: npx web-push generate-vapid-keys',
    schema: text.regex(/^[A-Za-z0-9_-]{87}=?$/, 'is not a public VAPID key'),
  }),
  VAPID_PRIVATE_KEY: optional({
    group: 'company',
    meaning: 'Private key for Web Push.',
    mend: 'Make a pair with: npx web-push generate-vapid-keys',
    schema: text.regex(/^[A-Za-z0-9_-]{43}=?$/, 'is not a private VAPID key'),
  }),
  VAPID_SUBJECT: optional({
    group: 'company',
    meaning: 'Whom a push service may contact about pushes.',
    mend: 'Set for example mailto:operations@example.com',
    schema: text.regex(/^(mailto:|https:\/\/)./, 'begins neither with mailto: nor with https://'),
  }),
  WEB_PUSH_ALLOWED_HOSTS: optional({
    group: 'company',
    meaning:
      'Hosts (with port where it is not the usual one) to which pushes may be sent beside the known push services, comma-separated; these may speak http.',
    mend: 'Set for example push.internal.example.com,127.0.0.1:9090, or unset it',
    schema: list(50, host),
  }),
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof VARIABLES;

/** The values as read, by variable; undefined where a variable is unset and has no default. */
export type Values = {
  readonly [Name in VariableName]: z.output<(typeof VARIABLES)[Name]['schema']> | undefined;
};
