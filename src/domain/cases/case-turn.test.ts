import { describe, expect, test } from '@jest/globals';
import {
  AML_CASE,
  APPROVER,
  amlReason,
  CASE_BEGINS_AT,
  CaseStory,
  COLLEAGUE,
  caseContext,
  OFFICER,
  summaryOf,
} from '../../../test/builders/compliance-case.js';
import { type AmlReason, CASE_STATES, type ComplianceCase } from './case.js';
import { act } from './case-actions.js';
import { DEFAULT_CASE_POLICY } from './case-policy.js';
import { takeCaseTurn } from './case-turn.js';
import { openCase } from './case-versions.js';
import { CASE_OUTCOMES, type CaseOutcome } from './outcomes.js';
import { needsSenior } from './proposal-rules.js';
import { severityOf } from './severity.js';

const SANCTIONS = summaryOf({ added: ['sanctions'] });
const REMOVAL = summaryOf({ removed: ['pep'] });
const OWN_WHITELISTING = summaryOf({ whitelisted: 1 });
const opensBy = (reason: AmlReason, policy = {}) =>
  openCase(
    AML_CASE,
    { because: { kind: 'aml', ...reason }, detectedAt: CASE_BEGINS_AT },
    caseContext(policy),
    CASE_BEGINS_AT,
  );
const opens = (summary = SANCTIONS, policy = {}) => opensBy(amlReason(1, summary), policy);
const REVIEW: ComplianceCase = openedReview();

function openedReview(): ComplianceCase {
  const because = { kind: 'review', changeId: 'turn-3', ground: 'referred' } as const;
  const identity = { ...AML_CASE, kind: 'review' as const };
  const opened = openCase(identity, { because, detectedAt: CASE_BEGINS_AT }, caseContext(), CASE_BEGINS_AT);
  if (opened === null) throw new Error('A review always opens a case.');
  return opened.case;
}

describe('what a change weighs', () => {
  test.each([
    ['a match that is new on a sanctions list', { added: ['sanctions'] }, 'critical'],
    ['a known match that is now on a sanctions list', { changed: ['pep'], gained: 'sanctions' }, 'critical'],
    ['a new politically exposed person', { added: ['pep'] }, 'high'],
    ['new adverse media', { added: ['adverse_media'] }, 'high'],
    ['a match on a list of another kind, or of one that is not known', { added: ['other'] }, 'high'],
    ['a match that changed', { changed: ['sanctions'] }, 'medium'],
    ['a match that somebody whitelisted outside a case', { whitelistedElsewhere: 1 }, 'medium'],
    ['a match that is gone', { removed: ['sanctions'] }, 'low'],
    ['a version in which nobody can tell what changed', {}, 'medium'],
    ['several things: the heaviest', { added: ['pep', 'sanctions'], removed: ['other'] }, 'critical'],
  ] as const)('%s', (_what, difference, severity) => {
    expect(severityOf(summaryOf(difference), DEFAULT_CASE_POLICY)).toBe(severity);
  });

  test('is the company’s own choice', () => {
    const severity = { ...DEFAULT_CASE_POLICY.severity, removed: 'high' as const };
    expect(severityOf(REMOVAL, { ...DEFAULT_CASE_POLICY, severity })).toBe('high');
  });
});

