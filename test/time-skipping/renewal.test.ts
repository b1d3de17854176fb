import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { upgradeFacts } from '../../src/domain/upgrade-facts.js';
import { eventually } from '../eventually.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';
import { statusBecomes } from './status-becomes.js';
import { toldSince } from './told.js';

/** Months pass within seconds, on a machine that has nothing else to do. */

const DAY_MS = 24 * 60 * 60_000;

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;

/** By the default policy: thirty days of grace; reminded a fortnight, three days and a day before they end. */
withTimeSkipping('a renewal', () => {
  let world: SkippedWorld;

  async function approved(referenceNo: string, sdk: Record<string, unknown> = {}): Promise<string> {
    await world.register(referenceNo);
    await world.registerDevice(referenceNo);
    const started = await world.sim('POST', '/sim/sdk/journeys', { referenceNo, ...sdk });
    const journeyId = String(started['journeyId']);
    await world.app(referenceNo, { kind: 'journey_started', journeyId });
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await world.idwise(referenceNo, 'Finished Journey', { journeyId });
    await statusIs(referenceNo, 'approved');
    return journeyId;
  }

  /** IDWise asks for the first step anew; returns when. */
  async function asked(referenceNo: string, journeyId: string): Promise<Date> {
    const steps = [{ stepId: '0', reasonCode: 'DOCUMENT_EXPIRED' }];
    await world.sim('POST', `/sim/renewals/journeys/${journeyId}`, { steps });
    const since = await world.now();
    const body = { journeyId, trigger: 'KYC Renewal', requiredSteps: steps };
    await world.idwise(referenceNo, 'Verification Update Required', body);
    await eventually('the renewal is on record', async () =>
      (await world.profile(referenceNo)).view.dueAt === null ? undefined : true,
    );
    return since;
  }

  async function renewed(referenceNo: string, journeyId: string): Promise<void> {
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/resume`);
    await world.sim('POST', `/sim/sdk/journeys/${journeyId}/finish`);
    await eventually('IDWise has judged the new steps', async () =>
      (await world.sim('GET', `/sim/journeys/${journeyId}`))['redo'] === null ? true : undefined,
    );
    await world.idwise(referenceNo, 'Finished Journey', { journeyId });
  }

  const statusIs = (referenceNo: string, status: string) => statusBecomes(world, referenceNo, status);

  const told = (referenceNo: string, since: Date) => toldSince(world, referenceNo, since);

  describe('that IDWise asks for', () => {
    // A world of its own for each: the simulator's clock is not skipped, and a result older than the request renews nothing.
    beforeEach(async () => {
      world = await startSkippedWorld();
    });
    afterEach(() => world?.stop());

    test('is announced, reminded of on the ladder, and suspends at its due date; the renewal alone lifts that', async () => {
      const journeyId = await approved('r-due');
      const since = await asked('r-due', journeyId);
      const { view } = await world.profile('r-due');
      expect(view).toMatchObject({ status: 'approved', access: 'full' });
      expect(Math.round((Date.parse(view.dueAt ?? '') - since.getTime()) / DAY_MS)).toBe(30);
      await world.pass('31 days');
      await statusIs('r-due', 'suspended');
      const untilSuspended = [
        'at once company: reminder 0 while approved',
        'at once push: reminder',
        '16d company: reminder 1 while approved',
        '16d push: reminder',
        '27d company: reminder 2 while approved',
        '27d push: reminder',
        '29d company: reminder 3 while approved',
        '29d push: reminder',
        '30d company: suspended, access none',
        '30d push: status',
      ];
      expect(await told('r-due', since)).toEqual(untilSuspended);

      // Neither time nor another word of IDWise lifts it.
      await world.idwise('r-due', 'Finished Journey', { journeyId });
      await world.pass('20 days');
      expect(await told('r-due', since)).toEqual(untilSuspended);
      const renewedAt = await world.now();
      await renewed('r-due', journeyId);
      await statusIs('r-due', 'approved');
      expect(await told('r-due', renewedAt)).toEqual([
        'at once company: approved, access full',
        'at once push: status',
      ]);
    });

    test('and is done in time ends the reminders and suspends nobody', async () => {
      const journeyId = await approved('r-done');
      const since = await asked('r-done', journeyId);
      await world.pass('17 days');
      await renewed('r-done', journeyId);
      await eventually('the renewal is done', async () =>
        (await world.profile('r-done')).view.dueAt === null ? true : undefined,
      );
      await world.pass('60 days');
      expect(await told('r-done', since)).toEqual([
        'at once company: reminder 0 while approved',
        'at once push: reminder',
        '16d company: reminder 1 while approved',
        '16d push: reminder',
      ]);
      expect((await world.profile('r-done')).view).toMatchObject({ status: 'approved', dueAt: null });
    });

    test('whose deadline IDWise says has passed suspends at once, whatever our own clock says', async () => {
      const journeyId = await approved('r-event');
      const since = await asked('r-event', journeyId);
      await world.pass('5 days');
      const renewalDeadline = (await world.now()).toISOString();
      await world.idwise('r-event', 'KYC Renewal Deadline Exceeded', {
        journeyId,
        requiredSteps: [{ stepId: '0', renewalDeadline }],
      });
      await statusIs('r-event', 'suspended');
      await world.pass('40 days');
      expect(await told('r-event', since)).toEqual([
        'at once company: reminder 0 while approved',
        'at once push: reminder',
        '5d company: suspended, access none',
        '5d push: status',
      ]);
    });
  });

  describe('by a policy', () => {
    beforeAll(async () => {
      world = await startSkippedWorld({
        policy: {
          renewal: {
            ...DEFAULT_POLICY.renewal,
            suspendsWhenDue: false,
            documentExpiryNoticeMs: 20 * DAY_MS,
          },
        },
      });
    });
    afterAll(() => world?.stop());

    test('that leaves the suspension to IDWise passes its due date with the reminders alone', async () => {
      const journeyId = await approved('r-patient', { person: { expiryDate: '2099-12-31' } });
      const since = await asked('r-patient', journeyId);
      await world.pass('90 days');
      expect((await told('r-patient', since)).filter((line) => line.includes('company'))).toEqual([
        'at once company: reminder 0 while approved',
        '16d company: reminder 1 while approved',
        '27d company: reminder 2 while approved',
        '29d company: reminder 3 while approved',
      ]);
      expect((await world.profile('r-patient')).view.status).toBe('approved');
    });

    test('that watches documents is asked for by us before a document expires, with its last day as the due date', async () => {
      const today = Date.parse((await world.now()).toISOString().slice(0, 10));
      const lastDay = new Date(today + 49 * DAY_MS);
      const expiryDate = lastDay.toISOString().slice(0, 10);
      const journeyId = await approved('r-document', { person: { expiryDate } });
      const since = new Date(today);
      const before = (await told('r-document', since)).length;
      await world.pass('60 days');
      // The ladder's first rung, a fortnight before the end of the forty-ninth day, and the two that follow it.
      expect((await told('r-document', since)).slice(before)).toEqual([
        '30d company: reminder 0 while approved',
        '30d push: reminder',
        '36d company: reminder 1 while approved',
        '36d push: reminder',
        '47d company: reminder 2 while approved',
        '47d push: reminder',
        '49d company: reminder 3 while approved',
        '49d push: reminder',
      ]);
      const { view, facts } = await world.profile('r-document');
      expect(view.dueAt).toBe(new Date(lastDay.getTime() + DAY_MS).toISOString());
      expect(upgradeFacts(facts).journeys[journeyId]?.renewal).toMatchObject({ by: 'document_expiry' });
    });
  });
});
