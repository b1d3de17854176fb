import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { fingerprint } from '../audit/signing-key.js';
import { DEFAULT_POLICY } from '../domain/policy.js';
import { configurationDocument } from './configuration-document.js';
import { readEnvironment, readServersEnvironment } from './environment.js';
import { problemLine } from './problem.js';
import type { ServiceConfig } from './service-config.js';
import { VARIABLES } from './variables.js';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRETS = {
  API_KEYS: 'company-key-0123456789abcdef,other-key-0123456789abcdef',
  PII_KEY: Buffer.alloc(32, 7).toString('base64'),
  IDWISE_API_SECRET: 'the-secret-of-idwise',
  IDWISE_WEBHOOK_SECRETS: 'user:a-long-password-0123456789',
};
const COMPLETE: Readonly<Record<string, string>> = {
  ...SECRETS,
  MONGODB_URI: 'mongodb://mongo:27017/verification?replicaSet=rs0',
  TEMPORAL_ADDRESS: 'temporal:7233',
  SMTP_URL: 'smtp://mail:25',
  MAIL_FROM: 'Verification <verification@example.com>',
  COMPLIANCE_EMAIL_TO: 'officer@example.com, head@example.com',
  IDWISE_BASE_URL: 'https://idwise.example.com',
  IDWISE_API_KEY: 'idwise-user',
  IDWISE_FLOW_ID: 'flow-1',
  IDWISE_WEBHOOK_AUTH: 'basic',
};

function configOf(changes: Readonly<Record<string, string>> = {}): ServiceConfig {
  const read = readEnvironment({ ...COMPLETE, ...changes });
  if (read.kind === 'invalid') throw new Error(read.problems.map(problemLine).join('\n'));
  return read.config;
}

function problemsOf(changes: Readonly<Record<string, string | undefined>>): string[] {
  const read = readEnvironment({ ...COMPLETE, ...changes });
  return read.kind === 'invalid' ? read.problems.map(problemLine) : [];
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a complete environment', () => {
  test('is enough with the required variables alone; everything else has its default or is off', () => {
    const config = configOf();
    expect(config.service).toMatchObject({ host: '127.0.0.1', port: 3000, logLevel: 'info' });
    expect(config.service.apiKeys).toEqual(['company-key-0123456789abcdef', 'other-key-0123456789abcdef']);
    expect(config.service.piiKey).toEqual(new Uint8Array(32).fill(7));
    expect(config.policy).toEqual(DEFAULT_POLICY);
    expect(config.compliance).toEqual({
      emailTo: ['officer@example.com', 'head@example.com'],
      studioUrlTemplate: null,
      deskUrl: null,
      systemOwner: null,
    });
    expect(config.temporal).toEqual({ namespace: 'default', taskQueue: 'customer-verification' });
    expect(config.webhookIntake).toMatchObject({ auth: { kind: 'basic' }, allowedIps: [] });
    expect(config.idwise).toMatchObject({ clientKey: null, customStep: null, callsPerSecond: 5 });
    expect(config).toMatchObject({
      companyWebhook: null,
      customerJwt: null,
      webPush: null,
      governmentFaceUrl: null,
    });
  });

  test('turns every optional feature on', () => {
    const config = configOf({
      IDWISE_WEBHOOK_AUTH: 'header:X-Hook-Key',
      IDWISE_WEBHOOK_SECRETS: 'first-0123456789abcdef,second-0123456789abcdef',
      IDWISE_WEBHOOK_ALLOWED_IPS: '203.0.113.7, 2001:db8::/32',
      IDWISE_CUSTOM_STEP_ID: '40',
      IDWISE_PATHS_FILE: file('paths.json', '{"getJourney": "/v2/journey/{journeyId}"}'),
      IDWISE_CALLS_PER_SECOND: '0.5',
      CUSTOMER_WEBHOOK_URL: 'http://10.0.0.5/hook',
      CUSTOMER_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
      CUSTOMER_JWT_ISSUER: 'https://login.example.com',
      CUSTOMER_JWT_AUDIENCE: 'verification',
      CUSTOMER_JWT_JWKS_URL: 'https://login.example.com/jwks',
      VAPID_PUBLIC_KEY: 'B'.repeat(87),
      VAPID_PRIVATE_KEY: 'k'.repeat(43),
      VAPID_SUBJECT: 'mailto:ops@example.com',
      WEB_PUSH_ALLOWED_HOSTS: '127.0.0.1:9090',
    });
    expect(config.webhookIntake).toEqual({
      auth: { kind: 'header', name: 'x-hook-key' },
      secrets: ['first-0123456789abcdef', 'second-0123456789abcdef'],
      allowedIps: ['203.0.113.7', '2001:db8::/32'],
    });
    expect(config.idwise).toMatchObject({
      customStep: { stepId: '40', stepType: null },
      pathOverrides: { getJourney: '/v2/journey/{journeyId}' },
      callsPerSecond: 0.5,
    });
    expect(config.companyWebhook?.url).toBe('http://10.0.0.5/hook');
    expect(config.customerJwt?.audience).toBe('verification');
    expect(config.webPush?.extraAllowedHosts).toEqual(['127.0.0.1:9090']);
  });
});

