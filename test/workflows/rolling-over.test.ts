import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import type { InboxRow } from '../../src/store/inbox-records.js';
import { ASKER_WAITS_MS, createSendCustomerUpdate } from '../../src/temporal/customer-updates.js';
import { customerWorkflowId } from '../../src/temporal/names.js';
import type { CustomerTurnCommand } from '../../src/usecases/customer-turn-command.js';
import { eventually } from '../eventually.js';
import { type CustomersOnTemporal, startCustomersOnTemporal } from './customers-on-temporal.js';

const EVENTS = 300;
const SENDERS = 4;
const REQUESTS = 8;
/** A run continues as new after a few turns. */
const ROLL_OVER_AT_HISTORY_LENGTH = 50;

describe('a run that continues as new', () => {
  let world: CustomersOnTemporal;
  beforeAll(async () => {
    world = await startCustomersOnTemporal();
  });
  afterAll(() => world?.stop());

  const registered = (referenceNo: string) => appInboxRow({ kind: 'registered' }, referenceNo, new Date());
  const eventsOf = (turns: readonly CustomerTurnCommand[]) =>
    turns.flatMap(({ input }) => (input.kind === 'events' ? input.events.map(({ inboxId }) => inboxId) : []));

  test('takes each of a stream of events and requests exactly once, in order, though it rolls over in the middle of them', async () => {
    const referenceNo = 'stream';
    await world.start(referenceNo, { rollOverAtHistoryLength: ROLL_OVER_AT_HISTORY_LENGTH });
    const firstRun = await world.runId(referenceNo);
    const send = createSendCustomerUpdate(
      world.client,
      world.environment.TEMPORAL_TASK_QUEUE ?? '',
      ASKER_WAITS_MS,
    );
    const sent: InboxRow[][] = Array.from({ length: SENDERS }, () => []);

    const sender = async (mine: InboxRow[]) => {
      while (sent.flat().length < EVENTS) {
        const row = registered(referenceNo);
        mine.push(row);
        await world.signal(referenceNo, row);
        if (mine.length % 5 === 0) await world.signalAgain(referenceNo, row);
      }
    };
    const requestIds = Array.from({ length: REQUESTS }, (_, number) => `req_${number + 1}`);
    const asking = async () => {
      for (const requestId of requestIds) {
        const request = { kind: 'reprocess', journeyId: null, actor: 'operator-1' } as const;
        await world.store.requests.insertOne({
          _id: requestId,
          referenceNo,
          ...request,
          reason: 'asked for in the middle of a stream',
          at: new Date(),
        });
        // Twice at least, as a caller does whose answer was lost: by then, perhaps, to another run.
        for (let times = 0; times < 2; times += 1) {
          await eventually('the request is accepted', async () =>
            (await send(referenceNo, { ...request, requestId })).kind === 'accepted' ? true : undefined,
          );
        }
      }
    };
    await Promise.all([...sent.map(sender), asking()]);
    const all = sent.flat();
    await eventually('every event is processed', async () => {
      const done = await world.store.inbox.countDocuments({ referenceNo, state: 'processed' });
      return done === all.length ? true : undefined;
    });
    const state = await world.atRest(referenceNo);

    const turns = world.turns.filter((turn) => turn.referenceNo === referenceNo);
    const runs = new Set(turns.map(({ runId }) => runId));
    expect(runs.size).toBeGreaterThan(3);
    expect(await world.runId(referenceNo)).not.toBe(firstRun);

    const taken = eventsOf(turns);
    expect([...taken].sort()).toEqual(all.map(({ _id }) => _id).sort());
    expect(state.eventsTaken).toBe(all.length);
    for (const mine of sent) {
      const ids = mine.map(({ _id }) => _id);
      expect(taken.filter((id) => ids.includes(id))).toEqual(ids);
    }

    const asked = turns.flatMap(({ input }) => (input.kind === 'reprocess' ? [input.requestId] : []));
    expect(asked).toEqual(requestIds);
    expect(turns.map(({ turn }) => turn)).toEqual(Array.from(turns, (_, index) => index + 1));
  });

  test('that an earlier release wrote the state of: goes on where that one was, and takes what was left to it', async () => {
    const referenceNo = 'carried-by-schema-1';
    const [known, waiting, later] = [
      registered(referenceNo),
      registered(referenceNo),
      registered(referenceNo),
    ] as const;
    await world.store.inbox.insertMany([known, waiting].map((row) => ({ ...row, state: 'signalled' })));
    const queued = {
      id: waiting._id,
      inboxId: waiting._id,
      kind: waiting.kind,
      receivedAt: waiting.receivedAt.toISOString(),
    };
    await world.start(referenceNo, {
      state: {
        schema: 1,
        turn: 7,
        queue: [queued],
        requests: [{ journeyId: 'no-such-journey', reason: 'asked for by phone', actor: 'key-1' }],
        seenIds: [known._id, waiting._id],
        duplicates: 0,
        eventsTaken: 1,
        lastEvent: null,
        agenda: [],
        standing: {
          status: 'created',
          access: 'none',
          ground: 'no_journey',
          journeyId: null,
          version: 1,
          attention: null,
          journeys: [],
        },
      },
    });
    await world.signalAgain(referenceNo, known);
    await world.signal(referenceNo, later);
    await eventually('the later event is processed', async () =>
      (await world.store.inbox.findOne({ _id: later._id }))?.state === 'processed' ? true : undefined,
    );
    const state = await world.atRest(referenceNo);
    const turns = world.turns.filter((turn) => turn.referenceNo === referenceNo);
    expect(eventsOf(turns)).toEqual([waiting._id, later._id]);
    expect(turns.map(({ input }) => input.kind)).toContain('completion_requested');
    expect(state).toMatchObject({ schema: 3, duplicates: 1, eventsTaken: 3 });
    expect(Math.min(...turns.map(({ turn }) => turn))).toBe(8);
  });

  test('and is signalled with something that is no event of ours goes on', async () => {
    const referenceNo = 'by-hand';
    await world.start(referenceNo);
    const handle = world.client.workflow.getHandle(customerWorkflowId(referenceNo));
    for (const payload of [[], [null], ['text'], [{ kind: 'nothing' }]])
      await handle.signal('customerEvent', ...payload);
    const row = registered(referenceNo);
    await world.signal(referenceNo, row);
    await eventually('the event is processed', async () =>
      (await world.store.inbox.findOne({ _id: row._id }))?.state === 'processed' ? true : undefined,
    );
    expect(await world.atRest(referenceNo)).toMatchObject({ eventsTaken: 1, duplicates: 0 });
  });
});
