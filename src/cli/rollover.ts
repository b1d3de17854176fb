import { setTimeout as pause } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { CASE_SIGNAL, CUSTOMER_SIGNAL, ROLL_OVER, type RollOver, WORKFLOW_TYPES } from '../temporal/names.js';

/** The workflows that live for months and years, and the signal by which each is moved. All others end within days. */
const LONG_LIVED = [
  { type: WORKFLOW_TYPES.customer, signal: CUSTOMER_SIGNAL, runs: "customers' workflows" },
  { type: WORKFLOW_TYPES.complianceCase, signal: CASE_SIGNAL, runs: 'clocks of compliance cases' },
] as const;
type LongLived = (typeof LONG_LIVED)[number];

interface Rollover {
  readonly client: Client;
  /** The deployment whose workflows are meant; a namespace may hold several. */
  readonly taskQueue: string;
  /** Runs that began before this time are moved; all later ones are on the new code already. */
  readonly startedBefore: Date;
  readonly signalsPerSecond: number;
  readonly dryRun: boolean;
  readonly print: (line: string) => void;
  /** How long runs may take to come to rest after the last signal, in milliseconds, while none does. */
  readonly patienceMs?: number;
}

interface Counts {
  signalled: number;
  /** Continued or ended between the listing and the signal. */
  movedAlready: number;
  refused: number;
}

const CALL_DEADLINE_MS = 5_000;
const PAGE_SIZE = 200;
const PROGRESS_EVERY_MS = 5_000;
const COUNT_EVERY_MS = 1_000;
const PATIENCE_MS = 30_000;
const ATTEMPTS = 5;
const RETRY_GAP_MS = 1_000;

/**
 * `npm run cli -- rollover`: has every workflow of a customer, and every clock of a compliance case, that began before a
 * time continue as new at its next rest, so that none is left whose history was written by older workflow code. What a run
 * carries goes along, and nothing is decided anew. Each run is signalled under its own run id, so one that has moved is not moved again: interrupted or
 * not, the command may be repeated with the same time.
 *
 * Takes Temporal's client, the queue, the time and how fast; returns how many runs of before that time are still open.
 * @throws ServiceError when Temporal does not answer several times in a row, or refuses the listing.
 */
export async function rollover(command: Rollover): Promise<number> {
  const { client, startedBefore, signalsPerSecond, dryRun, print } = command;
  const openOf = async (of: readonly LongLived[]) =>
    (await patiently(client, () => client.workflow.count(openBefore(command, of)))).count;
  const open = () => openOf(LONG_LIVED);
  const since = startedBefore.toISOString();
  let found = 0;
  print(`Open in runs that began before ${since}:`);
  for (const longLived of LONG_LIVED) {
    const count = await openOf([longLived]);
    found += count;
    print(`${longLived.runs.padEnd(28)}${count}`);
  }
  if (dryRun || found === 0) {
    print(dryRun ? 'Nothing was signalled: this is a dry run.' : 'There is nothing to move.');
    return found;
  }

  const counts: Counts = { signalled: 0, movedAlready: 0, refused: 0 };
  const pace = createPace(signalsPerSecond);
  let nextProgressAtMs = Date.now() + PROGRESS_EVERY_MS;
  for await (const run of list(client, openBefore(command, LONG_LIVED))) {
    await pace();
    counts[await signal(client, run, since)] += 1;
    if (Date.now() < nextProgressAtMs) continue;
    nextProgressAtMs = Date.now() + PROGRESS_EVERY_MS;
    print(progress(counts, found, signalsPerSecond));
  }

  const left = await untilAtRest(open, command.patienceMs ?? PATIENCE_MS);
  print('');
  print(`signalled            ${counts.signalled}`);
  print(`moved by themselves  ${counts.movedAlready}`);
  print(`not signalled        ${counts.refused}`);
  print(`still open           ${left}`);
  print(left === 0 ? `No run from before ${since} is open.` : remedy(since));
  return left;
}

