import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_CHAIN } from '../../src/audit/audit-record.js';
import { exportCheckpoints, readCheckpointFiles } from '../../src/audit/checkpoint-files.js';
import type { Finding } from '../../src/audit/finding.js';
import { recordPolicy } from '../../src/audit/record-policy.js';
import { newSigningKey, readSigningKey } from '../../src/audit/signing-key.js';
import { storedCheckpoints } from '../../src/audit/stored-checkpoints.js';
import { takeCheckpoint } from '../../src/audit/take-checkpoint.js';
import { verifyCheckpoints } from '../../src/audit/verify-checkpoints.js';
import { verifyTrail } from '../../src/audit/verify-trail.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { appendAudit, headMembers } from '../../src/store/audit-chain.js';
import { newProfileRow } from '../../src/store/new-profile.js';
import type { AuditRow, ProfileRow } from '../../src/store/records.js';
import type { Store } from '../../src/store/store.js';
import { createRegisterCustomer } from '../../src/usecases/register-customer.js';
import { createTakeCustomerTurn } from '../../src/usecases/take-customer-turn.js';
import { auditEntry } from '../builders/audit-chains.js';
import { FLOW_ID, journeySnapshot } from '../builders/journey-snapshot.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { openPatientStore } from '../builders/patient-store.js';

const now = new Date('2026-11-23T00:10:00.000Z');
const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
const signingKey = keyOf(newSigningKey());
let store: Store;
let drop: () => Promise<void>;
beforeEach(async () => {
  ({ store, drop } = await openOwnDatabase());
  await recordPolicy(store, DEFAULT_POLICY, now);
});
afterEach(() => drop());
afterAll(() => rmSync(folder, { recursive: true }));

function keyOf(text: string) {
  const read = readSigningKey(text);
  if (read === null) throw new Error('no key');
  return read;
}

/** Makes a customer with so many records, each written by itself as the service does. */
async function customer(records: number, referenceNo = `ref-${randomUUID()}`, by = store): Promise<string> {
  await store.profiles.insertOne(newProfileRow(referenceNo, undefined, now.toISOString(), DEFAULT_POLICY));
  for (let number = 1; number <= records; number += 1) await append(referenceNo, number, by);
  return referenceNo;
}

async function append(
  referenceNo: string,
  number: number,
  by = store,
  about = `customer:${referenceNo}`,
): Promise<void> {
  await by.transaction(about, async (session) => {
    const profile = await by.profiles.findOne({ _id: referenceNo }, { session });
    if (profile === null) throw new Error('There is no such customer');
    await appendAudit(by, session, profile, [auditEntry(referenceNo, number)]);
  });
}

async function verified(checkpointDir?: string, keys = [signingKey]): Promise<readonly Finding[]> {
  const files = checkpointDir === undefined ? null : await readCheckpointFiles(checkpointDir);
  if (files?.kind === 'unreadable') throw new Error(files.path);
  const checkpoints = verifyCheckpoints(await storedCheckpoints(store), files?.checkpoints ?? null, keys);
  return (await verifyTrail({ store, checkpoints })).findings;
}

const places = (findings: readonly Finding[]) =>
  findings.map(({ kind, referenceNo, sequence }) => `${kind} ${referenceNo} ${sequence}`);
const checkpoint = () => takeCheckpoint({ store, signingKey, files: null, now });

/** What somebody does who can write to the database: removes the end, and sets the profile back to fit. */
async function cutAfter(referenceNo: string, sequence: number): Promise<void> {
  await store.audit.deleteMany({ referenceNo, sequence: { $gt: sequence } });
  const last = await store.audit.findOne({ referenceNo, sequence });
  await store.profiles.updateOne(
    { _id: referenceNo },
    { $set: headMembers({ sequence, hash: last?.hash ?? EMPTY_CHAIN.hash }) },
  );
}

/** Leaves of a customer's records what a release without the chain would have written. */
async function asBeforeTheChain(referenceNo: string): Promise<void> {
  await store.audit.updateMany(
    { referenceNo },
    { $unset: { hash: '', previousHash: '', policyVersion: '', snapshotDigest: '' } },
  );
  await store.profiles.updateOne({ _id: referenceNo }, { $unset: { auditHash: '', auditHashedTo: '' } });
}

