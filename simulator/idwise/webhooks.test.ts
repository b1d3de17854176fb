import { afterEach, describe, expect, test } from '@jest/globals';
import { TestBench, until } from './test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

const someId = expect.stringMatching(/^[0-9a-f-]{36}$/);
const subject = (journeyId: string) => ({ eventId: someId, journeyId, referenceNo: 'customer-1' });

describe('webhooks of a journey', () => {
  test('user steps give Finished User Steps with the decision of that moment, then Finished Journey', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    expect((await bench.webhook('Finished User Steps')).body).toEqual({
      ...subject(journeyId),
      systemDecision: 'Incomplete',
    });
    expect((await bench.webhook('Finished Journey')).body).toEqual({
      ...subject(journeyId),
      systemDecision: 'Complete',
    });
  });

  test('a two-sided document gives one Finished Step per side, a selfie one', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ person: { documentType: 'Identity Card' } });
    const steps = bench.received.filter((webhook) => webhook.event === 'Finished Step');
    expect(steps.map((webhook) => webhook.body)).toEqual(
      expect.arrayContaining([
        { ...subject(journeyId), stepId: '0', stepType: 'Document' },
        { ...subject(journeyId), stepId: '1', stepType: 'Selfie' },
      ]),
    );
    expect(steps.map((webhook) => webhook.body.stepType).sort()).toEqual(['Document', 'Document', 'Selfie']);
  });

  test('a cancelled journey sends nothing', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1' });
    await bench.control.cancel(journeyId);
    expect(await bench.control.deliveries()).toEqual([]);
  });

  test('a review sends Manually Reviewed and Updated Journey with the review in it', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ outcome: 'refer' });
    await bench.control.review(journeyId, 'Approved', { reasonCode: 'OK_BY_HAND' });
    const reviewed = {
      ...subject(journeyId),
      systemDecision: 'Refer',
      manualDecision: 'Approved',
      finalDecision: 'Approved',
    };
    expect((await bench.webhook('Manually Reviewed')).body).toEqual(reviewed);
    expect((await bench.webhook('Updated Journey')).body).toEqual({
      ...reviewed,
      action: 'Manual Review',
      manualReviewDetails: { journeyReviewDecision: 'Approved', reasonCode: 'OK_BY_HAND', stepReviews: [] },
    });
  });

  test('a resubmission names the steps, and redoing them gives Updated Journey with Step Update', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ outcome: 'capture-failed' });
    await bench.control.review(journeyId, 'Resubmission Requested', { reasonCode: 'RESUBMIT_BLUR' });
    expect((await bench.webhook('Verification Update Required')).body).toEqual({
      ...subject(journeyId),
      systemDecision: 'Refer',
      manualDecision: 'Resubmission Requested',
      finalDecision: 'Resubmission Requested',
      trigger: 'Manual Review',
      requiredSteps: [{ stepId: '0', reasonCode: 'RESUBMIT_BLUR' }],
    });
    await bench.control.resume(journeyId, { outcome: 'complete' });
    await bench.control.finish(journeyId);
    expect((await bench.webhook('Updated Journey', 2)).body).toEqual({
      ...subject(journeyId),
      systemDecision: 'Complete',
      manualDecision: null,
      finalDecision: 'Complete',
      action: 'Step Update',
    });
    expect(bench.received.filter((webhook) => webhook.event === 'Finished Journey')).toHaveLength(1);
  });

  test('an AML change comes under both names, with two event ids', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    expect(await bench.control.changeAml(journeyId, { added: [{ datasets: ['Sanctions'] }] })).toBe(1);
    const update = await bench.webhook('AML Monitor Update');
    expect(update.body).toEqual({
      ...subject(journeyId),
      systemDecision: 'Refer',
      previousSystemDecision: 'Complete',
      updatedAMLVersionNumber: 1,
    });
    const updated = await bench.webhook('Updated Journey');
    expect(updated.body).toMatchObject({ action: 'AML OGM Update', systemDecision: 'Refer' });
    expect(updated.body.eventId).not.toBe(update.body.eventId);
  });

  test('a renewal names steps and trigger; redone, it gives Finished Journey again', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.call('POST', `/sim/renewals/journeys/${journeyId}`, {
      steps: [{ stepId: '0', reasonCode: 'EXPIRED' }],
    });
    expect((await bench.webhook('Verification Update Required')).body).toMatchObject({
      trigger: 'KYC Renewal',
      manualDecision: null,
      finalDecision: 'Complete',
      requiredSteps: [{ stepId: '0', reasonCode: 'EXPIRED' }],
    });
    await bench.control.call('POST', `/sim/renewals/journeys/${journeyId}/deadline-exceeded`, {
      renewalDeadline: '2025-09-15T00:00:00Z',
    });
    expect((await bench.webhook('KYC Renewal Deadline Exceeded')).body).toEqual({
      ...subject(journeyId),
      requiredSteps: [{ stepId: '0', renewalDeadline: '2025-09-15T00:00:00Z' }],
    });
    await bench.control.resume(journeyId);
    await bench.control.finish(journeyId);
    await bench.webhook('Finished Journey', 2);
  });

  test('a spot check bears no journey id', async () => {
    bench = await TestBench.start();
    await bench.control.call('POST', '/sim/spot-checks', { referenceNo: 'customer-1' });
    expect((await bench.webhook('Finished Spot Check')).body).toEqual({
      eventId: someId,
      referenceNo: 'customer-1',
      systemDecision: 'Complete',
      spotCheckJourneyId: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
  });

  test('old subscriptions send the old forms', async () => {
    bench = await TestBench.start();
    await bench.control.call('PUT', '/sim/subscriptions', {
      events: ['Step Submitted', 'Finished Ongoing Check', 'Finished Journey'],
      generation: '2023-05',
    });
    const journeyId = await bench.finishedJourney({ steps: [{ stepId: '7', stepType: 'Selfie' }] });
    await bench.control.call('POST', '/sim/spot-checks', { referenceNo: 'customer-1', journeyId });
    expect((await bench.webhook('Step Submitted')).body).toEqual({
      journeyId,
      referenceNo: 'customer-1',
      stepId: '7',
      stepType: 'Selfie',
    });
    expect((await bench.webhook('Finished Journey')).body).toEqual({
      journeyId,
      referenceNo: 'customer-1',
      systemDecision: 'Complete',
      manualDecision: null,
      finalDecision: 'Complete',
    });
    expect((await bench.webhook('Finished Ongoing Check')).body).toEqual({
      ...subject(journeyId),
      systemDecision: 'Complete',
      ongoingCheckId: expect.any(String),
    });
    expect(bench.received.map((webhook) => webhook.event)).not.toContain('Finished User Steps');
  });

  test('any envelope can be sent as it is', async () => {
    bench = await TestBench.start();
    await bench.control.sendEvent('Updated Case', { odd: [null, 1] });
    expect((await bench.webhook('Updated Case')).body).toEqual({ odd: [null, 1] });
  });
});

