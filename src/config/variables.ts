import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * Every environment variable, once: its group, whether it must be set, what it means, what a good value looks like and
 * how to get one. The reader of the environment and the page of the documentation are both made from this table.
 * Error texts say what is wrong with a value without repeating it, because it may be a secret.
 */
export interface Variable<Value = unknown> {
  readonly group: Group;
  readonly required: boolean;
  /** The text that stands in where the variable is unset; null: the feature is off, or it is required. */
  readonly byDefault: string | null;
  readonly meaning: string;
  readonly mend: string;
  readonly schema: z.ZodType<Value, string>;
}

export type Group = 'service' | 'servers' | 'compliance' | 'idwise' | 'webhooks' | 'face' | 'company';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const PII_KEY_BYTES = 32;

const text = z.string().trim();

function wholeNumber(lowest: number, highest: number): z.ZodType<number, string> {
  return text
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .transform(Number)
    .refine((n) => n >= lowest && n <= highest, `is not between ${lowest} and ${highest}`);
}

function url(...protocols: readonly string[]): z.ZodType<string, string> {
  const allowed = protocols.map((protocol) => `${protocol}://`).join(' or ');
  return text.refine(
    (value) =>
      URL.canParse(value) && protocols.some((protocol) => new URL(value).protocol === `${protocol}:`),
    `is not a URL that begins with ${allowed}`,
  );
}

/** A comma-separated list; empty entries are dropped. */
function list(most: number, entry: z.ZodType<string, string> = text): z.ZodType<string[], string> {
  return text
    .transform((value) => value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
    .pipe(z.array(entry).min(1, 'is empty').max(most, `has more than ${most} entries`));
}

const email = text.regex(/^[^\s@<>,]+@[^\s@<>,]+$/, 'has an entry that is not an e-mail address');

const piiKey = text.transform((value, context) => {
  const bytes = Buffer.from(value, 'base64');
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(value) && bytes.length === PII_KEY_BYTES) return new Uint8Array(bytes);
  context.addIssue(`is not ${PII_KEY_BYTES} bytes in base64`);
  return z.NEVER;
});

