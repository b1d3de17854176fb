import { Badge, Text } from '@mantine/core';
import type { CaseListItem, CaseStateView, SeverityView } from '../../src/desk/contract.js';
import { dueIn, SEVERITY_COLORS, STATE_LABELS, shown } from './words.js';

export function SeverityBadge({ severity }: { readonly severity: SeverityView }) {
  return (
    <Badge color={SEVERITY_COLORS[severity]} variant="dot" radius="sm" tt="capitalize" fw={500}>
      {severity}
    </Badge>
  );
}

export function StateBadge({ state }: { readonly state: CaseStateView }) {
  return (
    <Badge color="gray" variant="default" radius="sm" tt="none" fw={500}>
      {STATE_LABELS[state]}
    </Badge>
  );
}

/** When a case is due, and how far off that is; of a closed case only when it was. */
export function Due({
  of,
  companyTimeZone,
}: {
  readonly of: Pick<CaseListItem, 'dueAt' | 'state'>;
  readonly companyTimeZone?: string;
}) {
  const { text, isOverdue } = dueIn(of.dueAt);
  return (
    <div>
      {of.state !== 'closed' && (
        <Text size="sm" fw={isOverdue ? 700 : 500} c={isOverdue ? 'var(--desk-overdue)' : 'inherit'}>
          {text}
        </Text>
      )}
      <Text size="xs" c="var(--desk-quiet)">
        {shown(of.dueAt)}
      </Text>
      {companyTimeZone !== undefined && (
        <Text size="xs" c="var(--desk-quiet)">
          {shown(of.dueAt, companyTimeZone)}
        </Text>
      )}
    </div>
  );
}
