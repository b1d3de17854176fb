import { expect, test } from '@jest/globals';
import { AML_CASE, amlReason, CaseStory, summaryOf } from '../../../test/builders/compliance-case.js';
import { caseKey, latestVersion, openMatches } from './case.js';

test('no two customers, journeys or kinds share a key, whatever their ids are made of', () => {
  const keys = [
    AML_CASE,
    { ...AML_CASE, kind: 'review' as const },
    { ...AML_CASE, journeyId: 'journey-2' },
    { ...AML_CASE, referenceNo: 'ref-1","journey' },
    { ...AML_CASE, referenceNo: 'ref', journeyId: '-1","journey-1' },
  ].map(caseKey);
  expect(new Set(keys).size).toBe(keys.length);
  expect(caseKey({ ...AML_CASE })).toBe(keys[0]);
});

test('which matches count is what the latest change says, also after somebody took the case up again', () => {
  const story = new CaseStory(amlReason(1, summaryOf({ added: ['pep'], open: ['m1', 'm2'] })));
  story.finds(amlReason(2, summaryOf({ removed: ['pep'], open: ['m2'] })));
  story.concludes('monitor');
  story.does({ id: 'officer-1', roles: ['officer'] }, { action: 'reopen', reasonId: 'r' });
  expect(latestVersion(story.case).because.kind).toBe('asked');
  expect(openMatches(story.case)).toEqual(['m2']);
});
