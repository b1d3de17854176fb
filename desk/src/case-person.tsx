import { Alert, Button, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { CasePerson, ChangedMatchView, MatchView } from '../../src/desk/contract.js';
import { fetchPerson } from './api.js';
import { Panel } from './panel.js';

/** The customer and the difference, fetched when somebody wants to see them, because each look is on record. */
export function CasePersonPanel({ caseId }: { readonly caseId: string }) {
  const look = useMutation({ mutationFn: () => fetchPerson(caseId) });
  return (
    <Panel title="Customer and matches">
      {look.isSuccess ? (
        <Person of={look.data} />
      ) : (
        <Stack gap="sm" align="flex-start">
          <Text size="sm">Personal data is fetched when you ask for it. That you looked is on record.</Text>
          {look.isError && (
            <Alert color="red" variant="outline" title="The data could not be read">
              {look.error.message}
            </Alert>
          )}
          <Button variant="default" loading={look.isPending} onClick={() => look.mutate()}>
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
      <Table withRowBorders={false} verticalSpacing={4} aria-label="Customer">
        <Table.Tbody>
          {of.fields.map(({ label, value }) => (
            <Table.Tr key={label}>
              <Table.Th scope="row" w={160}>
                <Text size="sm" c="var(--desk-quiet)">
                  {label}
                </Text>
              </Table.Th>
              <Table.Td>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {of.differences.toReversed().map((difference) => (
        <section key={difference.version} aria-label={`Difference of version ${difference.version}`}>
          <Text fw={600} size="sm" mb="xs">
            Version {difference.version}
          </Text>
          <Stack gap="sm">
            {difference.added.map((match) => (
              <MatchCard key={match.ref} label="Added" match={match} background="var(--desk-added)" />
            ))}
            {difference.changed.map((change) => (
              <Changed key={change.after.ref} change={change} />
            ))}
            {difference.removed.map((match) => (
              <MatchCard key={match.ref} label="Removed" match={match} background="var(--desk-removed)" />
            ))}
          </Stack>
        </section>
      ))}
    </Stack>
  );
}

/** Before and after side by side; what differs is marked by weight, not by colour alone. */
function Changed({ change }: { readonly change: ChangedMatchView }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <MatchCard
        label="Before"
        match={change.before}
        background="var(--desk-removed)"
        marked={change.members}
      />
      <MatchCard label="After" match={change.after} background="var(--desk-added)" marked={change.members} />
    </SimpleGrid>
  );
}

function MatchCard({
  label,
  match,
  background,
  marked = [],
}: {
  readonly label: string;
  readonly match: MatchView;
  readonly background: string;
  readonly marked?: readonly string[];
}) {
  const rows: readonly (readonly [member: string, name: string, value: string])[] = [
    ['name', 'Name', match.name],
    ['kinds', 'Lists', match.kinds.join(', ')],
    ['datasets', 'Datasets', match.datasets.join(', ')],
    ['countries', 'Countries', match.countries.join(', ')],
    ['datesOfBirth', 'Born', match.datesOfBirth.join(', ')],
    ['score', 'Score', match.score === null ? '' : String(match.score)],
  ];
  return (
    <div style={{ background, borderRadius: 4, padding: '8px 12px' }}>
      <Group justify="space-between">
        <Text size="xs" fw={700} tt="uppercase">
          {label}
        </Text>
        {match.isWhitelisted && <Text size="xs">whitelisted</Text>}
      </Group>
      {rows
        .filter(([, , value]) => value !== '')
        .map(([member, name, value]) => (
          <Text key={member} size="sm" fw={marked.includes(member) ? 700 : undefined}>
            <Text span c="var(--desk-quiet)" size="sm" inherit={false}>
              {name}:{' '}
            </Text>
            {value}
          </Text>
        ))}
    </div>
  );
}
