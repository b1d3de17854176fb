import type {
  CaseOutcome,
  CaseStateView,
  CaseView,
  DueFilter,
  SeverityView,
} from '../../src/desk/contract.js';

/** The desk's words and colours, each once. */

/** The lists of cases: what each is called, and what it says when it is empty. */
export const VIEWS: Readonly<Record<CaseView, { readonly label: string; readonly empty: string }>> = {
  open: { label: 'All open', empty: 'No case is open.' },
  mine: { label: 'Mine', empty: 'No open case is yours.' },
  unassigned: { label: 'Unassigned', empty: 'Every open case has an owner.' },
  to_approve: { label: 'To approve', empty: 'No proposal of somebody else waits for an answer.' },
  closed: { label: 'Closed', empty: 'No case has been closed.' },
};

export const DUE_LABELS: Readonly<Record<DueFilter, string>> = {
  overdue: 'Overdue',
  soon: 'Within a day',
};

export const SEVERITIES: readonly SeverityView[] = ['critical', 'high', 'medium', 'low'];

/** Dark enough on white, light enough on black: the badge is outlined, and the word says it without the colour. */
export const SEVERITY_COLORS: Readonly<Record<SeverityView, string>> = {
  critical: 'red',
  high: 'orange',
  medium: 'yellow',
  low: 'gray',
};

export const STATE_LABELS: Readonly<Record<CaseStateView, string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  investigating: 'Investigating',
  pending_approval: 'Awaiting approval',
  closed: 'Closed',
  reopened: 'Reopened',
};

/** The states that open cases are in. */
export const OPEN_STATES: readonly CaseStateView[] = [
  'open',
  'acknowledged',
  'investigating',
  'pending_approval',
  'reopened',
];

/** What each outcome is called, and what it does to the customer (docs/cases.md). */
export const OUTCOMES: Readonly<Record<CaseOutcome, { readonly label: string; readonly means: string }>> = {
  false_positive: {
    label: 'False positive',
    means: 'It is somebody else. The named matches are whitelisted at IDWise, and the customer is not held.',
  },
  monitor: { label: 'Monitor', means: 'Known, and no reason to act. The customer is not held.' },
  enhanced_due_diligence: {
    label: 'Enhanced due diligence',
    means: 'Kept under closer watch, with the approval of senior management. The customer is not held.',
  },
  restrict: { label: 'Restrict', means: 'The customer is held until further notice.' },
  freeze: { label: 'Freeze', means: 'The customer is held, and cannot be off-boarded.' },
  off_board: { label: 'Off-board', means: 'The relationship ends. The customer is held and closed.' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** Takes an instant and a time zone; returns it for the eye, by default in UTC, as the records have it. */
export function shown(instant: string, timeZone = 'UTC'): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone });
  formats.set(timeZone, format);
  return `${format.format(new Date(instant))} ${timeZone}`;
}

/** Takes when something is due; returns how far off that is, in words. */
export function dueIn(
  dueAt: string,
  now = Date.now(),
): { readonly text: string; readonly isOverdue: boolean } {
  const ms = Date.parse(dueAt) - now;
  const isOverdue = ms < 0;
  const hours = Math.floor(Math.abs(ms) / 3_600_000);
  const span =
    hours >= 48
      ? `${Math.floor(hours / 24)} days`
      : hours >= 1
        ? `${hours} h`
        : `${Math.floor(Math.abs(ms) / 60_000)} min`;
  return { text: isOverdue ? `Overdue by ${span}` : `In ${span}`, isOverdue };
}
