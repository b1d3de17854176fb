import { describe, expect, test } from '@jest/globals';
import { amlDifference, differenceOver, summarise } from './aml-difference.js';
import type { FetchedMatch } from './fetched-match.js';
import { listKindsOf } from './list-kinds.js';

/** As IDWise gave matches first (contract §4.6): no ids. */
const OLD: FetchedMatch = {
  score: 82,
  name: 'Sami Adam',
  countries: ['EA'],
  datesOfBirth: [1986],
  datasets: ['Politically Exposed Person'],
};

/** As it gives them now. */
function match(id: string, changes: FetchedMatch = {}): FetchedMatch {
  return {
    name: `Person ${id}`,
    resource_id: id,
    match_id: `of ${id}`,
    is_whitelisted: false,
    details: {
      'pep-institution': {
        title: 'Pep Institution',
        datasets: ['House of Lists'],
        datasets_classes: ['pep-class-1'],
      },
    },
    ...changes,
  };
}
const SANCTIONED = {
  details: { sanctions: { datasets: ['UN Consolidated List'], datasets_classes: ['sanctions'] } },
};

const refer = (identity: string) => `ref of ${identity}`;
const differ = (before: readonly FetchedMatch[], after: readonly FetchedMatch[]) =>
  amlDifference(before, after, refer);
const shape = (before: readonly FetchedMatch[], after: readonly FetchedMatch[]) => {
  const { added, removed, changed, whitelisted } = differ(before, after);
  return [added, removed, changed, whitelisted].map(({ length }) => length);
};

describe('the kinds of a match’s lists', () => {
  test.each([
    ['Politically Exposed Person', 'pep'],
    ['Linked to a Politically Exposed Persons', 'pep'],
    ['Sanctions', 'sanctions'],
    ['Adverse Media', 'adverse_media'],
    ['Regulatory Enforcement List', 'other'],
    ['People of Interest', 'other'],
    ['Disqualified Director', 'other'],
    ['Insolvency', 'other'],
    ['Fitness Probity', 'other'],
    ['A list that nobody knows yet', 'other'],
  ])('are told by the dataset %j of the first generation', (dataset, kind) => {
    expect(listKindsOf({ datasets: [dataset] })).toEqual([kind]);
    expect(listKindsOf({ datasets: dataset })).toEqual([kind]);
  });

  test('are told by kind and classes of the details in the second, whatever the lists’ own titles', () => {
    expect(listKindsOf(match('1'))).toEqual(['pep']);
    expect(listKindsOf(match('1', SANCTIONED))).toEqual(['sanctions']);
    expect(listKindsOf({ details: { 'adverse-media': { title: 'News', datasets: ['A paper'] } } })).toEqual([
      'adverse_media',
    ]);
  });

  test('are several where it is on several, the heaviest first', () => {
    expect(listKindsOf({ datasets: ['Insolvency', 'Politically Exposed Person', 'Sanctions'] })).toEqual([
      'sanctions',
      'pep',
      'other',
    ]);
  });

  test('are "other" where nothing tells: what is unknown is not harmless', () => {
    for (const unreadable of [{}, { datasets: null }, { datasets: [7, ''] }, { details: 'text' }])
      expect(listKindsOf(unreadable)).toEqual(['other']);
  });
});

