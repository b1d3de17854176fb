import { beforeAll, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { readRecorded, recordedRuns, replay, replayAll } from './replay.js';

Runtime.install({ logger: new DefaultLogger('ERROR') });

test('there is a recorded history for every path through the business', () => {
  expect(recordedRuns().map((run) => run.replace(/^\d+\//, ''))).toEqual(
    expect.arrayContaining([
      'approved',
      'rejected',
      'review-approved',
      'redo',
      'government-face',
      'aml-hit',
      'sanctions-hit',
      'duplicates',
      'out-of-order',
      'late-retry',
      'continued-as-new',
      'completed-by-operator',
      'delivery',
      'link',
      'reconciliation',
      'reconciliation-outage',
      'registered-and-expired',
      'abandoned-and-closed',
      'reminded',
      'redo-with-cap',
      'renewal-asked-and-done',
      'renewal-overdue-and-renewed',
      'renewal-of-a-document',
      'result-overdue',
      'closed-and-reopened',
      'rolled-over',
      'rolled-over-and-on',
      'rolled-over-busy',
      'woken',
      'overtaken',
      'profile-gone',
      'call-gave-way',
      'case-opened-and-approved',
      'case-that-nobody-answers',
      'case-rolled-over',
      'case-rolled-over-and-on',
    ]),
  );
});

const runs = recordedRuns();
let outcomes: readonly (Error | null)[];
beforeAll(async () => {
  outcomes = await replayAll(runs.map(readRecorded));
});

test.each(runs)('runs that were recorded go on under the present code: %s', (run) => {
  expect(outcomes).toHaveLength(runs.length);
  const error = outcomes[runs.indexOf(run)];
  if (error !== null) throw error;
});

test('a changed order of steps would be noticed', async () => {
  const recorded = readRecorded(recordedRuns().find((run) => run.endsWith('/approved')) ?? '');
  const { events } = recorded.history as {
    events: {
      eventType?: string;
      activityTaskScheduledEventAttributes?: { activityType?: { name?: string } };
    }[];
  };
  const first = events.find((event) => event.activityTaskScheduledEventAttributes !== undefined);
  if (first?.activityTaskScheduledEventAttributes?.activityType)
    first.activityTaskScheduledEventAttributes.activityType.name = 'anotherActivity';
  await expect(replay(recorded)).rejects.toMatchObject({
    name: 'DeterminismViolationError',
    message: expect.stringContaining('patched()'),
  });
});
