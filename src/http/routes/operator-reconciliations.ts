import type { ReadReconciliations } from '../../usecases/read-reconciliations.js';
import type { StartReconciliation } from '../../usecases/start-reconciliation.js';
import * as answers from '../operator-answers.js';
import type { ProblemCode } from '../problems.js';
import {
  reconciliation,
  reconciliationList,
  reconciliationRequest,
  reconciliationStarted,
} from '../reconciliation-schemas.js';
import { actorOf, type Route, route } from '../route.js';

interface Dependencies {
  readonly startReconciliation: StartReconciliation;
  readonly readReconciliations: ReadReconciliations;
}

const LISTED = 20;

/** Why a run was not started, as the API says it. */
const REFUSALS = {
  unknown_customer: 'not_found',
  customer_closed: 'customer_closed',
  unavailable: 'workflow_unavailable',
} as const satisfies Record<string, ProblemCode>;

/** Takes what they need; returns the routes by which operators compare records with IDWise now, and see what came of it. */
export function operatorReconciliationRoutes({
  startReconciliation,
  readReconciliations,
}: Dependencies): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/operator/reconciliations',
      operationId: 'startReconciliation',
      summary: 'Compares one customer, or everybody, with IDWise now, and repairs what differs.',
      access: 'operator',
      body: reconciliationRequest,
      answers: { 202: { description: 'The run has begun', schema: reconciliationStarted } },
      problems: [
        'invalid_request',
        'not_json',
        'not_found',
        'customer_closed',
        'workflow_unavailable',
        'storage_unavailable',
      ],
      handle: async (call) => {
        const { reason, ...wanted } = call.body;
        const scope = 'referenceNo' in wanted ? wanted : { which: wanted.which };
        const started = await startReconciliation(scope, { actor: actorOf(call), reason }, new Date());
        if (started.kind !== 'started') return REFUSALS[started.kind];
        call.res.status(202).json({ runId: started.runId, workflowId: started.workflowId });
      },
    }),
    route({
      method: 'get',
      path: '/v1/operator/reconciliations',
      operationId: 'listReconciliations',
      summary: 'The latest runs, the newest first.',
      access: 'operator',
      body: null,
      answers: { 200: { description: 'The runs', schema: reconciliationList } },
      problems: ['storage_unavailable'],
      handle: async ({ res }) => {
        const runs = await readReconciliations.list(LISTED);
        res.set('Cache-Control', 'no-store').json({ runs: runs.map(answers.reconciliation) });
      },
    }),
    route({
      method: 'get',
      path: '/v1/operator/reconciliations/:runId',
      operationId: 'getReconciliation',
      summary: 'One run, under way or over, with what it has counted.',
      access: 'operator',
      body: null,
      answers: { 200: { description: 'The run', schema: reconciliation } },
      problems: ['not_found', 'storage_unavailable'],
      handle: async ({ res, params }) => {
        const run = await readReconciliations.find(params['runId'] ?? '');
        if (run === null) return 'not_found';
        res.set('Cache-Control', 'no-store').json(answers.reconciliation(run));
      },
    }),
  ];
}
