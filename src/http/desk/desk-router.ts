import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Router } from 'express';
import type { ServiceConfig } from '../../config/service-config.js';
import type { SessionView } from '../../desk/contract.js';
import { createIdentityProvider } from '../../desk/identity-provider.js';
import { createPendingSignIns } from '../../desk/pending-sign-in.js';
import { createRememberPerson } from '../../desk/people.js';
import { createSessions } from '../../desk/sessions.js';
import { DESK_ACTIONS, mayDo } from '../../domain/cases/roles.js';
import type { Logger } from '../../observability/logger.js';
import type { Store } from '../../store/store.js';
import { exactRouter } from '../exact-router.js';
import { sendProblem } from '../problems.js';
import { actorOf, type CaseUseCases, caseRouter } from './case-routes.js';
import { createDeskCookies } from './cookies.js';
import { deskPages } from './pages.js';
import { createSessionAccess } from './session-access.js';
import { SIGNED_IN_PATH, signInRouter } from './sign-in.js';

export interface DeskDependencies {
  readonly desk: NonNullable<ServiceConfig['desk']>;
  readonly piiKey: ServiceConfig['service']['piiKey'];
  readonly store: Store;
  readonly cases: CaseUseCases;
  readonly logger: Logger;
}

/** The built pages, beside the compiled service. */
const PAGES = join(fileURLToPath(new URL('../../../', import.meta.url)), 'desk');

/** Takes the configuration, the store and a log; returns everything under `/desk`: signing in, the API, the pages. */
export function deskRouter({ desk, piiKey, store, cases, logger }: DeskDependencies): Router {
  const { publicUrl } = desk;
  const sessions = createSessions(store.sessions, piiKey);
  const cookies = createDeskCookies(publicUrl.startsWith('https:'));
  const redirectUri = `${publicUrl}${SIGNED_IN_PATH}`;
  const identityProvider = createIdentityProvider({ ...desk, redirectUri });
  const access = createSessionAccess({ sessions, cookies, publicUrl });

  const router = exactRouter();
  router.use(
    signInRouter({
      identityProvider,
      pendingSignIns: createPendingSignIns(piiKey),
      sessions,
      cookies,
      publicUrl,
      logger,
      onSignedIn: createRememberPerson(store.deskPeople),
    }),
  );
  router.get(
    '/desk/api/session',
    access.forPeople(async ({ res, session }) => {
      const { person, csrfToken } = session;
      const view: SessionView = {
        person,
        csrfToken,
        may: DESK_ACTIONS.filter((action) => mayDo(actorOf(person), action)),
      };
      res.json(view);
      return undefined;
    }),
  );
  router.use(caseRouter({ ...cases, access }));
  router.use('/desk/api', (_req, res) => sendProblem(res, 'not_found'));
  router.use(deskPages(PAGES));
  return router;
}
