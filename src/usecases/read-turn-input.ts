import type { mongo } from 'mongoose';
import type { TurnInput } from '../domain/customer-turn.js';
import type { Report } from '../domain/reports.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import { isAnyFreezing } from './cases/frozen-elsewhere.js';
import type { CustomerTurnCommand } from './customer-turn-command.js';

/** A turn's input as the domain takes it, and the inbox rows that it is made of. */
export interface ReadTurnInput {
  readonly input: TurnInput;
  readonly rows: readonly InboxRow[];
}

/**
 * Takes the store, the turn's transaction and its command; returns what the turn is about. Stored events and requests are
 * given by their ids and read here, so that Temporal holds nothing of what they say.
 */
export async function readTurnInput(
  store: Store,
  session: mongo.ClientSession,
  command: CustomerTurnCommand,
): Promise<ReadTurnInput> {
  const { input } = command;
  switch (input.kind) {
    case 'open':
      return { input: { kind: 'clock' }, rows: [] };
    case 'completion_requested':
    case 'close':
    case 'reopen':
    case 'reprocess': {
      const { requestId, ...asked } = input;
      const request =
        requestId === undefined ? null : await store.requests.findOne({ _id: requestId }, { session });
      const said = { ...asked, reason: request?.reason ?? asked.reason ?? '' };
      if (said.kind !== 'close') return { input: said, rows: [] };
      const isFrozenByCase = await isAnyFreezing(store, { referenceNo: command.referenceNo }, session);
      return { input: { ...said, isFrozenByCase }, rows: [] };
    }
    case 'events':
      break;
    default:
      return { input, rows: [] };
  }
  const ids = input.events.map((event) => event.inboxId);
  const rows = await store.inbox.find({ _id: { $in: ids } }, { session, projection: { raw: 0 } }).toArray();
  const byId = new Map(rows.map((row) => [row._id, row]));
  const reports = input.events.flatMap(({ inboxId }) => {
    const row = byId.get(inboxId);
    return row === undefined ? [] : toReport(row);
  });
  return { input: { kind: 'reports', reports }, rows };
}

function toReport(row: InboxRow): Report[] {
  const origin = originOf(row);
  if (row.event !== null) return [{ source: 'idwise', event: row.event, ...origin }];
  if (row.report === null) return [];
  if (row.report.kind === 'case_measure') {
    const { caseId, revision, journeyId, measure } = row.report;
    return [{ source: 'case', caseId, revision, journeyId, measure, ...origin }];
  }
  if (row.report.kind !== 'look_wanted') return [{ source: 'app', report: row.report, ...origin }];
  const source = row.source === 'reconciliation' ? 'reconciliation' : 'operator';
  const { kind: _kind, ...wanted } = row.report;
  return [{ source, ...wanted, ...origin }];
}

/** A replay says what was said when the original came. */
function originOf({ _id, receivedAt, replay }: InboxRow): Pick<Report, 'at' | 'cause' | 'replay'> {
  const receipt = receivedAt.toISOString();
  if (replay === undefined) return { at: receipt, cause: _id };
  const { of, actor, reason, firstReceivedAt } = replay;
  return { at: firstReceivedAt.toISOString(), cause: _id, replay: { of, actor, reason } };
}
