import { describe, expect, test } from '@jest/globals';
import {
  amlReason,
  CaseStory,
  COLLEAGUE,
  caseContext,
  OFFICER,
  summaryOf,
} from '../../../test/builders/compliance-case.js';
import { caseAgenda } from './case-clock.js';
import type { CaseEffect } from './case-effects.js';
import { caseNotices } from './case-notices.js';
import { DEFAULT_CASE_POLICY } from './case-policy.js';

const SANCTIONS = amlReason(1, summaryOf({ added: ['sanctions'] }));
const REMOVAL = amlReason(1, summaryOf({ removed: ['pep'] }));
const HOUR_MS = 60 * 60_000;

/** What the clock alone does, and when, until so many things have happened. */
function whatComes(story: CaseStory, most: number): string[] {
  const seen: string[] = [];
  while (seen.length < most) {
    const effects = story.ticks();
    if (effects === null) break;
    for (const effect of effects) {
      const what = effect.kind === 'escalated' ? `escalated to ${effect.recipient}` : effect.kind;
      seen.push(`${story.now.slice(5, 16)} ${what}`);
    }
  }
  return seen;
}

/** To whom each mail goes that the effects owe. */
const mails = (story: CaseStory, effects: readonly CaseEffect[] = story.effects) =>
  caseNotices(story.case, effects, story.context).map(
    ({ template, recipients }) => `${template} to ${recipients.join(', ')}`,
  );

describe('while nobody answers', () => {
  test('a critical case rings on day and night: down the list, an operator, before and after it is due', () => {
    expect(whatComes(new CaseStory(SANCTIONS), 7)).toEqual([
      '03-02T10:15 escalated to 1',
      '03-02T10:30 escalated to 2',
      '03-02T10:45 alarm',
      '03-02T13:00 reminded',
      '03-02T14:00 overdue',
      '03-02T22:00 overdue',
      '03-03T06:00 overdue',
    ]);
  });

  test('one of high severity does so in working hours', () => {
    const evening = '2026-03-06T16:30:00.000Z';
    expect(whatComes(new CaseStory(amlReason(1), caseContext(), evening), 6)).toEqual([
      '03-09T09:30 escalated to 1',
      '03-09T10:30 escalated to 2',
      '03-09T11:30 alarm',
      '03-09T14:30 reminded',
      '03-09T16:30 overdue',
      '03-10T16:30 overdue',
    ]);
  });

  test('one of low severity stands in the digest of the next working day, and asks nobody to acknowledge', () => {
    expect(whatComes(new CaseStory(REMOVAL), 3)).toEqual([
      '03-03T09:00 digest_due',
      '03-06T10:00 reminded',
      '03-09T10:00 overdue',
    ]);
  });

  test('a list of one is told once, and then an operator is', () => {
    const alone = new CaseStory(SANCTIONS, caseContext({}, 1));
    expect(whatComes(alone, 1)).toEqual(['03-02T10:15 alarm']);
    expect(alone.effects.at(-1)).toEqual({ kind: 'alarm', code: 'case_unanswered' });
  });
});

describe('once somebody acknowledged', () => {
  test('nobody else is told for want of an answer; the due time stands', () => {
    const story = new CaseStory(SANCTIONS);
    story.does(OFFICER, { action: 'acknowledge' });
    expect(whatComes(story, 3)).toEqual([
      '03-02T13:00 reminded',
      '03-02T14:00 overdue',
      '03-02T22:00 overdue',
    ]);
  });

  test('assigning the case to somebody is no acknowledgement', () => {
    const story = new CaseStory(SANCTIONS);
    story.does(OFFICER, { action: 'assign', owner: COLLEAGUE });
    expect(whatComes(story, 1)).toEqual(['03-02T10:15 escalated to 1']);
  });

  test('and concluded, nothing is left to do', () => {
    const story = new CaseStory(SANCTIONS).concludes('monitor');
    expect(story.last.agenda).toEqual([]);
  });

  test('a heavier change rings down the list from its beginning', () => {
    const story = new CaseStory(amlReason(1));
    story.does(OFFICER, { action: 'acknowledge' });
    story.finds({ ...SANCTIONS, changeId: 'another', fromVersion: 1, toVersion: 2 });
    expect(story.ticks()).toEqual([{ kind: 'escalated', number: 1, recipient: 1 }]);
  });
});

