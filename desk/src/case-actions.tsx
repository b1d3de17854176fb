import { Alert, Button, Modal, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CaseDetail } from '../../src/desk/contract.js';
import { act, type CaseAct } from './api.js';
import { Panel } from './panel.js';
import { ProposeForm } from './propose-form.js';

/** What each action is called, and what the person is asked for. */
const ACTIONS: Readonly<
  Record<
    string,
    {
      readonly label: string;
      readonly title: string;
      readonly asks: 'nothing' | 'words' | 'owner' | 'report';
    }
  >
> = {
  acknowledge: { label: 'Acknowledge', title: 'Acknowledge', asks: 'nothing' },
  assign: { label: 'Assign', title: 'Whose case is it?', asks: 'owner' },
  note: { label: 'Add a note', title: 'Add a note', asks: 'words' },
  approve: { label: 'Approve the proposal', title: 'Approve the proposal', asks: 'words' },
  decline: { label: 'Decline the proposal', title: 'Decline the proposal', asks: 'words' },
  withdraw: { label: 'Withdraw the proposal', title: 'Withdraw the proposal', asks: 'nothing' },
  record_external_report: {
    label: 'Record an external report',
    title: 'Reported to an authority',
    asks: 'report',
  },
  reopen: { label: 'Reopen', title: 'Reopen the case', asks: 'words' },
};

/** The acts that are open to this person, the one that moves the case on first. */
export function CaseActions({ of }: { readonly of: CaseDetail }) {
  const queries = useQueryClient();
  const [asked, setAsked] = useState<string | null>(null);
  const send = useMutation({
    mutationFn: ({ requestId, body }: { requestId: string; body: CaseAct }) =>
      act(of.caseId, requestId, body),
    onSuccess: (detail) => {
      queries.setQueryData(['case', of.caseId], detail);
      void queries.invalidateQueries({ queryKey: ['cases'] });
      setAsked(null);
    },
  });
  const go = (body: CaseAct) => send.mutate({ requestId: crypto.randomUUID(), body });
  const open = (action: string) => {
    send.reset();
    if (ACTIONS[action]?.asks === 'nothing') go({ action, ...proposalOf(action, of) });
    else setAsked(action);
  };
  if (of.actions.length === 0)
    return (
      <Panel title="Actions">
        <Text size="sm">There is nothing for you to do here.</Text>
      </Panel>
    );
  return (
    <Panel title="Actions">
      <Stack gap="xs">
        {send.isError && asked === null && <Problem message={send.error.message} />}
        {of.actions.map((action, index) => (
          <Button
            key={action}
            variant={index === 0 ? 'filled' : 'default'}
            loading={send.isPending && send.variables.body.action === action}
            onClick={() => open(action)}
          >
            {action === 'propose' ? 'Propose an outcome' : (ACTIONS[action]?.label ?? action)}
          </Button>
        ))}
      </Stack>
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === 'propose' ? 'Propose an outcome' : ACTIONS[asked ?? '']?.title}
        size={asked === 'propose' ? 'lg' : 'md'}
      >
        {send.isError && <Problem message={send.error.message} />}
        {asked === 'propose' && <ProposeForm of={of} isBusy={send.isPending} onSubmit={go} />}
        {asked !== null && asked !== 'propose' && (
          <AskedForm
            key={asked}
            asks={ACTIONS[asked]?.asks ?? 'words'}
            of={of}
            isBusy={send.isPending}
            onSubmit={(body) => go({ action: asked, ...proposalOf(asked, of), ...body })}
          />
        )}
      </Modal>
    </Panel>
  );
}

/** Whoever answers a proposal names the one that they saw. */
function proposalOf(action: string, { proposal }: CaseDetail): Partial<CaseAct> {
  const isAnswer = action === 'approve' || action === 'decline' || action === 'withdraw';
  return isAnswer && proposal !== null ? { proposal: proposal.number } : {};
}

function Problem({ message }: { readonly message: string }) {
  return (
    <Alert color="red" variant="outline" title="This was not done" mb="sm">
      {message}
    </Alert>
  );
}

function AskedForm({
  asks,
  of,
  isBusy,
  onSubmit,
}: {
  readonly asks: 'nothing' | 'words' | 'owner' | 'report';
  readonly of: CaseDetail;
  readonly isBusy: boolean;
  readonly onSubmit: (body: Partial<CaseAct>) => void;
}) {
  const [text, setText] = useState('');
  const [owner, setOwner] = useState<string | null>(of.owner?.subject ?? null);
  const [reportedAt, setReportedAt] = useState('');
  const isComplete =
    asks === 'owner' ? owner !== null : text.trim() !== '' && (asks !== 'report' || reportedAt !== '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (asks === 'owner') onSubmit({ owner: owner ?? '' });
        else if (asks === 'report') onSubmit({ text: text.trim(), reportedAt: `${reportedAt}:00Z` });
        else onSubmit({ text: text.trim() });
      }}
    >
      <Stack gap="sm">
        {asks === 'owner' && (
          <Select
            label="Owner"
            data={of.assignees.map(({ subject, name }) => ({ value: subject, label: name }))}
            value={owner}
            onChange={setOwner}
            searchable
            data-autofocus
          />
        )}
        {asks === 'report' && (
          <TextInput
            label="When it was reported, in UTC"
            type="datetime-local"
            value={reportedAt}
            onChange={(event) => setReportedAt(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {(asks === 'words' || asks === 'report') && (
          <Textarea
            label={asks === 'report' ? 'To whom, and under which number' : 'In your words'}
            description="Kept with the case, encrypted; it never goes into a mail."
            autosize
            minRows={4}
            maxLength={4_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus={asks === 'words' || undefined}
          />
        )}
        <Button type="submit" loading={isBusy} disabled={!isComplete}>
          Confirm
        </Button>
      </Stack>
    </form>
  );
}