/** Nobody is told: these tests are about the customer's own record. */
const NO_CASES = async () => ({ holds: [], audit: [], mails: [], caseIds: [] });

describe('writers', () => {
  test('of one customer who write at the same time, in several processes, never fork the chain nor lose a record', async () => {
    const uri = new URL(process.env['TEST_MONGODB_URI'] ?? '');
    uri.pathname = `/${store.connection.name}`;
    const other = await openPatientStore(uri.href);
    const referenceNo = await customer(0);
    const takeTurn = createTakeCustomerTurn({
      store: other,
      context: { policy: DEFAULT_POLICY, flowId: FLOW_ID, customStepConfigured: false },
      messageRules: { companyWebhook: false, webPush: false },
      tellCases: NO_CASES,
      onCaseChanged: () => undefined,
      onAlarm: () => {},
      onParked: () => {},
      onRequestFailed: () => {},
    });
    const turns = async () => {
      for (let turn = 1; turn <= 5; turn += 1) {
        const snapshot = journeySnapshot({ journeyId: `journey-${turn}` });
        const outcome = { kind: 'journey', snapshot, fetchId: `f-${turn}` } as const;
        const input = { kind: 'look', journeyId: snapshot.journeyId, outcome } as const;
        await takeTurn({ referenceNo, turn, runId: 'run', at: now.toISOString(), input });
      }
    };
    // Under names of their own nothing but the chain itself keeps them apart.
    const writers = [store, other].map(async (by, writer) => {
      for (let number = 1; number <= 10; number += 1)
        await append(referenceNo, writer * 10 + number, by, `writer:${writer}`);
    });
    const registration = createRegisterCustomer({ store, policy: DEFAULT_POLICY });
    await Promise.all([
      turns(),
      registration({ customerId: randomUUID(), referenceNo, actor: 'test' }),
      ...writers,
    ]);
    await other.close();
    const rows = await store.audit.find({ referenceNo }).sort({ sequence: 1 }).toArray();
    expect(rows.map(({ sequence }) => sequence)).toEqual(rows.map((_, index) => index + 1));
    expect(rows.filter(({ effect }) => effect === 'customer_registered')).toHaveLength(1);
    expect(rows.filter(({ _id }) => _id.startsWith(referenceNo))).toHaveLength(20);
    expect(rows.length).toBeGreaterThan(26);
    expect(await verified()).toEqual([]);
  });

  test('name the policy in force and the digest of the answer that the effect rests on', async () => {
    const referenceNo = await customer(0);
    const takeTurn = createTakeCustomerTurn({
      store,
      context: { policy: DEFAULT_POLICY, flowId: FLOW_ID, customStepConfigured: false },
      messageRules: { companyWebhook: false, webPush: false },
      tellCases: NO_CASES,
      onCaseChanged: () => undefined,
      onAlarm: () => {},
      onParked: () => {},
      onRequestFailed: () => {},
    });
    const snapshot = journeySnapshot();
    const outcome = { kind: 'journey', snapshot, fetchId: 'f-1' } as const;
    const input = { kind: 'look', journeyId: snapshot.journeyId, outcome } as const;
    await takeTurn({ referenceNo, turn: 1, runId: 'run', at: now.toISOString(), input });
    const rows = await store.audit.find({ referenceNo }).toArray();
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows.map((row) => row.snapshotDigest))).toEqual(new Set([snapshot.answerDigest]));
    expect(rows[0]?.policyVersion).toMatch(/^[0-9a-f]{64}$/);
  });

  test('go on from the records of a release that knew no chain, and hold those too from then on', async () => {
    const referenceNo = await customer(3);
    await asBeforeTheChain(referenceNo);
    expect(await verified()).toEqual([]);
    await append(referenceNo, 4);
    await append(referenceNo, 5);
    expect(await verified()).toEqual([]);
    await store.audit.updateOne({ referenceNo, sequence: 2 }, { $set: { actor: 'nobody' } });
    expect(places(await verified())).toEqual([`broken_link ${referenceNo} 4`]);
  });
});

