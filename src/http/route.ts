import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { ProfileView } from '../domain/profile-view.js';
import type { Caller } from './authentication.js';
import type { ProblemCode } from './problems.js';

/**
 * Who may call a route. `customer`: an API key, or the token of the customer whose profile it is; everybody else gets
 * 404. `metrics`: an API key, unless the service listens on loopback only. `operator`: an operator's key, and no other.
 */
export type Access = 'public' | 'company' | 'customer' | 'metrics' | 'operator';

/** What the profile's owner check has read already. */
export interface OwnedProfile {
  readonly referenceNo: string;
  readonly view: ProfileView;
}

export interface Call<Body, Query = unknown> {
  readonly req: Request;
  readonly res: Response;
  readonly body: Body;
  /** As the route's schema has read it. */
  readonly query: Query;
  /** Anonymous on public routes. */
  readonly caller: Caller | null;
  /** The profile named in the path; null on routes that name none. */
  readonly profile: OwnedProfile | null;
  readonly params: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
}

/**
 * One route: what it does, who may call it, what goes in and comes out. Router and OpenAPI document are both made from
 * this, so that neither can know a route that the other does not.
 */
export interface Route<Body = unknown, Query = unknown> {
  readonly method: 'get' | 'post' | 'delete';
  /** In Express's notation; `:referenceNo` makes the router look up the profile and check its owner. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly access: Access;
  readonly body: z.ZodType<Body> | null;
  /** Checks of path parameters beside the reference number; what does not pass is `invalid_request`. */
  readonly params?: Readonly<Record<string, z.ZodType<string>>>;
  /** A strict object, so that a misspelt filter is refused rather than ignored; absent: the query is not looked at. */
  readonly query?: z.ZodType<Query> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly problems: readonly ProblemCode[];
  handle(call: Call<Body, Query>): Promise<ProblemCode | undefined>;
}

/** Forgets the types of a route's body and query once its handler has been checked against them. */
export function route<Body, Query = unknown>(of: Route<Body, Query>): Route {
  const { handle, ...rest } = of;
  return {
    ...rest,
    handle: (call) => handle({ ...call, body: call.body as Body, query: call.query as Query }),
  };
}

/** Takes the call of a route with `:referenceNo`; returns its profile. */
export function profileOf(call: Pick<Call<unknown>, 'profile'>): OwnedProfile {
  if (call.profile === null) throw new Error('The route names no reference number');
  return call.profile;
}

/** Takes the call of a route that only the company or only operators may call; returns the name of the credential. */
export function actorOf({ caller }: Pick<Call<unknown>, 'caller'>): string {
  if (caller === null || caller.kind === 'customer') throw new Error('The route is for others than keys too');
  return caller.name;
}
