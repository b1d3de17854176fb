import { createPublicKey } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { AuditExport } from '../../src/audit/audit-export.js';
import { recordPolicy } from '../../src/audit/record-policy.js';
import { fingerprint, newSigningKey, readSigningKey } from '../../src/audit/signing-key.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { createVault } from '../../src/personal-data/vault.js';
import { appendAudit } from '../../src/store/audit-chain.js';
import { auditScheduleId, createAuditSchedule } from '../../src/temporal/audit-schedule.js';
import { type CommandResult, runCommand } from '../../tools/servers/command.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { auditEntry } from '../builders/audit-chains.js';
import { storeCase } from '../builders/stored-case.js';
import { becomes, finishes, starts } from '../end-to-end/customers.js';
import { type Product, startProduct } from '../end-to-end/product.js';
import { eventually, PATIENCE_MS } from '../eventually.js';

const folder = mkdtempSync(join(tmpdir(), 'audit-commands-'));
const checkpoints = join(folder, 'checkpoints');
const keyText = newSigningKey();

let product: Product;
let connection: Connection;
let client: Client;
let referenceNo: string;

beforeAll(async () => {
  product = await startProduct({
    environment: { AUDIT_SIGNING_KEY: keyText, AUDIT_CHECKPOINT_DIR: checkpoints },
  });
  connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
  client = new Client({ connection });
  const customer = await starts(product);
  await finishes(product, customer);
  await becomes(product, customer, 'approved');
  ({ referenceNo } = customer);
  await product.call('GET', `/v1/verifications/${referenceNo}/details`);
});
afterAll(async () => {
  await client?.schedule
    .getHandle(auditScheduleId(product.environment['TEMPORAL_TASK_QUEUE'] ?? ''))
    .delete();
  await connection?.close();
  await product?.stop();
  rmSync(folder, { recursive: true });
});

async function audit(...args: string[]): Promise<CommandResult> {
  const cli = join(projectRoot, 'dist', 'src', 'main', 'cli.js');
  return await runCommand(process.execPath, [cli, 'audit', ...args], {
    env: product.environment,
    timeoutMs: PATIENCE_MS,
  });
}

async function output(...args: string[]): Promise<string> {
  const result = await audit(...args);
  if (result.outcome === 'failed') throw new Error(result.reason);
  return result.output;
}

async function exported(...args: string[]): Promise<string> {
  const path = join(folder, `export-${readdirSync(folder).length}`);
  await output('export', ...args, '--out', path);
  return path;
}

/** The script of the documents, as an examiner would run it: nothing of ours beside it. */
async function verifiedIndependently(path: string, ...args: string[]): Promise<CommandResult> {
  const script = join(folder, 'audit-verify.mjs');
  writeFileSync(script, readFileSync(join(projectRoot, 'docs', 'audit-verify.mjs')));
  return await runCommand(process.execPath, [script, path, ...args], {
    cwd: folder,
    env: {},
    timeoutMs: PATIENCE_MS,
  });
}

const keyId = () => {
  const key = readSigningKey(keyText);
  return key === null ? '' : fingerprint(createPublicKey(key));
};

describe('the daily checkpoint', () => {
  test('is made by the schedule that setup created, stands in the database and in a file, and shows in readiness', async () => {
    const taskQueue = product.environment['TEMPORAL_TASK_QUEUE'] ?? '';
    expect(await createAuditSchedule(client, taskQueue)).toEqual({ kind: 'known' });
    await client.schedule.getHandle(auditScheduleId(taskQueue)).trigger();
    const row = await eventually(
      'a checkpoint',
      async () => (await product.store.auditCheckpoints.findOne({})) ?? undefined,
    );
    expect(row.body).toMatchObject({ number: 1, customers: 1, keyId: keyId() });
    await eventually(
      'its file',
      async () => existsSync(join(checkpoints, 'checkpoint-000001.jsonl')) || undefined,
    );
    const ready = await product.call('GET', '/readyz');
    expect(ready.body).toEqual({ status: 'ready', auditCheckpointAt: row.body.at });
  });
});

