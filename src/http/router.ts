import type { Request, Response, Router } from 'express';
import mongoose from 'mongoose';
import type { z } from 'zod';
import type { Logger } from '../observability/logger.js';
import type { Metrics } from '../observability/metrics.js';
import { isDeadline } from '../store/deadlines.js';
import type { Store } from '../store/store.js';
import type { Authenticate, Caller } from './authentication.js';
import { exactRouter } from './exact-router.js';
import { readJsonBody } from './json-body.js';
import { type ProblemCode, type RequestError, sendProblem } from './problems.js';
import type { OwnedProfile, Route } from './route.js';

export interface RouterDependencies {
  readonly profiles: Store['profiles'];
  readonly authenticate: Authenticate;
  /** True where the service listens on loopback only, so that its metrics need no key. */
  readonly isPrivate: boolean;
  /** False where no operator's key is configured. */
  readonly hasOperators: boolean;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Takes the routes; returns a router that checks caller, owner, parameters and body before each handler. */
export function createRouter(routes: readonly Route[], dependencies: RouterDependencies): Router {
  const router = exactRouter();
  for (const route of routes) {
    router[route.method](route.path, startClock(route, dependencies), async (req, res) => {
      const code = await answer(route, req, res, dependencies);
      if (code !== null) sendProblem(res, code);
    });
  }
  return router;
}

async function answer(
  route: Route,
  req: Request,
  res: Response,
  dependencies: RouterDependencies,
): Promise<ProblemCode | null> {
  const admitted = await admit(route, req, dependencies);
  if (typeof admitted === 'string') return admitted;
  const params = Object.fromEntries(
    Object.entries(req.params).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value.join('/'),
    ]),
  );
  let profile: OwnedProfile | null = null;
  if (params['referenceNo'] !== undefined) {
    profile = await findOwned(params['referenceNo'], admitted, dependencies.profiles);
    if (profile === null) return 'not_found';
  }
  const errors: RequestError[] = [];
  for (const [name, schema] of Object.entries(route.params ?? {})) {
    const read = schema.safeParse(params[name]);
    if (read.success) params[name] = read.data;
    else errors.push(...read.error.issues.map((issue) => ({ at: `path.${name}`, problem: issue.message })));
  }
  const query = route.query?.safeParse(req.query);
  if (query?.success === false) errors.push(...errorsOf('query', query.error));
  // Whatever content type a client names: the body is JSON or it is refused. Strangers' bodies are not even read.
  const read = route.body === null ? null : await readJsonBody(req);
  if (read?.kind === 'refused') return read.code;
  const body = route.body?.safeParse(read?.value);
  if (body?.success === false) errors.push(...errorsOf('body', body.error));
  if (errors.length > 0) {
    sendProblem(res, 'invalid_request', errors);
    return null;
  }
  const outcome = await route.handle({
    req,
    res,
    body: body?.data,
    query: query?.data,
    caller: admitted,
    profile,
    params,
  });
  return outcome ?? null;
}

function errorsOf(part: 'query' | 'body', error: z.ZodError): RequestError[] {
  return error.issues.map((issue) => ({ at: [part, ...issue.path].join('.'), problem: issue.message }));
}

/** Who may know that a route exists may get 401; an end customer gets 404 for what is not theirs (design §3). */
async function admit(
  route: Route,
  req: Request,
  { authenticate, isPrivate, hasOperators }: RouterDependencies,
): Promise<Caller | null | ProblemCode> {
  if (route.access === 'public' || (route.access === 'metrics' && isPrivate)) return null;
  if (route.access === 'operator' && !hasOperators) return 'operators_not_configured';
  const authentication = await authenticate(req.headers.authorization);
  if (authentication.kind === 'refused') return authentication.code;
  const { caller } = authentication;
  if (caller.kind === 'customer') return route.access === 'customer' ? caller : 'not_found';
  const isOperators = route.access === 'operator';
  return isOperators === (caller.kind === 'operator') ? caller : 'wrong_credential';
}

async function findOwned(
  referenceNo: string,
  caller: Caller | null,
  profiles: Store['profiles'],
): Promise<OwnedProfile | null> {
  const row = await profiles.findOne({ _id: referenceNo }, { projection: { view: 1, customerId: 1 } });
  if (row === null) return null;
  const isOwn = caller !== null && (caller.kind !== 'customer' || row.customerId === caller.customerId);
  return isOwn ? { referenceNo, view: row.view } : null;
}

/** No status that anybody saw: the sender hung up before there was an answer (as proxies count it). */
const SENDER_GONE = 499;

function startClock(route: Route, { metrics }: RouterDependencies) {
  return (_req: Request, res: Response, next: () => void): void => {
    const startedAtMs = performance.now();
    res.once('close', () => {
      const status = res.headersSent ? res.statusCode : SENDER_GONE;
      metrics.requestAnswered(route.method, route.path, status, performance.now() - startedAtMs);
    });
    next();
  };
}

/** Takes what a handler threw; returns the problem to answer with, having logged what is a bug. */
export function problemOf(error: unknown, logger: Logger): ProblemCode {
  if (error instanceof URIError) return 'not_found';
  if (error instanceof mongoose.mongo.MongoError || isDeadline(error)) {
    logger.warn('MongoDB did not answer a request', { error });
    return 'storage_unavailable';
  }
  logger.error('A request failed by a bug', { code: 'internal_error', error });
  return 'internal_error';
}
