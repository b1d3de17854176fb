import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { amlMatch } from '../../../test/idwise/journey-answers.js';
import { amlDifference } from '../../domain/cases/aml-difference.js';
import { createVault } from '../../personal-data/vault.js';
import { keptDifferences, openDifference, sealDifference } from './case-differences.js';

const vault = createVault(randomBytes(32));
const KNOWN = amlMatch({ name: 'Known Before', resource_id: 'known' });
const NEW = amlMatch({ name: 'New', resource_id: 'new' });
const { open, ...kept } = amlDifference([KNOWN], [KNOWN, NEW], (identity) => `ref of ${identity}`);

describe('a difference', () => {
  test('is kept with what changed, and without all the other matches that count', async () => {
    expect(open.map(({ match }) => match['name'])).toEqual(['Known Before', 'New']);
    const sealed = await sealDifference(vault, 'ref-1', { ...kept, open });
    expect(await vault.open('ref-1', sealed)).toEqual({ kind: 'json', value: kept });
    expect((await openDifference(vault, 'ref-1', sealed))?.added.map(({ match }) => match['name'])).toEqual([
      'New',
    ]);
  });

  test('that an earlier release kept with all of them is read as well', async () => {
    const sealed = await vault.seal('ref-1', { ...kept, open });
    expect(await openDifference(vault, 'ref-1', sealed)).toMatchObject(kept);
  });
});

describe('of the differences of a case', () => {
  const MIB = 1024 * 1024;
  const sized = (mebibytes: number) => 'x'.repeat(mebibytes * MIB);

  test('all are kept that are no more than 4 MiB together', () => {
    const all = { 1: sized(1), 2: sized(2), 10: sized(1) };
    expect(keptDifferences(all)).toEqual(all);
    expect(keptDifferences({})).toEqual({});
  });

  test('the oldest go where they are more, also when versions have two digits', () => {
    const versions = Array.from({ length: 12 }, (_, index) => [index + 1, sized(1)] as const);
    expect(Object.keys(keptDifferences(Object.fromEntries(versions)))).toEqual(['9', '10', '11', '12']);
  });

  test('one that is too large by itself takes no other with it', () => {
    expect(Object.keys(keptDifferences({ 1: sized(1), 2: sized(5), 3: sized(2) }))).toEqual(['1', '3']);
  });
});
