import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY } from '../domain/policy.js';
import type { DeliveryAttempt, OutboxMessage } from '../store/outbox-records.js';
import { nextGapMs } from './delivery-schedule.js';
import { SAMPLE_MAILS } from './sample-mails.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const START_MS = Date.parse('2026-11-23T10:00:00.000Z');

const mail: OutboxMessage = SAMPLE_MAILS.case_opened;
const push: OutboxMessage = { channel: 'web_push', deviceId: 'd-1', referenceNo: 'ref-1', version: 2 };

interface Setting {
  readonly message?: OutboxMessage;
  readonly triedAtMs?: readonly number[];
  readonly tookMs?: number;
  readonly askedForMs?: number | null;
}

/** The gap after an attempt that began so long after the row was written, in milliseconds. */
function gapAfter(begunAfterMs: number, setting: Setting = {}): number | null {
  const attempts = (setting.triedAtMs ?? [0]).map(
    (atMs): DeliveryAttempt => ({ at: new Date(START_MS + atMs), durationMs: 5, outcome: 'smtp_451' }),
  );
  const begunAtMs = START_MS + begunAfterMs;
  return nextGapMs(
    { createdAt: new Date(START_MS), attempts, message: setting.message ?? mail },
    {
      begunAt: new Date(begunAtMs),
      endedAt: new Date(begunAtMs + (setting.tookMs ?? 0)),
      askedForMs: setting.askedForMs ?? null,
    },
    DEFAULT_POLICY.deliveries,
  );
}

describe('the schedule of a delivery', () => {
  test('tries again within 5 s after the first attempt, even where that ran into its time limit', () => {
    expect(gapAfter(0, { triedAtMs: [], tookMs: 15 * SECOND_MS })).toBe(3 * SECOND_MS);
  });

  test('never waits more than 30 s in the first two minutes, nor more than an hour ever', () => {
    for (let ageMs = 0; ageMs < 2 * MINUTE_MS; ageMs += SECOND_MS) {
      expect(gapAfter(ageMs)).toBeLessThanOrEqual(30 * SECOND_MS);
    }
    for (let ageMs = 0; ageMs < 72 * HOUR_MS; ageMs += 7 * MINUTE_MS) {
      expect(gapAfter(ageMs)).toBeLessThanOrEqual(HOUR_MS);
    }
  });

  test('waits as long as the recipient asks, up to an hour, but not less than the ladder', () => {
    expect(gapAfter(0, { askedForMs: 90 * SECOND_MS })).toBe(90 * SECOND_MS);
    expect(gapAfter(0, { askedForMs: 5 * HOUR_MS })).toBe(HOUR_MS);
    expect(gapAfter(0, { askedForMs: 0 })).toBe(3 * SECOND_MS);
  });

  test('tries once more at the moment of giving up, and then gives up', () => {
    const justBeforeMs = 72 * HOUR_MS - 10 * MINUTE_MS;
    expect(gapAfter(justBeforeMs)).toBe(10 * MINUTE_MS);
    expect(gapAfter(72 * HOUR_MS)).toBeNull();
  });

  test('gives each channel the time that the policy says', () => {
    expect(gapAfter(25 * HOUR_MS, { message: push })).toBeNull();
    expect(gapAfter(25 * HOUR_MS, { message: mail })).not.toBeNull();
  });

  test('does not give up a message because our own workers were away: it is tried for two hours, quickly at first', () => {
    const awayMs = 100 * HOUR_MS;
    expect(gapAfter(awayMs, { triedAtMs: [] })).toBe(3 * SECOND_MS);
    expect(gapAfter(awayMs + HOUR_MS, { triedAtMs: [awayMs] })).not.toBeNull();
    expect(gapAfter(awayMs + 2 * HOUR_MS, { triedAtMs: [awayMs] })).toBeNull();
  });
});
