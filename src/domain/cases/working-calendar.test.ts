import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { propertyRuns } from '../../../test/builders/property-runs.js';
import { later, toMs } from '../instant.js';
import { inZone, isTimeZone, startOfLocal } from './time-zone.js';
import { laterInWorkingHours, nextOpening, type WorkingCalendar } from './working-calendar.js';

const HOUR_MS = 60 * 60_000;
const UTC: WorkingCalendar = {
  timeZone: 'UTC',
  workingDays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  opensAt: '09:00',
  closesAt: '17:00',
  holidays: [],
};
const BERLIN: WorkingCalendar = { ...UTC, timeZone: 'Europe/Berlin' };
/** A team that works around the clock, where the length of a day shows. */
const BERLIN_ALL_DAY: WorkingCalendar = {
  ...BERLIN,
  workingDays: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  opensAt: '00:00',
  closesAt: '24:00',
};

describe('working time', () => {
  test.each([
    ['within a day', '2026-03-02T10:00:00.000Z', 2, '2026-03-02T12:00:00.000Z'],
    [
      'to the very end of a day, which is not yet the next',
      '2026-03-02T10:00:00.000Z',
      7,
      '2026-03-02T17:00:00.000Z',
    ],
    ['over a night', '2026-03-02T16:00:00.000Z', 2, '2026-03-03T10:00:00.000Z'],
    ['from before the day begins', '2026-03-02T05:00:00.000Z', 1, '2026-03-02T10:00:00.000Z'],
    ['from after it ended', '2026-03-02T22:00:00.000Z', 1, '2026-03-03T10:00:00.000Z'],
    ['over a weekend', '2026-03-06T16:30:00.000Z', 1, '2026-03-09T09:30:00.000Z'],
    ['from within a weekend', '2026-03-07T12:00:00.000Z', 8, '2026-03-09T17:00:00.000Z'],
    ['over weeks', '2026-03-02T09:00:00.000Z', 80, '2026-03-13T17:00:00.000Z'],
  ])('counts %s', (_what, from, hours, until) => {
    expect(laterInWorkingHours(from, hours * HOUR_MS, UTC)).toBe(until);
  });

  test('does not count holidays, which are dates of the company’s own zone', () => {
    const calendar = { ...BERLIN, holidays: ['2026-12-25', '2026-12-24'] };
    expect(laterInWorkingHours('2026-12-23T15:00:00.000Z', 2 * HOUR_MS, calendar)).toBe(
      '2026-12-28T09:00:00.000Z',
    );
  });

  test('is that of the company’s zone: its morning is the morning there', () => {
    const tokyo = { ...UTC, timeZone: 'Asia/Tokyo' };
    expect(laterInWorkingHours('2026-03-01T23:30:00.000Z', HOUR_MS, tokyo)).toBe('2026-03-02T01:00:00.000Z');
  });

  test('keeps the time of day over the change to summer time, and back', () => {
    // Friday before the last Sunday of March, and of October: nine o'clock comes an hour earlier, or later, in UTC.
    expect(laterInWorkingHours('2026-03-27T15:00:00.000Z', 2 * HOUR_MS, BERLIN)).toBe(
      '2026-03-30T08:00:00.000Z',
    );
    expect(laterInWorkingHours('2026-10-23T14:00:00.000Z', 2 * HOUR_MS, BERLIN)).toBe(
      '2026-10-26T09:00:00.000Z',
    );
  });

  test('counts what really passes on the day on which the clocks change', () => {
    // 29 March 2026 has 23 hours in Berlin, 25 October 25.
    const spring = laterInWorkingHours('2026-03-28T23:00:00.000Z', 24 * HOUR_MS, BERLIN_ALL_DAY);
    expect(inZone(spring, 'Europe/Berlin')).toBe('Mon 2026-03-30 01:00 (Europe/Berlin, UTC+02:00)');
    const autumn = laterInWorkingHours('2026-10-24T22:00:00.000Z', 24 * HOUR_MS, BERLIN_ALL_DAY);
    expect(inZone(autumn, 'Europe/Berlin')).toBe('Sun 2026-10-25 23:00 (Europe/Berlin, UTC+01:00)');
  });

  test('begins when the clocks jump, where they jump over the opening, and at the first of two', () => {
    const night = { ...BERLIN_ALL_DAY, opensAt: '02:30', closesAt: '06:00' };
    expect(nextOpening('2026-03-28T12:00:00.000Z', night)).toBe('2026-03-29T01:00:00.000Z');
    expect(nextOpening('2026-10-24T12:00:00.000Z', night)).toBe('2026-10-25T00:30:00.000Z');
    expect(laterInWorkingHours('2026-03-28T23:00:00.000Z', 3 * HOUR_MS, night)).toBe(
      '2026-03-29T04:00:00.000Z',
    );
  });

  test('knows zones that change by half an hour, and those that skip a whole day', () => {
    const date = { year: 2026, month: 10, day: 4 };
    expect(new Date(startOfLocal(date, 125, 'Australia/Lord_Howe')).toISOString()).toBe(
      '2026-10-03T15:30:00.000Z',
    );
    const samoa = { ...BERLIN_ALL_DAY, timeZone: 'Pacific/Apia' };
    expect(laterInWorkingHours('2011-12-30T09:59:00.000Z', HOUR_MS, samoa)).toBe('2011-12-30T10:59:00.000Z');
  });

  test('adds up: waiting twice is waiting once for both, and nothing ends outside working hours', () => {
    const from = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) });
    const minutes = fc.integer({ min: 1, max: 6_000 });
    const calendar = fc.constantFrom(UTC, BERLIN, BERLIN_ALL_DAY, { ...UTC, timeZone: 'America/Sao_Paulo' });
    fc.assert(
      fc.property(from, minutes, minutes, calendar, (ms, one, other, hours) => {
        const start = new Date(ms).toISOString();
        const first = laterInWorkingHours(start, one * 60_000, hours);
        const both = laterInWorkingHours(first, other * 60_000, hours);
        expect(both).toBe(laterInWorkingHours(start, (one + other) * 60_000, hours));
        expect(toMs(both)).toBeGreaterThanOrEqual(toMs(later(start, (one + other) * 60_000)));
        const [, time = ''] = /(\d\d:\d\d) \(/.exec(inZone(both, hours.timeZone)) ?? [];
        if (hours.opensAt !== '00:00') expect(time >= '09:00' && time <= '17:00').toBe(true);
      }),
      { numRuns: propertyRuns(150), seed: 20_260_101 },
    );
  });
});

