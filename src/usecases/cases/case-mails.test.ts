import { describe, expect, test } from '@jest/globals';
import { amlReason, CaseStory, OFFICER, summaryOf } from '../../../test/builders/compliance-case.js';
import type { CaseEffect } from '../../domain/cases/case-effects.js';
import { caseMailRows } from './case-mails.js';

const RECIPIENTS = ['first@company.example', 'second@company.example', 'third@company.example'];
const SANCTIONS = amlReason(1, summaryOf({ added: ['sanctions'] }));

/** What the mails that are owed for the effects announce: by when somebody is to acknowledge, and who is told then. */
function announcements(story: CaseStory, effects: readonly CaseEffect[] = story.effects): readonly string[] {
  const rows = caseMailRows(story.case, effects, story.context, { recipients: RECIPIENTS }, story.now);
  return rows.map(({ message }) => {
    if (!('case' in message)) throw new Error('The mail is about no case.');
    const { to, next, case: of } = message;
    return `${to.split('@')[0]}: ${of.acknowledgeBy?.slice(11, 16) ?? 'never'} ${next?.split('@')[0] ?? 'nobody'}`;
  });
}
const whenTheClockTicks = (story: CaseStory) => announcements(story, story.ticks() ?? []);

describe('a mail announces what the clock does if nobody acknowledges:', () => {
  test('the next on the list, after the last one the operators, and after them nothing', () => {
    const story = new CaseStory(SANCTIONS);
    expect(announcements(story)).toEqual(['first: 10:15 second']);
    expect(whenTheClockTicks(story)).toEqual(['second: 10:30 third']);
    expect(whenTheClockTicks(story)).toEqual(['third: 10:45 nobody']);
    expect(story.ticks()).toEqual([{ kind: 'alarm', code: 'case_unanswered' }]);
    const silence = ['first: never nobody', 'second: never nobody', 'third: never nobody'];
    expect(whenTheClockTicks(story)).toEqual(silence);
    expect(whenTheClockTicks(story)).toEqual(silence);
    expect(story.kinds.slice(-2)).toEqual(['reminded', 'overdue']);
  });

  test('after a heavier version the second on the list again, though all of them know of the case', () => {
    const story = new CaseStory();
    story.ticks();
    story.ticks();
    const { effects } = story.finds({ ...SANCTIONS, changeId: 'another', fromVersion: 1, toVersion: 2 });
    expect(announcements(story, effects)).toEqual([
      'first: 12:15 second',
      'second: 12:15 second',
      'third: 12:15 second',
    ]);
    expect(story.ticks()).toEqual([{ kind: 'escalated', number: 1, recipient: 1 }]);
    expect(story.now.slice(11, 16)).toBe('12:15');
  });

  test('nothing where somebody has', () => {
    const story = new CaseStory(SANCTIONS);
    story.does(OFFICER, { action: 'acknowledge' });
    expect(whenTheClockTicks(story)).toEqual(['first: never nobody']);
    expect(whenTheClockTicks(story)).toEqual(['first: never nobody', 'second: never nobody']);
  });
});
