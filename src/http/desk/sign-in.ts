import type { Request, Response, Router } from 'express';
import type { IdentityProvider, Person } from '../../desk/identity-provider.js';
import type { PendingSignIns } from '../../desk/pending-sign-in.js';
import type { Sessions } from '../../desk/sessions.js';
import type { Logger } from '../../observability/logger.js';
import { exactRouter } from '../exact-router.js';
import { sendProblem } from '../problems.js';
import type { DeskCookies } from './cookies.js';
import { sendProblemPage } from './problem-page.js';
import { isOwnOrigin } from './same-origin.js';

export interface SignInDependencies {
  readonly identityProvider: IdentityProvider;
  readonly pendingSignIns: PendingSignIns;
  readonly sessions: Sessions;
  readonly cookies: DeskCookies;
  /** Address under which people reach the service, without a slash at its end. */
  readonly publicUrl: string;
  readonly logger: Logger;
  /** Told who signed in. */
  readonly onSignedIn: (person: Person, now: Date) => Promise<void>;
}

/** Where the identity provider sends people back to; registered there as the redirect URI. */
export const SIGNED_IN_PATH = '/desk/signed-in';

/**
 * Each way back is a call to the identity provider with our secret, and anybody can come back any number of times: more
 * than people ever do must not have the provider shut us out.
 */
const MOST_AT_ONCE = 10;

/** Takes the dependencies; returns the routes by which people sign in to the desk and out again. */
export function signInRouter(dependencies: SignInDependencies): Router {
  const { identityProvider, pendingSignIns, sessions, cookies, publicUrl, logger } = dependencies;
  const router = exactRouter();
  let finishing = 0;

  router.get('/desk/sign-in', async (req, res) => {
    const begun = await identityProvider.begin().catch((error: unknown) => {
      logger.warn('The identity provider did not answer', { error });
      return null;
    });
    if (begun === null) return sendProblemPage(res, 'sign_in_unavailable');
    const { url, ...signIn } = begun;
    const pending = { ...signIn, returnTo: ownPath(req.query['to']) };
    cookies.set(res, 'sign_in', await pendingSignIns.seal(pending, new Date()));
    res.set('Cache-Control', 'no-store').redirect(303, url);
  });

  router.get(SIGNED_IN_PATH, async (req, res) => {
    const sealed = cookies.read(req, 'sign_in');
    const begun = sealed === null ? null : await pendingSignIns.open(sealed, new Date());
    res.set('Cache-Control', 'no-store');
    // A link from elsewhere, or an old tab: no sign-in was begun here, so begin one.
    if (begun === null) return res.redirect(303, '/desk/sign-in');
    if (finishing >= MOST_AT_ONCE) {
      logger.warn('Too many sign-ins to the desk came back at the same time', { code: 'sign_ins_at_once' });
      // What was begun stays with the browser, so that coming back once more is enough.
      return sendProblemPage(res, 'sign_in_unavailable');
    }
    cookies.clear(res, 'sign_in');
    finishing += 1;
    const signedIn = await identityProvider
      .finish(new URL(req.originalUrl, publicUrl), begun)
      .finally(() => (finishing -= 1));
    if (signedIn.kind === 'refused') {
      logger.warn('A sign-in to the desk was refused', { code: signedIn.code });
      return sendProblemPage(res, 'sign_in_refused');
    }
    await endSession(req, res);
    await dependencies.onSignedIn(signedIn.person, new Date());
    const session = await sessions.begin(signedIn.person, signedIn.idToken, new Date());
    cookies.set(res, 'session', session);
    res.redirect(303, begun.returnTo);
  });

  router.post('/desk/sign-out', async (req, res) => {
    if (!isOwnOrigin(req, publicUrl)) return sendProblem(res, 'cross_site_request');
    const ended = await endSession(req, res);
    const url = ended === null ? null : await signOutAtProvider(ended.idToken);
    res.set('Cache-Control', 'no-store').json({ next: url ?? `${publicUrl}/desk` });
  });

  async function signOutAtProvider(idToken: string): Promise<string | null> {
    // Our own session has ended, whatever the provider says.
    return await identityProvider.signOutUrl(idToken, `${publicUrl}/desk`).catch(() => null);
  }

  async function endSession(req: Request, res: Response) {
    const secret = cookies.read(req, 'session');
    cookies.clear(res, 'session');
    return secret === null ? null : await sessions.end(secret, new Date());
  }

  return router;
}

/** A page of the desk, and nothing else: whoever makes a link must not be able to send people elsewhere. */
function ownPath(wanted: unknown): string {
  return typeof wanted === 'string' && /^\/desk(\/[\w\-./]{0,194})?$/.test(wanted) && !wanted.includes('..')
    ? wanted
    : '/desk';
}
