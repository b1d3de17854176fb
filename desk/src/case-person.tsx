import { Button, Group, Stack, Table, Text, VisuallyHidden } from '@mantine/core';
import type { CaseDetail, CasePerson, MatchView } from '../../src/desk/contract.js';
import { Panel } from './panel.js';
import { usePerson } from './person-query.js';
import { Problem } from './problem.js';

/** The customer and the difference, fetched when somebody wants to see them, because each look is on record. */
export function CasePersonPanel({ of }: { readonly of: CaseDetail }) {
  const person = usePerson(of, false);
  return (
    <Panel title="Customer and matches">
      {person.isSuccess ? (
        <Person of={person.data} />
      ) : (
        <Stack gap="sm" align="flex-start">
          <Text size="sm">Personal data is fetched when you ask for it. That you looked is on record.</Text>
          {person.isError && <Problem title="The data could not be read" error={person.error} />}
          <Button variant="default" loading={person.isFetching} onClick={() => void person.refetch()}>
            Show personal data
          </Button>
        </Stack>
      )}
    </Panel>
  );
}

function Person({ of }: { readonly of: CasePerson }) {
  return (
    <Stack gap="lg">
      {of.fields.length === 0 ? (
        <Text size="sm">No verified data is stored of this journey.</Text>
      ) : (
        <Table withRowBorders={false} verticalSpacing={4} horizontalSpacing={0} aria-label="Customer">
          <Table.Tbody>
            {of.fields.map(({ label, value }) => (
              <Table.Tr key={label}>
                <Table.Th scope="row" className="row-name">
                  {label}
                </Table.Th>
                <Table.Td className="words">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {of.differences.toReversed().map(({ version, added, changed, removed }) => (
        <section key={version} aria-label={`Difference of version ${version}`}>
          <Text fw={600} size="sm" mb="xs">
            What version {version} changed
          </Text>
          <Stack gap="sm">
            {added.map((match) => (
              <Difference key={match.ref} what="Added" before={null} after={match} />
            ))}
            {changed.map(({ before, after, members }) => (
              <Difference key={after.ref} what="Changed" before={before} after={after} members={members} />
            ))}
            {removed.map((match) => (
              <Difference key={match.ref} what="Removed" before={match} after={null} />
            ))}
          </Stack>
        </section>
      ))}
      {of.notKept.length > 0 && (
        <Text size="sm">
          {`Which matches these versions changed is not kept any more: ${of.notKept.join(', ')}. How many there were, and on which kinds of lists, stays in the case.`}
        </Text>
      )}
    </Stack>
  );
}

const MEMBERS: readonly {
  readonly member: string;
  readonly label: string;
  readonly textOf: (match: MatchView) => string;
}[] = [
  { member: 'name', label: 'Name', textOf: ({ name }) => name },
  { member: 'datesOfBirth', label: 'Born', textOf: ({ datesOfBirth }) => datesOfBirth.join(', ') },
  { member: 'countries', label: 'Countries', textOf: ({ countries }) => countries.join(', ') },
  { member: 'kinds', label: 'Kind of list', textOf: ({ kinds }) => kinds.join(', ') },
  { member: 'datasets', label: 'Lists', textOf: ({ datasets }) => datasets.join(', ') },
  { member: 'score', label: 'Score', textOf: ({ score }) => (score === null ? '' : String(score)) },
];

/** One match before and after, side by side; what differs is marked by weight and a sign, not by colour alone. */
function Difference({
  what,
  before,
  after,
  members = [],
}: {
  readonly what: 'Added' | 'Changed' | 'Removed';
  readonly before: MatchView | null;
  readonly after: MatchView | null;
  readonly members?: readonly string[];
}) {
  const present = after ?? before;
  if (present === null) return null;
  const rows = MEMBERS.map(({ label, textOf }) => ({
    label,
    was: before === null ? '' : textOf(before),
    is: after === null ? '' : textOf(after),
  })).filter(({ was, is }) => was !== '' || is !== '');
  const elsewhere = members.filter((changed) => MEMBERS.every(({ member }) => member !== changed));
  return (
    <Table
      withTableBorder
      verticalSpacing={4}
      aria-label={`${what}: ${present.name}`}
      className={`difference ${what.toLowerCase()}`}
    >
      <Table.Thead>
        <Table.Tr>
          <Table.Th className="row-name">
            <Group gap="xs">
              {what}
              {present.isWhitelisted && <Text size="xs">(whitelisted)</Text>}
            </Group>
          </Table.Th>
          <Table.Th>Before</Table.Th>
          <Table.Th>Now</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ label, was, is }) => {
          const isChanged = what === 'Changed' && was !== is;
          return (
            <Table.Tr key={label} className={isChanged ? 'changed' : undefined}>
              <Table.Th scope="row" className="row-name">
                {label}
                {isChanged && <VisuallyHidden> (changed)</VisuallyHidden>}
              </Table.Th>
              <Table.Td className="was">{before === null ? '–' : was}</Table.Td>
              <Table.Td className="is">{after === null ? '–' : is}</Table.Td>
            </Table.Tr>
          );
        })}
        {elsewhere.length > 0 && (
          <Table.Tr>
            <Table.Th scope="row" className="row-name">
              Also changed
            </Table.Th>
            <Table.Td colSpan={2}>{elsewhere.join(', ')}: see IDWise Studio</Table.Td>
          </Table.Tr>
        )}
      </Table.Tbody>
    </Table>
  );
}
