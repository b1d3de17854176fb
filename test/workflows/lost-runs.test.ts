import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SimulatorControl } from '../../simulator/control-client.js';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import { createStartCustomerRun, createWakeCustomerRun } from '../../src/temporal/customer-start.js';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { createCustomerRunSweeper } from '../../src/usecases/customer-run-sweeper.js';
import { eventually } from '../eventually.js';
import { type CustomersOnTemporal, startCustomersOnTemporal } from './customers-on-temporal.js';

const HOUR_MS = 3_600_000;

describe('runs of customers that are gone', () => {
  let world: CustomersOnTemporal;
  beforeAll(async () => {
    world = await startCustomersOnTemporal();
  });
  afterAll(() => world?.stop());

  const inAnHour = () => new Date(Date.now() + HOUR_MS);
  const sweep = (now: Date) => {
    const taskQueue = world.environment.TEMPORAL_TASK_QUEUE ?? '';
    return createCustomerRunSweeper({
      store: world.store,
      startRun: createStartCustomerRun(world.client, taskQueue),
      wakeRun: createWakeCustomerRun(world.client, taskQueue),
      onEventNotTaken: () => undefined,
      upSince: new Date(),
      log: { warn: () => undefined },
    }).sweepOnce(now);
  };
  const handle = (referenceNo: string) => world.client.workflow.getHandle(customerWorkflowId(referenceNo));

  test('are followed by others, which take what had been handed over; a run that is there goes on', async () => {
    await world.start('there');
    await world.start('gone');
    await world.atRest('there');
    await world.atRest('gone');
    const thereRun = await world.runId('there');
    await handle('gone').terminate('by hand');
    // Handed to the run that is gone.
    const lost = appInboxRow({ kind: 'registered' }, 'gone', new Date());
    await world.store.inbox.insertOne({ ...lost, state: 'signalled', signalledAt: new Date() });
    await world.store.profiles.updateOne({ _id: 'there' }, { $set: { wakeAt: new Date() } });

    expect((await sweep(inAnHour())).toSorted()).toEqual(['gone', 'there']);
    await world.atRest('gone');
    expect(await world.runId('there')).toBe(thereRun);
    // What is on no record is handed over again by whoever sweeps the inbox.
    await eventually('the event is offered again', async () => {
      const row = await world.store.inbox.findOne({ _id: lost._id });
      return row?.state === 'received' && row.signalledAt === null ? true : undefined;
    });
  });

  test('or were set back with Temporal to a backup: one that knows less than the record looks there once a time has passed, and acts', async () => {
    await world.start('set-back');
    await world.atRest('set-back');
    const runId = await world.runId('set-back');
    // As turns leave it that the run had taken and knows nothing of any more.
    const longAgo = new Date(Date.now() - 40 * 24 * HOUR_MS);
    await world.store.profiles.updateOne(
      { _id: 'set-back' },
      {
        $set: { 'facts.registeredAt': longAgo.toISOString(), wakeAt: longAgo },
        $inc: { 'lastTurn.turn': 1 },
      },
    );
    expect(await sweep(inAnHour())).toEqual(['set-back']);
    await eventually('what was due is done', async () => {
      const profile = await world.store.profiles.findOne({ _id: 'set-back' });
      return profile?.view.status === 'expired' ? true : undefined;
    });
    expect(await world.runId('set-back')).toBe(runId);
    await world.record('woken', 'set-back');
  });

  test('or go on though their profile is gone, as after MongoDB was set back: they end, and repeat nothing', async () => {
    await world.start('forgotten');
    await world.atRest('forgotten');
    const row = appInboxRow({ kind: 'registered' }, 'forgotten', new Date());
    await world.store.profiles.deleteOne({ _id: 'forgotten' });
    await world.signal('forgotten', row);
    await eventually('the run has ended', async () =>
      (await handle('forgotten').describe()).status.name === 'COMPLETED' ? true : undefined,
    );
    await world.record('profile-gone', 'forgotten');
    // For whoever registers the customer again.
    expect(await world.store.inbox.findOne({ _id: row._id })).toMatchObject({
      state: 'signalled',
      outcome: null,
    });
  });

  test('or were overtaken while they looked at IDWise: what they found by then is left, and looked for anew', async () => {
    const idwise = new SimulatorControl(world.environment.IDWISE_BASE_URL ?? '');
    const journeyId = await idwise.startJourney({ referenceNo: 'overtaken' });
    await world.start('overtaken');
    await world.atRest('overtaken');
    await idwise.addFault({ kind: 'slow', endpoint: 'get-journey', journeyId, ms: 4_000, times: 1 });
    await world.signal(
      'overtaken',
      appInboxRow({ kind: 'journey_started', journeyId }, 'overtaken', new Date()),
    );
    const calls = () => idwise.callCount(journeyId, 'get-journey');
    await eventually('the journey is being fetched', async () => ((await calls()) > 0 ? true : undefined));
    // As another run leaves it that writes meanwhile.
    await world.store.profiles.updateOne({ _id: 'overtaken' }, { $inc: { 'lastTurn.turn': 5 } });
    await eventually('it is fetched once more', async () => ((await calls()) > 1 ? true : undefined));
    await world.atRest('overtaken');
    const looks = world.turns.filter(
      (turn) => turn.referenceNo === 'overtaken' && turn.input.kind === 'look',
    );
    expect(looks).toHaveLength(1);
    await world.record('overtaken', 'overtaken');
  });

  test('are not troubled while they are at work: one that waits for a worker’s answer gets no signal', async () => {
    await world.start('at-work');
    await world.atRest('at-work');
    await world.holdTurns('at-work');
    await world.signal('at-work', appInboxRow({ kind: 'registered' }, 'at-work', new Date()));
    await eventually('the turn is held', async () => {
      const { raw } = await handle('at-work').describe();
      return (raw.pendingActivities ?? []).length > 0 ? true : undefined;
    });
    await world.store.profiles.updateOne({ _id: 'at-work' }, { $set: { wakeAt: new Date() } });
    expect(await sweep(inAnHour())).toEqual(expect.arrayContaining(['at-work']));
    const { events } = await handle('at-work').fetchHistory();
    const signals = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
    expect(signals).toHaveLength(1);
  });
});
