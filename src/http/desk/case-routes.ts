import type { Response, Router } from 'express';
import { z } from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '../../audit/export-content.js';
import { CASE_VIEWS, DUE_FILTERS } from '../../desk/contract.js';
import type { Person } from '../../desk/identity-provider.js';
import { CASE_STATES } from '../../domain/cases/case.js';
import type { CaseRefusal, CaseRequest } from '../../domain/cases/case-actions.js';
import { CASE_OUTCOMES } from '../../domain/cases/outcomes.js';
import { type Actor, type DeskAction, mayDo } from '../../domain/cases/roles.js';
import { SEVERITIES } from '../../domain/cases/severity.js';
import type { ActOnCase } from '../../usecases/cases/act-on-case.js';
import { EXPORT_SCOPES, type ExportCase } from '../../usecases/cases/export-case.js';
import type { ReadCasePerson } from '../../usecases/cases/read-case-person.js';
import { CASE_CURSOR, type ReadCases } from '../../usecases/cases/read-cases.js';
import { exactRouter } from '../exact-router.js';
import { readJsonBody } from '../json-body.js';
import { sendProblem } from '../problems.js';
import { comesFromElsewhere } from './same-origin.js';
import type { DeskCall, DeskHandler, SessionAccess } from './session-access.js';

/** What the desk does with cases. */
export interface CaseUseCases {
  readonly readCases: ReadCases;
  readonly readCasePerson: ReadCasePerson;
  readonly actOnCase: ActOnCase;
  readonly exportCase: ExportCase;
}

/** Strict, so that a misspelt filter is refused rather than ignored. */
const listQuery = z.strictObject({
  view: z.enum(CASE_VIEWS).default('open'),
  severity: z.enum(SEVERITIES).nullable().default(null),
  state: z.enum(CASE_STATES).nullable().default(null),
  due: z.enum(DUE_FILTERS).nullable().default(null),
  referenceNo: z.string().max(200).nullable().default(null),
  cursor: z.string().regex(CASE_CURSOR, 'is not a cursor of this list').nullable().default(null),
});

const exportQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS),
  of: z.enum(EXPORT_SCOPES).default('case'),
});

const CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  pdf: 'application/pdf',
};

const requestId = z.uuid('must be a UUID');
const words = z.string().trim().min(1, 'must not be empty').max(4_000, 'must have at most 4000 characters');
const proposal = z.int().min(1);
const acts = z.discriminatedUnion('action', [
  z.strictObject({ requestId, action: z.literal('acknowledge') }),
  z.strictObject({ requestId, action: z.literal('assign'), owner: z.string().min(1).max(255) }),
  z.strictObject({ requestId, action: z.literal('note'), text: words }),
  z.strictObject({
    requestId,
    action: z.literal('propose'),
    version: z.int().min(1),
    outcome: z.enum(CASE_OUTCOMES),
    matches: z.array(z.string().max(100)).max(500).default([]),
    text: words,
  }),
  z.strictObject({ requestId, action: z.literal('withdraw'), proposal }),
  z.strictObject({ requestId, action: z.literal('approve'), proposal, text: words }),
  z.strictObject({ requestId, action: z.literal('decline'), proposal, text: words }),
  z.strictObject({
    requestId,
    action: z.literal('record_external_report'),
    reportedAt: z.iso.datetime(),
    text: words,
  }),
  z.strictObject({ requestId, action: z.literal('reopen'), text: words }),
]);

/** Why an act was refused, for the person who wanted it. */
const REFUSALS: Readonly<Record<CaseRefusal, string>> = {
  role_not_allowed: 'Your roles do not allow this.',
  owner_cannot_answer: 'A case is given to an officer or approver who has signed in here before.',
  decided_elsewhere: 'This case is decided in IDWise Studio; it closes by itself.',
  state_not_allowed: 'The case has moved on: this cannot be done in its present state.',
  own_proposal: 'You proposed this yourself. Somebody else must approve or decline it.',
  not_own_proposal: 'Only whoever proposed it can withdraw it; others decline.',
  version_differs: 'The case or its proposal has changed since you opened it. Reload and look again.',
  senior_role_required: 'This outcome needs the approval of somebody with the role approver.',
  matches_do_not_fit: 'A false positive names the matches it is about, and no other outcome does.',
  match_unknown: 'A match that you named does not count in this case any more.',
  match_not_whitelistable:
    'IDWise gave a match that you named no id by which it could be whitelisted. Leave it out, or propose another outcome.',
  frozen: 'The customer is frozen and cannot be off-boarded before another outcome has released them.',
  words_missing: 'Say why, in words.',
  reported_in_future: 'A report is recorded after it was made, not before.',
};