describe('the next opening', () => {
  test('is that of the next working day once this one has begun', () => {
    expect(nextOpening('2026-03-02T08:00:00.000Z', UTC)).toBe('2026-03-02T09:00:00.000Z');
    expect(nextOpening('2026-03-02T09:00:00.000Z', UTC)).toBe('2026-03-03T09:00:00.000Z');
    expect(nextOpening('2026-03-06T12:00:00.000Z', UTC)).toBe('2026-03-09T09:00:00.000Z');
  });
});

test('a time is written with its zone and the distance from UTC', () => {
  expect(inZone('2026-11-23T16:00:00.000Z', 'Europe/Berlin')).toBe(
    'Mon 2026-11-23 17:00 (Europe/Berlin, UTC+01:00)',
  );
  expect(inZone('2026-07-01T03:30:00.000Z', 'America/St_Johns')).toBe(
    'Wed 2026-07-01 01:00 (America/St_Johns, UTC-02:30)',
  );
  expect(inZone('2026-11-23T16:00:00.000Z', 'UTC')).toBe('Mon 2026-11-23 16:00 (UTC)');
});

test('only zones of the database are zones', () => {
  expect(['Europe/Berlin', 'UTC', 'Asia/Dubai'].every(isTimeZone)).toBe(true);
  expect(['Europe/Nowhere', '', 'Berlin'].some(isTimeZone)).toBe(false);
});
