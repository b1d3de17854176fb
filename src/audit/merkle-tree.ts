import { createHash } from 'node:crypto';

/**
 * The hash tree of RFC 9162 §2.1 with SHA-256. Its root stands for a list; a proof shows that one entry is in the list
 * without showing the others, so that an export about one customer names no other.
 */

/** One step from a leaf to the root: the hash beside it, and on which side that stands. */
export type ProofStep = readonly ['left' | 'right', string];

/** Takes the entries in order; returns the root of their tree as 64 hex digits. */
export function merkleRoot(entries: readonly string[]): string {
  let level = entries.map(leaf);
  if (level.length === 0) return createHash('sha256').digest('hex');
  while (level.length > 1) level = above(level);
  return level[0]?.toString('hex') ?? '';
}

/** Takes the entries and the place of one; returns the steps that lead from it to the root. */
export function merkleProof(entries: readonly string[], index: number): readonly ProofStep[] {
  const steps: ProofStep[] = [];
  let level = entries.map(leaf);
  for (let at = index; level.length > 1; at = Math.floor(at / 2)) {
    const isRight = at % 2 === 1;
    const beside = level[isRight ? at - 1 : at + 1];
    // The last of an odd level goes up as it is.
    if (beside !== undefined) steps.push([isRight ? 'left' : 'right', beside.toString('hex')]);
    level = above(level);
  }
  return steps;
}

/** Takes an entry and its steps; returns the root that they lead to. */
export function provenRoot(entry: string, steps: readonly ProofStep[]): string {
  return steps
    .reduce((hash, [side, beside]) => {
      const other = Buffer.from(beside, 'hex');
      return side === 'left' ? node(other, hash) : node(hash, other);
    }, leaf(entry))
    .toString('hex');
}

function above(level: readonly Buffer[]): Buffer[] {
  const next: Buffer[] = [];
  for (let at = 0; at < level.length; at += 2) {
    const [left, right] = [level[at], level[at + 1]];
    if (left !== undefined) next.push(right === undefined ? left : node(left, right));
  }
  return next;
}

function leaf(entry: string): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(entry).digest();
}

function node(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}
