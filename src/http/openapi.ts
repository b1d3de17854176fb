import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from './problems.js';
import type { Access, Answer, Route } from './route.js';
import { problem } from './schemas.js';
import { WEBHOOK_PATH } from './webhook-route.js';

type Json = Readonly<Record<string, unknown>>;

const SECURITY: Readonly<Record<Access, readonly Json[]>> = {
  public: [],
  company: [{ apiKey: [] }],
  customer: [{ apiKey: [] }, { customerToken: [] }],
  metrics: [{}, { apiKey: [] }],
  operator: [{ operatorKey: [] }],
};

/** Takes the routes; returns the OpenAPI 3.1 document, made from the very schemas that requests are checked against. */
export function openapiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Record<string, unknown>> = { [WEBHOOK_PATH]: { post: webhookOperation() } };
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'IDWise customer backend',
      version: '1',
      description:
        'Reference numbers may hold any character that IDWise allows; percent-encode them in paths. All times are RFC 3339 UTC. Errors are RFC 9457 problem documents with a stable code.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output') },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'One of API_KEYS; server to server' },
        operatorKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'One of OPERATOR_KEYS, without its name; opens /v1/operator and nothing else',
        },
        customerToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            "An end customer's token; sub is the customerId; opens that customer's own verification only",
        },
        webhookCredentials: {
          type: 'http',
          scheme: 'basic',
          description: 'Basic, bearer or an own header, by IDWISE_WEBHOOK_AUTH',
        },
      },
    },
  };
}

function operation(route: Route): Json {
  const parameters = [
    ...[...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema:
        route.params?.[name] === undefined ? { type: 'string' } : jsonSchema(route.params[name], 'input'),
    })),
    ...Object.entries(route.query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: !schema.safeParse(undefined).success,
      schema: jsonSchema(schema, 'input'),
    })),
    ...Object.entries(route.headers ?? {}).map(([name, description]) => ({
      name,
      in: 'header',
      required: false,
      description,
      schema: { type: 'string' },
    })),
  ];
  const needsCredential = route.access !== 'public';
  const codes: readonly ProblemCode[] = [
    ...route.problems,
    ...(needsCredential ? (['unauthenticated', 'wrong_credential'] as const) : []),
    ...(route.access === 'operator' ? (['operators_not_configured'] as const) : []),
    ...(route.access === 'customer' ? (['identity_provider_unavailable'] as const) : []),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    security: SECURITY[route.access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchema(route.body, 'input') } },
          },
        }),
    responses: { ...answers(route.answers), ...problemAnswers(codes) },
  };
}

function answers(of: Readonly<Record<number, Answer>>): Json {
  return Object.fromEntries(
    Object.entries(of).map(([status, { description, schema, contentType }]) => {
      const type = contentType ?? 'application/json';
      const content =
        schema !== undefined
          ? { content: { [type]: { schema: jsonSchema(schema, 'output') } } }
          : contentType !== undefined
            ? { content: { [type]: { schema: { type: 'string' } } } }
            : {};
      return [status, { description, ...content }];
    }),
  );
}

function problemAnswers(codes: readonly ProblemCode[]): Json {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes)
    byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `\`${code}\`: ${PROBLEMS[code].publicText}`).join('\n\n'),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function webhookOperation(): Json {
  return {
    operationId: 'receiveIdwiseEvent',
    summary:
      'Intake of every IDWise event. 200 means that the event is durable; what is not understood is parked.',
    security: [{ webhookCredentials: [] }],
    requestBody: { required: false, content: { 'application/json': { schema: {} } } },
    responses: {
      200: { description: 'Durable' },
      ...problemAnswers([
        'webhook_unauthenticated',
        'not_json',
        'content_encoding_refused',
        'body_too_large',
        'method_not_allowed',
        'not_stored',
      ]),
    },
  };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