describe('a case is opened', () => {
  test('by matches in the first result as by a change of them, due by its severity’s clock', () => {
    expect(opens()?.case).toMatchObject({
      state: 'open',
      severity: 'critical',
      detectedAt: CASE_BEGINS_AT,
      concludedAt: null,
      due: { at: '2026-03-02T14:00:00.000Z' },
    });
    expect(opens(summaryOf({ added: ['pep'] }))?.case.due.at).toBe('2026-03-03T10:00:00.000Z');
  });

  test('not by our own whitelisting, nor by a difference in which nothing differs', () => {
    expect(opens(OWN_WHITELISTING)).toBeNull();
    expect(opens(summaryOf({}))).toBeNull();
    expect(opensBy(amlReason(1, OWN_WHITELISTING, { showing: 'lagging' }))).toBeNull();
  });

  test('by a version that monitoring raised and whose matches do not show it yet: nobody can tell that it is harmless', () => {
    expect(opensBy(amlReason(1, summaryOf({}), { showing: 'lagging' }))?.case).toMatchObject({
      severity: 'medium',
      hold: 'none',
    });
    expect(opensBy(amlReason(1, summaryOf({}), { showing: 'lagging', fromVersion: 1 }))).toBeNull();
    expect(opensBy(amlReason(1, summaryOf({}), { showing: 'caught_up', fromVersion: 1 }))).toBeNull();
  });

  test('and holds the customer at once where a match is on a sanctions list, unless the policy says otherwise', () => {
    const laid = { kind: 'measure_wanted', measure: { kind: 'lay_hold', hold: 'held' } };
    expect(opens()?.effects).toContainEqual(laid);
    expect(opens(summaryOf({ changed: ['pep'], gained: 'sanctions' }))?.effects).toContainEqual(laid);
    expect(opens(SANCTIONS, { holdOnSanctions: false })?.case.hold).toBe('none');
    for (const other of [summaryOf({ added: ['pep'] }), summaryOf({ changed: ['sanctions'] }), REMOVAL])
      expect(opens(other)?.effects.map(({ kind }) => kind)).toEqual(['case_opened']);
  });

  test('with a removal alone as one of low severity, for the digest of the next working day', () => {
    const removal = new CaseStory(amlReason(1, REMOVAL));
    expect(removal.case).toMatchObject({ severity: 'low', told: { digestAt: '2026-03-03T09:00:00.000Z' } });
    expect(removal.ticks()).toEqual([{ kind: 'digest_due', digestAt: '2026-03-03T09:00:00.000Z' }]);
  });
});

