import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { eventually } from '../eventually.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';
import { statusBecomes } from './status-becomes.js';
import { toldSince } from './told.js';

/** Weeks pass within seconds, on a machine that has nothing else to do. */

const HOUR_MS = 60 * 60_000;

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;

/** No webhook of IDWise ever comes in this world, unless a test sends it. */
withTimeSkipping('an answer of IDWise that fails to come', () => {
  let world: SkippedWorld;
  beforeAll(async () => {
    world = await startSkippedWorld({
      policy: {
        // The default is a week of hourly looks.
        look: { ...DEFAULT_POLICY.look, giveUpMs: 12 * HOUR_MS },
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

  /** Every step is handed in, and a look has shown it; IDWise is at work. */
  async function handedIn(referenceNo: string) {
    const journeyId = await started(referenceNo);
    for (const step of ['0', '1']) await world.sim('POST', `/sim/sdk/journeys/${journeyId}/steps/${step}`);
    const since = await world.now();
    await world.app(referenceNo, { kind: 'journey_submitted', journeyId });
    await eventually('the look that followed is over', async () => {
      const journey = (await world.profile(referenceNo)).facts.journeys[journeyId];
      const isOver = journey?.fetchedSinceSubmission === true && journey.owedLook === null;
      return isOver && journey.submittedReportedAt !== null ? true : undefined;
    });
    await statusBecomes(world, referenceNo, 'pending_verification');
    return { journeyId, since };
  }

  const told = (referenceNo: string, since: Date) => toldSince(world, referenceNo, since);

  test('a result that is overdue: the workflow asks IDWise by itself, ten minutes after the last step', async () => {
    const { journeyId, since } = await handedIn('a-overdue');
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await eventually('IDWise has decided', async () =>
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

  test('a result that never comes: an alarm when it is given up, and the customer, who cannot do anything, is not reminded but told when it expires', async () => {
    const { since } = await handedIn('a-never');
    await world.pass('31 days');
    await statusBecomes(world, 'a-never', 'expired');
    expect(await told('a-never', since)).toEqual([
      'at once company: pending_verification, access limited',
      '12h 10m alarm: result_overdue',
      '30d company: expired, access none',
      '30d push: status',
    ]);
  });

  test('an AML part that does not get ready: a human looks after half an hour, an officer is mailed, and the customer is told just that a human looks', async () => {
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
      '30m mail: case_opened',
      '30m push: status',
    ]);
  });

  test('a journey that IDWise does not give out for as long as the policy looks: its event is parked with an alarm, and the status stays', async () => {
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
      stepId: '0',
      stepType: 'Document',
    });
    await world.pass('13 hours');
    const row = await eventually('the event is parked', async () => {
      const seen = await world.inbox(lost);
      return seen.state === 'parked' ? seen : undefined;
    });
    expect(row.parkReason).toBe('look_gave_up');
    expect((await world.profile('a-down')).view.status).toBe('in_progress');
    expect(await told('a-down', since)).toEqual(['12h alarm: look_gave_up']);
  });
});
