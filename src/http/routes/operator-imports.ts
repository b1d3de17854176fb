import { importInboxId } from '../../intake/inbox-row.js';
import type { ImportCustomers, ImportLine } from '../../usecases/import-customers.js';
import type { ReadImports } from '../../usecases/read-imports.js';
import {
  importAnswer,
  importLine,
  importRequest,
  importStates,
  importStatesQuery,
} from '../import-schemas.js';
import { actorOf, type Route, route } from '../route.js';

interface Dependencies {
  readonly importCustomers: ImportCustomers;
  readonly readImports: ReadImports;
}

/** Takes what they need; returns the routes by which operators bring customers along who were verified before. */
export function operatorImportRoutes({ importCustomers, readImports }: Dependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/operator/imports',
      operationId: 'importCustomers',
      summary:
        'Takes customers of an installed base, each with a journey that is looked at. Repeatable: a line sent twice is imported once.',
      access: 'operator',
      body: importRequest,
      answers: { 200: { description: 'What became of each line', schema: importAnswer } },
      problems: ['invalid_request', 'not_json', 'storage_unavailable'],
      handle: async (call) => {
        const read = call.body.lines.map((line) => importLine.safeParse(line));
        const fitting = read.flatMap(({ data }): ImportLine[] => (data === undefined ? [] : [data]));
        const outcomes = await importCustomers(fitting, actorOf(call));
        const ofFitting = outcomes.values();
        const lines = read.map(({ data, error }) => {
          if (data === undefined)
            return { outcome: 'invalid', importId: null, problems: problemsOf(error?.issues ?? []) };
          const outcome = ofFitting.next().value;
          const isTaken = outcome === 'imported' || outcome === 'known';
          return { outcome, importId: isTaken ? importInboxId(data) : null, problems: [] };
        });
        call.res.json({ lines });
      },
    }),
    route({
      method: 'get',
      path: '/v1/operator/imports',
      operationId: 'getImports',
      summary: 'How far imported journeys are: under way, settled, or parked and why.',
      access: 'operator',
      body: null,
      query: importStatesQuery,
      answers: { 200: { description: 'One for each id, in their order', schema: importStates } },
      problems: ['invalid_request', 'storage_unavailable'],
      handle: async ({ res, query }) => {
        res.set('Cache-Control', 'no-store').json({ imports: await readImports(query.ids) });
      },
    }),
  ];
}

/** Takes zod's issues; returns them as the API tells them. */
function problemsOf(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]) {
  return issues.map(({ path, message }) => ({ at: path.map(String).join('.'), problem: message }));
}