describe('a further change', () => {
  test('is a new version of the open case', () => {
    const story = new CaseStory();
    story.finds(amlReason(2));
    expect(story.case.versions.map(({ number }) => number)).toEqual([1, 2]);
    expect(story.kinds).toEqual(['case_opened', 'version_added']);
  });

  test('that is told twice, by two events, a replay or a sweep, is no change', () => {
    const story = new CaseStory();
    story.finds(amlReason(2));
    const known = story.case;
    for (const again of [
      amlReason(2),
      amlReason(1),
      amlReason(2, undefined, { changeId: 'by its other event' }),
      amlReason(2, undefined, { changeId: 'both at once', fromVersion: 0 }),
      amlReason(2, undefined, { changeId: 'by its digest alone', fromVersion: 2 }),
    ])
      expect(story.finds(again)).toMatchObject({ case: known, effects: [] });
  });

  test('of a version that came late is one all the same', () => {
    const story = new CaseStory();
    story.finds(amlReason(3));
    story.finds(amlReason(2));
    expect(story.finds(amlReason(3, undefined, { changeId: 'over both', fromVersion: 1 })).effects).toEqual(
      [],
    );
    expect(story.case.versions).toHaveLength(3);
  });

  test('in which nothing differs is a version of a case that somebody is at, and takes up no closed one', () => {
    const story = new CaseStory();
    story.finds(amlReason(2, summaryOf({})));
    expect(story.case.versions.map(({ severity }) => severity)).toEqual(['high', 'medium']);
    story.concludes('monitor');
    expect(story.finds(amlReason(3, summaryOf({}))).effects).toEqual([]);
    expect(story.finds(amlReason(3, summaryOf({}), { changeId: 'again', fromVersion: 3 })).effects).toEqual(
      [],
    );
    story.finds(amlReason(4, summaryOf({}), { showing: 'lagging' }));
    expect(story.case).toMatchObject({ state: 'reopened', severity: 'medium' });
  });

  test('that could not be told at first is told when the matches show it, though its version is known', () => {
    const story = new CaseStory(amlReason(1, summaryOf({ open: [] }), { showing: 'lagging' }));
    const caughtUp = {
      showing: 'caught_up',
      fromVersion: 1,
      digest: 'digest 1',
      changeId: 'turn-9',
    } as const;
    expect(story.finds(amlReason(1, summaryOf({}), caughtUp)).effects).toEqual([]);
    story.finds(amlReason(1, SANCTIONS, caughtUp));
    expect(story.case).toMatchObject({ severity: 'critical', hold: 'held' });
    expect(story.kinds).toEqual(['case_opened', 'version_added', 'measure_wanted']);
    expect(story.finds(amlReason(1, SANCTIONS, caughtUp)).effects).toEqual([]);
  });

  test('without a version is known by its matches', () => {
    const story = new CaseStory();
    const unversioned = (digest: string, changeId: string) =>
      amlReason(1, undefined, { fromVersion: 1, digest, changeId });
    story.finds(unversioned('digest 2', 'turn-7'));
    story.finds(unversioned('digest 2', 'turn-8'));
    story.finds(unversioned('digest 1', 'turn-9'));
    expect(story.case.versions).toHaveLength(3);
  });

  test('that is our own whitelisting changes nothing, also of a closed case', () => {
    const story = new CaseStory().concludes('false_positive', ['m1']);
    expect(story.finds(amlReason(2, OWN_WHITELISTING)).effects).toEqual([]);
    expect(story.state).toBe('closed');
  });

  test('reopens a closed case, with times of its own', () => {
    const story = new CaseStory().concludes('monitor');
    const closed = story.case;
    story.pass(30 * 24 * 60 * 60_000).finds(amlReason(2, SANCTIONS));
    expect(story.case).toMatchObject({
      state: 'reopened',
      severity: 'critical',
      concludedAt: null,
      hold: 'held',
    });
    expect(story.case.detectedAt).toBe(story.now);
    expect(story.case.conclusions).toEqual(closed.conclusions);
    expect(story.kinds.slice(-2)).toEqual(['reopened', 'measure_wanted']);
  });

  test('that makes it heavier must be acknowledged anew; a lighter one need not', () => {
    const story = new CaseStory();
    story.does(OFFICER, { action: 'acknowledge' });
    story.finds(amlReason(2, REMOVAL));
    expect(story.case).toMatchObject({ state: 'acknowledged', severity: 'high', awaitingSince: null });
    story.finds(amlReason(3, SANCTIONS));
    expect(story.case).toMatchObject({ state: 'open', severity: 'critical', awaitingSince: story.now });
    expect(story.case.owner).toBe(OFFICER.id);
  });

  test('never puts the due time off', () => {
    const story = new CaseStory(amlReason(1, SANCTIONS));
    const { due } = story.case;
    story.pass(60_000).finds(amlReason(2, SANCTIONS));
    expect(story.case.due).toEqual(due);
  });

  test('makes a proposal void that did not know of it', () => {
    const story = new CaseStory();
    story.does(OFFICER, { action: 'acknowledge' });
    story.does(OFFICER, story.proposal('monitor'));
    story.finds(amlReason(2, REMOVAL));
    expect(story.case).toMatchObject({ state: 'investigating', proposal: null });
    expect(story.does(APPROVER, { action: 'approve', proposal: 1, reasonId: 'r' })).toBe('state_not_allowed');
    expect(story.does(OFFICER, { ...story.proposal('monitor'), version: 1 })).toBe('version_differs');
  });
});

