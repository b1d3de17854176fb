import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CustomerStory, caseWants, decisionContext, seen } from '../../test/builders/customer-story.js';
import { journeySnapshot } from '../../test/builders/journey-snapshot.js';
import { propertyRuns } from '../../test/builders/property-runs.js';
import { CASE_OUTCOMES, type CaseHold, type CaseOutcome, holdOf, measuresOf } from './cases/outcomes.js';
import { ACCESS_LEVELS, DEFAULT_POLICY } from './policy.js';

const lay = (caseId = 'case-1', freezes = false) =>
  caseWants(caseId, { kind: 'lay_hold', hold: freezes ? 'frozen' : 'held' });
const lift = (
  caseId = 'case-1',
  changes: { keepsHold?: boolean; proposedBy?: string; approvedBy?: string } = {},
) => {
  const { keepsHold = false, proposedBy = 'officer', approvedBy = 'approver' } = changes;
  return caseWants(caseId, { kind: 'lift_hold', to: keepsHold ? 'held' : 'none', proposedBy, approvedBy });
};
/** A renewal is asked for later than the approval. */
const HOUR_MS = 3_600_000;
const CLOSE = { kind: 'close', actor: 'company', reason: 'asked for' } as const;

describe('a compliance hold', () => {
  test('suspends an approved customer at once, and its lifting gives back what IDWise’s decision gives', () => {
    const story = seen({});
    story.take(lay());
    expect(story.stands).toEqual({ status: 'suspended', access: 'none', ground: 'held' });
    expect(story.last.effects).toContainEqual({
      kind: 'hold_laid',
      hold: 'compliance',
      caseId: 'case-1',
      freezes: false,
    });
    story.take(lift());
    expect(story.status).toBe('approved');
    expect(story.last.effects[0]).toMatchObject({
      kind: 'hold_lifted',
      caseId: 'case-1',
      proposedBy: 'officer',
    });
  });

  test('is laid and lifted once, however often it is asked for', () => {
    const story = seen({});
    story.take(lay());
    expect(story.take(lay()).effects).toEqual([]);
    story.take(lift());
    expect(story.take(lift()).effects).toEqual([]);
  });

  test('of several cases stands until the last of them has lifted its own', () => {
    const story = seen({});
    story.take(lay('case-1'));
    story.take(lay('case-2'));
    story.take(lift('case-1'));
    expect(story.status).toBe('suspended');
    story.take(lift('case-3'));
    expect(story.status).toBe('suspended');
    story.take(lift('case-2'));
    expect(story.status).toBe('approved');
  });

  test.each([
    ['of one person twice', { proposedBy: 'officer', approvedBy: 'officer' }],
    ['of one person alone', { proposedBy: '' }],
    ['of nobody', { proposedBy: '', approvedBy: '' }],
  ])('is not lifted on the word %s; an operator is told', (_who, by) => {
    const story = seen({});
    story.take(lay());
    story.take(lift('case-1', by));
    expect(story.status).toBe('suspended');
    expect(story.alarms).toEqual(['release_by_one_person']);
  });

  test('stays while a renewal’s hold comes and goes beside it', () => {
    const story = seen({});
    story.take(lay());
    story.pass(2 * HOUR_MS).hears('kyc_renewal_deadline_exceeded');
    expect(story.facts.holds).toEqual(['compliance', 'renewal']);
    story.take(lift());
    expect(story.stands).toMatchObject({ status: 'suspended' });
    expect(story.facts.holds).toEqual(['renewal']);
  });

  test('under it no decision of IDWise, event, callback or clock raises access', () => {
    const decision = fc.constantFrom('Complete', 'Refer', 'Rejected', 'Incomplete', 'Whatever');
    const manual = fc.constantFrom(null, 'Approved', 'Rejected', 'Resubmission Requested', 'Whatever');
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('look' as const),
        systemDecision: decision,
        manualDecision: manual,
        journeyId: fc.constantFrom('journey-1', 'journey-2'),
        pictures: fc.constantFrom('one', 'two'),
      }),
      fc.record({ kind: fc.constantFrom('journey_submitted' as const, 'journey_started' as const) }),
      fc.record({
        kind: fc.constantFrom(
          'finished_journey' as const,
          'manually_reviewed' as const,
          'aml_monitor_update' as const,
        ),
        amlVersion: fc.constantFrom(1, 2),
      }),
      fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 10 ** 9 }) }),
      fc.record({ kind: fc.constantFrom('reprocess' as const, 'close' as const, 'reopen' as const) }),
    );
    // As lenient as a policy can be, so that any way up would show.
    const suspended = fc.constantFrom('none' as const, 'limited' as const);
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.array(step, { maxLength: 25 }),
        suspended,
        (before, after, level) => {
          const access = { ...DEFAULT_POLICY.access, suspended: level };
          const story = new CustomerStory(decisionContext({ access }));
          const play = (steps: typeof before) => {
            for (const each of steps) {
              if (each.kind === 'look') story.sees(journeySnapshot(each));
              else if (each.kind === 'pass') story.pass(each.ms).take({ kind: 'clock' });
              else if (each.kind === 'journey_submitted' || each.kind === 'journey_started')
                story.app(each.kind);
              else if (each.kind === 'reprocess' || each.kind === 'close' || each.kind === 'reopen')
                story.take({ kind: each.kind, actor: 'a', reason: 'r' });
              else if ('amlVersion' in each) story.hears(each.kind, { amlVersion: each.amlVersion });
              expect(ACCESS_LEVELS.indexOf(story.standing.access)).toBeLessThanOrEqual(
                isHeld ? ACCESS_LEVELS.indexOf(level) : ACCESS_LEVELS.indexOf('full'),
              );
              if (isHeld) expect(['suspended', 'rejected', 'closed']).toContain(story.status);
            }
          };
          let isHeld = false;
          play(before);
          story.take(lay());
          isHeld = true;
          play(after);
          expect(story.facts.complianceHolds).toHaveLength(1);
        },
      ),
      { seed: 20_260_101, numRuns: propertyRuns(150) },
    );
  }, 60_000);

  test('is told to the customer in words that fit every hold', () => {
    const held = seen({});
    held.take(lay('case-1', true));
    const overdue = seen({});
    overdue.pass(2 * HOUR_MS).hears('kyc_renewal_deadline_exceeded');
    expect(held.view.status).toBe('suspended');
    expect(held.view.reason).toEqual(overdue.view.reason);
    const shown = JSON.stringify(held.view);
    expect(shown).not.toMatch(/case|complian|froz|freez|sanction|hold|aml/i);
  });
});