describe('the operator', () => {
  test('verifies a trail that is whole, and one customer’s', async () => {
    const text = await output('verify');
    expect(text).toContain('1 customer,');
    expect(text).toContain('1 signed checkpoint,');
    expect(text).toContain('Every chain is whole.');
    expect(await output('verify', '--reference', referenceNo)).toContain('Every chain is whole.');
    expect(await audit('verify', '--reference', 'nobody')).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('There is no customer nobody'),
    });
  });

  test('takes a checkpoint by hand', async () => {
    const { body } = JSON.parse(
      (await output('checkpoint')).split('\n').find((line) => line.startsWith('{')) ?? '',
    );
    expect(body).toMatchObject({ format: 'audit-checkpoint/1', number: 2, changed: 0 });
    expect(readdirSync(checkpoints)).toContain('checkpoint-000002.jsonl');
  });

  test('exports what happened to a customer: each record with actor, cause, policy and answer, without personal data', async () => {
    const path = await exported('--reference', referenceNo);
    const { customers, policies, verification } = JSON.parse(readFileSync(path, 'utf8')) as AuditExport;
    expect(verification).toMatchObject({ isWhole: true, customers: 1, findings: [] });
    const records = customers[0]?.records ?? [];
    expect(records.map(({ effect }) => effect.split(':')[0])).toEqual(
      expect.arrayContaining(['customer_registered', 'details_saved', 'status_changed', 'details_read']),
    );
    for (const record of records) expect(Object.keys(policies)).toContain(record['policyVersion']);
    const details = await product.call('GET', `/v1/verifications/${referenceNo}/details`);
    const personal = JSON.stringify(details.body).match(
      /"(?:fullName|birthDate|documentNumber|personalNumber)":"([^"]+)"/g,
    );
    expect(personal?.length).toBeGreaterThan(1);
    const text = readFileSync(path, 'utf8');
    for (const member of personal ?? []) expect(text).not.toContain(member.split('"')[3] ?? '');
  });

  test('exports a period, and is told what to write when a time is none', async () => {
    const path = await exported('--from', '2020-01-01', '--to', '2100-01-01');
    expect(await verifiedIndependently(path)).toMatchObject({ outcome: 'done' });
    expect(await audit('export', '--from', 'yesterday', '--to', '2100-01-01')).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('2026-11-01'),
    });
    expect((await audit('export')).outcome).toBe('failed');
  });

  test('exports as CSV and as a paginated PDF that can be read', async () => {
    const csv = await exported('--reference', referenceNo, '--format', 'csv');
    const [header = '', first = ''] = readFileSync(csv, 'utf8').split('\r\n');
    expect(header.split(',').slice(0, 3)).toEqual(['referenceNo', 'sequence', 'at']);
    expect(first).toMatch(new RegExp(`^${referenceNo},1,\\d{4}-.*Z,.*,whole$`));
    expect(readFileSync(`${csv}.verification.txt`, 'utf8')).toContain('every chain is whole');
    const pdf = await exported('--reference', referenceNo, '--format', 'pdf');
    const text = pdfText(readFileSync(pdf));
    expect(text).toContain('Every chain is whole.');
    expect(text).toContain(referenceNo);
    expect(text).toContain('customer_registered');
    expect(text).toMatch(/Page \d+ of \d+/);
    expect(text).toMatch(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3} UTC/);
  });
});