describe('four eyes', () => {
  const proposed = (outcome: CaseOutcome = 'monitor', by = OFFICER) => {
    const story = new CaseStory();
    story.does(by, { action: 'acknowledge' });
    expect(story.does(by, story.proposal(outcome, outcome === 'false_positive' ? ['m1'] : []))).toBeNull();
    return story;
  };
  const approve = { action: 'approve', proposal: 1, reasonId: 'reason-2' } as const;

  test('an outcome takes two people, and says who they were', () => {
    const story = proposed();
    expect(story.does(COLLEAGUE, approve)).toBeNull();
    expect(story.state).toBe('closed');
    expect(story.case.concludedAt).toBe(story.now);
    expect(story.case.conclusions).toEqual([
      expect.objectContaining({ outcome: 'monitor', proposedBy: OFFICER.id, approvedBy: COLLEAGUE.id }),
    ]);
  });

  test('nobody approves or declines their own proposal, whatever their roles', () => {
    const both = { id: 'all-1', roles: ['officer', 'approver', 'admin'] as const };
    const story = proposed('monitor', both);
    expect(story.does(both, approve)).toBe('own_proposal');
    expect(story.does(both, { action: 'decline', proposal: 1, reasonId: 'r' })).toBe('own_proposal');
    expect(story.state).toBe('pending_approval');
  });

  test('an approval is of the proposal that it saw, and of no other', () => {
    const story = proposed();
    story.does(OFFICER, { action: 'withdraw', proposal: 1 });
    story.does(OFFICER, story.proposal('freeze'));
    expect(story.does(APPROVER, approve)).toBe('version_differs');
    expect(story.does(APPROVER, { ...approve, proposal: 2 })).toBeNull();
  });

  test('only the proposer withdraws; others decline', () => {
    const story = proposed();
    expect(story.does(COLLEAGUE, { action: 'withdraw', proposal: 1 })).toBe('not_own_proposal');
    expect(story.does(COLLEAGUE, { action: 'decline', proposal: 1, reasonId: 'r' })).toBeNull();
    expect(story.state).toBe('investigating');
  });

  test.each(CASE_OUTCOMES.filter((outcome) => needsSenior(outcome, DEFAULT_CASE_POLICY)))(
    '%s is approved by a senior role',
    (outcome) => {
      const story = proposed(outcome);
      expect(story.does(COLLEAGUE, approve)).toBe('senior_role_required');
      expect(story.does(APPROVER, approve)).toBeNull();
    },
  );

  test('enhanced due diligence is so even where the policy asks for no senior role', () => {
    expect(
      CASE_OUTCOMES.filter((outcome) => needsSenior(outcome, { ...DEFAULT_CASE_POLICY, seniorApproval: [] })),
    ).toEqual(['enhanced_due_diligence']);
  });

  test('a request that comes twice is done once', () => {
    const story = proposed();
    const note = { action: 'note', noteId: 'note-1' } as const;
    story.does(OFFICER, note, 'the same');
    const { case: noted } = story;
    expect(story.does(OFFICER, note, 'the same')).toBeNull();
    expect(story.case).toEqual(noted);
    expect(story.kinds.filter((kind) => kind === 'note_added')).toHaveLength(1);
  });

  test('a request whose words are kept was done, also where so many came after it that its id is forgotten', () => {
    const story = proposed();
    story.does(COLLEAGUE, approve, 'the approval');
    for (let number = 1; number <= 100; number += 1)
      story.does(OFFICER, { action: 'note', noteId: `note-${number}` }, `later request ${number}`);
    const { case: known, context, now: at } = story;
    expect(known.requestIds).not.toContain('the approval');
    const asked = { requestId: 'the approval', actor: OFFICER, frozenElsewhere: false, hasWords: true };
    const request = { action: 'note', noteId: 'the approval' } as const;
    expect(act(known, { ...asked, request }, context, at)).toEqual({
      kind: 'done',
      case: known,
      effects: [],
    });
    const mayNot = { ...asked, actor: { id: 'auditor-1', roles: ['auditor'] as const } };
    expect(act(known, { ...mayNot, request }, context, at).kind).toBe('refused');
  });
});