test('a release that knows no chain may still write while it is being replaced; its records are held as well', async () => {
  const referenceNo = await customer(2);
  const { _id, at, cause, actor, effect, journeyId, from, to } = auditEntry(referenceNo, 3);
  const old = { _id, referenceNo, sequence: 3, at, cause, actor, effect, journeyId, from, to };
  await store.audit.insertOne(old as AuditRow);
  await store.profiles.updateOne({ _id: referenceNo }, { $set: { auditSequence: 3 } });
  expect(await verified()).toEqual([]);
  await append(referenceNo, 4);
  await checkpoint();
  expect(await verified()).toEqual([]);
  await store.audit.updateOne({ referenceNo, sequence: 3 }, { $set: { actor: 'nobody' } });
  expect(places(await verified())).toEqual([`broken_link ${referenceNo} 4`]);
});

describe('a policy', () => {
  test('that was put in another’s place, or removed, is found at the first record that names it', async () => {
    const [first] = [await customer(2, 'a'), await customer(2, 'b')];
    const { modifiedCount } = await store.auditPolicies.updateOne(
      {},
      { $set: { 'policy.kept': 'not this' } },
    );
    expect(modifiedCount).toBe(1);
    expect(places(await verified())).toEqual([`policy_differs ${first} 1`]);
    await store.auditPolicies.deleteMany({});
    expect(places(await verified())).toEqual([`policy_missing ${first} 1`]);
  });
});

