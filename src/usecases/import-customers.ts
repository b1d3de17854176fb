import type { Policy } from '../domain/policy.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import { importInboxId, importInboxRow } from '../intake/inbox-row.js';
import type { Relay } from '../intake/relay.js';
import type { InboxRow } from '../store/inbox-records.js';
import type { Store } from '../store/store.js';
import { bindCustomer, registering } from './register-customer.js';

/** One line of an installed base: a customer with a journey that they have gone through. */
export interface ImportLine {
  readonly customerId: string;
  readonly referenceNo: string;
  readonly journeyId: string;
}

/** What became of one line. `imported` now, or `known` from before; else nothing was written. */
export type ImportOutcome = 'imported' | 'known' | 'customer_bound' | 'reference_bound' | 'customer_closed';

export type ImportCustomers = (
  lines: readonly ImportLine[],
  actor: string,
) => Promise<readonly ImportOutcome[]>;

interface Dependencies {
  readonly store: Store;
  readonly policy: Policy;
  readonly relay: Relay;
}

/**
 * Makes the use case that takes customers of an installed base, who need not go through the app again. Each line is one
 * transaction: the profile with its audit record where the customer is new, and an inbox row that causes a look at the
 * journey; from there everything takes the way of an event. Lines go one after the other, so that they say the same
 * whoever repeats them; a line that has been taken already costs a read.
 */
export function createImportCustomers({ store, policy, relay }: Dependencies): ImportCustomers {
  return async (lines, actor) => {
    const taken = await takenBefore(store, lines);
    const outcomes: ImportOutcome[] = [];
    for (const [index, line] of lines.entries()) {
      if (taken[index] === true) {
        outcomes.push('known');
        continue;
      }
      const { outcome, row } = await take(line, actor);
      if (row !== null) relay.offer(row);
      outcomes.push(outcome);
    }
    return outcomes;
  };

  async function take(line: ImportLine, actor: string): Promise<Taken> {
    return await registering(store, line.customerId, async (session): Promise<Taken> => {
      const now = new Date();
      const bound = await bindCustomer(store, policy, session, { ...line, actor }, 'import', now);
      if (bound.kind === 'customer_bound' || bound.kind === 'reference_bound')
        return { outcome: bound.kind, row: null };
      const row = importInboxRow(line, now);
      const known = await store.inbox.findOne({ _id: row._id }, { session, projection: { _id: 1 } });
      if (known !== null) return { outcome: 'known', row: null };
      // Whatever is heard of an off-boarded customer changes nothing, and nobody would look at the journey.
      if (upgradeFacts(bound.profile.facts).closedAt !== null)
        return { outcome: 'customer_closed', row: null };
      await store.inbox.insertOne(row, { session });
      return { outcome: 'imported', row };
    });
  }
}

interface Taken {
  readonly outcome: ImportOutcome;
  readonly row: InboxRow | null;
}

/** Of a line that was taken its row is there, and the customer is bound to its reference number. */
async function takenBefore(
  { inbox, profiles }: Pick<Store, 'inbox' | 'profiles'>,
  lines: readonly ImportLine[],
): Promise<readonly boolean[]> {
  const rows = await inbox
    .find({ _id: { $in: lines.map(importInboxId) } }, { projection: { _id: 1 } })
    .toArray();
  if (rows.length === 0) return [];
  const ids = new Set(rows.map(({ _id }) => _id));
  const bound = await profiles
    .find({ _id: { $in: lines.map(({ referenceNo }) => referenceNo) } }, { projection: { customerId: 1 } })
    .toArray();
  const customers = new Map(bound.map(({ _id, customerId }) => [_id, customerId]));
  return lines.map(
    (line) => ids.has(importInboxId(line)) && customers.get(line.referenceNo) === line.customerId,
  );
}
