import { Button, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { CaseAction, CaseDetail } from '../../src/desk/contract.js';
import { ActionForm, type Asked } from './action-form.js';
import { act, type CaseAct, Unsure } from './api.js';
import { Panel } from './panel.js';
import { Problem } from './problem.js';
import { ProposeForm } from './propose-form.js';

interface ActionWords {
  readonly label: string;
  /** What is said once it is done. */
  readonly done: string;
  readonly asks: Asked | 'nothing' | 'outcome';
  /** It moves the case on: offered before all others, and in colour. */
  readonly isStep?: true;
}

/** What each action is called and what the person is asked for, in the order in which they are offered. */
const ACTIONS: Readonly<Record<CaseAction, ActionWords>> = {
  acknowledge: { label: 'Acknowledge', done: 'Acknowledged.', asks: 'nothing', isStep: true },
  approve: { label: 'Approve the proposal', done: 'Approved.', asks: 'words', isStep: true },
  propose: { label: 'Propose an outcome', done: 'Proposed.', asks: 'outcome', isStep: true },
  decline: { label: 'Decline the proposal', done: 'Declined.', asks: 'words' },
  withdraw: { label: 'Withdraw the proposal', done: 'Withdrawn.', asks: 'nothing' },
  note: { label: 'Add a note', done: 'The note is in the timeline.', asks: 'words' },
  assign: { label: 'Assign', done: 'Assigned.', asks: 'owner' },
  record_external_report: {
    label: 'Record an external report',
    done: 'The report is recorded.',
    asks: 'report',
  },
  reopen: { label: 'Reopen the case', done: 'Reopened.', asks: 'words' },
};

/** An action that waits for the person's words, and the case as they saw it when they chose it. */
interface Begun {
  readonly action: CaseAction;
  readonly seen: CaseDetail;
}

/** What is sent, under the id by which the service does it once. */
interface Sending {
  readonly requestId: string;
  readonly body: CaseAct;
}

/** An act of which an answer was lost may have been done all the same; the case, read again, shows it. */
function failed(error: Error): string {
  return error instanceof Unsure ? 'This may not have been done' : 'This was not done';
}

/**
 * The acts that are open to this person. What they send names the version or proposal that they saw when they began, even
 * where the case has moved on behind the form: then it is refused, and what they wrote stays.
 */
export function CaseActions({ of }: { readonly of: CaseDetail }) {
  const queries = useQueryClient();
  const [begun, setBegun] = useState<Begun | null>(null);
  /** The last act of which nobody knows whether it was done. Asked for again, it is that one and no second. */
  const unsure = useRef<Sending | null>(null);
  const send = useMutation({
    mutationFn: ({ requestId, body }: Sending) => act(of.caseId, requestId, body),
    onSuccess: (detail, { requestId }) => {
      if (unsure.current?.requestId === requestId) unsure.current = null;
      queries.setQueryData(['case', of.caseId], detail);
      void queries.invalidateQueries({ queryKey: ['cases'] });
      setBegun(null);
    },
    // What was refused may have been so because somebody else was quicker.
    onError: (error, sending) => {
      if (error instanceof Unsure) unsure.current = sending;
      else if (unsure.current?.requestId === sending.requestId) unsure.current = null;
      void queries.invalidateQueries({ queryKey: ['case', of.caseId] });
    },
  });
  const go = (body: CaseAct) => {
    // To assign once more is no second thing, and is meant after whatever others have done since.
    const again = body.action === 'assign' ? null : unsure.current;
    const isSame = again !== null && JSON.stringify(again.body) === JSON.stringify(body);
    send.mutate(isSame ? again : { requestId: crypto.randomUUID(), body });
  };
  const begin = (action: CaseAction) => {
    send.reset();
    if (ACTIONS[action].asks === 'nothing') go({ action, ...answered(action, of) });
    else setBegun({ action, seen: of });
  };
  const close = () => {
    send.reset();
    setBegun(null);
  };
  const offered = (Object.keys(ACTIONS) as CaseAction[]).filter((action) => of.actions.includes(action));
  const asks = begun === null ? undefined : ACTIONS[begun.action].asks;
  return (
    <Panel title="Actions">
      <Stack gap="xs">
        {offered.length === 0 && (
          <Text size="sm">There is nothing for you to do in this case as it stands.</Text>
        )}
        {send.isError && begun === null && <Problem title={failed(send.error)} error={send.error} />}
        <Text size="sm" role="status" hidden={!send.isSuccess}>
          {send.isSuccess && ACTIONS[send.variables.body.action].done}
        </Text>
        {offered.map((action) => (
          <Button
            key={action}
            variant={ACTIONS[action].isStep ? 'filled' : 'default'}
            loading={send.isPending && begun === null && send.variables.body.action === action}
            disabled={send.isPending}
            onClick={() => begin(action)}
          >
            {ACTIONS[action].label}
          </Button>
        ))}
        {of.actions.includes('decline') && !of.actions.includes('approve') && (
          <Text size="sm" c="var(--desk-quiet)">
            Approving this outcome takes somebody with the role approver.
          </Text>
        )}
      </Stack>
      <Modal
        opened={begun !== null}
        // What is being sent has no other place to say how it ended.
        onClose={send.isPending ? () => {} : close}
        withCloseButton={!send.isPending}
        title={begun === null ? '' : ACTIONS[begun.action].label}
        size={asks === 'outcome' ? 'lg' : 'md'}
        closeButtonProps={{ 'aria-label': 'Close' }}
        transitionProps={{ duration: 0 }}
      >
        {begun !== null && (
          <Stack gap="sm">
            {send.isError && <Problem title={failed(send.error)} error={send.error} />}
            {asks === 'outcome' ? (
              <ProposeForm of={begun.seen} isBusy={send.isPending} onSubmit={go} />
            ) : (
              asks !== undefined &&
              asks !== 'nothing' && (
                <ActionForm
                  asks={asks}
                  of={begun.seen}
                  isBusy={send.isPending}
                  onSubmit={(body) =>
                    go({ action: begun.action, ...answered(begun.action, begun.seen), ...body })
                  }
                />
              )
            )}
          </Stack>
        )}
      </Modal>
    </Panel>
  );
}

/** Whoever answers a proposal names the one that they saw. */
function answered(action: CaseAction, { proposal }: CaseDetail): Partial<CaseAct> {
  const isAnswer = action === 'approve' || action === 'decline' || action === 'withdraw';
  return isAnswer && proposal !== null ? { proposal: proposal.number } : {};
}
