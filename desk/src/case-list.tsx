import {
  Alert,
  Anchor,
  Button,
  Card,
  Group,
  SegmentedControl,
  Select,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { CASE_VIEWS, type CaseListItem, type CaseView } from '../../src/desk/contract.js';
import { fetchCases } from './api.js';
import { Due, SeverityBadge, StateBadge } from './case-badges.js';
import { SEVERITIES, VIEW_LABELS } from './words.js';

/** Cases, the most pressing first: what is due, and whose it is. */
export function CaseListPage({ subject }: { readonly subject: string }) {
  const [view, setView] = useState<CaseView>('open');
  const [severity, setSeverity] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [referenceNo] = useDebouncedValue(typed.trim(), 250);
  const filter = { view, severity, referenceNo };
  const list = useInfiniteQuery({
    queryKey: ['cases', filter],
    queryFn: ({ pageParam }) => fetchCases(filter, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 30_000,
  });
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const cases = list.data?.pages.flatMap((page) => page.cases) ?? [];

  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        Cases
      </Title>
      <Group gap="sm" align="flex-end">
        <SegmentedControl
          aria-label="Which cases"
          orientation={isNarrow ? 'vertical' : 'horizontal'}
          fullWidth={isNarrow}
          w={isNarrow ? '100%' : undefined}
          value={view}
          onChange={(value) => setView(value as CaseView)}
          data={CASE_VIEWS.map((value) => ({ value, label: VIEW_LABELS[value] }))}
        />
        <Select
          label="Severity"
          placeholder="Any"
          clearable
          value={severity}
          onChange={setSeverity}
          data={SEVERITIES.map((value) => ({ value, label: value[0]?.toUpperCase() + value.slice(1) }))}
          w={isNarrow ? '100%' : 140}
        />
        <TextInput
          label="Reference number"
          placeholder="Exact"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          w={isNarrow ? '100%' : 220}
        />
      </Group>
      {list.isError && (
        <Alert color="red" variant="outline" title="The cases could not be read">
          {list.error.message}
        </Alert>
      )}
      {list.isPending && <Skeleton height={160} />}
      {list.isSuccess && cases.length === 0 && (
        <Text c="var(--desk-quiet)">Nothing here. That is good news.</Text>
      )}
      {cases.length > 0 && (isNarrow ? <Cards cases={cases} /> : <Rows cases={cases} subject={subject} />)}
      {list.hasNextPage && (
        <Button variant="default" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function Rows({ cases, subject }: { readonly cases: readonly CaseListItem[]; readonly subject: string }) {
  return (
    <Table verticalSpacing="sm" highlightOnHover aria-label="Cases">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Severity</Table.Th>
          <Table.Th>Case</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th>Due</Table.Th>
          <Table.Th>Owner</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {cases.map((each) => (
          <Table.Tr key={each.caseId}>
            <Table.Td>
              <SeverityBadge severity={each.severity} />
            </Table.Td>
            <Table.Td>
              <CaseLink of={each} />
              <Text size="xs" c="var(--desk-quiet)" className="reference">
                {each.referenceNo}
              </Text>
            </Table.Td>
            <Table.Td>
              <StateBadge state={each.state} />
            </Table.Td>
            <Table.Td>
              <Due of={each} />
            </Table.Td>
            <Table.Td>
              {each.owner === null ? '—' : each.owner.subject === subject ? 'You' : each.owner.name}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Cards({ cases }: { readonly cases: readonly CaseListItem[] }) {
  return (
    <Stack gap="sm">
      {cases.map((each) => (
        <Card key={each.caseId} withBorder padding="sm">
          <Group justify="space-between" mb={6}>
            <SeverityBadge severity={each.severity} />
            <StateBadge state={each.state} />
          </Group>
          <CaseLink of={each} />
          <Text size="xs" c="var(--desk-quiet)" className="reference" mb={6}>
            {each.referenceNo}
          </Text>
          <Group justify="space-between" align="flex-end">
            <Due of={each} />
            <Text size="sm">{each.owner?.name ?? 'Nobody’s yet'}</Text>
          </Group>
        </Card>
      ))}
    </Stack>
  );
}

function CaseLink({ of }: { readonly of: CaseListItem }) {
  return (
    <Anchor component={Link} href={`/desk/cases/${of.caseId}`} fw={500} c="var(--mantine-color-text)">
      {of.about}
    </Anchor>
  );
}
