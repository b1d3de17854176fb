import type { KeyObject } from 'node:crypto';
import { GENESIS_HASH } from './canonical-form.js';
import {
  allHeadsDigest,
  type Checkpoint,
  type CustomerHead,
  checkpointDigest,
  headsRoot,
  inOrder,
  isSignedBy,
} from './checkpoint.js';
import type { Finding, FindingKind } from './finding.js';
import { fingerprint } from './signing-key.js';
import type { AttestedHead } from './verify-chain.js';

export interface VerifiedCheckpoints {
  /** Checkpoints that a trusted key signed and that add up. */
  readonly trusted: readonly Checkpoint[];
  /** What those attest, by customer, each by ascending checkpoint. */
  readonly attested: ReadonlyMap<string, readonly AttestedHead[]>;
  readonly findings: readonly Finding[];
}

/**
 * Takes the checkpoints as they stand in the database and, where there are any, in exported files, both by ascending
 * number, and the public keys that are trusted; returns what they attest and what is wrong with them. A file counts
 * more than the database, because it was out of reach of whoever changed that.
 */
export function verifyCheckpoints(
  stored: readonly Checkpoint[],
  exported: readonly Checkpoint[] | null,
  keys: readonly KeyObject[],
): VerifiedCheckpoints {
  const findings: Finding[] = [];
  const found = (kind: FindingKind, sequence: number | null, text: string) =>
    findings.push({ kind, referenceNo: null, sequence, text });
  const trusted: Checkpoint[] = [];
  const attested = new Map<string, AttestedHead[]>();
  const checkpoints = merged(stored, exported, found);
  if (checkpoints.length > 0 && keys.length === 0) {
    found('no_key', null, 'no public key is given, so that no checkpoint can be trusted');
    return { trusted, attested, findings };
  }

  const byId = new Map(keys.map((key) => [fingerprint(key), key]));
  const ends = new Map<string, CustomerHead>();
  let before: string | null = GENESIS_HASH;
  let next = 1;
  // After a checkpoint that is missing or not to be trusted, what it listed is unknown.
  let isComplete = true;
  for (const checkpoint of checkpoints) {
    const { body, heads } = checkpoint;
    const { number } = body;
    if (number !== next) {
      found(
        'checkpoint_missing',
        next,
        number === next + 1 ? 'it is missing' : `checkpoints ${next} to ${number - 1} are missing`,
      );
      before = null;
      isComplete = false;
    }
    next = number + 1;
    const key = byId.get(body.keyId);
    const trouble = troubleOf(checkpoint, key);
    if (trouble !== null) found(trouble.kind, number, trouble.text);
    if (before !== null && body.previous !== before) {
      found('checkpoint_broken_link', number, 'it was made after another checkpoint than the one before it');
    }
    before = trouble === null ? checkpointDigest(body) : null;
    if (trouble !== null) {
      isComplete = false;
      continue;
    }
    trusted.push(checkpoint);
    for (const head of heads) {
      ends.set(head.referenceNo, head);
      const list = attested.get(head.referenceNo) ?? [];
      list.push({ sequence: head.sequence, hash: head.hash, checkpoint: number });
      attested.set(head.referenceNo, list);
    }
  }
  const latest = trusted.at(-1);
  if (latest !== undefined && isComplete && !addsUp(latest, ends)) {
    found(
      'checkpoint_heads_differ',
      latest.body.number,
      'the heads that this and earlier checkpoints list are not all that it attests',
    );
  }
  return { trusted, attested, findings };
}

type Found = (kind: FindingKind, number: number, text: string) => void;

/** Every checkpoint that there is, once, by ascending number. */
function merged(
  stored: readonly Checkpoint[],
  exported: readonly Checkpoint[] | null,
  found: Found,
): readonly Checkpoint[] {
  if (exported === null) return stored;
  const byNumber = new Map(stored.map((checkpoint) => [checkpoint.body.number, checkpoint]));
  const inFiles = new Map(exported.map((checkpoint) => [checkpoint.body.number, checkpoint]));
  for (const [number, file] of inFiles) {
    const row = byNumber.get(number);
    if (row === undefined) {
      found('checkpoint_missing', number, 'it was exported and is not in the database any more');
    } else if (!isSame(row, file)) {
      found('checkpoint_differs', number, 'the database has another one than the exported file');
    }
    byNumber.set(number, file);
  }
  return [...byNumber.values()].sort((a, b) => a.body.number - b.body.number);
}

function isSame(a: Checkpoint, b: Checkpoint): boolean {
  const root = (checkpoint: Checkpoint) => headsRoot(checkpoint.heads);
  return (
    checkpointDigest(a.body) === checkpointDigest(b.body) &&
    a.signature === b.signature &&
    root(a) === root(b)
  );
}

function troubleOf(
  checkpoint: Checkpoint,
  key: KeyObject | undefined,
): { kind: FindingKind; text: string } | null {
  const { body, heads } = checkpoint;
  if (key === undefined) {
    return {
      kind: 'checkpoint_unknown_key',
      text: `it names the key ${body.keyId}, which is none of those that are trusted`,
    };
  }
  if (!isSignedBy(checkpoint, key)) {
    return { kind: 'checkpoint_forged', text: 'it is not what the key that it names has signed' };
  }
  const isListed =
    heads.length === body.changed &&
    headsRoot(heads) === body.headsRoot &&
    heads.every((head, at) => at === 0 || inOrder(heads[at - 1]?.referenceNo ?? '', head.referenceNo) < 0);
  return isListed
    ? null
    : { kind: 'checkpoint_heads_differ', text: 'the heads that it lists are not those that were signed' };
}

function addsUp({ body }: Checkpoint, ends: ReadonlyMap<string, CustomerHead>): boolean {
  const all = allHeadsDigest();
  for (const referenceNo of [...ends.keys()].sort(inOrder)) {
    const head = ends.get(referenceNo);
    if (head !== undefined) all.add(head);
  }
  return all.count() === body.customers && all.digest() === body.allHeads;
}
