import { hashOfLast } from '../store/audit-chain.js';
import type { Store } from '../store/store.js';
import { type AuditRecord, auditRecord } from './audit-record.js';
import { inOrder } from './checkpoint.js';
import type { Finding } from './finding.js';
import { type ChainToVerify, verifyChain } from './verify-chain.js';
import type { VerifiedCheckpoints } from './verify-checkpoints.js';
import { createPolicyCheck } from './verify-policies.js';

export interface VerifiedTrail {
  readonly customers: number;
  readonly records: number;
  readonly findings: readonly Finding[];
}

export interface VerifyingTrail {
  readonly store: Store;
  readonly checkpoints: VerifiedCheckpoints;
  /** Of one customer only; undefined: of all. */
  readonly referenceNo?: string;
  /** Called for each chain, whole or not. */
  readonly onChain?: (chain: ChainToVerify, findings: readonly Finding[]) => void;
}

const BATCH = 100;

/**
 * Takes the store and the checkpoints as verified; verifies every customer's chain, also of those of whom nothing is
 * left but a checkpoint's word, and the policies that records name. Changes nothing, and may run while the service
 * writes: each batch is read as of one moment.
 */
export async function verifyTrail(verifying: VerifyingTrail): Promise<VerifiedTrail> {
  const { store, checkpoints, onChain } = verifying;
  const policyFindings = createPolicyCheck(store);
  const total = { customers: 0, records: 0, findings: [...checkpoints.findings] };
  for await (const chain of chains(verifying)) {
    const findings = [...verifyChain(chain), ...(await policyFindings(chain.records))];
    total.customers += 1;
    total.records += chain.records.length;
    total.findings.push(...findings);
    onChain?.(chain, findings);
  }
  return total;
}

/** Every chain that anything knows of, by ascending reference number. */
async function* chains({ store, checkpoints, referenceNo }: VerifyingTrail): AsyncGenerator<ChainToVerify> {
  const { attested } = checkpoints;
  if (referenceNo !== undefined) {
    const read = await readRange(store, { from: referenceNo, to: referenceNo });
    if (read.size > 0 || attested.has(referenceNo))
      yield chainOf(referenceNo, read.get(referenceNo), attested);
    return;
  }
  const attestedNumbers = [...attested.keys()].sort(inOrder);
  let after: string | null = null;
  for (;;) {
    const upTo: string | null = await batchEnd(store, after);
    const read = await readRange(store, { after, to: upTo });
    for (;;) {
      const [next] = attestedNumbers;
      if (next === undefined || (upTo !== null && inOrder(next, upTo) > 0)) break;
      attestedNumbers.shift();
      if (!read.has(next)) read.set(next, { records: [], head: null });
    }
    for (const each of [...read.keys()].sort(inOrder)) yield chainOf(each, read.get(each), attested);
    if (upTo === null) return;
    after = upTo;
  }
}

interface ReadChain {
  readonly records: AuditRecord[];
  head: ChainToVerify['head'];
}

function chainOf(
  referenceNo: string,
  read: ReadChain | undefined,
  attested: VerifiedCheckpoints['attested'],
): ChainToVerify {
  return {
    referenceNo,
    records: read?.records ?? [],
    head: read?.head ?? null,
    attested: attested.get(referenceNo) ?? [],
  };
}

/** The reference number at which the batch after the given one ends; null: it reaches to the end. */
async function batchEnd(store: Store, after: string | null): Promise<string | null> {
  const [end] = await store.profiles
    .find(after === null ? {} : { _id: { $gt: after } }, { projection: { _id: 1 } })
    .sort({ _id: 1 })
    .skip(BATCH - 1)
    .limit(1)
    .toArray();
  return end?._id ?? null;
}

interface Range {
  readonly from?: string;
  readonly after?: string | null;
  readonly to: string | null;
}

/** Profiles and records of one moment, so that what is written meanwhile never looks like a fault. */
async function readRange(store: Store, { from, after, to }: Range): Promise<Map<string, ReadChain>> {
  const range = {
    ...(from === undefined ? {} : { $gte: from }),
    ...(after === undefined || after === null ? {} : { $gt: after }),
    ...(to === null ? {} : { $lte: to }),
    $type: 'string' as const,
  };
  return await store.connection.getClient().withSession((session) =>
    session.withTransaction(
      async () => {
        const read = new Map<string, ReadChain>();
        const of = (referenceNo: string): ReadChain => {
          const chain = read.get(referenceNo) ?? { records: [], head: null };
          read.set(referenceNo, chain);
          return chain;
        };
        const profiles = await store.profiles
          .find({ _id: range }, { session, projection: { auditSequence: 1, auditHash: 1, auditHashedTo: 1 } })
          .toArray();
        for (const profile of profiles) {
          of(profile._id).head = { sequence: profile.auditSequence, hash: hashOfLast(profile) };
        }
        const rows = await store.audit
          .find({ referenceNo: range }, { session })
          .sort({ referenceNo: 1, sequence: 1 })
          .toArray();
        for (const row of rows) of(row.referenceNo).records.push(auditRecord(row));
        return read;
      },
      { readConcern: { level: 'snapshot' } },
    ),
  );
}
