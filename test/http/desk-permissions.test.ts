import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CASE_ACTIONS,
  DESK_ACTIONS,
  type DeskAction,
  PERMISSIONS,
  ROLES,
  type Role,
} from '../../src/domain/cases/roles.js';
import { PERSONAL_TEXTS, type StoredCase } from '../builders/stored-case.js';
import type { Called } from './api-under-test.js';
import { type DeskUnderTest, type Recorded, startDesk, type Visitor } from './desk-under-test.js';

/** Every role and every action over HTTP, by the one table that docs/cases.md shows. */

let desk: DeskUnderTest;
let officer: Visitor;
let approver: Visitor;
const visitors = new Map<Role, Visitor>();

beforeAll(async () => {
  desk = await startDesk();
  for (const role of ROLES) visitors.set(role, await desk.signIn(role));
  // Who brings a case to where it has to be before a person of the role tries something.
  officer = await desk.signIn('officer-2');
  approver = await desk.signIn('approver-2');
});
afterAll(() => desk.close());

function visitorOf(role: Role): Visitor {
  const visitor = visitors.get(role);
  if (visitor === undefined) throw new Error(`Nobody is ${role}.`);
  return visitor;
}

async function does(visitor: Visitor, { caseId }: StoredCase, act: Readonly<Record<string, unknown>>) {
  const { status, text } = await visitor.act(caseId, act);
  if (status !== 200) throw new Error(`${visitor.subject} was answered ${status}: ${text}`);
}

async function acknowledged(): Promise<StoredCase> {
  const of = await desk.newCase();
  await does(officer, of, { action: 'acknowledge' });
  return of;
}

async function proposed(by: Visitor): Promise<StoredCase> {
  const of = await acknowledged();
  await does(by, of, { action: 'propose', version: 1, outcome: 'monitor', text: 'Known.' });
  return of;
}

async function concluded(): Promise<StoredCase> {
  const of = await proposed(officer);
  await does(approver, of, { action: 'approve', proposal: 1, text: 'Agreed.' });
  return of;
}

interface Scene {
  /** A case in which whoever has the role can do the action. */
  prepare(role: Role): Promise<StoredCase>;
  attempt(visitor: Visitor, of: StoredCase): Promise<Called>;
  /** The records that it leaves, by whom where that is not the visitor, and what becomes of the case. */
  readonly records: readonly string[];
  becomes?(role: Role): Partial<Pick<Recorded['row'], 'state' | 'owner' | 'isOpen'>>;
}

const acts =
  (act: Readonly<Record<string, unknown>>) =>
  (visitor: Visitor, { caseId }: StoredCase) =>
    visitor.act(caseId, act);

const SCENES: Readonly<Record<DeskAction, Scene>> = {
  view_cases: {
    prepare: () => desk.newCase(),
    attempt: (visitor, { caseId }) => visitor.call('GET', `/cases/${caseId}`),
    records: [],
  },
  view_personal_data: {
    prepare: () => desk.newCase(),
    attempt: (visitor, { caseId }) => visitor.call('POST', `/cases/${caseId}/person`, {}),
    records: ['case:person_viewed'],
  },
  export_audit: {
    prepare: () => desk.newCase(),
    attempt: (visitor, { caseId }) => visitor.call('GET', `/cases/${caseId}/export?format=json`),
    records: ['case:audit_exported'],
  },
  acknowledge: {
    prepare: () => desk.newCase(),
    attempt: acts({ action: 'acknowledge' }),
    records: ['case:acknowledged'],
    // Whoever acknowledges a case that nobody has takes it.
    becomes: (role) => ({ state: 'acknowledged', owner: role }),
  },
  assign: {
    prepare: () => desk.newCase(),
    attempt: acts({ action: 'assign', owner: 'officer-2' }),
    records: ['case:assigned'],
    becomes: () => ({ owner: 'officer-2' }),
  },
  note: {
    prepare: acknowledged,
    attempt: acts({ action: 'note', text: 'Asked the branch.' }),
    records: ['case:note_added'],
    becomes: () => ({ state: 'investigating' }),
  },
  propose: {
    prepare: acknowledged,
    attempt: acts({ action: 'propose', version: 1, outcome: 'monitor', text: 'Known.' }),
    records: ['case:proposed'],
    becomes: () => ({ state: 'pending_approval' }),
  },
  withdraw: {
    prepare: (role) => proposed(PERMISSIONS.propose.includes(role) ? visitorOf(role) : officer),
    attempt: acts({ action: 'withdraw', proposal: 1 }),
    records: ['case:withdrawn'],
    becomes: () => ({ state: 'investigating' }),
  },
  approve: {
    prepare: () => proposed(officer),
    attempt: acts({ action: 'approve', proposal: 1, text: 'Agreed.' }),
    records: ['case:approved', 'case:closed by system'],
    becomes: () => ({ state: 'closed', isOpen: false }),
  },
  decline: {
    prepare: () => proposed(officer),
    attempt: acts({ action: 'decline', proposal: 1, text: 'Look again.' }),
    records: ['case:declined'],
    becomes: () => ({ state: 'investigating' }),
  },
  record_external_report: {
    prepare: () => desk.newCase(),
    attempt: acts({
      action: 'record_external_report',
      reportedAt: '2026-01-05T09:00:00Z',
      text: 'To the authority.',
    }),
    records: ['case:external_report_recorded'],
  },
  reopen: {
    prepare: concluded,
    attempt: acts({ action: 'reopen', text: 'New facts.' }),
    records: ['case:reopened'],
    becomes: () => ({ state: 'reopened', isOpen: true }),
  },
};

