import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { patiently, statusBecomes } from './patiently.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';
import { toldSince } from './told.js';

/** Weeks pass within seconds, on a machine that has nothing else to do. */
jest.setTimeout(240_000);

const HOUR_MS = 60 * 60_000;

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;

/** No webhook of IDWise ever comes in this world, unless a test sends it. */
withTimeSkipping('an answer of IDWise that fails to come', () => {
  let world: SkippedWorld;
  beforeAll(async () => {
    world = await startSkippedWorld({
      policy: {
        completeJourney: { ...DEFAULT_POLICY.completeJourney, afterSilenceMs: 2 * HOUR_MS },
      },
    });
  });
  afterAll(() => world?.stop());

  async function started(referenceNo: string, sdk: Record<string, unknown> = {}): Promise<string> {
    await world.register(referenceNo);
    await world.registerDevice(referenceNo);
    const { journeyId } = await world.sim('POST', '/sim/sdk/journeys', { referenceNo, ...sdk });
    await world.app(referenceNo, { kind: 'journey_started', journeyId: String(journeyId) });
    await statusBecomes(world, referenceNo, 'in_progress');
    return String(journeyId);
  }

  async function handedIn(referenceNo: string, sdk: Record<string, unknown> = {}) {
    const journeyId = await started(referenceNo, sdk);
    const since = await world.now();
    await world.app(referenceNo, { kind: 'journey_submitted', journeyId });
    await statusBecomes(world, referenceNo, 'pending_verification');
    return { journeyId, since };
  }

  const told = (referenceNo: string, since: Date) => toldSince(world, referenceNo, since);

  test('a result that is overdue: the workflow asks IDWise by itself, ten minutes after the last step', async () => {
    const { journeyId, since } = await handedIn('a-overdue');
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await patiently('IDWise has decided', async () =>
      (await world.sim('GET', `/sim/journeys/${journeyId}`))['phase'] === 'finished' ? true : undefined,
    );
    await world.pass('9 minutes');
    expect(await told('a-overdue', since)).toEqual(['at once company: pending_verification, access limited']);
    await world.pass('2 minutes');
    await statusBecomes(world, 'a-overdue', 'approved');
    expect(await told('a-overdue', since)).toEqual([
      'at once company: pending_verification, access limited',
      '10m company: approved, access full',
      '10m push: status',
    ]);
  });

  test('a result that never comes: an alarm after a week, and the customer, who cannot do anything, is not reminded but told when it expires', async () => {
    // The user is through, but IDWise does not get to know of it.
    const { since } = await handedIn('a-never');
    await world.pass('31 days');
    await statusBecomes(world, 'a-never', 'expired');
    expect(await told('a-never', since)).toEqual([
      'at once company: pending_verification, access limited',
      '7d 10m alarm: result_overdue',
      '30d company: expired, access none',
      '30d push: status',
    ]);
  });

  test('an AML part that does not get ready: a human looks after half an hour, and the customer is told just that', async () => {
    const journeyId = await started('a-aml', { outcome: 'aml-not-ready', amlReadyAfterMs: 3_600_000 });
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    const since = await world.now();
    await world.idwise('a-aml', 'Finished Journey', { journeyId, systemDecision: 'Complete' });
    await statusBecomes(world, 'a-aml', 'pending_verification');
    await world.pass('2 hours');
    await statusBecomes(world, 'a-aml', 'under_review');
    expect(await told('a-aml', since)).toEqual([
      'at once company: pending_verification, access limited',
      '30m company: under_review, access limited',
      '30m push: status',
    ]);
  });

  test('the closing of a silent journey that IDWise does not take: tried for a day, then an alarm, and the customer hears nothing of it', async () => {
    const fault = await world.sim('POST', '/sim/faults', {
      kind: 'status',
      endpoint: 'complete-journey',
      status: 503,
    });
    const journeyId = await started('a-silent');
    const since = new Date((await world.profile('a-silent')).facts.journeys[journeyId]?.startReportedAt ?? 0);
    await world.pass('27 hours');
    await patiently('closing was given up', async () =>
      (await world.profile('a-silent')).facts.journeys[journeyId]?.completion?.state === 'given_up'
        ? true
        : undefined,
    );
    expect(await told('a-silent', since)).toEqual([
      'at once company: in_progress, access none',
      '1d company: reminder 1 while in_progress',
      '1d push: reminder',
      '1d 2h alarm: completion_gave_up',
    ]);
    await world.sim('DELETE', `/sim/faults/${String(fault['faultId'])}`);
  });

  test('a journey that IDWise does not give out for a week: its event is parked with an alarm, and the status stays', async () => {
    const journeyId = await started('a-down');
    await world.sim('POST', '/sim/faults', {
      kind: 'status',
      endpoint: 'get-journey',
      status: 503,
      journeyId,
    });
    const since = await world.now();
    const lost = await world.idwise('a-down', 'Finished Step', {
      journeyId,
      stepId: '10',
      stepType: 'Document',
    });
    await world.pass('8 days');
    const row = await patiently('the event is parked', async () => {
      const seen = await world.inbox(lost);
      return seen.state === 'parked' ? seen : undefined;
    });
    expect(row.parkReason).toBe('look_gave_up');
    expect((await world.profile('a-down')).view.status).toBe('in_progress');
    expect((await told('a-down', since)).filter((line) => !line.includes('reminder'))).toEqual([
      '7d alarm: look_gave_up',
    ]);
  });
});