describe('checkpoints', () => {
  test('list what went on since the one before, and attest all', async () => {
    const [a, b] = [await customer(2, 'a'), await customer(1, 'b')];
    await customer(0, 'c');
    await checkpoint();
    await append(b, 2);
    expect(await checkpoint()).toMatchObject({ kind: 'taken', broken: [] });
    await checkpoint();
    const all = await storedCheckpoints(store);
    expect(all.map(({ heads }) => heads.map(({ referenceNo, sequence }) => [referenceNo, sequence]))).toEqual(
      [
        [
          [a, 2],
          [b, 1],
        ],
        [[b, 2]],
        [],
      ],
    );
    expect(all.map(({ body }) => body.customers)).toEqual([2, 2, 2]);
    expect(await verified()).toEqual([]);
  });

  test('that several processes take at once make one chain of checkpoints', async () => {
    await customer(2);
    await Promise.all([checkpoint(), checkpoint(), checkpoint()]);
    const numbers = (await storedCheckpoints(store)).map(({ body }) => body.number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(await verified()).toEqual([]);
  });

  test('that were interrupted before their heads were remembered are completed by the next', async () => {
    const referenceNo = await customer(3);
    await checkpoint();
    await store.auditHeads.deleteMany({});
    await cutAfter(referenceNo, 2);
    expect(await checkpoint()).toMatchObject({ kind: 'taken', broken: [referenceNo] });
    expect(places(await verified())).toEqual([`cut ${referenceNo} 3`]);
  });

  test('anchor the chains of an earlier release, without a writer having come by', async () => {
    const referenceNo = await customer(3);
    await asBeforeTheChain(referenceNo);
    await checkpoint();
    expect(await verified()).toEqual([]);
    await store.audit.updateOne({ referenceNo, sequence: 2 }, { $set: { actor: 'nobody' } });
    expect(places(await verified())).toEqual([`head_differs ${referenceNo} 3`, `rewritten ${referenceNo} 1`]);
  });
});

describe('what a checkpoint attests is missed, with its place,', () => {
  test('when the end of a chain was cut off and the profile set back', async () => {
    const referenceNo = await customer(5);
    await customer(2);
    await checkpoint();
    await cutAfter(referenceNo, 3);
    expect(places(await verified())).toEqual([`cut ${referenceNo} 4`]);
    expect(await checkpoint()).toMatchObject({ kind: 'taken', broken: [referenceNo] });
    // A later checkpoint does not make it good.
    expect(places(await verified())).toEqual([`cut ${referenceNo} 4`]);
  });

  test('when a customer was removed with everything', async () => {
    const referenceNo = await customer(2);
    await checkpoint();
    await store.audit.deleteMany({ referenceNo });
    await store.profiles.deleteOne({ _id: referenceNo });
    expect(places(await verified())).toEqual([`cut ${referenceNo} 1`]);
  });

  test('when the database was wiped, by the exported files', async () => {
    const [a, b] = [await customer(2), await customer(1)];
    await checkpoint();
    const own = join(folder, randomUUID());
    expect(await exportCheckpoints(store, own)).toBe(1);
    await append(a, 3);
    await checkpoint();
    expect(await exportCheckpoints(store, own)).toBe(1);
    expect(await exportCheckpoints(store, own)).toBe(0);
    expect(await verified(own)).toEqual([]);
    await store.connection.dropDatabase();
    expect(places(await verified(own)).sort()).toEqual(
      ['checkpoint_missing null 1', 'checkpoint_missing null 2', `cut ${a} 1`, `cut ${b} 1`].sort(),
    );
  });

  test('when checkpoints were taken away so that they are signed anew: nothing is, where files were written', async () => {
    const referenceNo = await customer(3);
    await checkpoint();
    await append(referenceNo, 4);
    await checkpoint();
    const files = join(folder, randomUUID());
    await exportCheckpoints(store, files);
    const anew = () => takeCheckpoint({ store, signingKey, files, now });
    const latest = await store.auditCheckpoints.findOneAndDelete({ _id: 2 });
    await cutAfter(referenceNo, 2);
    expect(await anew()).toEqual({ kind: 'contradicted', number: 2 });
    await checkpoint();
    expect(await anew()).toEqual({ kind: 'contradicted', number: 2 });
    if (latest !== null) await store.auditCheckpoints.replaceOne({ _id: 2 }, latest);
    expect((await anew()).kind).toBe('taken');
  });

  test('when all checkpoints were made anew with another key', async () => {
    const referenceNo = await customer(3);
    await checkpoint();
    await cutAfter(referenceNo, 1);
    await store.auditCheckpoints.deleteMany({});
    await store.auditHeads.deleteMany({});
    await takeCheckpoint({ store, signingKey: keyOf(newSigningKey()), files: null, now });
    expect(places(await verified())).toEqual(['checkpoint_unknown_key null 1']);
  });
});

test('whatever one changes in the stored records of many customers is found at that customer', async () => {
  const references = ['a', 'b', 'c'];
  for (const referenceNo of references) await customer(4, referenceNo);
  await checkpoint();
  const rows = await store.audit.find().toArray();
  const profiles = await store.profiles.find().toArray();
  const restore = async () => {
    await store.audit.deleteMany({});
    await store.audit.insertMany(rows);
    await store.profiles.deleteMany({});
    await store.profiles.insertMany(profiles as ProfileRow[]);
  };
  const place = fc.record({
    referenceNo: fc.constantFrom(...references),
    sequence: fc.integer({ min: 1, max: 4 }),
  });
  const tampering = fc.oneof(
    fc.record({
      at: place,
      change: fc.constantFrom(
        { $set: { actor: 'nobody' } },
        { $set: { at: new Date(0) } },
        { $set: { 'to.status': 'rejected' } },
        { $set: { note: 1 } },
        { $set: { hash: '0'.repeat(64) } },
        { $set: { sequence: 9 } },
        { $set: { sequence: 'first' } },
        { $set: { referenceNo: 'd' } },
        { $unset: { previousHash: '' } },
        { $unset: { cause: '' } },
      ),
    }),
    fc.record({ at: place, change: fc.constant('remove' as const) }),
    fc.record({ at: place, change: fc.constant('cut' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(tampering, async ({ at, change }) => {
      await restore();
      if (change === 'remove') await store.audit.deleteOne(at);
      else if (change === 'cut') await cutAfter(at.referenceNo, at.sequence - 1);
      else await store.audit.updateOne(at, change as object);
      const findings = await verified();
      expect(findings.map(({ referenceNo }) => referenceNo)).toContain(at.referenceNo);
      expect(findings.every(({ referenceNo }) => referenceNo === at.referenceNo || referenceNo === 'd')).toBe(
        true,
      );
    }),
    { seed: 20_260_101, numRuns: 40 },
  );
});
