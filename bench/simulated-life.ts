import type { AgendaItem } from '../src/domain/agenda.js';
import type { InboxRow } from '../src/store/inbox-records.js';
import type { ProfileRow } from '../src/store/records.js';
import type { Store } from '../src/store/store.js';
import type { CustomerTurnDone, CustomerTurnInput } from '../src/usecases/customer-turn-command.js';
import type { WorkerParts } from '../src/worker/assemble-worker-parts.js';

/** A customer whose clock is ours: every turn and every call of the worker is real, only Temporal is left out. */
export interface SimulatedLife {
  /** What the clock says. */
  now(): Date;
  /** Lets the time pass, and does what is due in between, as the workflow would. */
  passUntil(at: Date): Promise<void>;
  /** Takes an event in at the present time, and does what is due then. */
  take(row: InboxRow): Promise<void>;
  /** Turns and calls to IDWise so far. */
  counts(): { readonly turns: number; readonly calls: number };
}

/** What one event may lead to at once; more would be a loop. */
const MOST_MOVES = 200;

/** Takes the worker's parts, a profile that stands in MongoDB and the time; returns the customer's life. */
export async function beginLife(
  { store, useCases }: Pick<WorkerParts, 'store' | 'useCases'>,
  { _id: referenceNo }: Pick<ProfileRow, '_id'>,
  bornAt: Date,
): Promise<SimulatedLife> {
  let nowMs = bornAt.getTime();
  let turn = 0;
  let calls = 0;
  let agenda: readonly AgendaItem[] = [];
  const at = () => new Date(nowMs).toISOString();

  async function takeTurn(input: CustomerTurnInput): Promise<void> {
    const command = { referenceNo, turn: turn + 1, runId: 'simulated', at: at(), input };
    const result = await useCases.takeCustomerTurn(command);
    if (result.kind !== 'done') throw new Error(`A turn of ${referenceNo} ended as ${result.kind}.`);
    ({ turn, agenda } = result satisfies CustomerTurnDone);
    await settleMessages(store, result);
  }

  async function attempt(item: AgendaItem): Promise<CustomerTurnInput> {
    const about = { referenceNo, journeyId: item.journeyId ?? '', at: at() };
    const { journeyId } = about;
    switch (item.what) {
      case 'look':
      case 'second_look':
        calls += 1;
        return { kind: 'look', journeyId, outcome: await useCases.lookAtJourney(about) };
      case 'aml_versions': {
        calls += 1;
        const { from, to } = item.versions ?? { from: 1, to: null };
        const outcome = await useCases.readAmlVersions({ ...about, from, to });
        return { kind: 'aml_versions', journeyId, outcome };
      }
      case 'remind':
      case 'clock':
        return { kind: item.what };
      default:
        throw new Error(`The script of the benchmark leads to no ${item.what}.`);
    }
  }

  async function doWhatIsDue(): Promise<void> {
    for (let moves = 0; moves < MOST_MOVES; moves += 1) {
      const due = agenda.find(({ nextAttemptAt }) => Date.parse(nextAttemptAt) <= nowMs);
      if (due === undefined) return;
      const isGivenUp = due.giveUpAt !== null && Date.parse(due.giveUpAt) <= nowMs;
      await takeTurn(isGivenUp ? { kind: 'give_up', item: due } : await attempt(due));
    }
    throw new Error(`The customer does not come to rest: ${JSON.stringify(agenda)}`);
  }

  await takeTurn({ kind: 'open' });
  return {
    now: () => new Date(nowMs),
    passUntil: async (until) => {
      for (;;) {
        const nextMs = Date.parse(agenda[0]?.nextAttemptAt ?? '');
        if (Number.isNaN(nextMs) || nextMs > until.getTime()) break;
        nowMs = Math.max(nowMs, nextMs);
        await doWhatIsDue();
      }
      nowMs = Math.max(nowMs, until.getTime());
    },
    take: async (row) => {
      await store.inbox.insertOne({ ...row, state: 'signalled' });
      await takeTurn({ kind: 'events', events: [{ inboxId: row._id, receivedAt: at() }] });
      await doWhatIsDue();
    },
    counts: () => ({ turns: turn, calls }),
  };
}

/** Deliveries are workflows of their own, and no part of this; their rows end as delivered ones do. */
async function settleMessages(store: Store, { deliveries }: CustomerTurnDone): Promise<void> {
  if (deliveries.length === 0) return;
  const ids = deliveries.map(({ outboxId }) => outboxId);
  await store.outbox.updateMany({ _id: { $in: ids } }, { $set: { state: 'delivered' } });
}
