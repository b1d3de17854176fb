import { createHash, randomUUID } from 'node:crypto';
import type { AppReport } from '../domain/app-report.js';
import type { WantedMeasure } from '../domain/case-measures.js';
import { type ReadEvent, readIdwiseEvent } from '../domain/idwise-event.js';
import { canonicalJson, isTooDeep } from '../idwise/canonical-json.js';
import type { InboxRow, ParkReason } from '../store/inbox-records.js';

/** How long the process that stored a row keeps it for its own relay before a sweeper may take it. */
export const OWN_RELAY_MS = 10_000;

/** A row for one of IDWise's webhooks; `bodyHash` is set where the body bears no event id and must serve as one. */
export interface IdwiseInboxRow {
  readonly row: InboxRow;
  readonly isHashed: boolean;
}

/**
 * Takes a webhook's JSON, its raw bytes and the time of receipt; returns the row to store. What is not understood
 * becomes a parked row with its reason (design §3: the portal's test call must pass, nothing is dropped).
 * The id of a row without event id is provisional: `hashed-intake.ts` numbers it.
 */
export function idwiseInboxRow(json: unknown, raw: Buffer, receivedAt: Date): IdwiseInboxRow {
  const read = withPossibleJourney(readIdwiseEvent(json));
  const ids = read.kind === 'event' ? read.event : read;
  const parkReason = read.kind === 'event' ? null : isObject(json) ? read.reason : 'not_an_object';
  const bodyHash = ids.eventId === null ? bodyHashOf(json, raw) : null;
  const row = inboxRow({
    _id: ids.eventId === null ? hashedInboxId(bodyHash ?? '', 1) : idwiseInboxId(ids.eventId),
    source: 'idwise',
    receivedAt,
    raw,
    event: read.kind === 'event' ? read.event : null,
    report: null,
    kind: read.kind === 'event' ? read.event.kind : 'not_understood',
    journeyId: ids.journeyId,
    referenceNo: ids.referenceNo,
    bodyHash,
    parkReason,
  });
  return { row, isHashed: bodyHash !== null };
}

/** Takes what the app reported, of whom and when; returns the row to store. */
export function appInboxRow(report: AppReport, referenceNo: string, receivedAt: Date): InboxRow {
  return inboxRow({
    _id: `app:${randomUUID()}`,
    source: 'app',
    receivedAt,
    raw: null,
    event: null,
    report,
    kind: report.kind,
    journeyId: report.kind === 'registered' ? null : report.journeyId,
    referenceNo,
    bodyHash: null,
    parkReason: null,
  });
}

/**
 * Takes what a case wants of its customer's workflow, the row's id, which is the same however often it is written, the
 * customer and the time; returns the row to store in the transaction of the case's turn.
 */
export function measureInboxRow(
  of: WantedMeasure,
  id: string,
  referenceNo: string,
  receivedAt: Date,
): InboxRow {
  const row = inboxRow({
    _id: id,
    source: 'case',
    receivedAt,
    raw: null,
    event: null,
    report: { kind: 'case_measure', ...of },
    kind: of.measure.kind,
    journeyId: of.journeyId,
    referenceNo,
    bodyHash: null,
    parkReason: null,
  });
  // No relay of this process knows of it: the next sweep takes it.
  return { ...row, notBefore: receivedAt };
}

/**
 * Takes the run of the reconciliation, whose journey differs from IDWise, the AML version that nobody told of (null:
 * none) and the time; returns the row to store. No relay is offered it, so a sweeper may take it at once.
 */
export function reconciliationInboxRow(
  runId: string,
  {
    referenceNo,
    journeyId,
    amlVersion,
  }: { referenceNo: string; journeyId: string; amlVersion: number | null },
  now: Date,
): InboxRow {
  const row = inboxRow({
    _id: `reconciliation:${runId}:${journeyId}`,
    source: 'reconciliation',
    receivedAt: now,
    raw: null,
    event: null,
    report: { kind: 'look_wanted', journeyId, ...(amlVersion === null ? {} : { amlVersion }) },
    kind: 'look_wanted',
    journeyId,
    referenceNo,
    bodyHash: null,
    parkReason: null,
  });
  return { ...row, notBefore: now };
}

