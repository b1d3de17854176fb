import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import type { Look } from '../../src/idwise/look.js';
import { idwiseInboxRow } from '../../src/intake/inbox-row.js';
import type { InboxState } from '../../src/store/inbox-records.js';
import type { Store } from '../../src/store/store.js';
import { createIdentifyEvent } from '../../src/usecases/identify-event.js';
import { FLOW_ID } from '../builders/journey-snapshot.js';
import { openOwnDatabase } from '../builders/own-database.js';

let store: Store;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());

type OwnerOutcome = Awaited<ReturnType<Look['findOwner']>>;

const at = '2026-11-23T10:00:00.000Z';

/** An event of a journey that is ours under a reference number that no profile has. */
async function strangersEvent(
  state: InboxState,
  bearsReference: boolean,
  finds: (referenceNo: string) => OwnerOutcome = (referenceNo) => ({
    kind: 'owner',
    referenceNo,
    flowId: FLOW_ID,
  }),
) {
  const referenceNo = `ref-${randomUUID()}`;
  const alarms: string[] = [];
  const body = { eventId: randomUUID(), journeyId: randomUUID(), ...(bearsReference ? { referenceNo } : {}) };
  const json = { event: 'Finished Journey', body };
  const { row } = idwiseInboxRow(json, Buffer.from(JSON.stringify(json)), new Date(at));
  await store.inbox.insertOne({ ...row, state });
  const identify = createIdentifyEvent({
    store,
    look: { findOwner: async () => finds(referenceNo) },
    context: { policy: DEFAULT_POLICY, flowId: FLOW_ID, customStepConfigured: false },
    onParked: () => {},
    onGivenUp: (reason, inboxId) => alarms.push(`${reason} ${inboxId}`),
  });
  return {
    referenceNo,
    alarms,
    inboxId: row._id,
    identify: (when = at) => identify({ inboxId: row._id, at: when }),
    isNow: () => store.inbox.findOne({ _id: row._id }, { projection: { raw: 0 } }),
    becomes: (next: InboxState) => store.inbox.updateOne({ _id: row._id }, { $set: { state: next } }),
  };
}

describe.each([true, false])('an event that nobody knows (with a reference number: %s)', (bearsReference) => {
  test('is linked to the customer whose journey it is, and goes the ordinary way from there', async () => {
    const event = await strangersEvent('signalled', bearsReference);
    expect(await event.identify()).toEqual({ kind: 'linked' });
    expect(await event.isNow()).toMatchObject({ state: 'received', referenceNo: event.referenceNo });
    expect(await store.profiles.findOne({ _id: event.referenceNo })).not.toBeNull();
  });

  test('is never left behind where its customer is found before the hand-over was noted', async () => {
    const event = await strangersEvent('received', bearsReference);
    expect(await event.identify()).toMatchObject({ kind: 'later', code: 'signal_not_noted_yet' });
    // The relay's note comes after all.
    await event.becomes('signalled');
    expect(await event.identify()).toEqual({ kind: 'linked' });
    expect(await event.isNow()).toMatchObject({ state: 'received', referenceNo: event.referenceNo });
  });

  test.each<[string, (referenceNo: string) => OwnerOutcome]>([
    ['unknown_journey', () => ({ kind: 'unknown_journey' })],
    ['journey_not_ours', () => ({ kind: 'owner', referenceNo: null, flowId: FLOW_ID })],
    ['look_gave_up', () => ({ kind: 'refused', code: 'unauthorized' })],
  ])('that is given up is parked as %s, and an alarm says so', async (reason, finds) => {
    const event = await strangersEvent('signalled', bearsReference, finds);
    expect(await event.identify('2026-12-23T10:00:00.000Z')).toEqual({ kind: 'parked' });
    expect(await event.isNow()).toMatchObject({ state: 'parked', parkReason: reason });
    expect(event.alarms).toEqual([`${reason} ${event.inboxId}`]);
  });

  test('that was handed on by another way meanwhile is left alone', async () => {
    const event = await strangersEvent('signalled', bearsReference);
    await event.becomes('processed');
    await event.identify();
    expect(await event.isNow()).toMatchObject({ state: 'processed' });
  });
});
