import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import type { GroupCommit } from './group-commit.js';
import { bodyHashOf } from './inbox-row.js';

/**
 * What a body is whose event id is in the inbox already. IDWise says that the id stays the same over the retries of one
 * event (contract §1.1), not that nothing else ever bears it (§11 row 12). So only the same body is the same event;
 * another one under the same id is an event of its own, because one fetch too many does no harm and a lost event does.
 */
export type ReusedIdOutcome =
  | { readonly kind: 'same_event' }
  | { readonly kind: 'inserted'; readonly row: InboxRow }
  | { readonly kind: 'failed' };

/** Takes the inbox, the group commit, the row that met its own id there, its size in bytes and how many ms are left; never rejects. */
export async function storeUnderReusedId(
  inbox: Store['inbox'],
  groupCommit: GroupCommit,
  row: InboxRow,
  bytes: number,
  deadlineMs: number,
): Promise<ReusedIdOutcome> {
  const endsAtMs = performance.now() + deadlineMs;
  try {
    const timeoutMS = Math.max(1, deadlineMs);
    const known = await inbox.findOne({ _id: row._id }, { projection: { raw: 1 }, timeoutMS });
    if (known === null) return { kind: 'failed' };
    const [knownText, text] = [textOf(known), textOf(row)];
    // A body that is not kept any more cannot be compared: the id alone counts.
    if (knownText === '' || knownText === text) return { kind: 'same_event' };
    const bodyHash = hashOf(text);
    if (hashOf(knownText) === bodyHash) return { kind: 'same_event' };
    const other = { ...row, _id: `${row._id}~${bodyHash.slice(0, 16)}` };
    const outcome = await groupCommit.add(other, bytes, endsAtMs - performance.now());
    if (outcome === 'inserted') return { kind: 'inserted', row: other };
    return { kind: outcome === 'duplicate' ? 'same_event' : 'failed' };
  } catch {
    // A time limit or a lost connection: the sender comes again.
    return { kind: 'failed' };
  }
}

/** Bytes come back from MongoDB in a wrapping of the driver's, whose text is the same. */
function textOf({ raw }: Pick<InboxRow, 'raw'>): string {
  return raw?.toString('utf8').replace(/^\uFEFF/, '') ?? '';
}

function hashOf(text: string): string {
  return bodyHashOf(JSON.parse(text), Buffer.from(text));
}