test('an address of compliance that stands twice, in whatever capitals, is one recipient, in its first place', () => {
  const addresses = 'Officer@example.com, head@example.com, officer@EXAMPLE.com, a@example.com';
  expect(configOf({ COMPLIANCE_EMAIL_TO: addresses }).compliance.emailTo).toEqual([
    'Officer@example.com',
    'head@example.com',
    'a@example.com',
  ]);
});

describe('an incomplete or wrong environment', () => {
  test('is reported whole: every required variable by its name, with how to mend it', () => {
    const read = readEnvironment({});
    const lines = read.kind === 'invalid' ? read.problems.map(problemLine) : [];
    const required = Object.entries(VARIABLES).flatMap(([name, { required }]) => (required ? [name] : []));
    expect(lines.map((line) => line.split(' ')[0])).toEqual(required);
    expect(lines).toContain('PII_KEY is not set. Make one with: openssl rand -base64 32');
  });

  test.each([
    ['PII_KEY', 'c2hvcnQ=', 'PII_KEY is not 32 bytes in base64. Make one with: openssl rand -base64 32'],
    ['PORT', '70000', 'PORT is not between 0 and 65535'],
    ['API_KEYS', ' , ', 'API_KEYS is empty'],
    ['MONGODB_URI', 'http://mongo', 'MONGODB_URI does not begin with mongodb://'],
    ['COMPLIANCE_EMAIL_TO', 'officer', 'COMPLIANCE_EMAIL_TO has an entry that is not an e-mail address'],
    [
      'IDWISE_WEBHOOK_AUTH',
      'none',
      'IDWISE_WEBHOOK_AUTH is neither "basic" nor "bearer" nor "header:<Name>"',
    ],
    ['IDWISE_WEBHOOK_SECRETS', 'a:1,b:2,c:3', 'IDWISE_WEBHOOK_SECRETS has more than 2 entries'],
    ['IDWISE_WEBHOOK_SECRETS', 'no-colon', 'IDWISE_WEBHOOK_SECRETS has an entry without user and password'],
    ['API_KEYS', 'two words', 'API_KEYS has an entry with characters that no header can carry'],
    ['OPERATOR_KEYS', 'key-without-name', 'OPERATOR_KEYS has an entry that is not name:key'],
    ['OPERATOR_KEYS', 'Night Shift:key', 'OPERATOR_KEYS has an entry that is not name:key'],
    ['OPERATOR_KEYS', 'night:two words', 'OPERATOR_KEYS has an entry that is not name:key'],
    ['OPERATOR_KEYS', 'system:key-1', 'OPERATOR_KEYS has an entry with a name that stands for the service'],
    ['OPERATOR_KEYS', 'api-key-1a2b3c4d:key', 'OPERATOR_KEYS has an entry with a name that stands for'],
    ['OPERATOR_KEYS', 'night:same,day:same', 'OPERATOR_KEYS has the same key twice'],
    [
      'OPERATOR_KEYS',
      'night:company-key-0123456789abcdef',
      'OPERATOR_KEYS has a key that is one of API_KEYS too. Give operators keys of their own',
    ],
    [
      'IDWISE_WEBHOOK_ALLOWED_IPS',
      '203.0.113.0/33',
      'IDWISE_WEBHOOK_ALLOWED_IPS has an entry that is neither',
    ],
    ['IDWISE_CALLS_PER_SECOND', '0', 'IDWISE_CALLS_PER_SECOND is not above 0'],
    [
      'CUSTOMER_WEBHOOK_URL',
      'https://a.example',
      'CUSTOMER_WEBHOOK_SECRETS is not set although CUSTOMER_WEBHOOK_URL is',
    ],
    [
      'CUSTOMER_JWT_ISSUER',
      'https://a.example',
      'CUSTOMER_JWT_JWKS_URL is not set although CUSTOMER_JWT_ISSUER is',
    ],
    ['VAPID_SUBJECT', 'mailto:a@b.c', 'VAPID_PRIVATE_KEY is not set although VAPID_SUBJECT is'],
    [
      'IDWISE_CUSTOM_STEP_TYPE',
      'Face',
      'IDWISE_CUSTOM_STEP_ID is not set although IDWISE_CUSTOM_STEP_TYPE is',
    ],
    ['POLICY_FILE', '/nowhere/policy.json', 'POLICY_FILE names a file that cannot be read'],
  ])('names %s and what is wrong with it', (name, value, message) => {
    expect(problemsOf({ [name]: value }).join('\n')).toContain(message);
  });

  test.each(['bearer', 'header:X-Secret'])('refuses a secret that %s cannot carry', (auth) => {
    const secrets = { IDWISE_WEBHOOK_AUTH: auth, IDWISE_WEBHOOK_SECRETS: 'sécret-0123456789abcdef' };
    expect(problemsOf(secrets).join('\n')).toContain(
      'IDWISE_WEBHOOK_SECRETS has an entry with characters that no header can carry',
    );
    expect(
      problemsOf({ IDWISE_WEBHOOK_AUTH: 'basic', IDWISE_WEBHOOK_SECRETS: 'idwise:sécret-0123456789abcdef' }),
    ).toEqual([]);
  });

  test('never shows a value, because it may be a secret', () => {
    const secret = 'do-not-print-me';
    const wrong = Object.fromEntries(Object.keys(VARIABLES).map((name) => [name, `${secret} ,,\n<>`]));
    const read = readEnvironment(wrong);
    expect(read.kind).toBe('invalid');
    expect(JSON.stringify(read)).not.toContain(secret);
  });

  test('an address that others could read or change on the way is allowed, with a warning; on this machine without one', () => {
    const jwt = { CUSTOMER_JWT_ISSUER: 'i', CUSTOMER_JWT_AUDIENCE: 'a' };
    const warningsOf = (host: string) => {
      const address = `http://${host}`;
      const read = readEnvironment({
        ...COMPLETE,
        ...jwt,
        PUBLIC_URL: address,
        CUSTOMER_JWT_JWKS_URL: `${address}/jwks`,
      });
      return read.kind === 'config' ? read.warnings : read.problems;
    };
    expect(warningsOf('desk.corp')).toEqual([
      expect.stringContaining('PUBLIC_URL is plain HTTP'),
      expect.stringContaining('CUSTOMER_JWT_JWKS_URL is plain HTTP'),
    ]);
    expect(warningsOf('127.0.0.1:3000')).toEqual([]);
  });

  test('a secret that is short enough to guess is allowed, with a warning that does not show it', () => {
    const read = readEnvironment({ ...COMPLETE, API_KEYS: 'tiny' });
    expect(read).toMatchObject({ kind: 'config', warnings: [expect.stringContaining('API_KEYS')] });
    expect(read.kind === 'config' ? read.warnings.join() : 'tiny').not.toContain('tiny');
  });
});

