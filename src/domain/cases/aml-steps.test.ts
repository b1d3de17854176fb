import { describe, expect, test } from '@jest/globals';
import { differenceOver } from './aml-difference.js';
import { amlSteps } from './aml-steps.js';
import type { FetchedMatch } from './fetched-match.js';

const match = (id: string, changes: FetchedMatch = {}): FetchedMatch => ({
  name: `Person ${id}`,
  resource_id: id,
  datasets: ['Sanctions'],
  ...changes,
});
const came = (id: string) => match(id, { ongoing_monitor_update_type: 'Added', aml_record_version: 7 });
const went = (id: string) => match(id, { ongoing_monitor_update_type: 'Removed', aml_record_version: 8 });

/** What compliance is told: ids of the matches that were added, of those that were removed, and of those that count. */
function tells(...[known, fetched, versions, mayLag]: Parameters<typeof amlSteps>) {
  const lists = amlSteps(known, fetched, versions, mayLag);
  const { added, removed, changed, open } = differenceOver(lists, (identity) => identity);
  const ids = (matches: typeof added) => matches.map(({ resourceId }) => resourceId);
  expect(changed).toEqual([]);
  return { added: ids(added), removed: ids(removed), open: ids(open) };
}

describe('the steps from the known matches to those of today', () => {
  test('are one where the history tells of nothing that the journey does not show', () => {
    expect(amlSteps([match('1')], [match('1'), match('2')], [[came('2')]], false)).toEqual([
      [match('1')],
      [match('1'), match('2')],
    ]);
  });

  test('tell of a match that came and went in versions whose events were lost', () => {
    const versions = [[came('2')], [went('2'), came('3')]];
    expect(tells([match('1')], [match('1'), match('3')], versions, false)).toEqual({
      added: ['2', '3'],
      removed: ['2'],
      open: ['1', '3'],
    });
  });

  test('tell of a match that the journey does not show yet, and not again when it does', () => {
    const lists = amlSteps([match('1')], [match('1')], [[came('2')]], true);
    expect(tells([match('1')], [match('1')], [[came('2')]], true)).toEqual({
      added: ['2'],
      removed: [],
      open: ['1', '2'],
    });
    expect(tells(lists.at(-1) ?? [], [match('1'), match('2')], [], false)).toMatchObject({
      added: [],
      removed: [],
    });
  });

  test('take a match for gone that the history removed again, although the journey may lag', () => {
    expect(tells([], [], [[came('2')], [went('2')]], true)).toEqual({
      added: ['2'],
      removed: ['2'],
      open: [],
    });
  });

  test('leave a match there whose change has a name that we do not know', () => {
    const named = match('2', { ongoing_monitor_update_type: 'Something new' });
    expect(tells([], [], [[named]], true)).toMatchObject({ added: ['2'], open: ['2'] });
  });

  test('take what both answers show from the journey: that they name members differently is no change', () => {
    const otherwise = { ...came('1'), notes: ['only the history has these'] };
    expect(tells([match('1')], [match('1')], [[otherwise]], true)).toEqual({
      added: [],
      removed: [],
      open: ['1'],
    });
  });

  test('tell of each match once, in however many versions it is', () => {
    expect(tells([], [], [[came('2')], [came('2')]], true)).toMatchObject({ added: ['2'] });
  });
});
