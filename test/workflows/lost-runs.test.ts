import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import { createStartCustomerRun } from '../../src/temporal/customer-start.js';
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
  const sweep = (now: Date) =>
    createCustomerRunSweeper({
      store: world.store,
      startRun: createStartCustomerRun(world.client, world.environment.TEMPORAL_TASK_QUEUE ?? ''),
      log: { warn: () => undefined },
    }).sweepOnce(now);
  const handle = (referenceNo: string) => world.client.workflow.getHandle(customerWorkflowId(referenceNo));

  test('are followed by others, which take what had been handed over; a run that is there is left as it is', async () => {
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
});
