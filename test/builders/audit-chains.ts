import type { KeyObject } from 'node:crypto';
import {
  type AuditEntry,
  type AuditRecord,
  auditRecord,
  type ChainHead,
  chainRows,
  EMPTY_CHAIN,
} from '../../src/audit/audit-record.js';
import { GENESIS_HASH } from '../../src/audit/canonical-form.js';
import {
  allHeadsDigest,
  type Checkpoint,
  type CustomerHead,
  checkpointDigest,
  headsRoot,
  inOrder,
  signCheckpoint,
} from '../../src/audit/checkpoint.js';
import { policyVersion } from '../../src/audit/policy-version.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';

/** Takes a customer and a number; returns that record, as different from every other one as real ones are. */
export function auditEntry(referenceNo: string, number: number): AuditEntry {
  return {
    _id: `${referenceNo}-${number}`,
    at: new Date(Date.UTC(2026, 10, 1) + number * 60_000),
    cause: { kind: 'fetch', id: `built:${number}`, because: [`idwise:${number}`] },
    actor: 'system',
    effect: 'status_changed:approved',
    journeyId: `journey-${number}`,
    from: { status: 'in_progress', access: 'none', ground: null },
    to: { status: 'approved', access: 'full', ground: 'verified' },
    policyVersion: policyVersion(DEFAULT_POLICY),
    snapshotDigest: `digest-${number}`,
  };
}

export interface BuiltChain {
  readonly referenceNo: string;
  readonly records: readonly AuditRecord[];
  readonly head: ChainHead;
}

/** Takes a customer and a length; returns a whole chain. */
export function builtChain(referenceNo: string, length: number): BuiltChain {
  const entries = Array.from({ length }, (_, index) => auditEntry(referenceNo, index + 1));
  const { rows, head } = chainRows(referenceNo, EMPTY_CHAIN, entries);
  return { referenceNo, records: rows.map(auditRecord), head };
}

/** Takes the heads that each checkpoint lists and the key; returns the checkpoints, one after the other. */
export function builtCheckpoints(lists: readonly (readonly CustomerHead[])[], key: KeyObject): Checkpoint[] {
  const ends = new Map<string, CustomerHead>();
  let previous = GENESIS_HASH;
  return lists.map((list, index) => {
    const heads = [...list].sort((a, b) => inOrder(a.referenceNo, b.referenceNo));
    for (const head of heads) ends.set(head.referenceNo, head);
    const all = allHeadsDigest();
    for (const name of [...ends.keys()].sort(inOrder)) {
      const head = ends.get(name);
      if (head !== undefined) all.add(head);
    }
    const signed = signCheckpoint(
      {
        format: 'audit-checkpoint/1',
        number: index + 1,
        at: new Date(Date.UTC(2026, 10, index + 1)).toISOString(),
        previous,
        changed: heads.length,
        headsRoot: headsRoot(heads),
        customers: all.count(),
        allHeads: all.digest(),
      },
      key,
    );
    previous = checkpointDigest(signed.body);
    return { ...signed, heads };
  });
}
