import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createStartCustomerRun, type StartCustomerRun } from '../../src/temporal/customer-start.js';
import {
  ASKER_WAITS_MS,
  createSendCustomerUpdate,
  type SendCustomerUpdate,
} from '../../src/temporal/customer-updates.js';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { type CustomerRequest, createAskCustomer } from '../../src/usecases/ask-customer.js';
import { createRequestSweeper } from '../../src/usecases/request-sweeper.js';
import { eventually } from '../eventually.js';
import { type CustomersOnTemporal, startCustomersOnTemporal } from './customers-on-temporal.js';

const SIX_MINUTES_MS = 6 * 60_000;

describe('what was asked of a customer’s run', () => {
  let world: CustomersOnTemporal;
  let send: SendCustomerUpdate;
  let startRun: StartCustomerRun;
  beforeAll(async () => {
    world = await startCustomersOnTemporal();
    const taskQueue = world.environment.TEMPORAL_TASK_QUEUE ?? '';
    send = createSendCustomerUpdate(world.client, taskQueue, ASKER_WAITS_MS);
    startRun = createStartCustomerRun(world.client, taskQueue);
  });
  afterAll(() => world?.stop());

  const ask = (referenceNo: string, kind: CustomerRequest['kind']) =>
    createAskCustomer({ store: world.store, send })(
      { referenceNo, kind, journeyId: null, actor: 'night-shift', reason: 'contract ended' },
      new Date(),
    );
  const requestsOf = (referenceNo: string) =>
    world.store.requests.find({ referenceNo }).sort({ at: 1 }).toArray();
  const becomes = (_id: string, state: string) =>
    eventually(`${_id} is ${state}`, async () =>
      (await world.store.requests.findOne({ _id }))?.state === state ? true : undefined,
    );
  const effectsOn = async (referenceNo: string) =>
    (await world.store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray()).map(
      ({ effect }) => effect,
    );
  const loses = (referenceNo: string) =>
    world.client.workflow.getHandle(customerWorkflowId(referenceNo)).terminate('by hand');

  /** Asks something of a run that is terminated before it has begun; whoever asked was told that it is accepted. */
  async function askedInVain(referenceNo: string, kind: CustomerRequest['kind']): Promise<string> {
    await world.holdTurns(referenceNo);
    expect(await ask(referenceNo, kind)).toEqual({ kind: 'accepted' });
    await loses(referenceNo);
    const request = (await requestsOf(referenceNo)).at(-1);
    expect(request?.state).toBe('accepted');
    return request?._id ?? '';
  }

  /** Asks, and resolves when it is done and the run knows it. */
  async function asked(referenceNo: string, kind: CustomerRequest['kind']): Promise<string> {
    await ask(referenceNo, kind);
    const requestId = (await requestsOf(referenceNo)).at(-1)?._id ?? '';
    await becomes(requestId, 'taken');
    await world.atRest(referenceNo);
    return requestId;
  }

  const sweep = () =>
    createRequestSweeper({
      store: world.store,
      startRun,
      send,
      onRequestFailed: () => undefined,
      log: { warn: () => undefined },
    }).sweepOnce(new Date(Date.now() + SIX_MINUTES_MS));

  async function startsAnew(referenceNo: string): Promise<void> {
    await world.start(referenceNo);
    await world.atRest(referenceNo);
  }

  test('is taken with its effects, and nobody sends it again', async () => {
    await startsAnew('asked');
    await asked('asked', 'close');
    expect((await effectsOn('asked')).filter((effect) => effect === 'closed')).toHaveLength(1);
    expect(await sweep()).toEqual([]);
  });

  test('and was lost with the run is done by the next one, in the name and for the reason of whoever asked', async () => {
    await startsAnew('lost');
    const requestId = await askedInVain('lost', 'close');
    expect(await sweep()).toEqual([requestId]);
    await becomes(requestId, 'taken');
    const closed = await world.store.audit.findOne({ referenceNo: 'lost', effect: 'closed' });
    expect([closed?.actor, closed?.to]).toEqual([
      'night-shift',
      { actor: 'night-shift', reason: 'contract ended' },
    ]);
  });

  test('is done once, also where a run that knows nothing of it is asked again', async () => {
    await startsAnew('again');
    const requestId = await asked('again', 'reprocess');
    const before = await effectsOn('again');
    await loses('again');
    await startRun('again');
    const { turn } = await world.atRest('again');
    await send('again', { kind: 'reprocess', requestId, journeyId: null, actor: 'night-shift' });
    await eventually('the run has had it', async () =>
      (await world.state('again')).turn > turn ? true : undefined,
    );
    expect(await effectsOn('again')).toEqual(before);
  });

  test('and was lost is not done any more after a later word', async () => {
    await startsAnew('late');
    const lost = await askedInVain('late', 'close');
    await asked('late', 'close');
    await asked('late', 'reopen');
    expect(await sweep()).toEqual([lost]);
    await becomes(lost, 'refused');
    expect((await requestsOf('late'))[0]?.failure).toBe('superseded');
    expect((await world.atRest('late')).standing.closed).toBe(false);
  });

  test('and was lost is not done after a later word to the contrary, also where that changed nothing', async () => {
    await startsAnew('contrary');
    const lost = await askedInVain('contrary', 'close');
    // Nobody is closed yet, so there is nothing to reopen.
    await startRun('contrary');
    await world.atRest('contrary');
    expect(await ask('contrary', 'reopen')).toMatchObject({ kind: 'rejected' });
    expect(await sweep()).toEqual([lost]);
    await becomes(lost, 'refused');
    expect((await requestsOf('contrary'))[0]?.failure).toBe('superseded');
    expect((await world.atRest('contrary')).standing.closed).toBe(false);
  });

  test('and makes no sense any more is refused, also by a run that has no record yet', async () => {
    await startsAnew('senseless');
    const lost = await askedInVain('senseless', 'reprocess');
    await asked('senseless', 'close');
    await loses('senseless');
    expect(await sweep()).toEqual([lost]);
    await becomes(lost, 'refused');
    expect((await requestsOf('senseless'))[0]?.failure).toBe('customer_closed');
  });
});