describe('an outcome', () => {
  const by = { proposedBy: OFFICER.id, approvedBy: APPROVER.id };

  test.each([
    ['false_positive', 'none', [{ kind: 'whitelist', matches: ['m1'], ...by }]],
    [
      'false_positive',
      'held',
      [
        { kind: 'whitelist', matches: ['m1'], ...by },
        { kind: 'lift_hold', to: 'none', ...by },
      ],
    ],
    ['monitor', 'none', []],
    ['monitor', 'held', [{ kind: 'lift_hold', to: 'none', ...by }]],
    ['enhanced_due_diligence', 'held', [{ kind: 'lift_hold', to: 'none', ...by }]],
    ['restrict', 'none', [{ kind: 'lay_hold', hold: 'held' }]],
    ['restrict', 'held', []],
    ['freeze', 'held', [{ kind: 'lay_hold', hold: 'frozen' }]],
    [
      'off_board',
      'none',
      [
        { kind: 'lay_hold', hold: 'held' },
        { kind: 'close', ...by },
      ],
    ],
    ['off_board', 'held', [{ kind: 'close', ...by }]],
  ] as const)('%s of a case that has its customer %s asks for what it takes', (outcome, held, measures) => {
    const story = new CaseStory(amlReason(1, held === 'held' ? SANCTIONS : undefined));
    const already = story.measures.length;
    story.concludes(outcome, outcome === 'false_positive' ? ['m1'] : []);
    expect(story.measures.slice(already)).toEqual(measures);
  });

  test('of a frozen customer is not to off-board them before another has released them', () => {
    const story = new CaseStory().concludes('freeze');
    expect(story.does(OFFICER, { action: 'reopen', reasonId: 'released by the authority' })).toBeNull();
    story.does(OFFICER, { action: 'acknowledge' });
    expect(story.does(OFFICER, story.proposal('off_board'))).toBe('frozen');
    story.concludes('restrict');
    expect(story.measures.at(-1)).toEqual({ kind: 'lift_hold', to: 'held', ...by });
    story.does(OFFICER, { action: 'reopen', reasonId: 'r' });
    story.concludes('off_board');
    expect(story.measures.at(-1)).toMatchObject({ kind: 'close' });
  });

  test('of a customer whom another case has frozen is neither to propose nor to approve their off-boarding', () => {
    const story = new CaseStory();
    story.does(OFFICER, { action: 'acknowledge' });
    story.frozenElsewhere = true;
    expect(story.does(OFFICER, story.proposal('off_board'))).toBe('frozen');
    story.frozenElsewhere = false;
    expect(story.does(OFFICER, story.proposal('off_board'))).toBeNull();
    story.frozenElsewhere = true;
    const answer = { proposal: 1, reasonId: 'r' };
    expect(story.does(APPROVER, { action: 'approve', ...answer })).toBe('frozen');
    expect(story.measures).toEqual([]);
    expect(story.does(APPROVER, { action: 'decline', ...answer })).toBeNull();
    story.concludes('restrict');
  });

  test('names the matches that it whitelists, which must count in the case', () => {
    const story = new CaseStory(amlReason(1, summaryOf({ added: ['pep'], open: ['m1', 'm2'] })));
    story.does(OFFICER, { action: 'acknowledge' });
    expect(story.does(OFFICER, story.proposal('false_positive'))).toBe('matches_do_not_fit');
    expect(story.does(OFFICER, story.proposal('monitor', ['m1']))).toBe('matches_do_not_fit');
    expect(story.does(OFFICER, story.proposal('false_positive', ['m3']))).toBe('match_unknown');
    expect(story.does(OFFICER, story.proposal('false_positive', ['m2']))).toBeNull();
  });

  test('names none that IDWise cannot whitelist, and can be proposed of the others', () => {
    const summary = summaryOf({ added: ['pep'], open: ['m1', 'm2'], notWhitelistable: ['m2'] });
    const story = new CaseStory(amlReason(1, summary));
    story.does(OFFICER, { action: 'acknowledge' });
    expect(story.does(OFFICER, story.proposal('false_positive', ['m1', 'm2']))).toBe(
      'match_not_whitelistable',
    );
    expect(story.does(OFFICER, story.proposal('false_positive', ['m1']))).toBeNull();
  });

  test('and every refusal, note and reopening needs its words', () => {
    const story = new CaseStory();
    story.does(OFFICER, { action: 'acknowledge' });
    expect(story.does(OFFICER, { ...story.proposal('monitor'), reasonId: '' })).toBe('words_missing');
    expect(story.does(OFFICER, { action: 'note', noteId: '' })).toBe('words_missing');
    story.does(OFFICER, story.proposal('monitor'));
    expect(story.does(APPROVER, { action: 'approve', proposal: 1, reasonId: '' })).toBe('words_missing');
  });
});

