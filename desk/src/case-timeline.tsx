import { Text, Timeline } from '@mantine/core';
import type { TimelineEntry } from '../../src/desk/contract.js';
import { shown } from './words.js';

/** Everything that happened to the case, the latest first; each line is a record of the customer's audit trail. */
export function CaseTimeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  return (
    <Timeline bulletSize={10} lineWidth={1} active={entries.length}>
      {entries.toReversed().map((entry) => (
        <Timeline.Item key={entry.sequence} title={<Text size="sm">{entry.what}</Text>}>
          {entry.words !== null && (
            <Text size="sm" className="words">
              “{entry.words}”
            </Text>
          )}
          <Text size="xs" c="var(--desk-quiet)">
            {entry.who}, {shown(entry.at)}, record {entry.sequence}
          </Text>
        </Timeline.Item>
      ))}
    </Timeline>
  );
}
