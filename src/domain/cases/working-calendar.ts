import { type Instant, later, toInstant, toMs } from '../instant.js';
import { type LocalDate, localDate, midnightOf, nextDay, startOfLocal, weekdayOf } from './time-zone.js';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** When the company works. Times of day and dates are those of its own zone. */
export interface WorkingCalendar {
  /** An IANA zone, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** At least one. */
  readonly workingDays: readonly Weekday[];
  /** Time of day, `HH:MM`. */
  readonly opensAt: string;
  /** Time of day, `HH:MM`, after `opensAt`; `24:00` is the end of the day. */
  readonly closesAt: string;
  /** Dates, `YYYY-MM-DD`, on which nobody works. */
  readonly holidays: readonly string[];
}

interface Hours {
  readonly opensAtMs: number;
  readonly closesAtMs: number;
}

/**
 * Takes an instant, milliseconds of working time and the calendar; returns the instant by which so much working time has
 * passed. Where that is the very end of a working day it is that end, not the beginning of the next one. On a day on
 * which the clocks change what counts is the time that really passes between opening and closing.
 */
export function laterInWorkingHours(from: Instant, byMs: number, calendar: WorkingCalendar): Instant {
  if (byMs <= 0) return from;
  const fromMs = toMs(from);
  let leftMs = byMs;
  for (const { opensAtMs, closesAtMs } of workingHours(from, calendar)) {
    const beginsAtMs = Math.max(opensAtMs, fromMs);
    const worksMs = Math.max(closesAtMs - beginsAtMs, 0);
    if (worksMs >= leftMs) return toInstant(beginsAtMs + leftMs);
    leftMs -= worksMs;
  }
  // Only a calendar without any working hours gets here, which the policy file may not be; then every hour counts.
  return later(from, byMs);
}

/** Takes an instant and the calendar; returns the next beginning of a working day after it. */
export function nextOpening(from: Instant, calendar: WorkingCalendar): Instant {
  for (const { opensAtMs } of workingHours(from, calendar))
    if (opensAtMs > toMs(from)) return toInstant(opensAtMs);
  return from;
}

/** More days than any due time spans; a calendar that has no hours until then has none at all. */
const MOST_DAYS = 20_000;

/** The hours of each working day, from the day of the instant on. */
function* workingHours(from: Instant, calendar: WorkingCalendar): Generator<Hours> {
  const { timeZone, workingDays, holidays } = calendar;
  const opens = minutesOf(calendar.opensAt);
  const closes = minutesOf(calendar.closesAt);
  let date = localDate(from, timeZone);
  for (let day = 0; day < MOST_DAYS; day += 1, date = nextDay(date)) {
    const weekday = WEEKDAYS[weekdayOf(date)];
    if (weekday === undefined || !workingDays.includes(weekday) || holidays.includes(textOf(date))) continue;
    yield {
      opensAtMs: startOfLocal(date, opens, timeZone),
      closesAtMs:
        closes === 24 * 60 ? midnightOf(nextDay(date), timeZone) : startOfLocal(date, closes, timeZone),
    };
  }
}

/** Takes a time of day, `HH:MM`; returns its minutes since midnight. */
export function minutesOf(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3, 5));
}

function textOf({ year, month, day }: LocalDate): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}
