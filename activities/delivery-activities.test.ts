import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AttemptResult } from '../src/delivery/attempt-delivery.js';
import { createDeliveryActivities } from './delivery-activities.js';

/** Runs the activity over an attempt that ends so, at a time after its schedule; returns what Temporal learns. */
async function run(attempt: () => Promise<AttemptResult>, sinceScheduledMs = 0) {
  const alarms: string[] = [];
  const scheduledTimestampMs = Date.parse('2026-11-23T10:00:00.000Z');
  const { attemptDelivery } = createDeliveryActivities({
    attempt,
    log: { warn: () => undefined },
    alarm: (code) => alarms.push(code),
  });
  const environment = new MockActivityEnvironment({
    scheduledTimestampMs,
    currentAttemptScheduledTimestampMs: scheduledTimestampMs + sinceScheduledMs,
  });
  const told: unknown = await environment
    .run(attemptDelivery, { outboxId: 'msg_1' })
    .catch((error: unknown) => error);
  return { told, alarms };
}

const failing = (name: string) => async (): Promise<AttemptResult> => {
  throw Object.assign(new Error('a document with Jane Doe in it'), { name });
};

describe('the activity that delivers', () => {
  test('returns how a delivery ended', async () => {
    const settled = { state: 'delivered', attemptCount: 2, nextOutboxId: null } as const;
    expect((await run(async () => ({ kind: 'settled', ...settled }))).told).toEqual(settled);
  });

  test('leaves the waiting to Temporal, which is told what was answered and when to try again', async () => {
    const { told } = await run(async () => ({
      kind: 'retry',
      code: 'http_503',
      attemptCount: 4,
      inMs: 30_000,
    }));
    expect(told).toBeInstanceOf(ApplicationFailure);
    expect(told).toMatchObject({
      type: 'NotDeliveredYet',
      message: 'attempt 4: http_503; next in 30 s',
      category: 'BENIGN',
      nextRetryDelay: 30_000,
      nonRetryable: false,
    });
  });

  test('tries again by the ladder while MongoDB is away, without an alarm of its own', async () => {
    const early = await run(failing('MongoServerSelectionError'));
    expect(early.told).toMatchObject({ nextRetryDelay: 3_000, nonRetryable: false });
    expect(early.alarms).toEqual([]);
    const late = await run(failing('MongoServerSelectionError'), 10 * 3_600_000);
    expect(late.told).toMatchObject({ nextRetryDelay: 3_600_000 });
    const frozen = await run(() => Promise.reject(new DOMException('late', 'TimeoutError')));
    expect([frozen.told, frozen.alarms]).toEqual([expect.objectContaining({ nextRetryDelay: 3_000 }), []]);
  });

  test('raises an alarm at a defect, and tries again all the same', async () => {
    const { told, alarms } = await run(failing('TypeError'));
    expect(alarms).toEqual(['delivery_defect']);
    expect(told).toMatchObject({ nonRetryable: false });
  });

  test('tells Temporal only the name of what went wrong, because its text may quote a document', async () => {
    const { told } = await run(failing('TypeError'));
    expect(told).toMatchObject({ message: 'no attempt could be made or recorded: TypeError' });
    const { cause, details } = told as ApplicationFailure;
    expect(cause).toBeUndefined();
    expect(details ?? []).toEqual([]);
  });
});
