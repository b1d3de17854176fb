import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type CasePolicy, DEFAULT_CASE_POLICY } from '../../src/domain/cases/case-policy.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { caseWorkflowId } from '../../src/temporal/names.js';
import { type MailServer, startMailServer } from '../delivery/mail-server.js';
import { eventually } from '../eventually.js';
import { CaseDesk } from './case-desk.js';
import { type SkippedWorld, startSkippedWorld } from './skipped-world.js';
import { statusBecomes } from './status-becomes.js';
import { elapsed } from './told.js';

/** Days pass within seconds, on a machine that has nothing else to do. */

const RECIPIENTS = ['first@company.example', 'second@company.example', 'third@company.example'];
const SANCTIONS = ['Sanctions'];
const PEP = ['Politically Exposed Person'];

const withTimeSkipping = (process.env['TEST_TIME_SKIPPING_SERVER'] ?? '') === '' ? describe.skip : describe;

withTimeSkipping('the clock of a compliance case', () => {
  let world: SkippedWorld;
  let mailServer: MailServer;
  let desk: CaseDesk;
  let customers = 0;

  async function begin(policy: Partial<CasePolicy> = {}): Promise<void> {
    mailServer = await startMailServer();
    const cases = { ...DEFAULT_CASE_POLICY, ...policy };
    world = await startSkippedWorld({
      policy: { ...DEFAULT_POLICY, cases },
      environment: { SMTP_URL: mailServer.url, COMPLIANCE_EMAIL_TO: RECIPIENTS.join(',') },
    });
    desk = new CaseDesk(world, cases, RECIPIENTS, randomBytes(32));
  }
  async function end(): Promise<void> {
    await world.stop();
    await mailServer.close();
  }

  /** A customer whom the system approved; returns the journey. */
  async function approved(referenceNo: string): Promise<string> {
    await world.register(referenceNo);
    const { journeyId } = await world.sim('POST', '/sim/sdk/journeys', { referenceNo });
    await world.app(referenceNo, { kind: 'journey_started', journeyId: String(journeyId) });
    await world.sim('POST', `/sim/sdk/journeys/${String(journeyId)}/finish`);
    await world.idwise(referenceNo, 'Finished Journey', { journeyId });
    await statusBecomes(world, referenceNo, 'approved');
    return String(journeyId);
  }

  /** Monitoring finds the customer on such a list; returns their case, whose clock has been told of it. */
  async function listed(referenceNo: string, journeyId: string, datasets: readonly string[], version = 1) {
    await world.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
      added: [{ datasets }],
      systemDecision: 'Refer',
    });
    await world.idwise(referenceNo, 'AML Monitor Update', { journeyId, updatedAMLVersionNumber: version });
    const row = await eventually('the change is in a case', async () => {
      const found = await world.store.cases.findOne({ referenceNo, 'case.kind': 'aml' });
      return found !== null && found.case.versions.length === version ? found : undefined;
    });
    await desk.tellsClock(row._id);
    return row.case;
  }

  /** A new customer on such a list from then on. */
  async function newlyListed(datasets: readonly string[]) {
    customers += 1;
    const referenceNo = `case-customer-${customers}`;
    const journeyId = await approved(referenceNo);
    const opened = await listed(referenceNo, journeyId, datasets);
    return { referenceNo, journeyId, caseId: opened.caseId, since: new Date(opened.detectedAt) };
  }

  /** Who was mailed what about a case, when, and which alarms were raised; the earliest first. */
  async function told({ caseId, since }: { caseId: string; since: Date }): Promise<string[]> {
    const rows = await world.store.outbox.find({ 'message.case.caseId': caseId }).toArray();
    const alarms = await world.store.audit.find({ 'to.caseId': caseId, effect: 'case:alarm' }).toArray();
    return [
      ...rows.flatMap(({ message, createdAt }) =>
        message.channel === 'compliance_mail'
          ? [{ at: createdAt, what: `${message.template} → ${message.to.split('@')[0]}` }]
          : [],
      ),
      ...alarms.map(({ at, to }) => ({ at, what: `alarm ${(to as { code: string }).code}` })),
    ]
      .sort((a, b) => a.at.getTime() - b.at.getTime() || order(a.what) - order(b.what))
      .map(({ at, what }) => `${elapsed(at.getTime() - since.getTime())} ${what}`);
  }
  const order = (what: string) => RECIPIENTS.findIndex((to) => what.endsWith(to.split('@')[0] ?? ''));
  const all = (what: string) => RECIPIENTS.map((to) => `${what} → ${to.split('@')[0]}`);

  /** The next time that it is this hour of this day (0: Sunday) in UTC. */
  async function nextUtc(day: number, hour: number): Promise<Date> {
    const next = await world.now();
    do next.setUTCDate(next.getUTCDate() + 1);
    while (next.getUTCDay() !== day);
    next.setUTCHours(hour, 0, 0, 0);
    return next;
  }

  describe('by the default policy, from ten o’clock of a Monday', () => {
    beforeAll(() => begin());
    // A case that is left open would go on being overdue in all the weeks that follow.
    afterEach(() => desk.concludesAll());
    afterAll(() => end());
    const monday = async () => world.passUntil(await nextUtc(1, 10));

    test('that nobody answers, sanctions first: everybody in order, an alarm, a reminder, and overdue again and again, day and night', async () => {
      await monday();
      const found = await newlyListed(SANCTIONS);
      await world.pass('13 hours');
      expect(await told(found)).toEqual([
        'at once case_opened → first',
        '15m case_escalated → second',
        '30m case_escalated → third',
        '45m alarm case_unanswered',
        ...all('3h case_reminder'),
        ...all('4h case_overdue'),
        ...all('12h case_overdue'),
      ]);
      await eventually('every mail has arrived, once', async () =>
        mailServer.received.length === 12 ? true : undefined,
      );
    });

    test('that is acknowledged in time: nobody else is told; the reminder and each overdue still come, to one more each time', async () => {
      await monday();
      const found = await newlyListed(PEP);
      await world.pass('30 minutes');
      await desk.acknowledges(found.caseId);
      await world.pass('56 hours');
      expect(await told(found)).toEqual([
        'at once case_opened → first',
        // Six of eight working hours later, at eight, and at sixteen: nights do not count.
        '6h case_reminder → first',
        '1d case_overdue → first',
        '1d case_overdue → second',
        ...all('2d case_overdue'),
      ]);
    });

    test('that was away does what was due, each once, when it is there again', async () => {
      await monday();
      const found = await newlyListed(SANCTIONS);
      await world.pass('20 minutes');
      // The skipping server waits for workers, so it is the run itself that is not there.
      await world.environment.client.workflow.getHandle(caseWorkflowId(found.caseId)).terminate('away');
      await world.pass('6 hours');
      expect(await told(found)).toHaveLength(2);
      await desk.tellsClock(found.caseId);
      await eventually('it has caught up', async () =>
        (await told(found)).some((line) => line.includes('case_overdue')) ? true : undefined,
      );
      await world.pass('1 hour');
      const lines = await told(found);
      expect(lines.slice(0, 2)).toEqual(['at once case_opened → first', '15m case_escalated → second']);
      expect(
        lines
          .slice(2)
          .map((line) => line.replace(/^6h \d+m /, ''))
          .sort(),
      ).toEqual(['case_escalated → third', 'alarm case_unanswered', ...all('case_overdue')].sort());
    });

    test('ends when two people conclude the case; a further version starts it anew, and everybody is told anew', async () => {
      await monday();
      const found = await newlyListed(PEP);
      await desk.concludes(found.caseId);
      await eventually('the clock has ended', async () =>
        (await statusOf(found.caseId)) === 'COMPLETED' ? true : undefined,
      );
      await world.pass('1 hour');
      const again = await listed(found.referenceNo, found.journeyId, SANCTIONS, 2);
      expect(again.state).toBe('reopened');
      await world.pass('20 minutes');
      expect(await told({ ...found, since: new Date(again.detectedAt) })).toEqual([
        expect.stringMatching(/case_opened → first$/),
        'at once case_version_added → first',
        '15m case_escalated → second',
      ]);
      expect(await statusOf(found.caseId)).toBe('RUNNING');
    });

    test('sleeps until a further version wakes it: what is heavier is to be acknowledged anew, by its own times', async () => {
      await monday();
      const found = await newlyListed(PEP);
      await world.pass('10 minutes');
      await desk.acknowledges(found.caseId);
      await world.pass('10 minutes');
      await listed(found.referenceNo, found.journeyId, SANCTIONS, 2);
      await world.pass('40 minutes');
      expect(await told(found)).toEqual([
        'at once case_opened → first',
        '20m case_version_added → first',
        '35m case_escalated → second',
        '50m case_escalated → third',
      ]);
    });

    const statusOf = async (caseId: string) =>
      (await world.environment.client.workflow.getHandle(caseWorkflowId(caseId)).describe()).status.name;
  });

  describe('where the policy puts it into the digest', () => {
    beforeAll(() => begin({ severity: { ...DEFAULT_CASE_POLICY.severity, pepAdded: 'low' } }));
    afterAll(() => end());

    test('tells the first recipient of all such cases in one mail, when the next working day begins, and escalates none', async () => {
      const friday = await nextUtc(5, 16);
      await world.passUntil(friday);
      const found = [await newlyListed(PEP), await newlyListed(PEP)];
      await world.pass('64 hours');
      expect((await Promise.all(found.map(told))).flat()).toEqual([]);
      await world.pass('2 hours');
      // Whichever of the two clocks came to it first.
      await eventually('both clocks have come to the digest', async () => {
        const owed = await world.store.cases.countDocuments({ 'case.told.digestAt': { $ne: null } });
        return owed === 0 ? true : undefined;
      });
      const digests = await world.store.outbox.find({ 'message.template': 'case_digest' }).toArray();
      expect(digests).toHaveLength(1);
      const [digest] = digests;
      if (digest?.message.channel !== 'compliance_mail' || digest.message.template !== 'case_digest')
        throw new Error('The digest is no mail.');
      expect(digest.createdAt.getTime() - friday.getTime()).toBe(65 * 3_600_000);
      expect(digest.message.to).toBe(RECIPIENTS[0]);
      expect(digest.message.cases.map(({ caseId }) => caseId).sort()).toEqual(
        found.map(({ caseId }) => caseId).sort(),
      );
    });
  });

  describe('in the company’s working hours, in Berlin', () => {
    beforeAll(() => begin({ calendar: { ...DEFAULT_CASE_POLICY.calendar, timeZone: 'Europe/Berlin' } }));
    afterAll(() => end());

    test('counts neither the weekend nor the hour that summer time takes away', async () => {
      const friday = fridayBeforeSummerTime(await world.now());
      await world.passUntil(friday);
      const found = await newlyListed(PEP);
      await world.pass('88 hours');
      expect(await told(found)).toEqual([
        'at once case_opened → first',
        // Half an hour of Friday and half an hour of Monday, which begins an hour earlier.
        '2d 16h case_escalated → second',
        '2d 17h case_escalated → third',
        '2d 18h alarm case_unanswered',
        ...all('2d 21h case_reminder'),
        ...all('2d 23h case_overdue'),
      ]);
    });
  });
});

/** Half past four in the afternoon of the Friday before the last Sunday of a March, in Berlin. */
function fridayBeforeSummerTime(after: Date): Date {
  const year = after.getUTCFullYear() + (after.getUTCMonth() >= 2 ? 1 : 0);
  const sunday = new Date(Date.UTC(year, 2, 31));
  sunday.setUTCDate(31 - sunday.getUTCDay());
  const friday = sunday.getTime() - 2 * 86_400_000;
  return new Date(friday + 15.5 * 3_600_000);
}