function openBefore({ taskQueue, startedBefore }: Rollover, of: readonly LongLived[]): string {
  return [
    `WorkflowType IN (${of.map(({ type }) => `'${type}'`).join(', ')})`,
    `ExecutionStatus = 'Running'`,
    `TaskQueue = '${taskQueue.replaceAll("'", "\\'")}'`,
    `StartTime < '${startedBefore.toISOString()}'`,
  ].join(' AND ');
}

interface OpenRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly signal: LongLived['signal'];
}

/** Page by page, each within a deadline; what moves in between drops out of the pages that follow. */
async function* list(client: Client, query: string): AsyncGenerator<OpenRun> {
  let nextPageToken: Uint8Array = new Uint8Array();
  do {
    const request = { namespace: client.options.namespace, query, pageSize: PAGE_SIZE, nextPageToken };
    const page = await patiently(client, () => client.workflowService.listWorkflowExecutions(request));
    for (const { execution, type } of page.executions) {
      const { workflowId, runId } = execution ?? {};
      const longLived = LONG_LIVED.find((each) => each.type === type?.name);
      if (workflowId && runId && longLived) yield { workflowId, runId, signal: longLived.signal };
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken.length > 0);
}

/** Sent to the very run that was listed: where a newer one has taken its place, there is nothing to do. */
async function signal(
  client: Client,
  { workflowId, runId, signal: name }: OpenRun,
  since: string,
): Promise<keyof Counts> {
  const request: RollOver = { kind: ROLL_OVER, id: `${ROLL_OVER}:${since}` };
  try {
    await patiently(client, () => client.workflow.getHandle(workflowId, runId).signal(name, request));
    return 'signalled';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'movedAlready';
    if (isOfThisRun(error)) return 'refused';
    throw error;
  }
}

/** Runs its work within a deadline, and a few times more where the server is restarted or busy for a moment. */
async function patiently<T>(client: Client, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.withDeadline(Date.now() + CALL_DEADLINE_MS, work);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError || isOfThisRun(error) || attempt === ATTEMPTS) throw error;
      await pause(RETRY_GAP_MS * attempt);
    }
  }
}

/** gRPC's INVALID_ARGUMENT: of a run that has taken as many signals as Temporal allows, for instance. */
const INVALID_ARGUMENT = 3;

function isOfThisRun(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === INVALID_ARGUMENT;
}

/** Takes signals per second; returns what to await before each, so that there are never more. */
function createPace(signalsPerSecond: number): () => Promise<void> {
  const gapMs = 1_000 / signalsPerSecond;
  let nextAtMs = Date.now();
  return async () => {
    const waitMs = nextAtMs - Date.now();
    nextAtMs = Math.max(nextAtMs, Date.now()) + gapMs;
    if (waitMs > 0) await pause(waitMs);
  };
}

/** Runs rest within moments, unless what they are at takes longer; counting ends when none has moved for the patience. */
async function untilAtRest(open: () => Promise<number>, patienceMs: number): Promise<number> {
  let left = await open();
  let movedAtMs = Date.now();
  while (left > 0 && Date.now() - movedAtMs < patienceMs) {
    await pause(COUNT_EVERY_MS);
    const now = await open();
    if (now < left) movedAtMs = Date.now();
    left = now;
  }
  return left;
}

function progress(counts: Counts, found: number, signalsPerSecond: number): string {
  const done = counts.signalled + counts.movedAlready + counts.refused;
  const secondsLeft = Math.ceil(Math.max(found - done, 0) / signalsPerSecond);
  return `${done} of ${found} signalled, at least ${secondsLeft} s left`;
}

function remedy(since: string): string {
  return (
    'Runs that are in the middle of something move when it is done; one whose workflow task fails does not. Temporal’s ' +
    `UI shows both. Then run the command again with --started-before ${since}.`
  );
}
