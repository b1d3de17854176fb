import { Alert, Anchor, Grid, Group, Skeleton, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { CaseDetail } from '../../src/desk/contract.js';
import { fetchCase } from './api.js';
import { CaseActions } from './case-actions.js';
import { Due, SeverityBadge, StateBadge } from './case-badges.js';
import { CasePersonPanel } from './case-person.js';
import { CaseTimeline } from './case-timeline.js';
import { Panel } from './panel.js';
import { OUTCOME_LABELS, shown } from './words.js';

/** One case: what changed, about whom, what is to be decided, and everything that happened. */
export function CasePage({
  caseId,
  mayViewPerson,
}: {
  readonly caseId: string;
  readonly mayViewPerson: boolean;
}) {
  const found = useQuery({
    queryKey: ['case', caseId],
    queryFn: () => fetchCase(caseId),
    refetchInterval: 20_000,
  });
  return (
    <Stack gap="md">
      <Anchor component={Link} href="/desk" size="sm">
        ← All cases
      </Anchor>
      {found.isPending && <Skeleton height={240} />}
      {found.isError && (
        <Alert color="red" variant="outline" title="The case could not be read">
          {found.error.message}
        </Alert>
      )}
      {found.isSuccess && <Case of={found.data} mayViewPerson={mayViewPerson} />}
    </Stack>
  );
}

function Case({ of, mayViewPerson }: { readonly of: CaseDetail; readonly mayViewPerson: boolean }) {
  return (
    <>
      <div>
        <Group gap="xs" mb={4}>
          <SeverityBadge severity={of.severity} />
          <StateBadge state={of.state} />
        </Group>
        <Title order={1} size="h2">
          {of.about}
        </Title>
        <Text c="var(--desk-quiet)" size="sm">
          Case <span className="reference">{of.caseId}</span>, version {of.version}
        </Text>
      </div>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }} order={{ base: 2, md: 1 }}>
          <Stack gap="md">
            {of.proposal !== null && <ProposalPanel proposal={of.proposal} />}
            {mayViewPerson ? (
              <CasePersonPanel key={`${of.caseId}:${of.version}`} caseId={of.caseId} />
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
            <Facts of={of} />
            <CaseActions key={`${of.version}:${of.proposal?.number ?? 0}`} of={of} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function ProposalPanel({ proposal }: { readonly proposal: NonNullable<CaseDetail['proposal']> }) {
  return (
    <Panel title={`Proposal ${proposal.number}`}>
      <Text fw={600}>{OUTCOME_LABELS[proposal.outcome] ?? proposal.outcome}</Text>
      {proposal.matches > 0 && (
        <Text size="sm">
          Whitelists {proposal.matches} {proposal.matches === 1 ? 'match' : 'matches'} at IDWise.
        </Text>
      )}
      <Text className="words" my="xs">
        {proposal.reason}
      </Text>
      <Text size="sm" c="var(--desk-quiet)">
        By {proposal.by.name}, {shown(proposal.at)}, on version {proposal.caseVersion}. Somebody else must
        approve it.
      </Text>
    </Panel>
  );
}

function Facts({ of }: { readonly of: CaseDetail }) {
  const { customer } = of;
  const rows: readonly (readonly [string, React.ReactNode])[] = [
    ['Due', <Due key="due" of={of} />],
    ['Owner', of.owner?.name ?? 'Nobody yet'],
    ['Detected', shown(of.detectedAt)],
    ['Concluded', of.concludedAt === null ? 'Not yet' : shown(of.concludedAt)],
    [
      'Reported outside',
      of.externalReports.length === 0
        ? 'No'
        : of.externalReports.map(({ reportedAt }) => shown(reportedAt)).join(', '),
    ],
    [
      'Customer',
      `${customer.status.replaceAll('_', ' ')}, access ${customer.access}${customer.holds.length > 0 ? `, held (${customer.holds.join(', ')})` : ''}`,
    ],
    [
      'Reference',
      <span key="reference" className="reference">
        {of.referenceNo}
      </span>,
    ],
  ];
  return (
    <Panel title="Facts">
      <Table verticalSpacing={6} withRowBorders={false} aria-label="Facts">
        <Table.Tbody>
          {rows.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={110} style={{ verticalAlign: 'top' }}>
                <Text size="sm" c="var(--desk-quiet)">
                  {name}
                </Text>
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
    <Stack gap={6}>
      {of.versions.toReversed().map((version) => (
        <Group key={version.number} gap="sm" wrap="nowrap" align="flex-start">
          <Text size="sm" fw={600} miw={24}>
            {version.number}
          </Text>
          <SeverityBadge severity={version.severity} />
          <div>
            <Text size="sm">{version.about}</Text>
            <Text size="xs" c="var(--desk-quiet)">
              {shown(version.detectedAt)}
            </Text>
          </div>
        </Group>
      ))}
    </Stack>
  );
}
