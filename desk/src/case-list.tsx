import { Anchor, Button, Card, Group, Paper, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { CaseListItem } from '../../src/desk/contract.js';
import { type CaseFilter, fetchCases, NO_FILTER } from './api.js';
import { Due, SeverityBadge, StateBadge } from './case-badges.js';
import { CaseFilters } from './case-filters.js';
import { useLookAgain } from './look-again.js';
import { PageTitle } from './page-title.js';
import { Problem } from './problem.js';
import { VIEWS } from './words.js';

/** Cases by when they are due: the most pressing first, and whose each is. */
export function CaseListPage({
  subject,
  filter,
  onFilter,
}: {
  readonly subject: string;
  readonly filter: CaseFilter;
  readonly onFilter: (filter: CaseFilter) => void;
}) {
  const [typed] = useDebouncedValue(filter.referenceNo.trim(), 250);
  const asked = { ...filter, referenceNo: typed };
  const list = useInfiniteQuery({
    queryKey: ['cases', asked],
    queryFn: ({ pageParam }) => fetchCases(asked, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: useLookAgain(30_000),
    placeholderData: keepPreviousData,
  });
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const cases = list.data?.pages.flatMap((page) => page.cases) ?? [];
  return (
    <Stack gap="md">
      <PageTitle page="Cases">Cases</PageTitle>
      <CaseFilters
        isNarrow={isNarrow}
        filter={filter}
        onFilter={(change) => onFilter({ ...filter, ...change })}
      />
      {list.isError && <Problem title="The cases could not be read" error={list.error} />}
      {list.isPending && <Skeleton height={160} />}
      {list.isSuccess && cases.length === 0 && (
        <Nothing filter={filter} onAll={() => onFilter({ ...NO_FILTER, view: filter.view })} />
      )}
      {cases.length > 0 &&
        (isNarrow ? <Cards cases={cases} subject={subject} /> : <Rows cases={cases} subject={subject} />)}
      {list.hasNextPage && (
        <Button variant="default" onClick={() => void list.fetchNextPage()} loading={list.isFetchingNextPage}>
          Show more
        </Button>
      )}
    </Stack>
  );
}

function Nothing({ filter, onAll }: { readonly filter: CaseFilter; readonly onAll: () => void }) {
  const { severity, state, due, referenceNo } = filter;
  const isNarrowed = severity !== null || state !== null || due !== null || referenceNo !== '';
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm">
        <Text role="status">{isNarrowed ? 'No case fits these filters.' : VIEWS[filter.view].empty}</Text>
        {isNarrowed && (
          <Button variant="default" onClick={onAll}>
            Clear the filters
          </Button>
        )}
      </Stack>
    </Paper>
  );
}

function Rows({ cases, subject }: { readonly cases: readonly CaseListItem[]; readonly subject: string }) {
  return (
    <Paper withBorder>
      <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover aria-label="Cases">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={130}>Severity</Table.Th>
            <Table.Th>Case</Table.Th>
            <Table.Th w={180}>State</Table.Th>
            <Table.Th w={200}>Due</Table.Th>
            <Table.Th w={170}>Owner</Table.Th>
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
                <Owner of={each} subject={subject} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function Cards({ cases, subject }: { readonly cases: readonly CaseListItem[]; readonly subject: string }) {
  return (
    <Stack gap="sm" component="ul" className="cards" aria-label="Cases">
      {cases.map((each) => (
        <Card key={each.caseId} component="li" withBorder padding="sm">
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
            <Owner of={each} subject={subject} />
          </Group>
        </Card>
      ))}
    </Stack>
  );
}

function Owner({ of, subject }: { readonly of: CaseListItem; readonly subject: string }) {
  if (of.owner === null)
    return (
      <Text size="sm" c="var(--desk-quiet)">
        Nobody yet
      </Text>
    );
  return <Text size="sm">{of.owner.subject === subject ? 'You' : of.owner.name}</Text>;
}

function CaseLink({ of }: { readonly of: CaseListItem }) {
  return (
    <Anchor component={Link} href={`/desk/cases/${of.caseId}`} fw={500} c="var(--mantine-color-text)">
      {of.about}
    </Anchor>
  );
}
