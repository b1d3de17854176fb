import { readFileSync } from 'node:fs';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.js';
import { readPathOverrides } from '../idwise/paths.js';
import {
  type AuditConfig,
  auditConfig,
  type IdwiseConfig,
  idwiseConfig,
  type ServersConfig,
  serversConfig,
  serviceConfig,
} from './assemble-config.js';
import { isLoopback } from './loopback.js';
import { readPolicy } from './policy-file.js';
import { type ConfigProblem, problemLine } from './problem.js';
import type { ServiceConfig } from './service-config.js';
import { namesTemporalFile } from './temporal-file.js';
import { VARIABLES, type Values, type VariableName } from './variables.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export type ReadEnvironment<Config> =
  | {
      readonly kind: 'config';
      readonly config: Config;
      /** What is allowed but unwise, such as a short secret; names variables, never values. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

const SHORT_SECRET_CHARACTERS = 20;

/** Variables that are set together or not at all. */
const TOGETHER: readonly (readonly VariableName[])[] = [
  ['CUSTOMER_WEBHOOK_URL', 'CUSTOMER_WEBHOOK_SECRETS'],
  ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'],
  ['CUSTOMER_JWT_ISSUER', 'CUSTOMER_JWT_AUDIENCE', 'CUSTOMER_JWT_JWKS_URL'],
  ['VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY', 'VAPID_SUBJECT'],
];

/**
 * Takes the environment; returns the whole configuration (design §3), or everything that is wrong with it at once.
 * Reads POLICY_FILE and IDWISE_PATHS_FILE where they are set.
 */
export function readEnvironment(env: Environment): ReadEnvironment<ServiceConfig> {
  const problems: ConfigProblem[] = [];
  const values = readValues(env, Object.keys(VARIABLES) as VariableName[], problems);
  problems.push(...crossChecks(env, values));
  const policy = values.POLICY_FILE === undefined ? DEFAULT_POLICY : policyFrom(values.POLICY_FILE, problems);
  const pathOverrides =
    values.IDWISE_PATHS_FILE === undefined ? {} : pathsFrom(values.IDWISE_PATHS_FILE, problems);
  if (problems.length > 0) return { kind: 'invalid', problems };
  return {
    kind: 'config',
    config: serviceConfig(values, policy, pathOverrides),
    warnings: warningsOf(values),
  };
}

/** Takes the environment; returns what `setup` needs, checking nothing else. */
export function readServersEnvironment(env: Environment): ReadEnvironment<ServersConfig> {
  const problems: ConfigProblem[] = [];
  const names = [
    'MONGODB_URI',
    'MONGODB_SETUP_URI',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_NAMESPACE',
    'TEMPORAL_TASK_QUEUE',
  ] as const;
  const values = readValues(env, names, problems);
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'config', config: serversConfig(values), warnings: [] };
}

/** Takes the environment; returns what the commands over the audit trail need, checking nothing else. */
export function readAuditEnvironment(env: Environment): ReadEnvironment<AuditConfig> {
  const problems: ConfigProblem[] = [];
  const names = ['MONGODB_URI', 'AUDIT_SIGNING_KEY', 'AUDIT_PUBLIC_KEYS', 'AUDIT_CHECKPOINT_DIR'] as const;
  const values = readValues(env, names, problems);
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'config', config: auditConfig(values), warnings: [] };
}

/** Takes the environment; returns what a check of the IDWise account needs, checking nothing else. */
export function readIdwiseEnvironment(env: Environment): ReadEnvironment<IdwiseConfig> {
  const problems: ConfigProblem[] = [];
  const names = (Object.keys(VARIABLES) as VariableName[]).filter(
    (name) => VARIABLES[name].group === 'idwise',
  );
  const values = readValues(env, names, problems);
  const pathOverrides =
    values.IDWISE_PATHS_FILE === undefined ? {} : pathsFrom(values.IDWISE_PATHS_FILE, problems);
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'config', config: idwiseConfig(values, pathOverrides), warnings: [] };
}

/**
 * Takes what was read; returns the configuration, having printed warnings. Where it is invalid, prints every problem
 * and ends the process with exit code 1: an entry point calls this before it does anything else.
 */
export function configOrExit<Config>(read: ReadEnvironment<Config>): Config {
  if (read.kind === 'config') {
    for (const warning of read.warnings) process.stderr.write(`Configuration: ${warning}\n`);
    return read.config;
  }
  process.stderr.write(`The configuration is not complete; nothing was started.\n`);
  for (const problem of read.problems) process.stderr.write(`  ${problemLine(problem)}\n`);
  process.exit(1);
}

function readValues(env: Environment, names: readonly VariableName[], problems: ConfigProblem[]): Values {
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const { schema, required, byDefault, mend } = VARIABLES[name];
    const text = env[name]?.trim() ? env[name] : (byDefault ?? undefined);
    if (text === undefined) {
      const isElsewhere = name === 'TEMPORAL_ADDRESS' && namesTemporalFile(env);
      if (required && !isElsewhere) problems.push({ variable: name, problem: 'is not set', mend });
      continue;
    }
    const read = schema.safeParse(text);
    if (read.success) values[name] = read.data;
    else
      for (const problem of new Set(read.error.issues.map((issue) => issue.message)))
        problems.push({ variable: name, problem, mend });
  }
  return values as Values;
}

