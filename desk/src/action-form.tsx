import { Button, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { CaseDetail } from '../../src/desk/contract.js';
import type { CaseAct } from './api.js';

/** What a form asks for, beside an outcome, which has a form of its own. */
export type Asked = 'words' | 'owner' | 'report';

/** Asks for what an action needs: somebody's words, a new owner, or when and to whom something was reported. */
export function ActionForm({
  asks,
  of,
  isBusy,
  onSubmit,
}: {
  readonly asks: Asked;
  readonly of: CaseDetail;
  readonly isBusy: boolean;
  readonly onSubmit: (body: Partial<CaseAct>) => void;
}) {
  const [text, setText] = useState('');
  const [owner, setOwner] = useState(of.owner?.subject ?? '');
  const [reportedAt, setReportedAt] = useState('');
  const isComplete =
    asks === 'owner' ? owner !== '' : text.trim() !== '' && (asks !== 'report' || reportedAt !== '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (asks === 'owner') onSubmit({ owner });
        else if (asks === 'report') onSubmit({ text: text.trim(), reportedAt: `${reportedAt}:00Z` });
        else onSubmit({ text: text.trim() });
      }}
    >
      <Stack gap="sm">
        {asks === 'owner' && (
          <NativeSelect
            label="Owner"
            description="Officers and approvers who have signed in to the desk so far."
            data={[
              { value: '', label: 'Choose somebody', disabled: true },
              ...of.assignees.map(({ subject, name }) => ({ value: subject, label: name })),
            ]}
            value={owner}
            onChange={(event) => setOwner(event.currentTarget.value)}
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
        {asks !== 'owner' && (
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
