/**
 * Names that both sides of Temporal share: the API, which signals, and the workflows and workers, which listen.
 * Free of dependencies, because workflow code imports it.
 */

/** Takes a reference number; returns the id of its customer's workflow. */
export function customerWorkflowId(referenceNo: string): string {
  return `customer:${referenceNo}`;
}

/** Takes an outbox id; returns the id of the workflow that delivers it. */
export function deliveryWorkflowId(outboxId: string): string {
  return `delivery:${outboxId}`;
}

/** Takes an inbox id; returns the id of the workflow that finds out whose event it is. */
export function linkWorkflowId(inboxId: string): string {
  return `link:${inboxId}`;
}

/** Takes the id of a run that somebody asked for; returns the id of its workflow. */
export function reconciliationWorkflowId(runId: string): string {
  return `reconcile:${runId}`;
}

/** Takes the main task queue; returns the queue of IDWise calls, whose rate limit holds over all workers. */
export function idwiseTaskQueue(taskQueue: string): string {
  return `${taskQueue}-idwise`;
}

/** Takes the main task queue; returns the queue of deliveries, so that a hanging endpoint never starves a decision. */
export function deliveryTaskQueue(taskQueue: string): string {
  return `${taskQueue}-deliveries`;
}

/** Takes a case's id; returns the id of the workflow that is its clock. */
export function caseWorkflowId(caseId: string): string {
  return `case:${caseId}`;
}

/** Tells a case's clock that the case changed; with `RollOver`, that its run is to continue as new. */
export const CASE_SIGNAL = 'caseChanged';

/** Workflow types, by name, so that the API starts them without importing workflow code. */
export const WORKFLOW_TYPES = {
  customer: 'customerVerification',
  delivery: 'deliverMessage',
  link: 'linkEvent',
  complianceCase: 'complianceCase',
  reconcile: 'reconcile',
  auditCheckpoint: 'checkpointAudit',
} as const;

/** The one signal of the customer's workflow; its payload is a union (temporal-safe: ids and kinds only). */
export const CUSTOMER_SIGNAL = 'customerEvent';

/** The updates by which people ask something of a customer's workflow; each takes `{requestId, actor, journeyId?}`. */
export const CUSTOMER_UPDATES = {
  complete: 'completeJourney',
  close: 'closeCustomer',
  reopen: 'reopenCustomer',
  reprocess: 'reprocessCustomer',
} as const;

/** What people can ask of a customer's workflow. */
export type CustomerRequestKind = keyof typeof CUSTOMER_UPDATES;
export const CUSTOMER_REQUEST_KINDS = Object.keys(CUSTOMER_UPDATES) as CustomerRequestKind[];

/** Why the workflow refuses a request: the type of the failure. */
export const REQUEST_REFUSALS = [
  'journey_unknown',
  'journey_finished',
  'customer_closed',
  'customer_not_closed',
  'customer_frozen',
] as const;
export type RequestRefusal = (typeof REQUEST_REFUSALS)[number];

/** A reference to a stored event. `id` is the inbox id, with `~n` for the n-th repeat of a body without event id. */
export interface CustomerEventRef {
  readonly id: string;
  readonly inboxId: string;
  readonly kind: string;
  readonly receivedAt: string;
}

/**
 * Asks a run to continue as new at its next rest, so that it goes on under the workflow code of now without its old
 * history. The id tells whoever reads the history which command asked.
 */
export interface RollOver {
  readonly kind: typeof ROLL_OVER;
  readonly id: string;
}
export const ROLL_OVER = 'roll_over';

/**
 * Tells a run that rests although the record says that its time has come, so that it looks there: Temporal may have been
 * set back to a backup, and the run with it. The id tells whoever reads the history when that was seen.
 */
export interface Wake {
  readonly kind: typeof WAKE;
  readonly id: string;
}
export const WAKE = 'wake';

/** What the customer's workflow is signalled with. An event, whatever its kind, has its place in the inbox. */
export type CustomerSignal = CustomerEventRef | RollOver | Wake;

/** Takes what a signal brought; returns true where it is a stored event. Anybody may signal by hand, with anything. */
export function isEvent(signal: unknown): signal is CustomerEventRef {
  return isObject(signal) && typeof signal['id'] === 'string' && typeof signal['inboxId'] === 'string';
}

/** Takes an event's reference; returns true where nothing of it is missing, as in one that somebody wrote by hand. */
export function isWhole({ kind, receivedAt }: Partial<CustomerEventRef>): boolean {
  return typeof kind === 'string' && !Number.isNaN(Date.parse(receivedAt ?? ''));
}

/** Takes what a signal brought; returns true where it asks the run to continue as new. */
export function isRollOver(signal: unknown): signal is RollOver {
  return isObject(signal) && signal['kind'] === ROLL_OVER && signal['inboxId'] === undefined;
}

/** Takes what a signal brought; returns true where it tells the run that its time has come. */
export function isWake(signal: unknown): signal is Wake {
  return isObject(signal) && signal['kind'] === WAKE && signal['inboxId'] === undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * A worker from whose activity nothing was heard for so long is dead, and its work goes to another one. Workers give a
 * sign every two seconds, also while they wait for somebody's answer.
 */
export const DEAD_AFTER = '8s';

/**
 * Search attributes with their types, in Temporal's words. `npm run setup` registers them; a workflow that sets one that
 * is not registered stands still, so workflow code takes names and types from here.
 */
export const SEARCH_ATTRIBUTES = {
  VerificationStatus: 'KEYWORD',
  VerificationAccess: 'KEYWORD',
  WaitingFor: 'KEYWORD',
  Attention: 'KEYWORD',
  JourneyId: 'KEYWORD',
  LastEventAt: 'DATETIME',
} as const;