function crossChecks(env: Environment, values: Values): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const isSet = (name: VariableName) => Boolean(env[name]?.trim());
  for (const group of TOGETHER) {
    if (!group.some(isSet)) continue;
    for (const name of group.filter((member) => !isSet(member))) {
      const companion = group.find(isSet) ?? name;
      problems.push({
        variable: name,
        problem: `is not set although ${companion} is`,
        mend: VARIABLES[name].mend,
      });
    }
  }
  if (isSet('OIDC_ISSUER') && !isSet('PUBLIC_URL')) {
    const { mend } = VARIABLES.PUBLIC_URL;
    problems.push({ variable: 'PUBLIC_URL', problem: 'is not set although OIDC_ISSUER is', mend });
  }
  if (isSet('IDWISE_CUSTOM_STEP_TYPE') && !isSet('IDWISE_CUSTOM_STEP_ID')) {
    const { mend } = VARIABLES.IDWISE_CUSTOM_STEP_TYPE;
    problems.push({
      variable: 'IDWISE_CUSTOM_STEP_ID',
      problem: 'is not set although IDWISE_CUSTOM_STEP_TYPE is',
      mend,
    });
  }
  const basic = values.IDWISE_WEBHOOK_AUTH?.kind === 'basic';
  if (basic && values.IDWISE_WEBHOOK_SECRETS?.some((secret) => !/^[^:]+:.+$/.test(secret))) {
    problems.push({
      variable: 'IDWISE_WEBHOOK_SECRETS',
      problem: 'has an entry without user and password, which IDWISE_WEBHOOK_AUTH=basic needs',
      mend: 'Write each as user:password; make the password with: openssl rand -hex 32',
    });
  }
  // Refused at start, because at run time it would only look like a caller who never knows the secret.
  for (const name of basic ? (['API_KEYS'] as const) : (['API_KEYS', 'IDWISE_WEBHOOK_SECRETS'] as const)) {
    if (values[name]?.some((secret) => !/^[\x21-\x7e]+$/.test(secret))) {
      problems.push({
        variable: name,
        problem: 'has an entry with characters that no header can carry',
        mend: 'Use printable ASCII without spaces; make one with: openssl rand -base64 32',
      });
    }
  }
  const apiKeys = new Set(values.API_KEYS);
  if (values.OPERATOR_KEYS?.some(({ key }) => apiKeys.has(key))) {
    problems.push({
      variable: 'OPERATOR_KEYS',
      problem: 'has a key that is one of API_KEYS too',
      mend: 'Give operators keys of their own; make one with: openssl rand -hex 32',
    });
  }
  return problems;
}

function policyFrom(path: string, problems: ConfigProblem[]): Policy {
  const variable = 'POLICY_FILE';
  const { mend } = VARIABLES.POLICY_FILE;
  const text = readText(path);
  if (text === null) {
    problems.push({ variable, problem: 'names a file that cannot be read', mend });
    return DEFAULT_POLICY;
  }
  const read = readPolicy(text);
  if (read.kind === 'policy') return read.policy;
  const advice = 'Correct the file; docs/configuration.md lists its members';
  problems.push(
    ...read.problems.map((problem) => ({ variable, problem: `(its file) ${problem}`, mend: advice })),
  );
  return DEFAULT_POLICY;
}

function pathsFrom(path: string, problems: ConfigProblem[]): Record<string, string> {
  const { mend } = VARIABLES.IDWISE_PATHS_FILE;
  const text = readText(path);
  if (text === null) {
    problems.push({ variable: 'IDWISE_PATHS_FILE', problem: 'names a file that cannot be read', mend });
    return {};
  }
  const read = readPathOverrides(text);
  if (read.kind === 'overrides') return read.overrides;
  const advice = 'Correct the file; its keys are the names that npm run cli -- idwise check prints';
  problems.push(
    ...read.problems.map((problem) => ({
      variable: 'IDWISE_PATHS_FILE',
      problem: `(its file) ${problem}`,
      mend: advice,
    })),
  );
  return {};
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function warningsOf(values: Values): string[] {
  const short = (secrets: readonly string[] | undefined) =>
    secrets?.some((secret) => secret.length < SHORT_SECRET_CHARACTERS) ?? false;
  const secrets = {
    API_KEYS: values.API_KEYS,
    OPERATOR_KEYS: values.OPERATOR_KEYS?.map(({ key }) => key),
    IDWISE_WEBHOOK_SECRETS: values.IDWISE_WEBHOOK_SECRETS,
  };
  const guessable = (['API_KEYS', 'OPERATOR_KEYS', 'IDWISE_WEBHOOK_SECRETS'] as const)
    .filter((name) => short(secrets[name]))
    .map((name) => `${name} has an entry that is short enough to guess; ${VARIABLES[name].mend}`);
  // Whoever is on the way could take over sessions, or make customers' tokens.
  const readable = (['PUBLIC_URL', 'CUSTOMER_JWT_JWKS_URL'] as const)
    .filter((name) => isPlainHttpAbroad(values[name]))
    .map(
      (name) => `${name} is plain HTTP to another machine, where others can read and change it; use https`,
    );
  return [...guessable, ...readable];
}

function isPlainHttpAbroad(address: string | null | undefined): boolean {
  if (address == null) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !isLoopback(hostname);
}
