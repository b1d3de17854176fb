import { afterEach, describe, expect, test } from '@jest/globals';
import { TestBench, until } from './test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

const passport = { steps: [{ stepId: '0', reasonCode: 'DOCUMENT_EXPIRED' }] };
const namesOf = () =>
  bench.received.map(({ event, body }) => [event, body.action ?? body.stepId].join(' ').trim());

describe('a KYC renewal', () => {
  test('is asked for with steps and trigger, and leaves the decision as it is', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.requireRenewal(journeyId, passport);
    expect((await bench.webhook('Verification Update Required')).body).toMatchObject({
      journeyId,
      systemDecision: 'Complete',
      manualDecision: null,
      finalDecision: 'Complete',
      trigger: 'KYC Renewal',
      requiredSteps: [{ stepId: '0', reasonCode: 'DOCUMENT_EXPIRED' }],
    });
    expect((await bench.rest('GET', `/journey/v2/${journeyId}`)).json).toMatchObject({
      final_decision: 'Complete',
    });
  });

  test('that is done gives each side’s Finished Step, Updated Journey, and Finished Journey once more, in this order', async () => {
    bench = await TestBench.start();
    const steps = [
      { stepId: '0', stepType: 'Document', title: 'Identity Card' },
      { stepId: '1', stepType: 'Selfie' },
    ];
    const journeyId = await bench.finishedJourney({ steps, person: { documentType: 'Identity Card' } });
    await bench.control.review(journeyId, 'Approved');
    await bench.webhook('Manually Reviewed');
    await bench.control.requireRenewal(journeyId, passport);
    await bench.webhook('Verification Update Required');
    const before = (await bench.rest('GET', `/journey/v2/${journeyId}`)).json as Record<string, unknown>;
    await until(async () =>
      (await bench.control.deliveries({ journeyId })).every(({ state }) => state === 'delivered'),
    );
    bench.received.splice(0);

    await bench.control.resume(journeyId, { person: { expiryDate: '2040-01-01' } });
    await bench.control.submitStep(journeyId, '0');
    await until(() => bench.received.length === 2);
    await bench.control.finish(journeyId);
    await bench.webhook('Finished Journey');
    expect(namesOf()).toEqual([
      'Finished Step 0',
      'Finished Step 0',
      'Updated Journey Step Update',
      'Finished Journey',
    ]);
    const after = (await bench.rest('GET', `/journey/v2/${journeyId}`)).json as Record<string, unknown>;
    // What was decided over the old document is not what is decided over the new one.
    expect(after).toMatchObject({ system_decision: 'Complete', manual_decision: null });
    expect(after['end_time']).not.toBe(before['end_time']);
    expect(JSON.stringify(after['documents'])).toContain('2040-01-01');
    expect(JSON.stringify(after['selfie'])).toBe(JSON.stringify(before['selfie']));
  });

  test('whose deadline passes gives an event by itself, once, and can still be done', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.requireRenewal(journeyId, { ...passport, graceMs: 30 });
    const exceeded = await bench.webhook('KYC Renewal Deadline Exceeded');
    expect(Object.keys(exceeded.body).sort()).toEqual([
      'eventId',
      'journeyId',
      'referenceNo',
      'requiredSteps',
    ]);
    expect(exceeded.body.requiredSteps).toEqual([
      { stepId: '0', renewalDeadline: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) },
    ]);
    await bench.control.resume(journeyId);
    await bench.control.finish(journeyId);
    await bench.webhook('Finished Journey', 2);
    expect(bench.received.filter(({ event }) => event === 'KYC Renewal Deadline Exceeded')).toHaveLength(1);
  });

  test('that is done in time, or asked for anew, exceeds no deadline of before', async () => {
    bench = await TestBench.start();
    const [done, anew, witness] = [
      await bench.finishedJourney({ referenceNo: 'customer-1' }),
      await bench.finishedJourney({ referenceNo: 'customer-2' }),
      await bench.finishedJourney({ referenceNo: 'customer-3' }),
    ];
    await bench.control.requireRenewal(done, { ...passport, graceMs: 400 });
    await bench.control.requireRenewal(anew, { ...passport, graceMs: 400 });
    await bench.control.requireRenewal(anew, { ...passport, graceMs: 3_600_000 });
    await bench.control.resume(done);
    await bench.control.submitStep(done, '0');
    await bench.control.requireRenewal(witness, { ...passport, graceMs: 450 });
    // The witness falls due last: whatever the others had to say was said before.
    expect((await bench.webhook('KYC Renewal Deadline Exceeded')).body.journeyId).toBe(witness);
    const events = bench.received.filter(({ event }) => event === 'KYC Renewal Deadline Exceeded');
    expect(events.map(({ body }) => body.journeyId)).toEqual([witness]);
  });

  test('comes long after the journey, which may be as old as a test wants; what is renewed is of now', async () => {
    bench = await TestBench.start();
    const yearMs = 365 * 24 * 3_600_000;
    const journeyId = await bench.finishedJourney({ ageMs: yearMs });
    const times = async () => {
      const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
      const { start_time, end_time } = json as Record<string, string>;
      return [start_time, end_time].map((time) => Date.parse(`${time}Z`) - Date.now());
    };
    for (const sinceMs of await times()) expect(Math.abs(sinceMs + yearMs)).toBeLessThan(60_000);
    await bench.control.requireRenewal(journeyId, passport);
    await bench.control.resume(journeyId);
    await bench.control.finish(journeyId);
    await bench.webhook('Finished Journey', 2);
    const [startMs = 0, endMs = 0] = await times();
    expect(Math.abs(startMs + yearMs)).toBeLessThan(60_000);
    expect(Math.abs(endMs)).toBeLessThan(60_000);
  });

  test('cannot be asked for of a journey that is not completed', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1' });
    await expect(bench.control.requireRenewal(journeyId, passport)).rejects.toThrow(
      'only a completed journey',
    );
  });
});

test('the deadline of a renewal that nobody asked for can be said to be exceeded, of every step', async () => {
  bench = await TestBench.start();
  const journeyId = await bench.finishedJourney();
  await bench.control.exceedRenewalDeadline(journeyId, { renewalDeadline: '2025-09-15T00:00:00Z' });
  expect((await bench.webhook('KYC Renewal Deadline Exceeded')).body.requiredSteps).toEqual([
    { stepId: '0', renewalDeadline: '2025-09-15T00:00:00Z' },
    { stepId: '1', renewalDeadline: '2025-09-15T00:00:00Z' },
  ]);
});
