import { Button, Collapse, Group, NativeSelect, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type CaseView, DUE_FILTERS } from '../../src/desk/contract.js';
import type { CaseFilter } from './api.js';
import { DUE_LABELS, OPEN_STATES, SEVERITIES, STATE_LABELS, VIEWS } from './words.js';

interface Filtering {
  readonly filter: CaseFilter;
  readonly onFilter: (change: Partial<CaseFilter>) => void;
}

const views = Object.entries(VIEWS).map(([value, { label }]) => ({ value, label }));

/** Whose cases, in which state, how grave and due when. On a phone all but the first stand behind a button. */
export function CaseFilters({ isNarrow, ...filtering }: Filtering & { readonly isNarrow: boolean }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const { filter, onFilter } = filtering;
  const chooseView = (view: string) => onFilter({ view: view as CaseView, state: null });
  if (!isNarrow)
    return (
      <Stack gap="sm">
        <SegmentedControl
          aria-label="Which cases"
          className="views"
          value={filter.view}
          onChange={chooseView}
          data={views}
        />
        <Group gap="sm" align="flex-end">
          <Narrowing {...filtering} />
        </Group>
      </Stack>
    );
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-end" wrap="nowrap">
        <NativeSelect
          label="Which cases"
          flex={1}
          value={filter.view}
          onChange={(event) => chooseView(event.currentTarget.value)}
          data={views}
        />
        <Button variant="default" onClick={toggle} aria-expanded={isOpen}>
          {isOpen ? 'Fewer filters' : 'More filters'}
        </Button>
      </Group>
      <Collapse expanded={isOpen}>
        <Stack gap="sm">
          <Narrowing {...filtering} />
        </Stack>
      </Collapse>
    </Stack>
  );
}

function Narrowing({ filter, onFilter }: Filtering) {
  const any = { value: '', label: 'Any' };
  return (
    <>
      <NativeSelect
        label="Due"
        value={filter.due ?? ''}
        onChange={(event) => onFilter({ due: event.currentTarget.value || null })}
        data={[any, ...DUE_FILTERS.map((value) => ({ value, label: DUE_LABELS[value] }))]}
      />
      <NativeSelect
        label="Severity"
        value={filter.severity ?? ''}
        onChange={(event) => onFilter({ severity: event.currentTarget.value || null })}
        data={[
          any,
          ...SEVERITIES.map((value) => ({ value, label: value[0]?.toUpperCase() + value.slice(1) })),
        ]}
      />
      <NativeSelect
        label="State"
        value={filter.state ?? ''}
        disabled={filter.view === 'closed' || filter.view === 'to_approve'}
        onChange={(event) => onFilter({ state: event.currentTarget.value || null })}
        data={[any, ...OPEN_STATES.map((value) => ({ value, label: STATE_LABELS[value] }))]}
      />
      <TextInput
        label="Reference number"
        value={filter.referenceNo}
        onChange={(event) => onFilter({ referenceNo: event.currentTarget.value })}
        autoComplete="off"
      />
    </>
  );
}