describe('the measures of one case', () => {
  type Want = CaseOutcome | 'sanctions';
  const by = { proposedBy: 'officer', approvedBy: 'approver' };
  /** What each turn of a case wants, from one to the next; a frozen customer is released before they are off-boarded. */
  function measuresOfTurns(wants: readonly Want[]) {
    let hold: CaseHold = 'none';
    let last: CaseOutcome | null = null;
    const measures = wants.flatMap((want, index) => {
      if (want === 'off_board' && hold === 'frozen') return [];
      if (want === 'sanctions' && hold !== 'none') return [];
      const outcome = want === 'sanctions' ? 'restrict' : want;
      const wanted = measuresOf(outcome, ['m1'], hold, by);
      [hold, last] = [holdOf(outcome), outcome];
      return wanted.map((measure) => ({ measure, revision: index + 1 }));
    });
    return { measures, hold, closes: last === 'off_board' };
  }

  test('leave the customer as the newest says, in whatever order and however often they arrive', () => {
    const wants = fc.array(fc.constantFrom<Want>('sanctions', ...CASE_OUTCOMES), { maxLength: 8 });
    const order = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(wants, order, (turns, lots) => {
        const { measures, hold, closes } = measuresOfTurns(turns);
        const arriving = [...measures, ...measures, ...measures]
          .map((each, index) => ({ ...each, lot: lots[index] ?? 0 }))
          .sort((a, b) => a.lot - b.lot);
        const story = seen({});
        for (const { measure, revision } of arriving) story.take(caseWants('case-1', measure, revision));
        expect(story.facts.complianceHolds.map(({ freezes }) => (freezes ? 'frozen' : 'held'))).toEqual(
          hold === 'none' ? [] : [hold],
        );
        if (closes) expect(story.status).toBe('closed');
        expect(story.alarms).toEqual([]);
      }),
      { seed: 20_260_101, numRuns: propertyRuns(500) },
    );
  }, 60_000);

  test('that arrive after a newer one change nothing and are done with', () => {
    const story = seen({});
    story.take(caseWants('case-1', { kind: 'lay_hold', hold: 'held' }, 9));
    const late = story.take(caseWants('case-1', { kind: 'lift_hold', to: 'none', ...by }, 7));
    expect(late.effects).toEqual([]);
    expect(late.processed).toHaveLength(1);
    expect(story.status).toBe('suspended');
    story.take(caseWants('case-1', { kind: 'lift_hold', to: 'none', ...by }, 12));
    story.take(caseWants('case-1', { kind: 'lay_hold', hold: 'held' }, 11));
    story.take(caseWants('case-1', { kind: 'close', ...by }, 10));
    expect(story.status).toBe('approved');
  });

  test('say nothing of another case, whose turns have numbers of their own', () => {
    const story = seen({});
    story.take(caseWants('case-1', { kind: 'lift_hold', to: 'none', ...by }, 9));
    story.take(caseWants('case-2', { kind: 'lay_hold', hold: 'held' }, 1));
    expect(story.status).toBe('suspended');
  });
});

