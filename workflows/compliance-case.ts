import {
  condition,
  defineSignal,
  log,
  makeContinueAsNewFunc,
  proxyActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CaseActivities } from '../activities/case-activities.js';
import { CASE_SIGNAL, DEAD_AFTER, isRollOver, type RollOver } from '../src/temporal/names.js';
import type { CaseStanding } from '../src/usecases/cases/pass-case-time.js';
import { startDelivery } from './delivery-child.js';

/**
 * Something was done to the case, or it has a new version; that bears nothing, because the case stands in MongoDB. Or the
 * run is to continue as new.
 */
export const caseChanged = defineSignal<[RollOver?]>(CASE_SIGNAL);

const { passCaseTime } = proxyActivities<CaseActivities>({
  startToCloseTimeout: '15s',
  heartbeatTimeout: DEAD_AFTER,
  // The record is ours: while MongoDB is away it is tried for ever.
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
  summary: 'Do what is due in the case, and see what is next',
});

const ROLL_OVER_AT_HISTORY_LENGTH = 1_000;

export interface ComplianceCaseInput {
  readonly caseId: string;
  /** After so many events of its history a run continues as new; for tests, which need not wait for a thousand. */
  readonly rollOverAtHistoryLength?: number;
}

/**
 * The clock of one compliance case: it sleeps until somebody must be told next, tells them, and sleeps again, for as
 * long as the case is open; nothing depends on a process being up. A closed case ends its clock, and one that is taken
 * up again gets a new one.
 *
 * Takes the case's id.
 */
export async function complianceCase(input: ComplianceCaseInput): Promise<string> {
  const { caseId, rollOverAtHistoryLength = ROLL_OVER_AT_HISTORY_LENGTH } = input;
  let isChanged = true;
  let rollOverWanted = false;
  setHandler(
    caseChanged,
    (signal) => {
      rollOverWanted ||= isRollOver(signal);
      isChanged = true;
    },
    { description: 'The case changed: look at it again. {"kind": "roll_over"}: continue as new' },
  );
  setDefaultSignalHandler((name) => log.warn('a signal of unknown name was ignored', { name }));

  for (;;) {
    isChanged = false;
    const standing = await passCaseTime({ caseId, at: new Date(Date.now()).toISOString() });
    for (const delivery of standing.deliveries) await startDelivery(delivery, `Mail of case \`${caseId}\``);
    setCurrentDetails(details(caseId, standing));
    const isOver = standing.kind === 'no_case' || standing.state === 'closed';
    // No await between this look and the end: what arrives later starts a new clock.
    if (isOver && !isChanged) return standing.state;
    // Nothing is carried: the next run looks at the case as this one did.
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (rollOverWanted || continueAsNewSuggested || historyLength > rollOverAtHistoryLength)
      await makeContinueAsNewFunc<typeof complianceCase>()(input);
    await nextMatter(standing, () => isChanged);
  }
}

async function nextMatter({ next }: CaseStanding, isChanged: () => boolean): Promise<void> {
  if (next === null) {
    await condition(isChanged);
    return;
  }
  const waitMs = Math.max(Date.parse(next.at) - Date.now(), 1);
  await condition(isChanged, waitMs, { summary: `Until it is time to: ${NEXT[next.what] ?? next.what}` });
}

const NEXT: Readonly<Record<string, string>> = {
  escalate: 'tell the next recipient, if nobody has acknowledged',
  unanswered: 'raise an alarm, if nobody has acknowledged',
  remind: 'remind of the due time',
  overdue: 'tell that the case is overdue',
  digest: 'send the digest',
};

function details(caseId: string, { state, severity, dueAt, owner, version, next }: CaseStanding): string {
  return [
    `**Case \`${caseId}\`** is **${state.replaceAll('_', ' ')}**, severity ${severity}, version ${version}.`,
    '',
    '| | |',
    '|---|---|',
    `| due | ${dueAt ?? 'nothing is'} |`,
    `| owner | ${owner ?? 'nobody yet'} |`,
    `| next | ${next === null ? 'waits for people' : `${NEXT[next.what] ?? next.what}, at ${next.at}`} |`,
  ].join('\n');
}
