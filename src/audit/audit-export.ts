import type { KeyObject } from 'node:crypto';
import type { Store } from '../store/store.js';
import { type AuditRecord, type ChainHead, EMPTY_CHAIN, recordHash } from './audit-record.js';
import { plain } from './canonical-form.js';
import { type Checkpoint, headLine, type SignedCheckpoint } from './checkpoint.js';
import type { Finding } from './finding.js';
import { merkleProof, type ProofStep } from './merkle-tree.js';
import { fingerprint, publicPem } from './signing-key.js';
import type { ChainToVerify } from './verify-chain.js';
import type { VerifiedCheckpoints } from './verify-checkpoints.js';
import { verifyTrail } from './verify-trail.js';

/** What an export is about. */
export type Selection =
  | { readonly kind: 'customer'; readonly referenceNo: string }
  /** A compliance case, and the customer whom it is about. */
  | { readonly kind: 'case'; readonly caseId: string; readonly referenceNo: string }
  /** From inclusive, to exclusive. */
  | { readonly kind: 'period'; readonly from: Date; readonly to: Date };

/** A checkpoint that attests one of the exported records, with the proof that it does. */
export interface AttestedRecord extends SignedCheckpoint {
  readonly sequence: number;
  readonly proof: readonly ProofStep[];
}

export interface ExportedCustomer {
  readonly referenceNo: string;
  /** Hash that the first of the records goes on from. */
  readonly after: ChainHead;
  readonly records: readonly AuditRecord[];
  readonly checkpoints: readonly AttestedRecord[];
  /** What is wrong with this customer's whole chain. */
  readonly findings: readonly Finding[];
}

/** Everything that an export holds; each format shows it in its way. */
export interface AuditExport {
  readonly format: 'audit-export/1';
  readonly exportedAt: string;
  readonly selection: unknown;
  readonly verification: {
    readonly isWhole: boolean;
    readonly customers: number;
    readonly records: number;
    readonly latestCheckpoint: { readonly number: number; readonly at: string } | null;
    readonly findings: readonly Finding[];
  };
  readonly howToVerify: string;
  /** Keys of the checkpoints, by fingerprint, as PEM. Compare the fingerprint with one that you got another way. */
  readonly publicKeys: Readonly<Record<string, string>>;
  /** The policies that records name, by version. */
  readonly policies: Readonly<Record<string, unknown>>;
  readonly customers: readonly ExportedCustomer[];
}

export interface Exporting {
  readonly store: Store;
  readonly selection: Selection;
  readonly checkpoints: VerifiedCheckpoints;
  readonly keys: readonly KeyObject[];
  readonly now: Date;
}

/** Effect of the record that a case's trail, or its customer's, was exported at the desk. */
export const CASE_EXPORTED = 'case:audit_exported';

const HOW_TO_VERIFY =
  'node audit-verify.mjs <this file> [fingerprint of the key]: about 50 lines without dependencies, in docs/audit.md of the service with everything needed to write them anew: SHA-256 over canonical JSON (RFC 8785), Ed25519, RFC 9162 hash trees.';

/**
 * Takes the store, what to export, the verified checkpoints and their keys; verifies the chains that it is about, whole,
 * and returns the export. Of a period it holds for each customer all records from the first to the last of the period,
 * also where one between bears another time, because only a piece without gaps can be verified. So it does of a case, from
 * the turn that opened it to the last record that names it.
 */
export async function exportAudit(exporting: Exporting): Promise<AuditExport> {
  const { store, selection, checkpoints, keys, now } = exporting;
  const customers: ExportedCustomer[] = [];
  const findings: Finding[] = [...checkpoints.findings];
  for (const referenceNo of await customersOf(store, selection)) {
    await verifyTrail({
      store,
      checkpoints: { ...checkpoints, findings: [] },
      referenceNo,
      onChain: (chain, found) => {
        findings.push(...found);
        customers.push({ ...pieceOf(chain, selection, checkpoints.trusted), findings: found });
      },
    });
  }
  const exported = customers.flatMap((customer) => customer.records);
  const latest = checkpoints.trusted.at(-1)?.body;
  return {
    format: 'audit-export/1',
    exportedAt: now.toISOString(),
    selection: plain(selection),
    verification: {
      isWhole: findings.length === 0,
      customers: customers.length,
      records: exported.length,
      latestCheckpoint: latest === undefined ? null : { number: latest.number, at: latest.at },
      findings,
    },
    howToVerify: HOW_TO_VERIFY,
    publicKeys: Object.fromEntries(keys.map((key) => [fingerprint(key), publicPem(key)])),
    policies: await policiesOf(store, exported),
    customers,
  };
}

