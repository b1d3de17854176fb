import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { StoredCase } from '../builders/stored-case.js';
import type { Called } from './api-under-test.js';
import { type DeskUnderTest, startDesk, type Visitor } from './desk-under-test.js';

/** Nobody decides alone, and nobody decides as somebody else: over HTTP, with people who are really signed in. */

let desk: DeskUnderTest;
let officer: Visitor;
let colleague: Visitor;
let approver: Visitor;
let both: Visitor;

beforeAll(async () => {
  desk = await startDesk();
  officer = await desk.signIn('officer');
  colleague = await desk.signIn('officer-2');
  approver = await desk.signIn('approver');
  both = await desk.signIn('both');
});
afterAll(() => desk.close());

async function proposed(by: Visitor, outcome = 'monitor'): Promise<StoredCase> {
  const of = await desk.newCase();
  await officer.act(of.caseId, { action: 'acknowledge' });
  const { status, text } = await by.act(of.caseId, {
    action: 'propose',
    version: 1,
    outcome,
    text: 'Known.',
  });
  if (status !== 200) throw new Error(`The proposal was answered ${status}: ${text}`);
  return of;
}

const approves = (visitor: Visitor, { caseId }: StoredCase, proposal = 1) =>
  visitor.act(caseId, { action: 'approve', proposal, text: 'Agreed.' });

/** As another case's outcome leaves the customer. */
async function frozenByAnother({ referenceNo }: StoredCase): Promise<void> {
  const freeze = { caseId: 'case_another', laidAt: new Date().toISOString(), freezes: true };
  const changes = { 'facts.complianceHolds': [freeze], 'facts.holds': ['compliance'] };
  await desk.api.store.profiles.updateOne({ _id: referenceNo }, { $set: changes });
}

/** Expects that it is refused for this reason, and that nothing is written. */
async function refused(of: StoredCase, attempt: () => Promise<Called>, reason: string): Promise<void> {
  const before = await desk.recorded(of);
  const { status, json } = await attempt();
  expect([status, json['code'], json['errors']]).toMatchObject([409, 'case_refused', [{ at: reason }]]);
  expect(await desk.recorded(of)).toEqual(before);
}

test.each([
  ['an officer', () => officer],
  ['an approver', () => approver],
  ['somebody who is both', () => both],
])('%s neither approves nor declines what they proposed themselves', async (_who, visitor) => {
  const of = await proposed(visitor());
  await refused(of, () => approves(visitor(), of), 'own_proposal');
  const decline = { action: 'decline', proposal: 1, text: 'No.' };
  await refused(of, () => visitor().act(of.caseId, decline), 'own_proposal');
  expect((await approves(colleague, of)).json).toMatchObject({ state: 'closed' });
});

test('signing in once more makes nobody a second person', async () => {
  const of = await proposed(both);
  const again = await desk.signIn('both');
  await refused(of, () => approves(again, of), 'own_proposal');
});

test('nobody withdraws what somebody else proposed', async () => {
  const of = await proposed(officer);
  const withdraw = { action: 'withdraw', proposal: 1 };
  await refused(of, () => colleague.act(of.caseId, withdraw), 'not_own_proposal');
});

test('an approval counts for the proposal that it names, and for no other', async () => {
  const of = await proposed(officer);
  await refused(of, () => approves(approver, of, 2), 'version_differs');
  await approver.act(of.caseId, { action: 'decline', proposal: 1, text: 'Look again.' });
  const second = { action: 'propose', version: 1, outcome: 'freeze', text: 'Worse.' };
  expect((await officer.act(of.caseId, second)).json).toMatchObject({ proposal: { number: 2 } });
  await refused(of, () => approves(approver, of, 1), 'version_differs');
  expect((await approves(approver, of, 2)).json).toMatchObject({ state: 'closed' });
});

test('a proposal rests on the version that its proposer saw', async () => {
  const of = await desk.newCase();
  await officer.act(of.caseId, { action: 'acknowledge' });
  const unseen = { action: 'propose', version: 2, outcome: 'monitor', text: 'Known.' };
  await refused(of, () => officer.act(of.caseId, unseen), 'version_differs');
});

test.each(['enhanced_due_diligence', 'restrict', 'freeze', 'off_board'])(
  '%s is approved by somebody with the role approver alone',
  async (outcome) => {
    const of = await proposed(officer, outcome);
    await refused(of, () => approves(colleague, of), 'senior_role_required');
    expect((await approves(approver, of)).json).toMatchObject({ state: 'closed' });
  },
);

test('an off-boarding is neither proposed nor approved while another case has frozen the customer', async () => {
  const of = await proposed(officer, 'off_board');
  const unproposed = await desk.newCase();
  await officer.act(unproposed.caseId, { action: 'acknowledge' });
  await frozenByAnother(of);
  await frozenByAnother(unproposed);
  await refused(of, () => approves(approver, of), 'frozen');
  const wanted = { action: 'propose', version: 1, outcome: 'off_board', text: 'Enough.' };
  await refused(unproposed, () => officer.act(unproposed.caseId, wanted), 'frozen');
  // Nor does the page offer it.
  const offered = (await approver.call('GET', `/cases/${of.caseId}`)).json;
  expect(offered['actions']).toEqual(expect.arrayContaining(['decline']));
  expect(offered['actions']).not.toContain('approve');
  expect(offered['outcomes']).not.toContain('off_board');
});

test('who did something is said by the session: a body that names somebody is refused', async () => {
  const of = await desk.newCase();
  const before = await desk.recorded(of);
  for (const member of ['actor', 'proposedBy', 'approvedBy', 'roles', 'subject'])
    expect(
      (await officer.act(of.caseId, { action: 'acknowledge', [member]: 'approver' })).json,
    ).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  expect(await desk.recorded(of)).toEqual(before);
  await officer.act(of.caseId, { action: 'acknowledge' });
  const { audit, row } = await desk.recorded(of);
  expect([audit.at(-1)?.actor, row.owner]).toEqual(['officer', 'officer']);
});

test('an act that is sent twice, or ten times at once, is done once', async () => {
  const of = await desk.newCase();
  const before = await desk.recorded(of);
  const note = { requestId: randomUUID(), action: 'note', text: 'Once.' };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => officer.call('POST', `/cases/${of.caseId}/actions`, note)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const { audit, row } = await desk.recorded(of);
  expect(audit.slice(before.audit.length).map(({ effect }) => effect)).toEqual(['case:note_added']);
  expect(row.revision).toBe(before.row.revision + 1);
});

test('of two people who answer one proposal at once, one is heard', async () => {
  const of = await proposed(officer);
  const answers = await Promise.all([approves(colleague, of), approves(approver, of)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const { audit } = await desk.recorded(of);
  expect(audit.filter(({ effect }) => effect === 'case:approved')).toHaveLength(1);
});
