import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type Environment, readEnvironment, readServersEnvironment } from './environment.js';
import { problemLine } from './problem.js';

/** Nobody notices a variable that the composed stack lacks before its containers restart again and again. */

interface Composed {
  readonly services: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
}

const { services } = parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), {
  merge: true,
}) as Composed;

/** What a container of the service gets where nobody has set anything: `${NAME:-default}` is its default. */
function environmentOf(service: string): Environment {
  return Object.fromEntries(
    Object.entries(services[service]?.environment ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1'),
    ]),
  );
}

test.each(['api', 'worker'])(
  'docker-compose.yml gives %s a whole configuration, with nothing to warn of',
  (role) => {
    const read = readEnvironment(environmentOf(role));
    expect(read.kind === 'invalid' ? read.problems.map(problemLine) : read.warnings).toEqual([]);
  },
);

test('docker-compose.yml gives setup the addresses of the servers', () => {
  const read = readServersEnvironment(environmentOf('setup'));
  expect(read.kind === 'invalid' ? read.problems.map(problemLine) : read.warnings).toEqual([]);
});

test('the composed simulator speaks with the credentials that the composed service expects', () => {
  const [api, simulator] = [environmentOf('api'), environmentOf('simulator')];
  const alike = {
    SIM_API_KEY: 'IDWISE_API_KEY',
    SIM_API_SECRET: 'IDWISE_API_SECRET',
    SIM_FLOW_ID: 'IDWISE_FLOW_ID',
    SIM_CLIENT_KEY: 'IDWISE_CLIENT_KEY',
    SIM_CUSTOM_STEP_ID: 'IDWISE_CUSTOM_STEP_ID',
    SIM_CUSTOM_STEP_TYPE: 'IDWISE_CUSTOM_STEP_TYPE',
    SIM_WEBHOOK_AUTH: 'IDWISE_WEBHOOK_AUTH',
    SIM_WEBHOOK_SECRET: 'IDWISE_WEBHOOK_SECRETS',
    SIM_COMPANY_WEBHOOK_SECRET: 'CUSTOMER_WEBHOOK_SECRETS',
  };
  for (const [theirs, ours] of Object.entries(alike)) {
    expect([theirs, simulator[theirs]]).toEqual([theirs, api[ours]]);
    expect(api[ours]).toBeTruthy();
  }
});