test('the export of a customer with 1,000 records verifies with the independent script, and no tampered one does', async () => {
  const { store } = product;
  await recordPolicy(store, DEFAULT_POLICY, new Date());
  for (let block = 0; block < 10; block += 1) {
    await store.transaction(`customer:${referenceNo}`, async (session) => {
      const profile = await store.profiles.findOne({ _id: referenceNo }, { session });
      if (profile === null) throw new Error('There is no such customer');
      const numbers = Array.from({ length: 100 }, (_, index) => block * 100 + index + 1);
      await appendAudit(
        store,
        session,
        profile,
        numbers.map((number) => auditEntry(referenceNo, number)),
      );
    });
  }
  await output('checkpoint');
  const path = await exported('--reference', referenceNo);
  const audited = JSON.parse(readFileSync(path, 'utf8')) as AuditExport;
  expect(audited.customers[0]?.records.length).toBeGreaterThan(1_000);
  expect(audited.customers[0]?.checkpoints).toHaveLength(1);
  expect(await verifiedIndependently(path, keyId())).toMatchObject({ outcome: 'done' });
  expect(
    readFileSync(join(projectRoot, 'docs', 'audit-verify.mjs'), 'utf8')
      .trimEnd()
      .split('\n').length,
  ).toBeLessThanOrEqual(55);

  type Export = { customers: [Mutable]; policies: Record<string, unknown> };
  const tampered = async (
    change: (customer: Mutable, policies: Export['policies']) => void,
    ...args: string[]
  ) => {
    const copy = JSON.parse(JSON.stringify(audited)) as Export;
    change(copy.customers[0], copy.policies);
    const changed = join(folder, 'tampered.json');
    writeFileSync(changed, JSON.stringify(copy));
    return (await verifiedIndependently(changed, ...args)).outcome;
  };
  expect(await tampered(() => {})).toBe('done');
  expect(await tampered(() => {}, '0'.repeat(64))).toBe('failed');
  expect(await tampered(({ records }) => Object.assign(records[500] ?? {}, { actor: 'nobody' }))).toBe(
    'failed',
  );
  expect(await tampered(({ records }) => void records.splice(500, 1))).toBe('failed');
  expect(await tampered(({ records }) => void records.splice(-1))).toBe('failed');
  expect(await tampered(({ records }) => void records.reverse())).toBe('failed');
  expect(await tampered(({ checkpoints: [first] }) => Object.assign(first?.body ?? {}, { number: 9 }))).toBe(
    'failed',
  );
  expect(await tampered((_, policies) => Object.assign(Object.values(policies)[0] ?? {}, { more: 1 }))).toBe(
    'failed',
  );
  expect(
    await tampered((_, policies) => {
      for (const version of Object.keys(policies)) delete policies[version];
    }),
  ).toBe('failed');
});

test('a case is exported from what opened it to its last record; of one that does not exist the operator is told', async () => {
  const vault = createVault(Buffer.from(product.environment['PII_KEY'] ?? '', 'base64'));
  const { caseId, ...of } = await storeCase(product.store, vault, 2);
  const path = await exported('--case', caseId);
  const { selection, customers } = JSON.parse(readFileSync(path, 'utf8')) as AuditExport;
  expect(selection).toEqual({ kind: 'case', caseId, referenceNo: of.referenceNo });
  expect(customers[0]?.records.map(({ effect }) => effect)).toEqual(['case:case_opened']);
  expect(customers[0]?.after.sequence).toBe(2);
  expect(await verifiedIndependently(path)).toMatchObject({ outcome: 'done' });
  expect(await audit('export', '--case', 'case_00')).toMatchObject({
    outcome: 'failed',
    reason: expect.stringContaining('There is no case case_00.'),
  });
  expect((await audit('export', '--case', caseId, '--reference', of.referenceNo)).outcome).toBe('failed');
});

test('tampering fails the verification, names the customer and the record, and shows in the export', async () => {
  await product.store.audit.updateOne({ referenceNo, sequence: 3 }, { $set: { actor: 'nobody' } });
  const verified = await audit('verify');
  expect(verified).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('1 finding.') });
  const path = join(folder, 'faulty.json');
  expect((await audit('export', '--reference', referenceNo, '--out', path)).outcome).toBe('failed');
  const { verification } = JSON.parse(readFileSync(path, 'utf8')) as AuditExport;
  expect(verification.findings).toEqual([
    { kind: 'edited', referenceNo, sequence: 3, text: expect.stringContaining('content') },
  ]);
});

interface Mutable {
  records: Record<string, unknown>[];
  checkpoints: { body: Record<string, unknown> }[];
}

/** Takes a PDF; returns the text that it shows: the strings of its content streams, in order. */
function pdfText(pdf: Buffer): string {
  const raw = pdf.toString('latin1');
  const streams = [...raw.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map((match) => {
    try {
      return inflateSync(Buffer.from(match[1] ?? '', 'latin1')).toString('latin1');
    } catch {
      return '';
    }
  });
  return streams
    .flatMap((stream) => [...stream.matchAll(/\[([^\]]*)\] TJ/g)])
    .map((line) =>
      [...(line[1] ?? '').matchAll(/<([0-9a-f]+)>/g)]
        .map((part) => Buffer.from(part[1] ?? '', 'hex').toString('latin1'))
        .join(''),
    )
    .join('\n');
}
