import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PROBLEMS } from '../../src/http/problems.js';
import { type ApiUnderTest, startApi } from './api-under-test.js';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: unknown;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

let api: ApiUnderTest;
let paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
beforeAll(async () => {
  api = await startApi();
  const { json } = await api.call('GET', '/openapi.json', { authorization: null });
  paths = json['paths'] as typeof paths;
  expect(json['openapi']).toBe('3.1.0');
});
afterAll(() => api.close());

/** Every route of the interface that others rely on (design §3), by hand: a renamed route must not go unnoticed. */
const INTERFACE = [
  'POST /webhooks/idwise',
  'POST /v1/verifications',
  'POST /v1/verifications/{referenceNo}/journeys',
  'POST /v1/verifications/{referenceNo}/journeys/{journeyId}/completed',
  'POST /v1/verifications/{referenceNo}/journeys/{journeyId}/cancelled',
  'POST /v1/verifications/{referenceNo}/journeys/{journeyId}/complete',
  'POST /v1/verifications/{referenceNo}/devices',
  'DELETE /v1/verifications/{referenceNo}/devices/{deviceId}',
  'GET /v1/verifications/{referenceNo}',
  'GET /v1/verifications/{referenceNo}/details',
  'GET /v1/verifications/{referenceNo}/events',
  'GET /v1/verifications/{referenceNo}/images',
  'GET /v1/verifications/{referenceNo}/images/{imageId}',
  'GET /v1/operator/events',
  'GET /v1/operator/events/{eventId}',
  'POST /v1/operator/replays',
  'POST /v1/operator/reconciliations',
  'GET /v1/operator/reconciliations',
  'GET /v1/operator/reconciliations/{runId}',
  'GET /v1/operator/customers/{referenceNo}',
  'POST /v1/operator/customers/{referenceNo}/requests',
  'POST /v1/operator/imports',
  'GET /v1/operator/imports',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
];

test('the description holds every route of the interface and nothing else', () => {
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual([...INTERFACE].sort());
});

test('every described route is served, and every served route is described', () => {
  const served = api.api.routes.map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  expect([...served, 'POST /webhooks/idwise'].sort()).toEqual([...INTERFACE].sort());
});

test('every operation has an id of its own, all its path parameters, an answer and its refusals', () => {
  const operations = Object.entries(paths).flatMap(([path, byMethod]) =>
    Object.values(byMethod).map((operation) => ({ path, operation })),
  );
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(parameters.map((parameter) => parameter.name)).toEqual(named);
    expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
    if (path.startsWith('/v1')) expect(operation.responses['401']?.description).toContain('unauthenticated');
    if (named.length > 0) expect(operation.responses['404']?.description).toContain('not_found');
  }
});

test('a request body is described by the very schema that checks it', () => {
  const register = paths['/v1/verifications']?.['post']?.requestBody;
  expect(JSON.stringify(register)).toContain('"additionalProperties":false');
  expect(JSON.stringify(register)).toContain('"required":["customerId"]');
});

test('every problem has a status, a public text and what an engineer should know', () => {
  for (const [code, problem] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^[a-z_]+$/);
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.publicText).not.toBe('');
    expect(problem.internalText).not.toBe(problem.publicText);
    // What passes by itself always says when to come again.
    expect('retryAfterSeconds' in problem).toBe([429, 503].includes(problem.status));
  }
});