describe('authentication of webhooks', () => {
  test.each([
    ['basic', 'user:pass', 'authorization', `Basic ${Buffer.from('user:pass').toString('base64')}`],
    ['bearer', 'token', 'authorization', 'Bearer token'],
    ['header:X-Company-Key', 'key', 'x-company-key', 'key'],
  ])('%s credentials are in their header', async (webhookAuth, webhookSecret, header, value) => {
    bench = await TestBench.start({ webhookAuth, webhookSecret });
    await bench.control.sendEvent('Finished Journey', {});
    expect((await bench.webhook('Finished Journey')).headers[header]).toBe(value);
  });

  test('a forged webhook bears none, or wrong ones', async () => {
    bench = await TestBench.start({ webhookAuth: 'bearer', webhookSecret: 'token' });
    await bench.control.call('POST', '/sim/events', { event: 'A', body: {}, credentials: 'none' });
    await bench.control.call('POST', '/sim/events', { event: 'B', body: {}, credentials: 'wrong' });
    expect((await bench.webhook('A')).headers.authorization).toBeUndefined();
    expect((await bench.webhook('B')).headers.authorization).toBe('Bearer token-wrong');
  });
});

describe('retries', () => {
  // 5, 10 and 15 minutes become 60, 120 and 180 ms.
  const retryScale = 60 / (5 * 60_000);

  test('anything but 200 is tried again after 5, 10 and 15 minutes with the same event id, then given up', async () => {
    bench = await TestBench.start({ retryScale });
    bench.answers.push(500, 204, 404, 503);
    await bench.control.sendEvent('Finished Journey', { eventId: 'e-1' });
    await until(async () => (await bench.control.deliveries({ state: 'given-up' })).length === 1);
    expect(bench.received.map((webhook) => webhook.body.eventId)).toEqual(['e-1', 'e-1', 'e-1', 'e-1']);
    const gaps = bench.received.slice(1).map((webhook, index) => {
      return webhook.atMs - (bench.received[index]?.atMs ?? 0);
    });
    expect(gaps[0]).toBeGreaterThanOrEqual(59);
    expect(gaps[1]).toBeGreaterThanOrEqual(119);
    expect(gaps[2]).toBeGreaterThanOrEqual(179);
    const [delivery] = await bench.control.deliveries();
    expect(delivery?.attempts.map((attempt) => attempt.status)).toEqual([500, 204, 404, 503]);
  });

  test('an answer that does not come in time counts as none', async () => {
    bench = await TestBench.start({ retryScale, webhookTimeoutMs: 500 });
    bench.answers.push(null);
    await bench.control.sendEvent('Finished Journey', {});
    await until(async () => (await bench.control.deliveries({ state: 'delivered' })).length === 1);
    const [delivery] = await bench.control.deliveries();
    const attempts = delivery?.attempts.map(({ status, failure }) => ({ status, failure })) ?? [];
    expect(attempts[0]).toEqual({ status: null, failure: 'timeout' });
    // On a busy machine a later answer may come too late as well.
    expect(attempts.at(-1)).toEqual({ status: 200, failure: null });
  });
});