const standing = ({ row }: Recorded) => {
  const { state, owner, isOpen } = row;
  return { state, owner, isOpen };
};

describe.each(ROLES)('%s', (role) => {
  test.each(DESK_ACTIONS)(
    '%s: changes exactly what it should where the table allows it, else nothing',
    async (action) => {
      const visitor = visitorOf(role);
      const scene = SCENES[action];
      const of = await scene.prepare(role);
      const before = await desk.recorded(of);
      const answer = await scene.attempt(visitor, of);
      const after = await desk.recorded(of);
      if (!PERMISSIONS[action].includes(role)) {
        expect([answer.status, answer.json['code']]).toEqual([403, 'role_missing']);
        expect(after).toEqual(before);
        return;
      }
      expect(answer.status).toBe(200);
      const added = after.audit.slice(before.audit.length);
      expect(added.map(({ effect, actor }) => (actor === role ? effect : `${effect} by ${actor}`))).toEqual(
        scene.records,
      );
      const isAct = CASE_ACTIONS.some((each) => each === action);
      expect(after.row.revision - before.row.revision).toBe(isAct ? 1 : 0);
      expect(standing(after)).toEqual({ ...standing(before), ...scene.becomes?.(role) });
      // Of the customer themselves nothing changes: the end of their chain of records only follows what was added.
      expect(after.profile).toEqual({
        ...before.profile,
        auditSequence: after.audit.length,
        auditHash: after.audit.at(-1)?.hash,
        auditHashedTo: after.audit.length,
      });
      expect([after.inbox, after.outbox]).toEqual([before.inbox, before.outbox]);
    },
  );

  test('is told by the session what the table says', async () => {
    const { json } = await visitorOf(role).call('GET', '/session');
    expect(json['may']).toEqual(DESK_ACTIONS.filter((action) => PERMISSIONS[action].includes(role)));
  });
});

test('somebody without a role of the desk may do nothing at all', async () => {
  const stranger = await desk.signIn('stranger');
  for (const action of DESK_ACTIONS) {
    const of = await SCENES[action].prepare('engineer');
    const before = await desk.recorded(of);
    const { status, json } = await SCENES[action].attempt(stranger, of);
    expect([action, status, json['code']]).toEqual([action, 403, 'role_missing']);
    expect(await desk.recorded(of)).toEqual(before);
  }
  expect((await stranger.call('GET', '/cases')).status).toBe(403);
});

describe.each(['engineer', 'admin'] as const)('an %s sees nobody’s data', (role) => {
  test('in no list, case, timeline, person, export or search', async () => {
    const of = await proposed(officer);
    const { caseId, referenceNo } = of;
    await does(officer, of, { action: 'note', text: 'Zoë Testperson lives elsewhere.' });
    const visitor = visitorOf(role);
    const seen = [
      await visitor.call('GET', '/cases'),
      await visitor.call('GET', `/cases?referenceNo=${referenceNo}`),
      await visitor.call('GET', '/cases?referenceNo=Testperson'),
      await visitor.call('GET', `/cases/${caseId}`),
      await visitor.call('POST', `/cases/${caseId}/person`, {}),
      await visitor.call('GET', `/cases/${caseId}/export?format=json`),
      await visitor.call('GET', `/cases/${caseId}/export?format=csv&of=customer`),
      await visitor.act(caseId, { action: 'note', text: 'Zoë' }),
    ];
    for (const { text } of seen) for (const personal of PERSONAL_TEXTS) expect(text).not.toContain(personal);
    expect(seen.map(({ status }) => status)).toEqual([200, 200, 200, 200, 403, 403, 403, 403]);
    // It is there, for whoever is entitled to it.
    const shown = await visitorOf('auditor').call('POST', `/cases/${caseId}/person`, {});
    for (const personal of PERSONAL_TEXTS) expect(shown.text).toContain(personal);
    expect((await visitorOf('auditor').call('GET', `/cases/${caseId}`)).text).toContain(
      'Zoë Testperson lives',
    );
  });
});
