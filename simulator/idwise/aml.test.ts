import { afterEach, describe, expect, test } from '@jest/globals';
import { at, TestBench, until } from './test-bench.js';

let bench: TestBench;
afterEach(() => bench.stop());

async function matches(journeyId: string): Promise<Record<string, unknown>[]> {
  const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
  return at(json, 'aml', 'matches') as Record<string, unknown>[];
}

describe('AML ongoing monitoring', () => {
  test('a manual approval stays the final decision when a hit changes the system decision', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ outcome: 'refer' });
    await bench.control.review(journeyId, 'Approved');
    await bench.control.changeAml(journeyId, { added: [{}], systemDecision: 'Rejected' });
    expect((await bench.rest('GET', `/journey/v2/${journeyId}`)).json).toMatchObject({
      system_decision: 'Rejected',
      manual_decision: 'Approved',
      final_decision: 'Approved',
    });
  });

  test('the history of a version has its changes only, as an array or as an object', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.changeAml(journeyId, { added: [{ datasets: ['Politically Exposed Person'] }] });
    const [first] = await matches(journeyId);
    const resourceId = String(first?.resource_id);
    await bench.control.changeAml(journeyId, {
      added: [{ datasets: ['Sanctions'] }],
      changed: [{ resourceId, score: 99 }],
    });
    await bench.control.changeAml(journeyId, { removed: [resourceId] });
    const history = (version: number) =>
      bench.rest('GET', `/checks/aml/${journeyId}/history?version=${version}`);
    expect((await history(1)).json).toMatchObject({
      check_id: journeyId,
      reference_number: 'customer-1',
      aml_matches: [{ resource_id: resourceId, aml_record_version: 1, ongoing_monitor_update_type: 'Added' }],
    });
    const second = at((await history(2)).json, 'aml_matches') as Record<string, unknown>[];
    expect(second.map((match) => match.ongoing_monitor_update_type)).toEqual(['Added', 'Updated']);
    await bench.control.call('PUT', '/sim/settings', { amlMatches: 'object' });
    expect(at((await history(3)).json, 'aml_matches', resourceId)).toMatchObject({
      ongoing_monitor_update_type: 'Removed',
    });
    expect((await history(4)).status).toBe(404);
    expect(await matches(journeyId)).toHaveLength(1);
  });

  test('whitelisted matches tell nobody any more, and no longer count', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney();
    await bench.control.changeAml(journeyId, { added: [{}] });
    const resourceId = String((await matches(journeyId))[0]?.resource_id);
    const body = { resource_ids: [resourceId], is_whitelisted: true, match_status: 'False Positive' };
    expect((await bench.rest('PUT', `/checks/aml/${journeyId}/whitelist`, body)).json).toEqual({
      success: true,
    });
    expect((await matches(journeyId))[0]).toMatchObject({
      is_whitelisted: true,
      match_status: 'False Positive',
    });
    expect(at((await bench.rest('GET', `/journey/v2/${journeyId}`)).json, 'system_decision')).toBe(
      'Complete',
    );
    const before = (await bench.control.deliveries()).length;
    await bench.control.changeAml(journeyId, { changed: [{ resourceId, score: 70 }] });
    expect(await bench.control.deliveries()).toHaveLength(before);
  });

  test('an amended search replaces the result and gives Updated Journey with AML Amend', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ amlMatches: [{ name: 'Someone Else' }] });
    expect(await matches(journeyId)).toHaveLength(1);
    const body = { entity_details: { full_name: 'Oscar Exampleton' } };
    expect((await bench.rest('PUT', `/checks/aml/${journeyId}`, body)).json).toEqual({ success: true });
    expect((await bench.webhook('Updated Journey')).body).toMatchObject({
      action: 'AML Amend',
      systemDecision: 'Complete',
    });
    expect(await matches(journeyId)).toEqual([]);
  });

  test('AML that is not ready becomes so by itself after the time that was asked for', async () => {
    bench = await TestBench.start();
    const journeyId = await bench.finishedJourney({ outcome: 'aml-not-ready', amlReadyAfterMs: 20 });
    await until(async () => {
      const { json } = await bench.rest('GET', `/journey/v2/${journeyId}`);
      return at(json, 'aml', 'applicability') === 'Applicable';
    });
  });
});
