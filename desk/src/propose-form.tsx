import { Button, Checkbox, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { CaseDetail, MatchView } from '../../src/desk/contract.js';
import type { CaseAct } from './api.js';
import { usePerson } from './person-query.js';
import { Problem } from './problem.js';
import { OUTCOMES } from './words.js';

/** An outcome with its reason. A false positive names the matches that are not the customer: they are whitelisted. */
export function ProposeForm({
  of,
  isBusy,
  onSubmit,
}: {
  readonly of: CaseDetail;
  readonly isBusy: boolean;
  readonly onSubmit: (body: CaseAct) => void;
}) {
  const [outcome, setOutcome] = useState('');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const isFalsePositive = outcome === 'false_positive';
  const person = usePerson(of, isFalsePositive);
  const isComplete = outcome !== '' && text.trim() !== '' && (!isFalsePositive || chosen.length > 0);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({
          action: 'propose',
          version: of.version,
          outcome,
          text: text.trim(),
          ...(isFalsePositive ? { matches: chosen } : {}),
        });
      }}
    >
      <Stack gap="md">
        <Radio.Group label="Outcome" value={outcome} onChange={setOutcome}>
          <Stack gap="xs" mt="xs">
            {of.outcomes.map((value) => (
              <Radio
                key={value}
                value={value}
                label={OUTCOMES[value].label}
                description={OUTCOMES[value].means}
              />
            ))}
          </Stack>
        </Radio.Group>
        {isFalsePositive && (
          <Checkbox.Group label="Which matches are not this person" value={[...chosen]} onChange={setChosen}>
            <Stack gap="xs" mt="xs">
              {person.isPending && <Text size="sm">Fetching the matches …</Text>}
              {person.isError && <Problem title="The matches could not be read" error={person.error} />}
              {person.data?.openMatches.length === 0 && <Text size="sm">No match counts any more.</Text>}
              {person.data?.openMatches.map((match) => (
                <MatchChoice key={match.ref} match={match} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Textarea
          label="Why"
          description="Whoever approves reads it. Kept with the case, encrypted."
          autosize
          minRows={3}
          maxLength={4_000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy} disabled={!isComplete}>
          Propose
        </Button>
      </Stack>
    </form>
  );
}

/** One match to choose. One that IDWise cannot whitelist is there with the reason: a proposal that names it is refused. */
function MatchChoice({
  match: { ref, name, kinds, datesOfBirth, canBeWhitelisted },
}: {
  readonly match: MatchView;
}) {
  const facts = [kinds.join(', '), ...datesOfBirth].join(' · ');
  return (
    <Checkbox
      value={ref}
      label={name}
      disabled={!canBeWhitelisted}
      description={
        canBeWhitelisted ? (
          facts
        ) : (
          <>
            {facts}
            <br />
            Cannot be chosen: IDWise gave it no id by which it could be whitelisted.
          </>
        )
      }
    />
  );
}
