import { Anchor, Grid, Group, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { CaseDetail } from '../../src/desk/contract.js';
import { fetchCase } from './api.js';
import { CaseActions } from './case-actions.js';
import { Due, SeverityBadge, StateBadge } from './case-badges.js';
import { ConclusionPanel, ProposalPanel } from './case-outcome.js';
import { CasePersonPanel } from './case-person.js';
import { CaseTimeline } from './case-timeline.js';
import { useLookAgain } from './look-again.js';
import { PageTitle } from './page-title.js';
import { Panel } from './panel.js';
import { Problem } from './problem.js';
import { shown } from './words.js';

interface Viewer {
  readonly subject: string;
  readonly mayViewPerson: boolean;
}

/** One case: what changed, about whom, what is to be decided, and everything that happened. */
export function CasePage({ caseId, viewer }: { readonly caseId: string; readonly viewer: Viewer }) {
  const found = useQuery({
    queryKey: ['case', caseId],
    queryFn: () => fetchCase(caseId),
    refetchInterval: useLookAgain(20_000),
  });
  return (
    <Stack gap="md">
      <Anchor component={Link} href="/desk" size="sm" className="back">
        ← All cases
      </Anchor>
      {found.isPending && <Skeleton height={240} />}
      {found.isError && <Problem title="The case could not be read" error={found.error} />}
      {found.data !== undefined && <Case of={found.data} viewer={viewer} />}
    </Stack>
  );
}

function Case({ of, viewer }: { readonly of: CaseDetail; readonly viewer: Viewer }) {
  return (
    <>
      <div>
        <Group gap="xs" mb={4}>
          <SeverityBadge severity={of.severity} />
          <StateBadge state={of.state} />
        </Group>
        <PageTitle page={`Case: ${of.about}`}>{of.about}</PageTitle>
        <Text c="var(--desk-quiet)" size="sm">
          <span className="reference">{of.caseId}</span>, version {of.version}
        </Text>
      </div>
      {of.proposal !== null && <ProposalPanel proposal={of.proposal} subject={viewer.subject} />}
      {of.conclusion !== null && <ConclusionPanel conclusion={of.conclusion} />}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }} order={{ base: 2, md: 1 }}>
          <Stack gap="md">
            {viewer.mayViewPerson ? (
              <CasePersonPanel of={of} />
            ) : (
              <Panel title="Customer and matches">
                <Text size="sm">Your roles do not show personal data.</Text>
              </Panel>
            )}
            <Panel title="Versions">
              <Versions of={of} />
            </Panel>
            <Panel title="Timeline">
              <CaseTimeline entries={of.timeline} />
            </Panel>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }} order={{ base: 1, md: 2 }}>
          <Stack gap="md">
            <CaseActions key={of.caseId} of={of} />
            <Facts of={of} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function Facts({ of }: { readonly of: CaseDetail }) {
  const { customer } = of;
  const rows: readonly (readonly [string, React.ReactNode])[] = [
    ['Due', <Due key="due" of={of} {...(of.timeZone === 'UTC' ? {} : { companyTimeZone: of.timeZone })} />],
    ['Owner', of.owner?.name ?? 'Nobody yet'],
    ['Customer', `${customer.status.replaceAll('_', ' ')}, access ${customer.access}`],
    ['Holds', customer.holds.length === 0 ? 'None' : customer.holds.join(', ')],
    [
      'Reference',
      <span key="reference" className="reference">
        {of.referenceNo}
      </span>,
    ],
    ['Detected', shown(of.detectedAt)],
    ['Concluded', of.concludedAt === null ? 'Not yet' : shown(of.concludedAt)],
    [
      'Reported',
      of.externalReports.length === 0
        ? 'No'
        : of.externalReports.map(({ reportedAt }) => shown(reportedAt)).join(', '),
    ],
  ];
  return (
    <Panel title="Facts">
      <Table
        verticalSpacing={6}
        horizontalSpacing={0}
        withRowBorders={false}
        aria-label="Facts"
        className="facts"
      >
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" className="row-name">
                {name}
              </Table.Th>
              <Table.Td>
                <Text size="sm" component="div">
                  {value}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {of.studioUrl !== null && (
        <Anchor size="sm" href={of.studioUrl} target="_blank" rel="noreferrer">
          Open the journey in IDWise Studio
        </Anchor>
      )}
      {of.mayExport && (
        <Text size="sm" component="div">
          Audit trail of this case:{' '}
          {['pdf', 'csv', 'json'].map((format) => (
            <Anchor
              key={format}
              mr="xs"
              href={`/desk/api/cases/${of.caseId}/export?format=${format}`}
              download
            >
              {format.toUpperCase()}
            </Anchor>
          ))}
        </Text>
      )}
    </Panel>
  );
}

function Versions({ of }: { readonly of: CaseDetail }) {
  return (
    <Stack gap="xs">
      {of.versions.toReversed().map((version) => (
        <Group key={version.number} gap="sm" wrap="nowrap" align="flex-start">
          <Text size="sm" fw={600} miw={16}>
            {version.number}
          </Text>
          <div>
            <Text size="sm">{version.about}</Text>
            <Text size="xs" c="var(--desk-quiet)">
              <span className="capitalized">{version.severity}</span>, {shown(version.detectedAt)}
            </Text>
          </div>
        </Group>
      ))}
    </Stack>
  );
}