const webhookAuth = text.transform((value, context) => {
  const header = /^header:([A-Za-z0-9!#$%&'*+.^_`|~-]+)$/i.exec(value);
  if (/^basic$/i.test(value)) return { kind: 'basic' as const };
  if (/^bearer$/i.test(value)) return { kind: 'bearer' as const };
  if (header?.[1] !== undefined) return { kind: 'header' as const, name: header[1].toLowerCase() };
  context.addIssue('is neither "basic" nor "bearer" nor "header:<Name>"');
  return z.NEVER;
});

const addressOrRange = text.refine((entry) => {
  const [address = '', prefix, ...rest] = entry.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}, 'has an entry that is neither an IP address nor a range such as 203.0.113.0/24');

const standardWebhooksSecret = text.refine((entry) => {
  const bytes = Buffer.from(entry.replace(/^whsec_/, ''), 'base64').length;
  return entry.startsWith('whsec_') && bytes >= 24 && bytes <= 64;
}, 'has an entry that is not whsec_ followed by 24 to 64 bytes in base64');

const host = text
  .toLowerCase()
  .regex(
    /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/,
    'has an entry that is not a host or host:port',
  );

const makeSecret = 'Make one with: openssl rand -base64 32';

function variable<Value>(of: Variable<Value>): Variable<Value> {
  return of;
}

export const VARIABLES = {
  HOST: variable({
    group: 'service',
    required: false,
    byDefault: '127.0.0.1',
    meaning: 'Address that the API listens on.',
    mend: 'Set an address of this machine, or 0.0.0.0 for all of them',
    schema: text.min(1, 'is empty'),
  }),
  PORT: variable({
    group: 'service',
    required: false,
    byDefault: '3000',
    meaning: 'Port that the API listens on; 0 takes any free one.',
    mend: 'Set a port between 0 and 65535',
    schema: wholeNumber(0, 65_535),
  }),
  API_KEYS: variable({
    group: 'service',
    required: true,
    byDefault: null,
    meaning: "Keys of the company's own servers, comma-separated, all alive at once.",
    mend: makeSecret,
    schema: list(20),
  }),
  PII_KEY: variable({
    group: 'service',
    required: true,
    byDefault: null,
    meaning: 'Key under which personal data is encrypted: 32 bytes in base64. Losing it loses the data.',
    mend: makeSecret,
    schema: piiKey,
  }),
  POLICY_FILE: variable({
    group: 'service',
    required: false,
    byDefault: null,
    meaning: 'Path of a JSON file that overrides parts of the policy; see below.',
    mend: 'Set the path of a readable JSON file, or unset it for the defaults',
    schema: text.min(1, 'is empty'),
  }),
  LOG_LEVEL: variable({
    group: 'service',
    required: false,
    byDefault: 'info',
    meaning: `Least severe log line that is written: ${LOG_LEVELS.join(', ')}.`,
    mend: `Set one of ${LOG_LEVELS.join(', ')}`,
    schema: z
      .string()
      .transform((value) => value.trim().toLowerCase())
      .pipe(z.enum(LOG_LEVELS, 'is no level')),
  }),
  WORKER_HEALTH_PORT: variable({
    group: 'service',
    required: false,
    byDefault: null,
    meaning: 'Port on HOST where a worker answers /healthz and /metrics. Unset: it does not.',
    mend: 'Set a port between 1 and 65535, or unset it',
    schema: wholeNumber(1, 65_535),
  }),
  MONGODB_URI: variable({
    group: 'servers',
    required: true,
    byDefault: null,
    meaning:
      'MongoDB 6.0 or newer, a replica set (transactions and change streams are used), with the database in the path.',
    mend: 'Set for example mongodb://mongo-1:27017,mongo-2:27017/verification?replicaSet=rs0',
    schema: text.regex(/^mongodb(\+srv)?:\/\/./, 'does not begin with mongodb:// or mongodb+srv://'),
  }),
  TEMPORAL_ADDRESS: variable({
    group: 'servers',
    required: true,
    byDefault: null,
    meaning:
      "Temporal's frontend, host:port. With TEMPORAL_CONFIG_FILE or TEMPORAL_PROFILE it may come from the file instead. The other TEMPORAL_* of @temporalio/envconfig are honoured: TEMPORAL_API_KEY, TEMPORAL_TLS, TEMPORAL_TLS_CLIENT_CERT_PATH, …",
    mend: 'Set for example temporal.internal:7233',
    schema: text.regex(/^(https?:\/\/)?[^\s/]+$/, 'is not host:port'),
  }),
  TEMPORAL_NAMESPACE: variable({
    group: 'servers',
    required: false,
    byDefault: 'default',
    meaning: 'Temporal namespace; it must exist.',
    mend: 'Set the name of an existing namespace',
    schema: text.min(1, 'is empty'),
  }),
  TEMPORAL_TASK_QUEUE: variable({
    group: 'servers',
    required: false,
    byDefault: 'customer-verification',
    meaning: 'Main task queue; those of IDWise calls and of deliveries are named after it.',
    mend: 'Set a name of at most 200 characters',
    schema: text.min(1, 'is empty').max(200, 'is too long'),
  }),
  SMTP_URL: variable({
    group: 'servers',
    required: true,
    byDefault: null,
    meaning: 'Mail server for compliance mails, with credentials where it wants them.',
    mend: 'Set for example smtps://user:password@smtp.example.com:465',
    schema: url('smtp', 'smtps'),
  }),
  MAIL_FROM: variable({
    group: 'servers',
    required: true,
    byDefault: null,
    meaning: 'Sender of compliance mails.',
    mend: 'Set for example: Verification <verification@example.com>',
    schema: text.regex(/^([^<>\r\n]*<)?[^\s@<>]+@[^\s@<>]+>?$/, 'is not an e-mail address'),
  }),
  COMPLIANCE_EMAIL_TO: variable({
    group: 'compliance',
    required: true,
    byDefault: null,
    meaning:
      'Compliance officers, comma-separated, in order of escalation: the first is told, the next ones when nobody answers.',
    mend: 'Set for example officer@example.com,head-of-compliance@example.com',
    schema: list(20, email),
  }),
  IDWISE_STUDIO_URL_TEMPLATE: variable({
    group: 'compliance',
    required: false,
    byDefault: null,
    meaning: 'Link to a journey in the IDWise Studio; {journeyId} is replaced. Unset: mails carry no link.',
    mend: 'Set a URL that holds {journeyId}',
    schema: url('http', 'https').refine(
      (value) => value.includes('{journeyId}'),
      'does not hold {journeyId}',
    ),
  }),
  IDWISE_BASE_URL: variable({
    group: 'idwise',
    required: true,
    byDefault: null,
    meaning: "Base URL of IDWise's API for your region.",
    mend: "Copy it from the developer's area of the IDWise portal",
    schema: url('http', 'https'),
  }),
  IDWISE_API_KEY: variable({
    group: 'idwise',
    required: true,
    byDefault: null,
    meaning: "User name of IDWise's API.",
    mend: "Copy it from the developer's area of the IDWise portal",
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_API_SECRET: variable({
    group: 'idwise',
    required: true,
    byDefault: null,
    meaning: "Password of IDWise's API.",
    mend: "Copy it from the developer's area of the IDWise portal",
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_FLOW_ID: variable({
    group: 'idwise',
    required: true,
    byDefault: null,
    meaning: "The flow that is yours; a journey of another flow is never approved by the system's word.",
    mend: "Copy the flow's id from the IDWise portal",
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_CLIENT_KEY: variable({
    group: 'idwise',
    required: false,
    byDefault: null,
    meaning: "Client key that the app's SDK needs; passed on at registration.",
    mend: "Copy it from the developer's area of the IDWise portal, or unset it",
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_CUSTOM_STEP_ID: variable({
    group: 'idwise',
    required: false,
    byDefault: null,
    meaning: "Custom step that takes the government's photo. Unset: the flow has none.",
    mend: "Copy the step's id from the flow, or unset it",
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_CUSTOM_STEP_TYPE: variable({
    group: 'idwise',
    required: false,
    byDefault: null,
    meaning: "step_type that is sent with the custom step's image.",
    mend: 'Set it together with IDWISE_CUSTOM_STEP_ID, or unset it',
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_PATHS_FILE: variable({
    group: 'idwise',
    required: false,
    byDefault: null,
    meaning: "JSON file that overrides path templates of IDWise's API, by endpoint name.",
    mend: 'Set the path of a readable JSON file such as {"getJourney": "/v2/journey/{journeyId}"}, or unset it',
    schema: text.min(1, 'is empty'),
  }),
  IDWISE_CALLS_PER_SECOND: variable({
    group: 'idwise',
    required: false,
    byDefault: '5',
    meaning: 'Calls per second to IDWise that all workers together may make.',
    mend: 'Set a number above 0, such as 5 or 0.5',
    schema: text
      .regex(/^\d{1,6}(\.\d{1,3})?$/, 'is not a number')
      .transform(Number)
      .refine((n) => n > 0 && n <= 10_000, 'is not above 0'),
  }),
  IDWISE_WEBHOOK_AUTH: variable({
    group: 'webhooks',
    required: true,
    byDefault: null,
    meaning:
      "How IDWise proves itself: basic, bearer or header:<Name>; as set in the portal's webhook wizard.",
    mend: 'Set basic, bearer or for example header:X-Webhook-Key',
    schema: webhookAuth,
  }),
  IDWISE_WEBHOOK_SECRETS: variable({
    group: 'webhooks',
    required: true,
    byDefault: null,
    meaning:
      'One or two secrets, comma-separated, both alive, so that one can be rotated; for basic user:password each.',
    mend: makeSecret,
    schema: list(2),
  }),
  IDWISE_WEBHOOK_ALLOWED_IPS: variable({
    group: 'webhooks',
    required: false,
    byDefault: null,
    meaning:
      "Addresses or ranges that webhooks may come from, comma-separated; compared with the socket's address, so behind a proxy filter there instead. Unset: any.",
    mend: 'Set for example 203.0.113.7,198.51.100.0/24,2001:db8::/32, or unset it',
    schema: list(200, addressOrRange),
  }),
  GOVERNMENT_FACE_URL: variable({
    group: 'face',
    required: false,
    byDefault: null,
    meaning:
      "Endpoint that answers with the government's photo of a person. Unset: custom steps are completed without one.",
    mend: 'Set a URL, or unset it',
    schema: url('http', 'https'),
  }),
  CUSTOMER_WEBHOOK_URL: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning:
      "Endpoint of the company's backend that is told when a status or access changed. Unset: nobody is told.",
    mend: 'Set a URL, or unset it together with CUSTOMER_WEBHOOK_SECRETS',
    schema: url('http', 'https'),
  }),
  CUSTOMER_WEBHOOK_SECRETS: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: 'One or two Standard Webhooks secrets, comma-separated; each event is signed with all of them.',
    mend: 'Make one with: echo "whsec_$(openssl rand -base64 32)"',
    schema: list(2, standardWebhooksSecret),
  }),
  CUSTOMER_JWT_ISSUER: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: "Issuer (iss) of end customers' tokens. Unset: only API keys open the API.",
    mend: 'Set CUSTOMER_JWT_ISSUER, CUSTOMER_JWT_AUDIENCE and CUSTOMER_JWT_JWKS_URL together, or none of them',
    schema: text.min(1, 'is empty'),
  }),
  CUSTOMER_JWT_AUDIENCE: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: 'Audience (aud) that the tokens must name.',
    mend: 'Set CUSTOMER_JWT_ISSUER, CUSTOMER_JWT_AUDIENCE and CUSTOMER_JWT_JWKS_URL together, or none of them',
    schema: text.min(1, 'is empty'),
  }),
  CUSTOMER_JWT_JWKS_URL: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: "Where the issuer's public keys are; sub of a token is the customerId.",
    mend: 'Set CUSTOMER_JWT_ISSUER, CUSTOMER_JWT_AUDIENCE and CUSTOMER_JWT_JWKS_URL together, or none of them',
    schema: url('http', 'https'),
  }),
  VAPID_PUBLIC_KEY: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: 'Public key for Web Push. Unset: no pushes.',
    mend: 'Make a pair with: npx web-push generate-vapid-keys',
    schema: text.regex(/^[A-Za-z0-9_-]{87}=?$/, 'is not a public VAPID key'),
  }),
  VAPID_PRIVATE_KEY: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: 'Private key for Web Push.',
    mend: 'Make a pair with: npx web-push generate-vapid-keys',
    schema: text.regex(/^[A-Za-z0-9_-]{43}=?$/, 'is not a private VAPID key'),
  }),
  VAPID_SUBJECT: variable({
    group: 'company',
    required: false,
    byDefault: null,
    meaning: 'Whom a push service may contact about pushes.',
    mend: 'Set for example mailto:operations@example.com',
    schema: text.regex(/^(mailto:|https:\/\/)./, 'begins neither with mailto: nor with https://'),
  }),
  WEB_PUSH_ALLOWED_HOSTS: variable({
    group: 'company',
    required: false,
    byDefault: null,
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
