import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditExport } from '../../src/audit/audit-export.js';
import { fingerprint, newSigningKey, readSigningKey } from '../../src/audit/signing-key.js';
import { takeCheckpoint } from '../../src/audit/take-checkpoint.js';
import { appendAudit } from '../../src/store/audit-chain.js';
import { runCommand } from '../../tools/servers/command.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { auditEntry } from '../builders/audit-chains.js';
import { PERSONAL_TEXTS, type StoredCase } from '../builders/stored-case.js';
import { type DeskUnderTest, startDesk, type Visitor } from './desk-under-test.js';

/** The audit trail as approvers and auditors take it from the desk. The API holds no private key. */

const signingKey = readSigningKey(newSigningKey());
if (signingKey === null) throw new Error('There is no key.');
const publicKey = createPublicKey(signingKey);
let desk: DeskUnderTest;
let officer: Visitor;
let approver: Visitor;
let auditor: Visitor;

beforeAll(async () => {
  desk = await startDesk({ audit: { signingKey: null, publicKeys: [publicKey], checkpointDir: null } });
  officer = await desk.signIn('officer');
  approver = await desk.signIn('approver');
  auditor = await desk.signIn('auditor');
});
afterAll(() => desk.close());

/** A case that two people have concluded, between records that have nothing to do with it; all of it is attested. */
async function concluded(): Promise<StoredCase> {
  const { store } = desk.api;
  const of = await desk.newCase(2);
  const { caseId, referenceNo } = of;
  await officer.act(caseId, { action: 'acknowledge' });
  await officer.act(caseId, { action: 'propose', version: 1, outcome: 'monitor', text: 'Zoë is known.' });
  await approver.act(caseId, { action: 'approve', proposal: 1, text: 'Agreed.' });
  await store.transaction(`customer:${referenceNo}`, async (session) => {
    const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
    if (profile !== null) await appendAudit(store, session, profile, [auditEntry(referenceNo, 9)]);
  });
  if (signingKey !== null) await takeCheckpoint({ store, signingKey, files: null, now: new Date() });
  return of;
}

const OF_THE_CASE = ['case_opened', 'acknowledged', 'proposed', 'approved', 'closed'].map(
  (effect) => `case:${effect}`,
);

const exported = (visitor: Visitor, { caseId }: StoredCase, query: string) =>
  visitor.call('GET', `/cases/${caseId}/export?${query}`);

async function exportedJson(of: StoredCase, query = 'format=json'): Promise<AuditExport> {
  const { status, text } = await exported(auditor, of, query);
  expect(status).toBe(200);
  return JSON.parse(text) as AuditExport;
}

const effectsOf = (audit: AuditExport) => audit.customers[0]?.records.map(({ effect }) => effect);

test('a case is exported from what opened it to its last record, with its verification', async () => {
  const of = await concluded();
  const audit = await exportedJson(of);
  expect(audit.selection).toEqual({ kind: 'case', caseId: of.caseId, referenceNo: of.referenceNo });
  expect(audit.verification).toMatchObject({ isWhole: true, customers: 1, records: 5, findings: [] });
  expect(audit.customers[0]?.after.sequence).toBe(2);
  expect(effectsOf(audit)).toEqual(OF_THE_CASE);
  expect(Object.keys(audit.publicKeys)).toEqual([fingerprint(publicKey)]);
  const actors = audit.customers[0]?.records.map(({ actor }) => actor);
  expect(actors).toEqual(['system', 'officer', 'officer', 'approver', 'system']);
});

test('its customer is exported whole', async () => {
  const of = await concluded();
  const audit = await exportedJson(of, 'format=json&of=customer');
  const unrelated = 'status_changed:approved';
  expect(effectsOf(audit)).toEqual([unrelated, unrelated, ...OF_THE_CASE, unrelated, 'case:audit_exported']);
  expect(audit.verification.isWhole).toBe(true);
});

test('either verifies by the script of the documents, without our software', async () => {
  const of = await concluded();
  const folder = mkdtempSync(join(tmpdir(), 'desk-export-'));
  for (const scope of ['case', 'customer']) {
    const { text } = await exported(auditor, of, `format=json&of=${scope}`);
    const path = join(folder, `${scope}.json`);
    writeFileSync(path, text);
    const script = join(projectRoot, 'docs', 'audit-verify.mjs');
    const verified = await runCommand(process.execPath, [script, path, fingerprint(publicKey)], {
      env: {},
      timeoutMs: 20_000,
    });
    expect(verified.outcome).toBe('done');
  }
  rmSync(folder, { recursive: true });
});

test('it comes as a file of the wanted kind, named after the case', async () => {
  const of = await concluded();
  const kinds = { json: 'application/json', csv: 'text/csv', pdf: 'application/pdf' };
  for (const [format, contentType] of Object.entries(kinds)) {
    const { status, headers, text } = await exported(approver, of, `format=${format}`);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain(contentType);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="audit-case-${of.caseId}.${format}"`,
    );
    expect(headers.get('cache-control')).toBe('no-store');
    if (format === 'pdf') expect(text.startsWith('%PDF-')).toBe(true);
    if (format === 'csv') expect(text.trim().split('\r\n')).toHaveLength(1 + OF_THE_CASE.length);
    for (const personal of PERSONAL_TEXTS) expect(text).not.toContain(personal);
  }
});

test('each export is on record before it is given out: who, of what, in which form', async () => {
  const of = await desk.newCase();
  await exported(approver, of, 'format=pdf');
  await exported(auditor, of, 'format=csv&of=customer');
  const { audit } = await desk.recorded(of);
  const { caseId } = of;
  expect(audit.slice(1).map(({ effect, actor, to }) => [effect, actor, to])).toEqual([
    ['case:audit_exported', 'approver', { caseId, scope: 'case', format: 'pdf' }],
    ['case:audit_exported', 'auditor', { caseId, scope: 'customer', format: 'csv' }],
  ]);
});

test('what somebody has done to the records shows in the export, also outside of its piece', async () => {
  const of = await concluded();
  await desk.api.store.audit.updateOne(
    { referenceNo: of.referenceNo, sequence: 1 },
    { $set: { actor: 'nobody' } },
  );
  const { verification } = await exportedJson(of);
  expect(verification.isWhole).toBe(false);
  expect(verification.findings).toContainEqual(
    expect.objectContaining({ kind: 'edited', referenceNo: of.referenceNo, sequence: 1 }),
  );
});

test('no other site can have it made in somebody’s name', async () => {
  const of = await desk.newCase();
  const before = await desk.recorded(of);
  const path = `/cases/${of.caseId}/export?format=json`;
  for (const site of ['cross-site', 'same-site']) {
    const answer = await auditor.call('GET', path, undefined, { 'sec-fetch-site': site });
    expect(answer.json).toMatchObject({ status: 403, code: 'cross_site_request' });
  }
  expect(await desk.recorded(of)).toEqual(before);
  const typed = await auditor.call('GET', path, undefined, { 'sec-fetch-site': 'none' });
  expect(typed.status).toBe(200);
});

test('of a case that does not exist there is nothing, and nothing is recorded', async () => {
  const before = await desk.api.store.audit.countDocuments({});
  const { status, json } = await auditor.call('GET', '/cases/case_00/export?format=json');
  expect([status, json['code']]).toEqual([404, 'not_found']);
  expect(await desk.api.store.audit.countDocuments({})).toBe(before);
});
