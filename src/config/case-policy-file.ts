import { z } from 'zod';
import {
  type CaseClock,
  type CasePolicy,
  COUNTED,
  DEFAULT_CASE_POLICY,
} from '../domain/cases/case-policy.js';
import { CASE_OUTCOMES } from '../domain/cases/outcomes.js';
import { SEVERITIES } from '../domain/cases/severity.js';
import { isTimeZone } from '../domain/cases/time-zone.js';
import { minutesOf, WEEKDAYS } from '../domain/cases/working-calendar.js';

/** The member `cases` of the policy file: what compliance has to answer, by when, and who is told. */

const severity = z.enum(SEVERITIES, 'must be "low", "medium", "high" or "critical"').optional();
const flag = z.boolean('must be true or false').optional();
const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day such as "09:00"')
  .optional();
const date = z
  .string('must be a date such as "2026-12-25"')
  .refine(isDate, 'must be a date such as "2026-12-25"');

const calendar = z.strictObject({
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a time zone of the IANA database, such as "Europe/Berlin"')
    .optional(),
  workingDays: z
    .array(z.enum(WEEKDAYS, 'must be one of mon, tue, wed, thu, fri, sat, sun'))
    .min(1, 'must name at least one day')
    .optional(),
  opensAt: timeOfDay,
  closesAt: timeOfDay,
  holidays: z.array(date, 'must be a list of dates').optional(),
});

const BY_DEFAULT = DEFAULT_CASE_POLICY.calendar;

/** Takes the schema of a duration, which the rest of the file has too; returns the schema of `cases`. */
export function caseSchemas(duration: z.ZodType<number, string>) {
  const clock = z
    .strictObject({
      counts: z.enum(COUNTED, 'must be "always" or "working_hours"').optional(),
      dueAfter: duration.optional(),
      acknowledgeWithin: duration.nullable().optional(),
      remindBefore: z.array(duration, 'must be a list of durations').optional(),
      mail: z.enum(['at_once', 'digest'], 'must be "at_once" or "digest"').optional(),
    })
    .optional();
  return z.strictObject({
    // What the file does not say of the hours has its default, and the whole must make sense.
    calendar: calendar
      .refine(
        ({ opensAt = BY_DEFAULT.opensAt, closesAt = BY_DEFAULT.closesAt }) =>
          minutesOf(opensAt) < minutesOf(closesAt),
        'must open before it closes (opensAt, closesAt)',
      )
      .optional(),
    severity: z
      .strictObject({
        sanctionsAdded: severity,
        pepAdded: severity,
        adverseMediaAdded: severity,
        otherAdded: severity,
        changed: severity,
        removed: severity,
        review: severity,
      })
      .optional(),
    clocks: z
      .strictObject(Object.fromEntries(SEVERITIES.map((each) => [each, clock])) as Clocks<typeof clock>)
      .optional(),
    overdueEvery: duration.optional(),
    holdOnSanctions: flag,
    seniorApproval: z
      .array(z.enum(CASE_OUTCOMES, 'must be an outcome, see docs/cases.md'), 'must be a list of outcomes')
      .optional(),
  });
}

type Clocks<Schema> = Record<(typeof SEVERITIES)[number], Schema>;
type CasesInFile = z.output<ReturnType<typeof caseSchemas>>;
type ClockInFile = NonNullable<NonNullable<CasesInFile['clocks']>['low']>;

/** Takes what the file says of cases, if anything, and the defaults; returns the whole of that policy. */
export function casePolicy(file: CasesInFile | undefined, defaults: CasePolicy): CasePolicy {
  const clock = (of: keyof CasePolicy['clocks']) => caseClock(file?.clocks?.[of], defaults.clocks[of]);
  const weighs = (what: keyof CasePolicy['severity']) => file?.severity?.[what] ?? defaults.severity[what];
  return {
    calendar: {
      timeZone: file?.calendar?.timeZone ?? defaults.calendar.timeZone,
      workingDays: file?.calendar?.workingDays ?? defaults.calendar.workingDays,
      opensAt: file?.calendar?.opensAt ?? defaults.calendar.opensAt,
      closesAt: file?.calendar?.closesAt ?? defaults.calendar.closesAt,
      holidays: file?.calendar?.holidays ?? defaults.calendar.holidays,
    },
    severity: {
      sanctionsAdded: weighs('sanctionsAdded'),
      pepAdded: weighs('pepAdded'),
      adverseMediaAdded: weighs('adverseMediaAdded'),
      otherAdded: weighs('otherAdded'),
      changed: weighs('changed'),
      removed: weighs('removed'),
      review: weighs('review'),
    },
    clocks: {
      critical: clock('critical'),
      high: clock('high'),
      medium: clock('medium'),
      low: clock('low'),
    },
    overdueEveryMs: file?.overdueEvery ?? defaults.overdueEveryMs,
    holdOnSanctions: file?.holdOnSanctions ?? defaults.holdOnSanctions,
    seniorApproval: file?.seniorApproval ?? defaults.seniorApproval,
  };
}

function caseClock(file: ClockInFile | undefined, defaults: CaseClock): CaseClock {
  return {
    counts: file?.counts ?? defaults.counts,
    dueAfterMs: file?.dueAfter ?? defaults.dueAfterMs,
    acknowledgeWithinMs:
      file?.acknowledgeWithin === undefined ? defaults.acknowledgeWithinMs : file.acknowledgeWithin,
    remindBeforeMs: file?.remindBefore ?? defaults.remindBeforeMs,
    mail: file?.mail ?? defaults.mail,
  };
}

function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}