test('operators have a name and a key each, which may hold a colon, and two keys while one is replaced', () => {
  expect(configOf({}).service.operatorKeys).toEqual([]);
  const given = {
    OPERATOR_KEYS: ' night-shift:one:with-colon-0123456789 , night-shift:two-0123456789abcdef',
  };
  expect(configOf(given).service.operatorKeys).toEqual([
    { name: 'night-shift', key: 'one:with-colon-0123456789' },
    { name: 'night-shift', key: 'two-0123456789abcdef' },
  ]);
  const read = readEnvironment({ ...COMPLETE, OPERATOR_KEYS: 'night-shift:tiny' });
  expect(read).toMatchObject({ kind: 'config', warnings: [expect.stringContaining('OPERATOR_KEYS')] });
});

test('the set-up of the servers needs no secret of the service', () => {
  const { MONGODB_URI, TEMPORAL_ADDRESS } = COMPLETE;
  expect(readServersEnvironment({ MONGODB_URI, TEMPORAL_ADDRESS })).toMatchObject({ kind: 'config' });
});

describe('the policy file', () => {
  test('overrides what it names and leaves the rest at its default', () => {
    const { policy } = configOf({
      POLICY_FILE: file(
        'policy.json',
        JSON.stringify({
          access: { under_review: 'none' },
          functions: { limited: ['view_account'] },
          requiredChecks: { rules: ['no_aml_records'] },
          amlNotReadyTimeout: '2h',
          completeJourney: { afterSilence: '7d' },
          deliveries: { mailGiveUp: '30s' },
        }),
      ),
    });
    expect(policy).toEqual({
      ...DEFAULT_POLICY,
      access: { ...DEFAULT_POLICY.access, under_review: 'none' },
      functions: { ...DEFAULT_POLICY.functions, limited: ['view_account'] },
      requiredChecks: { ...DEFAULT_POLICY.requiredChecks, rules: ['no_aml_records'] },
      amlNotReadyTimeoutMs: 7_200_000,
      completeJourney: { ...DEFAULT_POLICY.completeJourney, afterSilenceMs: 604_800_000 },
      deliveries: { ...DEFAULT_POLICY.deliveries, mailGiveUpMs: 30_000 },
    });
  });

  test('an empty object is the default policy; null ends the closing of silent journeys', () => {
    expect(configOf({ POLICY_FILE: file('empty.json', '{}') }).policy).toEqual(DEFAULT_POLICY);
    const silent = file('silent.json', '{"completeJourney": {"afterSilence": null}}');
    expect(configOf({ POLICY_FILE: silent }).policy.completeJourney.afterSilenceMs).toBeNull();
  });

  test('may hold texts of its own for customers, under language tags in whatever case', () => {
    const texts = { 'de-at': { verified: ' Passt. ' }, PT: { verified: 'Está verificado.' } };
    const { policy } = configOf({ POLICY_FILE: file('texts.json', JSON.stringify({ texts })) });
    expect(policy.texts).toEqual({ 'de-AT': { verified: 'Passt.' }, pt: { verified: 'Está verificado.' } });
  });

  test.each([
    ['{"acess": {}}', 'has the unknown member acess'],
    ['{"look": {"giveup": "1h"}}', 'has the unknown member look.giveup'],
    ['{"access": {"appproved": "full"}}', 'has the unknown member access.appproved'],
    ['{"access": {"approved": "all"}}', 'member access.approved must be "none", "limited" or "full"'],
    ['{"look": {"giveUp": "soon"}}', 'member look.giveUp must be a duration'],
    ['{"look": {"giveUp": 60}}', 'member look.giveUp must be a duration'],
    ['{"look": {"giveUp": "0s"}}', 'member look.giveUp must be a duration'],
    ['{"texts": {"de": {"verfied": "Ja."}}}', 'has the unknown member texts.de.verfied'],
    ['{"texts": {"de": {"verified": " "}}}', 'member texts.de.verified must not be empty'],
    ['{"texts": {"de": {"verified": "a\\u0000b"}}}', 'member texts.de.verified must be text without control'],
    ['{"texts": {"de": "Ja."}}', 'member texts.de must be an object of texts by code'],
    ['{"texts": {"german_": {}}}', 'member texts.german_ must be a language tag such as "de"'],
    ['{"texts": {"": {}}}', 'member texts. must be a language tag such as "de"'],
    ['{"texts": {"he": {}, "iw": {}}}', 'member texts.iw must stand here once: it is the same language'],
    ['{"texts": ["de"]}', 'member texts must be an object of languages'],
    ['[]', 'must be a JSON object'],
    ['{', 'is not JSON'],
  ])('%s is refused with the member named', (content, message) => {
    expect(problemsOf({ POLICY_FILE: file('wrong.json', content) }).join('\n')).toContain(message);
  });
});

test('docs/configuration.md is what the code makes of its own table', () => {
  const path = new URL('../../docs/configuration.md', import.meta.url);
  expect(readFileSync(path, 'utf8')).toBe(configurationDocument());
});

test('public keys of the audit trail are read as PEM and as base64; a private one among them is refused and not shown', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const base64 = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const { publicKeys } = configOf({ AUDIT_PUBLIC_KEYS: `${pem},${base64}` }).audit;
  expect(publicKeys.map(fingerprint)).toEqual([fingerprint(publicKey), fingerprint(publicKey)]);
  expect(configOf().audit.publicKeys).toEqual([]);
  for (const secret of [
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  ]) {
    const problems = problemsOf({ AUDIT_PUBLIC_KEYS: `${base64},${secret}` });
    expect(problems).toEqual([expect.stringContaining('AUDIT_PUBLIC_KEYS')]);
    expect(problems.join()).not.toContain(secret);
  }
});
