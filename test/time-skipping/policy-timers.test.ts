import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../eventually.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';
import { toldSince } from './told.js';

/** Days pass within seconds, on a machine that has nothing else to do. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;

withTimeSkipping('the clock of the policy', () => {
  let world: SkippedWorld;
  afterEach(() => world.stop());

  async function startedJourney(referenceNo: string, sdk: Record<string, unknown> = {}): Promise<string> {
    await world.register(referenceNo);
    const { journeyId } = await world.sim('POST', '/sim/sdk/journeys', { referenceNo, ...sdk });
    await world.app(referenceNo, { kind: 'journey_started', journeyId: String(journeyId) });
    return String(journeyId);
  }

  const statusIs = (referenceNo: string, status: string) =>
    eventually(`${referenceNo} is ${status}`, async () =>
      (await world.profile(referenceNo)).view.status === status ? true : undefined,
    );

  test('a result whose AML part never gets ready goes to a human when the policy says so, and not before', async () => {
    world = await startSkippedWorld({ policy: { amlNotReadyTimeoutMs: 30 * MINUTE_MS } });
    const journeyId = await startedJourney('c-aml', {
      outcome: 'aml-not-ready',
      amlReadyAfterMs: 3_600_000,
    });
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await world.idwise('c-aml', 'Finished Journey', { journeyId, systemDecision: 'Complete' });
    await statusIs('c-aml', 'pending_verification');
    await world.pass('29 minutes');
    expect((await world.profile('c-aml')).view.status).toBe('pending_verification');
    await world.pass('2 minutes');
    await statusIs('c-aml', 'under_review');
  });

  test('a silent journey is closed after the policy’s time, never while steps still arrive', async () => {
    world = await startSkippedWorld({
      policy: {
        completeJourney: { afterSilenceMs: 2 * HOUR_MS, call: 'complete-journey', giveUpMs: 24 * HOUR_MS },
      },
    });
    const journeyId = await startedJourney('c-silent');
    for (let step = 0; step < 3; step += 1) {
      await world.pass('90 minutes');
      await world.idwise('c-silent', 'Finished Step', {
        journeyId,
        stepId: String(step),
        stepType: 'Document',
      });
    }
    await world.pass('1 hour');
    expect((await world.profile('c-silent')).facts.journeys[journeyId]?.completion).toBeNull();
    await world.pass('2 hours');
    await eventually('the journey is closed at IDWise', async () =>
      (await world.profile('c-silent')).facts.journeys[journeyId]?.completion?.state === 'done'
        ? true
        : undefined,
    );
  });

  test('the closing of a silent journey that IDWise does not take: tried for a day, then an alarm, and the customer hears nothing of it', async () => {
    world = await startSkippedWorld({
      policy: {
        completeJourney: { afterSilenceMs: 2 * HOUR_MS, call: 'complete-journey', giveUpMs: 24 * HOUR_MS },
      },
    });
    await world.sim('POST', '/sim/faults', {
      kind: 'status',
      endpoint: 'complete-journey',
      status: 503,
    });
    const journeyId = await startedJourney('c-refused');
    await statusIs('c-refused', 'in_progress');
    const since = new Date(
      (await world.profile('c-refused')).facts.journeys[journeyId]?.startReportedAt ?? 0,
    );
    await world.pass('27 hours');
    await eventually('closing was given up', async () =>
      (await world.profile('c-refused')).facts.journeys[journeyId]?.completion?.state === 'given_up'
        ? true
        : undefined,
    );
    expect(await toldSince(world, 'c-refused', since)).toEqual([
      'at once company: in_progress, access none',
      '1d company: reminder 1 while in_progress',
      '1d 2h alarm: completion_gave_up',
    ]);
  });

  test('a journey that IDWise never comes to know is given up, its event parked, and the next event still counts', async () => {
    world = await startSkippedWorld();
    const good = await startedJourney('c-unknown');
    const lost = await world.idwise('c-unknown', 'Finished Journey', { journeyId: 'no-such-journey' });
    await world.pass('10 minutes');
    await world.sim('POST', `/sim/sdk/journeys/${good}/finish`);
    await world.idwise('c-unknown', 'Finished Journey', { journeyId: good });
    await statusIs('c-unknown', 'approved');
    await world.pass('25 hours');
    const row = await eventually('the event is parked', async () => {
      const seen = await world.inbox(lost);
      return seen.state === 'parked' ? seen : undefined;
    });
    expect(row.parkReason).toBe('unknown_journey');
    expect((await world.profile('c-unknown')).view.status).toBe('approved');
  });

  test('a provider of faces that stays down keeps no journey open: the custom step is completed without', async () => {
    world = await startSkippedWorld({ customStepId: '77' });
    await world.sim('POST', '/sim/faults', { kind: 'status', endpoint: 'government-face', status: 500 });
    const journeyId = await startedJourney('c-face', { customStep: true });
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await world.idwise('c-face', 'Finished User Steps', { journeyId, systemDecision: 'Incomplete' });
    await statusIs('c-face', 'pending_verification');
    await world.pass('30 minutes');
    const step = await eventually('the custom step is completed', async () => {
      const seen = (await world.profile('c-face')).facts.journeys[journeyId]?.customStep;
      return seen?.completedAt == null ? undefined : seen;
    });
    expect(step.face).toBe('given_up');
  });

  test('a company endpoint and a mail server that are down for two days hold up no decision and lose no message', async () => {
    world = await startSkippedWorld({
      environment: {
        CUSTOMER_WEBHOOK_URL: 'http://127.0.0.1:9/nobody',
        CUSTOMER_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      },
    });
    const journeyId = await startedJourney('c-down');
    await statusIs('c-down', 'in_progress');
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await world.idwise('c-down', 'Finished Journey', { journeyId });
    await statusIs('c-down', 'approved');
    await world.pass('2 days');
    const rows = await world.store.outbox.find({ referenceNo: 'c-down' }).toArray();
    expect(rows.length).toBeGreaterThanOrEqual(2);
    expect(rows.every((row) => row.state === 'pending' && row.attemptCount > 0)).toBe(true);
  });
});