/** What the inbox calls the journeys of an import. */
export const IMPORTED_KIND = 'imported_journey';

/**
 * Takes a reference number and a journey that the company brings along; returns the inbox id of it. The same two have
 * the same id, so that a line which is sent twice is imported once; hashed, because either may be long or odd.
 */
export function importInboxId({ referenceNo, journeyId }: ImportedJourney): string {
  return `import:${createHash('sha256').update(`${referenceNo}\n${journeyId}`).digest('hex').slice(0, 40)}`;
}

interface ImportedJourney {
  readonly referenceNo: string;
  readonly journeyId: string;
}

/** Takes an imported journey and the time; returns the row to store: it says 'look at this journey' and nothing else. */
export function importInboxRow(imported: ImportedJourney, now: Date): InboxRow {
  const { referenceNo, journeyId } = imported;
  return inboxRow({
    _id: importInboxId(imported),
    source: 'operator',
    receivedAt: now,
    raw: null,
    event: null,
    report: { kind: 'look_wanted', journeyId, isImport: true },
    kind: IMPORTED_KIND,
    journeyId,
    referenceNo,
    bodyHash: null,
    parkReason: null,
  });
}

/** Takes a body's hash and how many events it stood for so far; returns the inbox id of that one. */
export function hashedInboxId(bodyHash: string, number: number): string {
  return `hash:${bodyHash}:${number}`;
}

/**
 * Takes IDWise's event id; returns the inbox id. An id beyond printable ASCII is hashed, because the inbox id goes on
 * to Temporal as part of workflow ids, which carry no arbitrary text.
 */
function idwiseInboxId(eventId: string): string {
  return /^[\x21-\x7e]+$/.test(eventId)
    ? `idwise:${eventId}`
    : `idwise:sha256-${createHash('sha256').update(eventId).digest('hex')}`;
}

/**
 * A journey id names a member of the customer's record, and no member's name may hold NUL: written, it would fail at
 * each turn and keep every later event of the customer waiting. Such an id is no journey's; the event counts without.
 */
function withPossibleJourney(read: ReadEvent): ReadEvent {
  const { journeyId } = read.kind === 'event' ? read.event : read;
  if (journeyId === null || !/\p{Cc}/u.test(journeyId)) return read;
  return read.kind === 'event'
    ? { ...read, event: { ...read.event, journeyId: null } }
    : { ...read, journeyId: null };
}

type Given = Pick<
  InboxRow,
  | '_id'
  | 'source'
  | 'receivedAt'
  | 'raw'
  | 'event'
  | 'report'
  | 'kind'
  | 'journeyId'
  | 'referenceNo'
  | 'bodyHash'
  | 'parkReason'
>;

/** Member by member, because copying an object whole takes longer than all the rest, and every event comes by here. */
function inboxRow(given: Given): InboxRow {
  const parkReason: ParkReason | null = given.parkReason;
  return {
    _id: given._id,
    source: given.source,
    receivedAt: given.receivedAt,
    raw: given.raw,
    event: given.event,
    report: given.report,
    kind: given.kind,
    journeyId: given.journeyId,
    referenceNo: given.referenceNo,
    bodyHash: given.bodyHash,
    parkReason,
    repeats: 0,
    state: parkReason === null ? 'received' : 'parked',
    attempts: 0,
    notBefore: new Date(given.receivedAt.getTime() + OWN_RELAY_MS),
    signalledAt: null,
    processedAt: null,
    outcome: null,
  };
}

/** Takes a body's JSON and its raw bytes; returns the hash that is the same whatever the order of its members. */
export function bodyHashOf(json: unknown, raw: Buffer): string {
  return createHash('sha256')
    .update(isTooDeep(json) ? raw : canonicalJson(json))
    .digest('hex');
}

function isObject(json: unknown): boolean {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
