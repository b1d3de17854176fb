import type { CaseOutcome } from './outcomes.js';
import type { Severity } from './severity.js';
import type { WorkingCalendar } from './working-calendar.js';

/** What counts towards a case's times: every hour, or the company's working hours only. */
export const COUNTED = ['always', 'working_hours'] as const;
export type Counted = (typeof COUNTED)[number];

/** The times of cases of one severity. Durations are in milliseconds of what counts. */
export interface CaseClock {
  readonly counts: Counted;
  /** A case is to be concluded so long after its detection. */
  readonly dueAfterMs: number;
  /** So long after it was told somebody must have acknowledged it, or the next recipient is told; null: nobody need. */
  readonly acknowledgeWithinMs: number | null;
  /** So long before the due time it is reminded of; one reminder each. */
  readonly remindBeforeMs: readonly number[];
  /** Whether a mail goes out at once, or in one mail for all when the next working day begins. */
  readonly mail: 'at_once' | 'digest';
}

/** The company's own choices about compliance cases (docs/cases.md). */
export interface CasePolicy {
  readonly calendar: WorkingCalendar;
  /** What each thing that can be found weighs. */
  readonly severity: {
    readonly sanctionsAdded: Severity;
    readonly pepAdded: Severity;
    readonly adverseMediaAdded: Severity;
    /** On a list of another kind, or of one that we do not know. */
    readonly otherAdded: Severity;
    readonly changed: Severity;
    readonly removed: Severity;
    /** A customer whose verification a human must decide. */
    readonly review: Severity;
  };
  readonly clocks: Readonly<Record<Severity, CaseClock>>;
  /** Once overdue, a case is told again each time so long has passed, until it is concluded. */
  readonly overdueEveryMs: number;
  /** Whether a match that is new on a sanctions list holds the customer at once. */
  readonly holdOnSanctions: boolean;
  /** Outcomes that only a senior role may approve; enhanced due diligence always is one of them. */
  readonly seniorApproval: readonly CaseOutcome[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const DEFAULT_CASE_POLICY: CasePolicy = {
  calendar: {
    timeZone: 'UTC',
    workingDays: ['mon', 'tue', 'wed', 'thu', 'fri'],
    opensAt: '09:00',
    closesAt: '17:00',
    holidays: [],
  },
  severity: {
    sanctionsAdded: 'critical',
    pepAdded: 'high',
    adverseMediaAdded: 'high',
    otherAdded: 'high',
    changed: 'medium',
    removed: 'low',
    review: 'medium',
  },
  clocks: {
    critical: {
      counts: 'always',
      dueAfterMs: 4 * HOUR_MS,
      acknowledgeWithinMs: 15 * MINUTE_MS,
      remindBeforeMs: [HOUR_MS],
      mail: 'at_once',
    },
    high: {
      counts: 'working_hours',
      dueAfterMs: 8 * HOUR_MS,
      acknowledgeWithinMs: HOUR_MS,
      remindBeforeMs: [2 * HOUR_MS],
      mail: 'at_once',
    },
    medium: {
      counts: 'working_hours',
      dueAfterMs: 20 * HOUR_MS,
      acknowledgeWithinMs: 4 * HOUR_MS,
      remindBeforeMs: [4 * HOUR_MS],
      mail: 'at_once',
    },
    low: {
      counts: 'working_hours',
      dueAfterMs: 40 * HOUR_MS,
      acknowledgeWithinMs: null,
      remindBeforeMs: [8 * HOUR_MS],
      mail: 'digest',
    },
  },
  overdueEveryMs: 8 * HOUR_MS,
  holdOnSanctions: true,
  seniorApproval: ['enhanced_due_diligence', 'restrict', 'freeze', 'off_board'],
};
