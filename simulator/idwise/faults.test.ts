import { afterEach, describe, expect, test } from '@jest/globals';
import { at, TestBench, until } from './test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

const send = (name: string, more: Record<string, unknown> = {}) =>
  bench.control.sendEvent(name, { eventId: name, journeyId: 'j-1', referenceNo: 'customer-1', ...more });

describe('faults of webhooks', () => {
  test('a duplicate is the same event several times', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'duplicate', copies: 3, times: 1 });
    await send('Finished Journey');
    await send('Updated Journey');
    await bench.webhook('Updated Journey');
    await bench.webhook('Finished Journey', 3);
    expect(bench.received.map((webhook) => webhook.body.eventId).sort()).toEqual([
      'Finished Journey',
      'Finished Journey',
      'Finished Journey',
      'Updated Journey',
    ]);
  });

  test('a delayed webhook comes later than one that was sent after it', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'delay', ms: 1_000, event: 'First' });
    await send('First');
    await send('Second');
    await bench.webhook('First');
    expect(bench.received.map((webhook) => webhook.event)).toEqual(['Second', 'First']);
  });

  test('reordered webhooks are held until there are enough, and come last first', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'reorder', hold: 3 });
    await send('First');
    await send('Second');
    expect(await bench.control.deliveries({ state: 'held' })).toHaveLength(2);
    await send('Third');
    await bench.webhook('First');
    expect(bench.received.map((webhook) => webhook.event)).toEqual(['Third', 'Second', 'First']);
  });

  test('what a fault holds is let go when the fault is removed', async () => {
    bench = await TestBench.start();
    const faultId = await bench.control.addFault({ kind: 'reorder', hold: 5 });
    await send('First');
    await bench.control.removeFaults(faultId);
    await bench.webhook('First');
  });

  test('lost first attempts are followed by the retry', async () => {
    bench = await TestBench.start({ retryScale: 0.0001 });
    await bench.control.addFault({ kind: 'lose-first-attempts', attempts: 2, event: 'Finished Journey' });
    await send('Finished Journey');
    await bench.webhook('Finished Journey');
    await until(async () => (await bench.control.deliveries({ state: 'delivered' })).length === 1);
    const [delivery] = await bench.control.deliveries();
    expect(delivery?.attempts.map(({ status, failure }) => failure ?? status)).toEqual(['lost', 'lost', 200]);
  });

  test('a lost webhook never comes; others do', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'lose', referenceNo: 'customer-1' });
    await send('Lost');
    await send('Kept', { referenceNo: 'customer-2' });
    await bench.webhook('Kept');
    expect((await bench.control.deliveries()).map(({ event, state }) => [event, state])).toEqual([
      ['Lost', 'lost'],
      ['Kept', 'delivered'],
    ]);
    expect(bench.received).toHaveLength(1);
  });

  test('event name, event id and reference number can be taken away', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'unknown-event', name: 'AML Monior Update', times: 1 });
    await bench.control.addFault({ kind: 'no-event-id', times: 1 });
    await bench.control.addFault({ kind: 'null-reference', times: 1 });
    await send('AML Monitor Update');
    expect((await bench.webhook('AML Monior Update')).body).toEqual({ journeyId: 'j-1', referenceNo: null });
  });
});

describe('faults of calls', () => {
  test.each([401, 403, 404, 429, 500, 503])(
    'status %i strikes its endpoint, as often as asked',
    async (status) => {
      bench = await TestBench.start();
      const journeyId = await bench.finishedJourney();
      const fault = { kind: 'status', endpoint: 'get-journey', status, retryAfterSeconds: 7, times: 1 };
      await bench.control.addFault(fault);
      expect((await bench.rest('GET', `/journey/v2/summary/${journeyId}`)).status).toBe(200);
      const refused = await bench.restRaw('GET', `/journey/v2/${journeyId}`);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([status, '7']);
      expect(await refused.json()).toMatchObject({ success: false, error_code: expect.any(String) });
      expect((await bench.rest('GET', `/journey/v2/${journeyId}`)).status).toBe(200);
    },
  );

  test('a slow answer comes after the time that was asked for', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.addFault({ kind: 'slow', endpoint: 'get-journey', journeyId, ms: 80 });
    const startedAtMs = Date.now();
    await bench.rest('GET', `/journey/v2/${journeyId}`);
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(79);
  });

  test('a truncated answer is not JSON', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.addFault({ kind: 'truncated', endpoint: 'get-journey' });
    const response = await bench.restRaw('GET', `/journey/v2/${journeyId}`);
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow();
  });

  test('a reset connection has had no effect; a time-out after the effect has', async () => {
    bench = await TestBench.start({ customStepId: '42' });
    const journeyId = await bench.control.startJourney({ referenceNo: 'customer-1' });
    await bench.control.finish(journeyId);
    const url = `${bench.simulator.url}/journey/v2/complete-custom-step`;
    const complete = (signal: AbortSignal) =>
      fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('simulated-api-key:simulated-api-secret').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ journey_id: journeyId }),
        signal,
      });
    const endpoint = 'complete-custom-step';
    await bench.control.addFault({ kind: 'reset', endpoint, journeyId, times: 1 });
    await expect(complete(new AbortController().signal)).rejects.toThrow('fetch failed');
    expect(await bench.control.journey(journeyId)).toMatchObject({ completionRequested: false });

    await bench.control.addFault({ kind: 'timeout-after-effect', endpoint, times: 1 });
    const cut = new AbortController();
    const answer = complete(cut.signal);
    await bench.webhook('Finished Journey');
    cut.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(await bench.control.callCount(journeyId, endpoint)).toBe(2);
    const report = await bench.control.call('GET', `/sim/calls?journeyId=${journeyId}&endpoint=${endpoint}`);
    expect(report.calls).toMatchObject([
      { status: null, fault: 'reset' },
      { status: null, fault: 'timeout-after-effect' },
    ]);
  });
});

describe('faults of what IDWise shows', () => {
  test('Get Journey may still show Incomplete for some calls after Finished Journey', async () => {
    bench = await TestBench.start();
    await bench.control.addFault({ kind: 'still-incomplete', calls: 2 });
    const journeyId = await bench.finishedJourney();
    const look = async () => {
      const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
      return [at(json, 'system_decision'), at(json, 'end_time') === null];
    };
    expect([await look(), await look(), (await look())[0]]).toEqual([
      ['Incomplete', true],
      ['Incomplete', true],
      'Complete',
    ]);
  });

  test('a sticky resubmission survives the reprocessing', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.addFault({ kind: 'sticky-resubmission', journeyId });
    await bench.control.review(journeyId, 'Resubmission Requested');
    await bench.control.resume(journeyId);
    await bench.control.finish(journeyId);
    await bench.webhook('Updated Journey', 2);
    const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
    expect(at(json, 'manual_decision')).toBe('Resubmission Requested');
  });
});

describe('the control API', () => {
  test('an unknown kind of fault is refused with the reason', async () => {
    bench = await TestBench.start();
    await expect(bench.control.addFault({ kind: 'nonsense' })).rejects.toThrow('400');
  });

  test('a reset forgets journeys, faults, deliveries and calls', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.addFault({ kind: 'lose' });
    await bench.control.call('POST', '/sim/reset');
    expect(await bench.control.deliveries()).toEqual([]);
    expect((await bench.control.call('GET', '/sim/journeys')).journeys).toEqual([]);
    expect((await bench.control.call('GET', '/sim/faults')).faults).toEqual([]);
    expect(await bench.control.callCount(journeyId, 'get-journey')).toBe(0);
    await bench.finishedJourney();
  });
});
