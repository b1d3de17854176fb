import type { CaseStateView, CaseView, SeverityView } from '../../src/desk/contract.js';

/** The desk's words and colours, each once. */

export const VIEW_LABELS: Readonly<Record<CaseView, string>> = {
  mine: 'Mine',
  unassigned: 'Unassigned',
  open: 'All open',
  to_approve: 'To approve',
  closed: 'Closed',
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

export const OUTCOME_LABELS: Readonly<Record<string, string>> = {
  false_positive: 'False positive: not this person',
  monitor: 'Monitor: go on, and watch',
  enhanced_due_diligence: 'Enhanced due diligence',
  restrict: 'Restrict: hold the customer',
  freeze: 'Freeze: hold, and lock off-boarding',
  off_board: 'Off-board the customer',
};

const dateTime = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** Takes an instant; returns it for the eye, in UTC, as the records have it. */
export function shown(instant: string): string {
  return `${dateTime.format(new Date(instant))} UTC`;
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
  return { text: isOverdue ? `${span} overdue` : `in ${span}`, isOverdue };
}
