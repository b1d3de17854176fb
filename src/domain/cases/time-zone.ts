import { type Instant, toMs } from '../instant.js';

/**
 * Between instants and a zone's own dates and times of day. `Intl` knows the rules of every zone; it only reads instants,
 * so the way back is found by asking it. These rules change with the time-zone data of the runtime: what was computed by
 * them is kept, not computed anew.
 */

/** A date of the calendar, in whatever zone; months count from 1. */
export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface LocalTime extends LocalDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Takes a text; returns true when it names a zone that the runtime knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Takes an instant and a zone; returns the date that it has there. */
export function localDate(instant: Instant, timeZone: string): LocalDate {
  const { year, month, day } = localTime(toMs(instant), timeZone);
  return { year, month, day };
}

/** Takes a date; returns the one after it. */
export function nextDay({ year, month, day }: LocalDate): LocalDate {
  const next = new Date(Date.UTC(year, month - 1, day) + DAY_MS);
  return { year: next.getUTCFullYear(), month: next.getUTCMonth() + 1, day: next.getUTCDate() };
}

/** Takes a date; returns its weekday: 0 is Monday. */
export function weekdayOf({ year, month, day }: LocalDate): number {
  return (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
}

/** Takes a date and a zone; returns when that day begins there, in milliseconds since the epoch. */
export function midnightOf(date: LocalDate, timeZone: string): number {
  return startOfLocal(date, 0, timeZone);
}

/**
 * Takes a date, minutes since midnight and a zone; returns the first instant, in milliseconds since the epoch, at which
 * the clocks there show that time. A time that occurs twice is the earlier one; a time that the clocks jump over is the
 * moment at which they jump.
 */
export function startOfLocal(date: LocalDate, minutes: number, timeZone: string): number {
  const { year, month, day } = date;
  const shown = Date.UTC(year, month - 1, day) + minutes * MINUTE_MS;
  // No zone is further than a day from UTC, so the offsets of these two are those before and after any change nearby.
  const offsets = [offsetMs(shown - DAY_MS, timeZone), offsetMs(shown + DAY_MS, timeZone)];
  const candidates = offsets.map((offset) => shown - offset).sort((a, b) => a - b);
  const exact = candidates.find((instant) => instant + offsetMs(instant, timeZone) === shown);
  return exact ?? jumpBetween(candidates[0] ?? shown, candidates[1] ?? shown, timeZone);
}

/** The moment, to the minute, at which the zone's offset changes between two instants. */
function jumpBetween(fromMs: number, untilMs: number, timeZone: string): number {
  const before = offsetMs(fromMs, timeZone);
  let low = fromMs;
  let high = untilMs;
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / (2 * MINUTE_MS)) * MINUTE_MS;
    if (offsetMs(middle, timeZone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Takes milliseconds since the epoch and a zone; returns how far its clocks are ahead of UTC, in milliseconds. */
export function offsetMs(ms: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = localTime(ms, timeZone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
}

/** Making a format is slow, and a service has one zone. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();

function localTime(ms: number, timeZone: string): LocalTime {
  const format =
    FORMATS.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  FORMATS.set(timeZone, format);
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
}

const WEEKDAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/**
 * Takes an instant and a zone; returns it as people there read it, with the zone and its distance from UTC:
 * `Mon 2026-11-23 17:00 (Europe/Berlin, UTC+01:00)`. Made by hand, because what `Intl` writes changes with its data.
 */
export function inZone(instant: Instant, timeZone: string): string {
  const ms = toMs(instant);
  const { year, month, day, hour, minute } = localTime(ms, timeZone);
  const two = (value: number) => String(Math.abs(value)).padStart(2, '0');
  const offset = Math.round(offsetMs(ms, timeZone) / MINUTE_MS);
  const weekday = WEEKDAY_NAMES[weekdayOf({ year, month, day })] ?? '';
  const fromUtc = `UTC${offset < 0 ? '-' : '+'}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
  const zone = timeZone === 'UTC' ? 'UTC' : `${timeZone}, ${fromUtc}`;
  return `${weekday} ${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} (${zone})`;
}
