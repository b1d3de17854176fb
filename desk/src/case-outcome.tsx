import { Stack, Text } from '@mantine/core';
import type { CaseDetail } from '../../src/desk/contract.js';
import { Panel } from './panel.js';
import { OUTCOMES, shown } from './words.js';

/** What one person proposes and another must answer. */
export function ProposalPanel({
  proposal,
  subject,
}: {
  readonly proposal: NonNullable<CaseDetail['proposal']>;
  readonly subject: string;
}) {
  const { number, outcome, matches, reason, by, at, caseVersion } = proposal;
  return (
    <Panel title={`Proposal ${number}: ${OUTCOMES[outcome].label}`}>
      <Stack gap="xs">
        <Text size="sm">{OUTCOMES[outcome].means}</Text>
        <Whitelisted matches={matches} />
        <Words text={reason} />
        <Text size="sm" c="var(--desk-quiet)">
          {by.subject === subject ? 'Proposed by you' : `Proposed by ${by.name}`}, {shown(at)}, on version{' '}
          {caseVersion}.{' '}
          {by.subject === subject ? 'Somebody else must approve it.' : 'It waits for an answer.'}
        </Text>
      </Stack>
    </Panel>
  );
}

/** How two people ended the case, with the reasons of both. */
export function ConclusionPanel({
  conclusion,
}: {
  readonly conclusion: NonNullable<CaseDetail['conclusion']>;
}) {
  const { outcome, matches, reason, approval, proposedBy, approvedBy, at } = conclusion;
  return (
    <Panel title={`Concluded: ${OUTCOMES[outcome].label}`}>
      <Stack gap="xs">
        <Whitelisted matches={matches} />
        <Words text={reason} />
        <Text size="sm" c="var(--desk-quiet)">
          Proposed by {proposedBy.name}
        </Text>
        <Words text={approval} />
        <Text size="sm" c="var(--desk-quiet)">
          Approved by {approvedBy.name}, {shown(at)}
        </Text>
      </Stack>
    </Panel>
  );
}

function Whitelisted({ matches }: { readonly matches: number }) {
  if (matches === 0) return null;
  return <Text size="sm">Whitelists {matches === 1 ? '1 match' : `${matches} matches`} at IDWise.</Text>;
}

/** Somebody's words; nobody's, for those who may not know the customer. */
function Words({ text }: { readonly text: string }) {
  return text === '' ? null : <Text className="words quoted">{text}</Text>;
}
