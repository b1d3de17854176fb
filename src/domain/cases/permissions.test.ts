import { describe, expect, test } from '@jest/globals';
import { amlReason, CaseStory } from '../../../test/builders/compliance-case.js';
import { CASE_STATES, type CaseState, type ComplianceCase } from './case.js';
import { act, type CaseRequest } from './case-actions.js';
import { nextState, TRANSITIONS } from './case-transitions.js';
import { CASE_ACTIONS, type CaseAction, DESK_ACTIONS, mayDo, PERMISSIONS, ROLES } from './roles.js';

const story = new CaseStory(amlReason(1));

/** The case in that state, with what belongs to it. */
function caseIn(state: CaseState): ComplianceCase {
  const proposal = {
    number: 1,
    caseVersion: 1,
    outcome: 'monitor' as const,
    matches: [],
    proposedBy: 'proposer',
    proposedAt: story.now,
    reasonId: 'r',
  };
  return { ...story.case, state, proposal: state === 'pending_approval' ? proposal : null, proposals: 1 };
}

const REQUESTS: Readonly<Record<CaseAction, CaseRequest>> = {
  acknowledge: { action: 'acknowledge' },
  assign: { action: 'assign', owner: { id: 'somebody', roles: ['officer'] } },
  note: { action: 'note', noteId: 'n' },
  propose: { action: 'propose', version: 1, outcome: 'monitor', matches: [], reasonId: 'r' },
  withdraw: { action: 'withdraw', proposal: 1 },
  approve: { action: 'approve', proposal: 1, reasonId: 'r' },
  decline: { action: 'decline', proposal: 1, reasonId: 'r' },
  record_external_report: { action: 'record_external_report', reportedAt: story.now, noteId: 'n' },
  reopen: { action: 'reopen', reasonId: 'r' },
};

const everyWay = ROLES.flatMap((role) =>
  CASE_ACTIONS.flatMap((action) => CASE_STATES.map((state) => [role, action, state] as const)),
);

test.each(everyWay)('%s, %s, %s: happens exactly where the tables allow it', (role, action, state) => {
  // The proposer withdraws; anybody else answers.
  const actor = { id: action === 'withdraw' ? 'proposer' : 'somebody else', roles: [role] };
  const before = caseIn(state);
  const acted = act(
    before,
    { requestId: 'q', actor, request: REQUESTS[action], frozenElsewhere: false, hasWords: false },
    story.context,
    story.now,
  );
  const to = nextState('aml', state, action);
  if (!PERMISSIONS[action].includes(role)) {
    expect(acted).toEqual({ kind: 'refused', refusal: 'role_not_allowed' });
  } else if (to === null) {
    expect(acted).toEqual({ kind: 'refused', refusal: 'state_not_allowed' });
  } else {
    expect(acted).toMatchObject({ kind: 'done', case: { state: to } });
  }
});

describe('who may do what', () => {
  test('an auditor changes nothing, and an engineer sees nobody’s data', () => {
    const auditor = { id: 'a', roles: ['auditor' as const] };
    expect(CASE_ACTIONS.filter((action) => mayDo(auditor, action))).toEqual([]);
    expect(PERMISSIONS.view_personal_data).not.toContain('engineer');
    expect(PERMISSIONS.view_personal_data).not.toContain('admin');
  });

  test('nobody who may not see the data has a word in the outcome', () => {
    for (const action of ['propose', 'approve', 'decline', 'withdraw'] as const)
      expect(PERMISSIONS[action].filter((role) => !PERMISSIONS.view_personal_data.includes(role))).toEqual(
        [],
      );
  });

  test('somebody without a role may do nothing, and roles add up', () => {
    expect(DESK_ACTIONS.filter((action) => mayDo({ id: 'x', roles: [] }, action))).toEqual([]);
    expect(mayDo({ id: 'x', roles: ['engineer', 'auditor'] }, 'export_audit')).toBe(true);
  });
});

test('a case is given to nobody who could not answer it', () => {
  for (const role of ROLES) {
    const request = { action: 'assign' as const, owner: { id: 'somebody', roles: [role] } };
    const actor = { id: 'admin', roles: ['admin' as const] };
    const acted = act(
      caseIn('open'),
      { requestId: 'q', actor, request, frozenElsewhere: false, hasWords: false },
      story.context,
      story.now,
    );
    expect(acted.kind).toBe(PERMISSIONS.propose.includes(role) ? 'done' : 'refused');
  }
});

test('a case is closed by an approval and by nothing else that somebody can do', () => {
  const closing = CASE_ACTIONS.filter((action) =>
    CASE_STATES.some((state) => state !== 'closed' && TRANSITIONS[action][state] === 'closed'),
  );
  expect(closing).toEqual(['approve']);
});
