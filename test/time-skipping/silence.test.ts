import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { eventually } from '../eventually.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';
import { statusBecomes } from './status-becomes.js';
import { toldSince } from './told.js';

/** Months pass within seconds, on a machine that has nothing else to do. */

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;

/** By the default policy: reminded after a day, then every third day, three times; expired after thirty days. */
withTimeSkipping('a customer who does not go on', () => {
  let world: SkippedWorld;
  beforeAll(async () => {
    world = await startSkippedWorld({
      policy: { expiry: { ...DEFAULT_POLICY.expiry, completesJourney: true } },
    });
  });
  afterAll(() => world?.stop());

  async function registered(referenceNo: string): Promise<Date> {
    await world.register(referenceNo);
    await world.registerDevice(referenceNo);
    return new Date((await world.profile(referenceNo)).facts.registeredAt);
  }

  async function started(referenceNo: string, sdk: Record<string, unknown> = {}) {
    const { journeyId } = await world.sim('POST', '/sim/sdk/journeys', { referenceNo, ...sdk });
    const since = await world.now();
    await world.app(referenceNo, { kind: 'journey_started', journeyId: String(journeyId) });
    await statusIs(referenceNo, 'in_progress');
    // The look that the report asks for would else see, and tell of, what the test does next.
    await eventually('the journey has been looked at', async () => {
      const { facts } = await world.profile(referenceNo);
      return facts.journeys[String(journeyId)]?.owedLook === null ? true : undefined;
    });
    return { journeyId: String(journeyId), since };
  }

  const statusIs = (referenceNo: string, status: string) => statusBecomes(world, referenceNo, status);

  const told = (referenceNo: string, since: Date) => toldSince(world, referenceNo, since);

  test('never started: is reminded three times, then expires; a start as late as that revives the same workflow', async () => {
    const since = await registered('c-never');
    await world.pass('31 days');
    await statusIs('c-never', 'expired');
    expect(await told('c-never', since)).toEqual([
      '1d company: reminder 1 while created',
      '1d push: reminder',
      '4d company: reminder 2 while created',
      '4d push: reminder',
      '7d company: reminder 3 while created',
      '7d push: reminder',
      '30d company: expired, access none',
      '30d push: status',
    ]);
    await world.pass('60 days');
    const revived = await started('c-never');
    expect(await told('c-never', revived.since)).toEqual(['at once company: in_progress, access none']);
    await world.sim('POST', `/sim/sdk/journeys/${revived.journeyId}/finish`);
    await eventually('IDWise has finished the journey', async () =>
      (await world.sim('GET', `/sim/journeys/${revived.journeyId}`))['phase'] === 'finished'
        ? true
        : undefined,
    );
    await world.idwise('c-never', 'Finished Journey', { journeyId: revived.journeyId });
    await statusIs('c-never', 'approved');
    await world.pass('40 days');
    expect(await told('c-never', revived.since)).toEqual([
      'at once company: in_progress, access none',
      'at once company: approved, access full',
      'at once push: status',
    ]);
  });

  test('abandoned: is not reminded while steps still arrive; the journey is closed at IDWise when it expires', async () => {
    await registered('c-abandoned');
    const { journeyId } = await started('c-abandoned');
    await world.pass('23 hours');
    const since = await world.now();
    await world.idwise('c-abandoned', 'Finished Step', { journeyId, stepId: '0', stepType: 'Document' });
    await world.pass('31 days');
    await eventually('the journey is closed at IDWise', async () =>
      (await world.profile('c-abandoned')).facts.journeys[journeyId]?.completion?.state === 'done'
        ? true
        : undefined,
    );
    await world.pass('1 hour');
    expect(await told('c-abandoned', since)).toEqual([
      '1d company: reminder 1 while in_progress',
      '1d push: reminder',
      '4d company: reminder 2 while in_progress',
      '4d push: reminder',
      '7d company: reminder 3 while in_progress',
      '7d push: reminder',
      '30d company: expired, access none',
      '30d push: status',
    ]);
    const { counts } = await world.sim('GET', `/sim/calls?journeyId=${journeyId}&endpoint=complete-journey`);
    expect(counts).toMatchObject({ [journeyId]: { 'complete-journey': 1 } });
  });

  test('cancelled: what they broke off is reminded of from the cancellation on', async () => {
    await registered('c-cancelled');
    const { journeyId } = await started('c-cancelled');
    await world.pass('5 hours');
    const since = await world.now();
    await world.app('c-cancelled', { kind: 'journey_cancelled', journeyId });
    await world.pass('2 days');
    expect(await told('c-cancelled', since)).toEqual([
      '1d company: reminder 1 while in_progress',
      '1d push: reminder',
    ]);
  });

  test('asked to redo steps: is told at once and until when, is reminded, expires after a fortnight, and is taken back when the steps come', async () => {
    await registered('c-redo');
    const { journeyId } = await started('c-redo');
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await world.idwise('c-redo', 'Finished Journey', { journeyId });
    await statusIs('c-redo', 'approved');
    await world.sim('POST', `/sim/studio/journeys/${journeyId}/review`, {
      decision: 'Resubmission Requested',
    });
    const since = await world.now();
    await world.idwise('c-redo', 'Verification Update Required', {
      journeyId,
      trigger: 'Manual Review',
      requiredSteps: [{ stepId: '0', reasonCode: 'RESUBMIT_BAD_QUALITY' }],
      manualDecision: 'Resubmission Requested',
    });
    await statusIs('c-redo', 'resubmission_required');
    const { dueAt } = (await world.profile('c-redo')).view;
    expect(Math.round((Date.parse(dueAt ?? '') - since.getTime()) / 60_000)).toBe(14 * 24 * 60);
    await world.pass('15 days');
    await statusIs('c-redo', 'expired');
    expect(await told('c-redo', since)).toEqual([
      'at once company: resubmission_required, access limited',
      'at once push: status',
      '1d company: reminder 1 while resubmission_required',
      '1d push: reminder',
      '4d company: reminder 2 while resubmission_required',
      '4d push: reminder',
      '7d company: reminder 3 while resubmission_required',
      '7d push: reminder',
      '14d company: expired, access none',
      '14d push: status',
    ]);

    const backAt = await world.now();
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/resume`);
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await eventually('IDWise has judged the new steps', async () =>
      (await world.sim('GET', `/sim/journeys/${journeyId}`))['redo'] === null ? true : undefined,
    );
    await world.app('c-redo', { kind: 'journey_submitted', journeyId });
    await statusIs('c-redo', 'approved');
    expect((await told('c-redo', backAt)).at(-2)).toBe('at once company: approved, access full');
  });
});