describe('a frozen customer', () => {
  test('is not off-boarded, and the wish is on record', () => {
    const story = seen({});
    story.take(lay('case-1', true));
    story.take(CLOSE);
    expect(story.status).toBe('suspended');
    expect(story.last.effects).toContainEqual({
      kind: 'close_refused',
      actor: 'company',
      reason: 'asked for',
    });
  });

  test('can be off-boarded once released, by two people, though they stay held', () => {
    const story = seen({});
    story.take(lay());
    story.take(lay('case-1', true));
    story.take(lift('case-1', { keepsHold: true }));
    expect(story.status).toBe('suspended');
    story.take(CLOSE);
    expect(story.status).toBe('closed');
  });

  test('whom a case wants off-boarded while another freezes them stays, held by both, and somebody is told', () => {
    const story = seen({});
    story.take(lay('case-2', true));
    story.take(caseWants('case-1', { kind: 'close', proposedBy: 'officer', approvedBy: 'approver' }));
    expect(story.status).toBe('suspended');
    expect(story.facts.complianceHolds.map(({ caseId }) => caseId)).toEqual(['case-2', 'case-1']);
    expect(story.last.effects).toContainEqual(expect.objectContaining({ kind: 'close_refused' }));
    expect(story.alarms).toEqual(['off_boarding_refused']);
  });

  test('is frozen while any case freezes them, and no other case’s hold eases that', () => {
    const story = seen({});
    story.take(lay('case-1', true));
    expect(story.take(lay('case-1', false)).effects).toEqual([]);
    story.take(lay('case-2'));
    story.take(lift('case-2'));
    story.take(CLOSE);
    expect(story.status).toBe('suspended');
  });
});

test('an off-boarded customer can be held, and comes back held', () => {
  const story = seen({});
  story.take(CLOSE);
  story.take(lay());
  expect(story.status).toBe('closed');
  story.take({ kind: 'reopen', actor: 'company', reason: 'came back' });
  expect(story.status).toBe('suspended');
});