describe('a difference', () => {
  test('finds what was added, removed and changed by IDWise’s id of the listed person', () => {
    const difference = differ([match('1'), match('2')], [match('2', SANCTIONED), match('3')]);
    expect(difference.added.map(({ resourceId }) => resourceId)).toEqual(['3']);
    expect(difference.removed.map(({ resourceId }) => resourceId)).toEqual(['1']);
    expect(difference.changed).toEqual([
      expect.objectContaining({ members: ['details'], gained: ['sanctions'], lost: ['pep'] }),
    ]);
    expect(difference.open.map(({ ref }) => ref)).toEqual(['ref of resource:2', 'ref of resource:3']);
  });

  test('is none where only order, numbering, empty members or the type of a number differ', () => {
    const before = match('1', {
      aliases: [{ firstName: 'A' }, { firstName: 'B' }],
      datesOfBirth: [1980],
      notes: [],
    });
    const after = match('1', {
      aliases: [{ firstName: 'B', middleName: null }, { firstName: 'A' }],
      datesOfBirth: ['1980'],
      aml_record_version: 3,
      ongoing_monitor_update_type: 'Updated',
    });
    expect(shape([match('2'), before], [after, match('2')])).toEqual([0, 0, 0, 0]);
  });

  test('knows a match again by the match’s own id, and from before there were ids by name, birth and country', () => {
    expect(
      shape([match('1', { resource_id: null })], [match('1', { resource_id: null, score: 90 })]),
    ).toEqual([0, 0, 1, 0]);
    const withIds = { ...OLD, name: 'ADAM, Sámi', datesOfBirth: ['1986'], resource_id: '1', match_id: '2' };
    expect(shape([OLD], [withIds])).toEqual([0, 0, 1, 0]);
    expect(shape([OLD], [{ ...withIds, name: 'Another Adam' }])).toEqual([1, 1, 0, 0]);
  });

  test('takes two ids for two matches, however alike they look', () => {
    const twin = (id: string) => ({ ...OLD, resource_id: id });
    expect(shape([twin('1')], [twin('2')])).toEqual([1, 1, 0, 0]);
    expect(shape([twin('1'), OLD], [OLD, twin('1')])).toEqual([0, 0, 0, 0]);
  });

  test('of lists that bear one identity twice pairs what is equal first', () => {
    const [one, other] = [match('1', { score: 80 }), match('1', { score: 90 })];
    expect(shape([one, other], [other, one])).toEqual([0, 0, 0, 0]);
    expect(shape([one], [other, one])).toEqual([1, 0, 0, 0]);
  });

  test('tells only of matches that count', () => {
    const whitelisted = match('1', { is_whitelisted: true });
    expect(shape([whitelisted], [{ ...whitelisted, score: 99 }])).toEqual([0, 0, 0, 0]);
    expect(shape([whitelisted], [])).toEqual([0, 0, 0, 0]);
    expect(shape([], [whitelisted])).toEqual([0, 0, 0, 0]);
    expect(differ([], [whitelisted]).open).toEqual([]);
  });

  test('names apart what was whitelisted, and adds again what is so no more', () => {
    const whitelisted = match('1', { is_whitelisted: true, match_status: 'False Positive' });
    expect(shape([match('1')], [whitelisted])).toEqual([0, 0, 0, 1]);
    expect(shape([whitelisted], [match('1')])).toEqual([1, 0, 0, 0]);
  });
});

describe('the summary', () => {
  test('holds counts, kinds and opaque names, and nothing of what is said of anybody', () => {
    const difference = amlDifference([OLD], [match('7', SANCTIONED)], () => 'm_0123');
    expect(summarise(difference, [])).toEqual({
      added: { matches: 1, kinds: { sanctions: 1, pep: 0, adverse_media: 0, other: 0 } },
      removed: { matches: 1, kinds: { sanctions: 0, pep: 1, adverse_media: 0, other: 0 } },
      changed: { matches: 0, kinds: { sanctions: 0, pep: 0, adverse_media: 0, other: 0 } },
      gained: { sanctions: 0, pep: 0, adverse_media: 0, other: 0 },
      whitelisted: 0,
      whitelistedElsewhere: 0,
      open: ['m_0123'],
      notWhitelistable: [],
    });
  });

  test('names the matches that cannot be whitelisted, having no id by which to do it', () => {
    const withoutId = match('2', { resource_id: null });
    const summary = summarise(differ([], [match('1'), withoutId]), []);
    expect(summary.open).toEqual(['ref of resource:1', 'ref of match:of 2']);
    expect(summary.notWhitelistable).toEqual(['ref of match:of 2']);
  });

  test('tells our own whitelisting from that of others', () => {
    const whitelisted = [match('1', { is_whitelisted: true }), match('2', { is_whitelisted: true })];
    const summary = summarise(differ([match('1'), match('2')], whitelisted), ['ref of resource:1']);
    expect(summary).toMatchObject({ whitelisted: 1, whitelistedElsewhere: 1, open: [] });
  });

  test('of a skipped version tells what came and went in it', () => {
    const over = differenceOver([[], [match('1', SANCTIONED)], [match('2')]], refer);
    expect(summarise(over, [])).toMatchObject({
      added: { matches: 2, kinds: { sanctions: 1, pep: 1 } },
      removed: { matches: 1 },
      open: ['ref of resource:2'],
    });
  });
});
