import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { CustomerStory, caseWants } from '../../test/builders/customer-story.js';
import type { Turn } from '../domain/customer-turn.js';
import type { Effect } from '../domain/effects.js';
import { auditEntries } from './audit-entries.js';

const closing = { kind: 'close', proposedBy: 'officer', approvedBy: 'approver' } as const;

/** Two cases want off-boarded whom a third one has frozen, and the customer's workflow hears of both at once. */
function twiceRefused(): Turn {
  const story = new CustomerStory();
  story.take(caseWants('case-1', { kind: 'lay_hold', hold: 'frozen' }));
  const wishes = ['case-2', 'case-3'].map((caseId) => caseWants(caseId, closing));
  return story.take({
    kind: 'reports',
    reports: wishes.flatMap((wish) => (wish.kind === 'reports' ? wish.reports : [])),
  });
}

function entriesOf(turn: Turn) {
  const command = {
    referenceNo: 'ref-1',
    turn: 7,
    runId: 'run',
    at: '2026-03-02T10:00:00.000Z',
    input: { kind: 'events', events: [] },
  } as const;
  return auditEntries({ command, turn, turnNumber: 7, policyVersion: 'of the test' });
}

const idOf = (name: string) =>
  createHash('sha256').update(`ref-1\nturn:7\n${name}`).digest('hex').slice(0, 32);

test('two alarms of one kind in one turn are two records, of which the first is named as one alone would be', () => {
  const turn = twiceRefused();
  const entries = entriesOf(turn);
  const at = turn.effects.findLastIndex(({ kind }) => kind === 'alarm');
  const alarms = entries.filter(({ effect }) => effect.startsWith('alarm:'));
  const names = ['alarm:off_boarding_refused', `alarm:off_boarding_refused:${at}`];
  expect(alarms.map(({ effect }) => effect)).toEqual(names);
  expect(alarms.map(({ _id }) => _id)).toEqual(names.map(idOf));
  expect(entriesOf(twiceRefused()).map(({ _id }) => _id)).toEqual(entries.map(({ _id }) => _id));
});

test('whatever effects a turn brings, each has a record of its own', () => {
  const step = (outcome: string): Effect => ({ kind: 'custom_step', journeyId: 'j', outcome });
  const hold: Effect = { kind: 'hold_laid', hold: 'renewal', journeyId: 'j' };
  const alarm: Effect = { kind: 'alarm', code: 'off_boarding_refused', journeyId: null };
  // The second step is called as the third one would be by its place.
  const effects = [step('done'), alarm, step('done:3'), step('done'), hold, hold, alarm, alarm];
  const entries = entriesOf({ ...twiceRefused(), effects });
  expect(new Set(entries.map(({ _id }) => _id)).size).toBe(effects.length);
  expect(new Set(entries.map(({ cause, effect }) => `${cause.id}\n${effect}`)).size).toBe(effects.length);
});
