import type { Request, RequestHandler, Response } from 'express';
import type { Session, Sessions } from '../../desk/sessions.js';
import { type ProblemCode, sendProblem } from '../problems.js';
import type { DeskCookies } from './cookies.js';
import { isOwnOrigin, namesToken } from './same-origin.js';

/** One call of the desk's own API by a person who is signed in. */
export interface DeskCall {
  readonly req: Request;
  readonly res: Response;
  readonly session: Session;
}

export type DeskHandler = (call: DeskCall) => Promise<ProblemCode | undefined>;

export interface SessionAccess {
  /** Takes a handler; returns it for those who are signed in, and for changes only from a page of ours. */
  forPeople(handle: DeskHandler): RequestHandler;
}

/** Takes sessions, cookies and our public address; returns the check that stands before everything at the desk. */
export function createSessionAccess(options: {
  readonly sessions: Sessions;
  readonly cookies: DeskCookies;
  readonly publicUrl: string;
}): SessionAccess {
  const { sessions, cookies, publicUrl } = options;

  async function admit(req: Request): Promise<Session | ProblemCode> {
    const secret = cookies.read(req, 'session');
    const session = secret === null ? null : await sessions.find(secret, new Date());
    if (session === null) return 'sign_in_needed';
    const isReading = req.method === 'GET' || req.method === 'HEAD';
    const isOurs = isReading || (isOwnOrigin(req, publicUrl) && namesToken(req, session.csrfToken));
    return isOurs ? session : 'cross_site_request';
  }

  return {
    forPeople: (handle) => async (req, res) => {
      // What is at the desk is for this person and this moment.
      res.set('Cache-Control', 'no-store');
      const session = await admit(req);
      const code = typeof session === 'string' ? session : await handle({ req, res, session });
      if (code !== undefined) sendProblem(res, code);
    },
  };
}