describe('after nobody was there to do it', () => {
  test('all who should have been told are told at once, missed reminders once or not at all', () => {
    const away = new CaseStory(SANCTIONS);
    const effects = away.pass(20 * HOUR_MS).take({ kind: 'clock' }).effects;
    expect(effects.map(({ kind }) => kind)).toEqual(['escalated', 'escalated', 'alarm', 'overdue']);
    const policy = {
      clocks: {
        ...DEFAULT_CASE_POLICY.clocks,
        critical: {
          ...DEFAULT_CASE_POLICY.clocks.critical,
          remindBeforeMs: [3 * HOUR_MS, 2 * HOUR_MS, HOUR_MS],
        },
      },
    };
    const back = new CaseStory(SANCTIONS, caseContext(policy));
    back.does(OFFICER, { action: 'acknowledge' });
    expect(back.pass(2.5 * HOUR_MS).take({ kind: 'clock' }).effects).toHaveLength(1);
    expect(whatComes(back, 2)).toEqual(['03-02T13:00 reminded', '03-02T14:00 overdue']);
  });

  test('what a person or a finding comes before is done by the clock all the same, the digest and the alarm too', () => {
    const silent = new CaseStory(SANCTIONS).pass(HOUR_MS);
    expect(silent.finds(amlReason(2)).effects.map(({ kind }) => kind)).toEqual(['version_added']);
    expect(silent.take({ kind: 'clock' }).effects.map(({ kind }) => kind)).toEqual([
      'escalated',
      'escalated',
      'alarm',
    ]);
    const digest = new CaseStory(REMOVAL).pass(24 * HOUR_MS);
    digest.does(OFFICER, { action: 'acknowledge' });
    digest.finds({ ...REMOVAL, changeId: 'another', fromVersion: 1, toVersion: 2 });
    expect(digest.last.agenda[0]).toEqual({ what: 'digest', at: '2026-03-03T09:00:00.000Z' });
    expect(digest.take({ kind: 'clock' }).effects).toEqual([
      { kind: 'digest_due', digestAt: '2026-03-03T09:00:00.000Z' },
    ]);
  });

  test('a case that two people concluded before its digest is in none', () => {
    const story = new CaseStory(REMOVAL).pass(24 * HOUR_MS).concludes('monitor');
    expect(story.last.agenda).toEqual([]);
    expect(story.take({ kind: 'clock' }).effects).toEqual([]);
    expect(story.kinds).not.toContain('digest_due');
  });

  test('the agenda is what the case says, whoever asks, however often', () => {
    const story = new CaseStory(SANCTIONS);
    expect(caseAgenda(story.case, story.context, story.now)).toEqual(story.last.agenda);
    story.ticks();
    expect(story.take({ kind: 'clock' }).effects).toEqual([]);
  });
});

describe('the mails', () => {
  test('each go to those who are to know: the first, then the next, then all of them', () => {
    const story = new CaseStory(SANCTIONS);
    expect(mails(story)).toEqual(['case_opened to 0']);
    const told = Array.from({ length: 5 }, () => mails(story, story.ticks() ?? []));
    expect(told).toEqual([
      ['case_escalated to 1'],
      ['case_escalated to 2'],
      [],
      ['case_reminder to 0, 1, 2'],
      ['case_overdue to 0, 1, 2'],
    ]);
  });

  test('of an overdue case that somebody acknowledged go to one more each time', () => {
    const story = new CaseStory(SANCTIONS);
    story.does(OFFICER, { action: 'acknowledge' });
    story.ticks();
    expect(mails(story, story.ticks() ?? [])).toEqual(['case_overdue to 0, 1']);
    expect(mails(story, story.ticks() ?? [])).toEqual(['case_overdue to 0, 1, 2']);
    expect(mails(story, story.ticks() ?? [])).toEqual(['case_overdue to 0, 1, 2']);
  });

  test('of what the policy puts into the digest are the digest alone', () => {
    const story = new CaseStory(REMOVAL);
    expect(mails(story)).toEqual([]);
    expect(mails(story, story.ticks() ?? [])).toEqual(['case_digest to 0']);
  });

  test('of a heavier change go out at once, and the digest that was owed does not', () => {
    const story = new CaseStory(REMOVAL);
    const { effects } = story.finds({ ...SANCTIONS, changeId: 'another', fromVersion: 1, toVersion: 2 });
    expect(mails(story, effects)).toEqual(['case_version_added to 0']);
    expect(story.case.told.digestAt).toBeNull();
  });

  test('have each a name of its own, the same however often the effect is written', () => {
    const story = new CaseStory(SANCTIONS);
    whatComes(story, 8);
    story.finds(amlReason(2));
    whatComes(story, 2);
    const names = caseNotices(story.case, story.effects, story.context).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(caseNotices(story.case, story.effects, story.context).map(({ name }) => name)).toEqual(names);
  });

  test('go to nobody who is not on the list any more', () => {
    const story = new CaseStory(SANCTIONS);
    story.ticks();
    story.ticks();
    const shorter = { ...story.context, recipients: 1 };
    const effects = [{ kind: 'overdue', number: 1, dueAt: story.now, recipients: 3 }] as const;
    expect(caseNotices(story.case, effects, shorter)[0]?.recipients).toEqual([0]);
  });
});
