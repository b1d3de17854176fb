import { expect, test } from '@jest/globals';
import { CaseStory } from '../../../test/builders/compliance-case.js';
import { type StoredCase, upgradeCase } from './upgrade-case.js';

/** A case with a conclusion, as it comes back from where it was stored. */
const concluded = new CaseStory().concludes('restrict').case;
const stored = JSON.parse(JSON.stringify(concluded)) as StoredCase;

test('a case of the present form loses nothing', () => {
  expect(upgradeCase(stored)).toEqual(concluded);
});

test('a case of a later form is refused, rather than that anything in it is lost', () => {
  expect(() => upgradeCase({ ...stored, schema: 2 })).toThrow(/case-1 has form 2.*newer than this release/);
});