test('a report to an authority has a time of its own, also after the case is closed, and is never of tomorrow', () => {
  const story = new CaseStory().concludes('freeze');
  const { concludedAt, detectedAt } = story.case;
  const report = { action: 'record_external_report', noteId: 'n' } as const;
  expect(story.does(OFFICER, { ...report, reportedAt: '2026-03-09T10:00:00.000Z' })).toBe(
    'reported_in_future',
  );
  expect(story.does(OFFICER, { ...report, reportedAt: CASE_BEGINS_AT })).toBeNull();
  expect(story.case).toMatchObject({ concludedAt, detectedAt, state: 'closed' });
  expect(story.case.externalReports).toEqual([
    { reportedAt: CASE_BEGINS_AT, recordedAt: story.now, recordedBy: OFFICER.id, noteId: 'n' },
  ]);
});

describe('a review', () => {
  const request = (of: ComplianceCase, action: 'acknowledge' | 'reopen') =>
    takeCaseTurn(
      of,
      {
        kind: 'request',
        requestId: action,
        actor: OFFICER,
        request: { action, reasonId: 'r' },
        frozenElsewhere: false,
        hasWords: false,
      },
      caseContext(),
      CASE_BEGINS_AT,
    );

  test('is decided in the Studio: here it is acknowledged and worked on, and nothing is proposed', () => {
    const acknowledged = request(REVIEW, 'acknowledge').case;
    expect(acknowledged.state).toBe('acknowledged');
    const propose = {
      action: 'propose',
      version: 1,
      outcome: 'monitor',
      matches: [],
      reasonId: 'r',
    } as const;
    const input = {
      kind: 'request',
      requestId: '2',
      actor: OFFICER,
      request: propose,
      frozenElsewhere: false,
      hasWords: false,
    } as const;
    expect(takeCaseTurn(acknowledged, input, caseContext(), CASE_BEGINS_AT).refusal).toBe(
      'decided_elsewhere',
    );
  });

  test('is closed when the customer is no longer under review, once, and reopens when they are again', () => {
    const input = { kind: 'review_decided', ground: 'manual_decision' } as const;
    const turn = takeCaseTurn(REVIEW, input, caseContext(), CASE_BEGINS_AT);
    expect(turn).toMatchObject({ case: { state: 'closed', concludedAt: CASE_BEGINS_AT }, agenda: [] });
    expect(turn.effects).toEqual([{ kind: 'closed', outcome: null, ground: 'manual_decision' }]);
    expect(takeCaseTurn(turn.case, input, caseContext(), CASE_BEGINS_AT).effects).toEqual([]);
    expect(request(turn.case, 'reopen').refusal).toBe('decided_elsewhere');
    const found = {
      kind: 'found',
      because: { kind: 'review', changeId: 'turn-9', ground: 'referred' },
      detectedAt: CASE_BEGINS_AT,
    } as const;
    const again = takeCaseTurn(turn.case, found, caseContext(), CASE_BEGINS_AT);
    expect(again.case.state).toBe('reopened');
    expect(takeCaseTurn(again.case, found, caseContext(), CASE_BEGINS_AT).effects).toEqual([]);
  });

  test('of a case about AML there is no such end: no word of IDWise closes it', () => {
    const input = { kind: 'review_decided', ground: 'manual_decision' } as const;
    const story = new CaseStory();
    expect(story.take(input).effects).toEqual([]);
    expect(story.state).toBe('open');
  });
});

test('every state can be reached, and a case goes through them in the order of its life', () => {
  const story = new CaseStory();
  const seen = [story.state];
  const does = (...[actor, request]: Parameters<CaseStory['does']>) => {
    expect(story.does(actor, request)).toBeNull();
    seen.push(story.state);
  };
  does(OFFICER, { action: 'acknowledge' });
  does(OFFICER, { action: 'note', noteId: 'n' });
  does(OFFICER, story.proposal('monitor'));
  does(APPROVER, { action: 'approve', proposal: 1, reasonId: 'r' });
  does(OFFICER, { action: 'reopen', reasonId: 'r' });
  expect(seen).toEqual(CASE_STATES);
});