/** Takes the use cases and the check of sessions; returns the desk's API of cases. */
export function caseRouter({
  readCases,
  readCasePerson,
  actOnCase,
  exportCase,
  access,
}: CaseUseCases & { readonly access: SessionAccess }): Router {
  const router = exactRouter();
  const forRole = (action: DeskAction, handle: (call: DeskCall, actor: Actor) => ReturnType<DeskHandler>) =>
    access.forPeople(async (call) => {
      const actor = actorOf(call.session.person);
      return mayDo(actor, action) ? await handle(call, actor) : 'role_missing';
    });

  router.get(
    '/desk/api/cases',
    forRole('view_cases', async ({ req, res }, actor) => {
      const asked = listQuery.safeParse(req.query);
      if (!asked.success) return sendInvalid(res, 'query', asked.error);
      res.json(await readCases.list(asked.data, actor, new Date()));
      return undefined;
    }),
  );

  router.get(
    '/desk/api/cases/:caseId',
    forRole('view_cases', async ({ req, res }, actor) => {
      const found = await readCases.read(String(req.params['caseId']), actor);
      if (found === null) return 'not_found';
      res.json(found);
      return undefined;
    }),
  );

  // Reading personal data changes something: it is put on record. Hence a request that no other site can make.
  router.post(
    '/desk/api/cases/:caseId/person',
    forRole('view_personal_data', async ({ req, res }, actor) => {
      const person = await readCasePerson(String(req.params['caseId']), actor, new Date());
      if (person === null) return 'not_found';
      res.json(person);
      return undefined;
    }),
  );

  // A link on our own pages, so it changes nothing but the record that it was followed; no other site may have it followed.
  router.get(
    '/desk/api/cases/:caseId/export',
    forRole('export_audit', async ({ req, res }, actor) => {
      if (comesFromElsewhere(req)) return 'cross_site_request';
      const asked = exportQuery.safeParse(req.query);
      if (!asked.success) return sendInvalid(res, 'query', asked.error);
      const caseId = String(req.params['caseId']);
      const { format, of: scope } = asked.data;
      const content = await exportCase({ caseId, scope, format, actor }, new Date());
      if (content === null) return 'not_found';
      res.set({
        'Content-Type': CONTENT_TYPES[format],
        'Content-Disposition': `attachment; filename="audit-${scope}-${caseId}.${format}"`,
      });
      res.end(content);
      return undefined;
    }),
  );

  router.post(
    '/desk/api/cases/:caseId/actions',
    access.forPeople(async ({ req, res, session }) => {
      const read = await readJsonBody(req);
      if (read.kind === 'refused') return read.code;
      const asked = acts.safeParse(read.value);
      if (!asked.success) return sendInvalid(res, 'body', asked.error);
      const actor = actorOf(session.person);
      const caseId = String(req.params['caseId']);
      const { data } = asked;
      const outcome = await actOnCase(
        {
          caseId,
          requestId: data.requestId,
          actor,
          request: requestOf(data),
          words: 'text' in data ? data.text : null,
        },
        new Date(),
      );
      if (outcome.kind === 'no_case') return 'not_found';
      if (outcome.kind === 'refused') {
        if (outcome.refusal === 'role_not_allowed') return 'role_missing';
        sendProblem(res, 'case_refused', [{ at: outcome.refusal, problem: REFUSALS[outcome.refusal] }]);
        return undefined;
      }
      res.json(await readCases.read(caseId, actor));
      return undefined;
    }),
  );
  return router;
}

function sendInvalid(res: Response, part: 'query' | 'body', error: z.ZodError): undefined {
  const errors = error.issues.map(({ path, message }) => ({
    at: [part, ...path].join('.'),
    problem: message,
  }));
  sendProblem(res, 'invalid_request', errors);
}

/** Takes who is signed in; returns them as the rules of cases know people: by subject and roles, never by a parameter. */
export function actorOf({ subject, roles }: Person): Actor {
  return { id: subject, roles };
}

/** Words are kept under the id of the request that brought them. */
function requestOf(asked: z.output<typeof acts>): CaseRequest {
  switch (asked.action) {
    case 'acknowledge':
      return { action: 'acknowledge' };
    case 'assign':
      // The roles are those on record, whatever a page says.
      return { action: 'assign', owner: { id: asked.owner, roles: [] } };
    case 'note':
      return { action: 'note', noteId: asked.requestId };
    case 'propose': {
      const { version, outcome, matches } = asked;
      return { action: 'propose', version, outcome, matches, reasonId: asked.requestId };
    }
    case 'withdraw':
      return { action: 'withdraw', proposal: asked.proposal };
    case 'approve':
    case 'decline':
      return { action: asked.action, proposal: asked.proposal, reasonId: asked.requestId };
    case 'record_external_report':
      return { action: asked.action, reportedAt: asked.reportedAt, noteId: asked.requestId };
    case 'reopen':
      return { action: 'reopen', reasonId: asked.requestId };
  }
}