/** Takes the cases and the id of one; returns the selection of its records, null where there is no such case. */
export async function selectCase(
  cases: Store['cases'],
  caseId: string,
): Promise<Extract<Selection, { kind: 'case' }> | null> {
  const row = await cases.findOne({ _id: caseId }, { projection: { referenceNo: 1 } });
  return row === null ? null : { kind: 'case', caseId, referenceNo: row.referenceNo };
}

async function customersOf(store: Pick<Store, 'audit'>, selection: Selection): Promise<readonly string[]> {
  if (selection.kind !== 'period') return [selection.referenceNo];
  const { from, to } = selection;
  const groups = store.audit.aggregate<{ _id: string }>([
    { $match: { at: { $gte: from, $lt: to } } },
    { $group: { _id: '$referenceNo' } },
    { $sort: { _id: 1 } },
  ]);
  return (await groups.toArray()).map((group) => group._id);
}

function pieceOf(
  { referenceNo, records, attested }: ChainToVerify,
  selection: Selection,
  trusted: readonly Checkpoint[],
): Omit<ExportedCustomer, 'findings'> {
  const [begin, end] = placesOf(records, selection);
  const piece = records.slice(begin, end);
  const first = piece[0]?.sequence ?? 0;
  const last = piece.at(-1)?.sequence ?? 0;
  // The last checkpoint of a record holds all before it, and more would only repeat that.
  const latest = attested.filter(({ sequence }) => sequence >= first && sequence <= last).at(-1);
  const checkpoint = trusted.find(({ body }) => body.number === latest?.checkpoint);
  return {
    referenceNo,
    after: endOf(records.slice(0, begin)),
    records: piece,
    checkpoints: checkpoint === undefined ? [] : [attestedRecord(referenceNo, checkpoint)],
  };
}

function endOf(records: readonly AuditRecord[]): ChainHead {
  return records.reduce(
    ({ hash }, record) => ({ sequence: record.sequence, hash: record.hash ?? recordHash(record, hash) }),
    EMPTY_CHAIN,
  );
}

/** From the first to the last record of the selection, as places in the chain. */
function placesOf(records: readonly AuditRecord[], selection: Selection): readonly [number, number] {
  switch (selection.kind) {
    case 'customer':
      return [0, records.length];
    case 'case': {
      const isIn = (record: AuditRecord) => namesCase(record, selection.caseId);
      const first = records.find(isIn);
      // What opened the case stands before it, in the same turn, and so at the same time.
      const begin = records.findIndex((record) => record.at === first?.at || isIn(record));
      return [Math.max(0, begin), records.findLastIndex(isIn) + 1];
    }
    case 'period': {
      const [from, to] = [selection.from.toISOString(), selection.to.toISOString()];
      const isIn = ({ at }: AuditRecord) => at >= from && at < to;
      return [Math.max(0, records.findIndex(isIn)), records.findLastIndex(isIn) + 1];
    }
  }
}

/**
 * What happened to the case, or what the customer's workflow did because of it. Not that it was exported: the piece would
 * reach to this day.
 */
function namesCase(record: AuditRecord, caseId: string): boolean {
  if (record.effect === CASE_EXPORTED) return false;
  const to = (record['to'] ?? {}) as { caseId?: unknown };
  const { because = [] } = (record['cause'] ?? {}) as { because?: readonly string[] };
  return to.caseId === caseId || because.some((inboxId) => inboxId.startsWith(`case:${caseId}:`));
}

function attestedRecord(referenceNo: string, { body, signature, heads }: Checkpoint): AttestedRecord {
  const index = heads.findIndex((head) => head.referenceNo === referenceNo);
  return {
    sequence: heads[index]?.sequence ?? 0,
    body,
    signature,
    proof: merkleProof(heads.map(headLine), index),
  };
}

async function policiesOf(
  store: Pick<Store, 'auditPolicies'>,
  records: readonly AuditRecord[],
): Promise<Record<string, unknown>> {
  const versions = [...new Set(records.map(({ policyVersion }) => String(policyVersion ?? '')))];
  const rows = await store.auditPolicies.find({ _id: { $in: versions } }).toArray();
  return Object.fromEntries(rows.map(({ _id, policy }) => [_id, policy]));
}
