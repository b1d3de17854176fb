import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SimulatorControl } from '../../simulator/control-client.js';
import { appInboxRow } from '../../src/intake/inbox-row.js';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { eventually } from '../eventually.js';
import { type CustomersOnTemporal, startCustomersOnTemporal } from './customers-on-temporal.js';

describe('while a call to IDWise waits behind those of other customers', () => {
  let world: CustomersOnTemporal;
  let journeyId: string;
  const referenceNo = 'in-the-queue';
  beforeAll(async () => {
    world = await startCustomersOnTemporal({ isIdwiseQueueUnattended: true });
    const idwise = new SimulatorControl(world.environment.IDWISE_BASE_URL ?? '');
    journeyId = await idwise.startJourney({ referenceNo });
    await world.start(referenceNo);
    await world.atRest(referenceNo);
  });
  afterAll(() => world?.stop());

  const says = (kind: 'journey_started' | 'journey_submitted' | 'journey_cancelled') =>
    world.signal(referenceNo, appInboxRow({ kind, journeyId }, referenceNo, new Date()));
  const profile = () => world.store.profiles.findOne({ _id: referenceNo });
  const becomes = (status: string) =>
    eventually(`the customer is ${status}`, async () =>
      (await profile())?.view.status === status ? true : undefined,
    );
  const callWaits = () =>
    eventually('the call waits', async () => {
      const { raw } = await world.client.workflow.getHandle(customerWorkflowId(referenceNo)).describe();
      const waiting = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
      return waiting.includes('lookAtJourney') ? true : undefined;
    });

  test('what the app says takes effect, and the call is asked for again', async () => {
    await says('journey_started');
    await becomes('in_progress');
    await callWaits();
    await says('journey_submitted');
    await becomes('pending_verification');
    await callWaits();
  });

  test('what an operator asks is done', async () => {
    const handle = world.client.workflow.getHandle(customerWorkflowId(referenceNo));
    await handle.executeUpdate('closeCustomer', { args: [{ actor: 'night-shift', reason: 'left' }] });
    await becomes('closed');
    await handle.executeUpdate('reopenCustomer', { args: [{ actor: 'night-shift', reason: 'is back' }] });
    await becomes('pending_verification');
  });

  test('whoever never stops speaking keeps it from its turn three times at most, and every word is heard in the end', async () => {
    const takenBack = async () => {
      const handle = world.client.workflow.getHandle(customerWorkflowId(referenceNo));
      const { events } = await handle.fetchHistory();
      return (events ?? []).filter((event) => event.activityTaskCanceledEventAttributes).length;
    };
    await eventually('the call has given way three times', async () => {
      await callWaits();
      if ((await takenBack()) === 3) return true;
      await says('journey_submitted');
      return undefined;
    });
    await callWaits();
    await says('journey_submitted');
    // Longer than it waits before it gives way.
    await pause(12_000);
    expect([await takenBack(), (await world.state(referenceNo)).queue.length > 0]).toEqual([3, true]);
    // What people decide is heard all the same, and the words before it with it.
    const handle = world.client.workflow.getHandle(customerWorkflowId(referenceNo));
    await handle.executeUpdate('reprocessCustomer', { args: [{ actor: 'night-shift' }] });
    await eventually('all words are heard', async () => {
      const { queue, requests } = await world.state(referenceNo);
      return queue.length + requests.length === 0 ? true : undefined;
    });
    await world.attendIdwiseQueue();
    await eventually('all is taken', async () => {
      const open = await world.store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } });
      return open === 0 ? true : undefined;
    });
    expect((await profile())?.facts.journeys[journeyId]?.snapshot).not.toBeNull();
    await world.record('call-gave-way', referenceNo);
  });
});
