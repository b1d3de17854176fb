import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import type { ChainHead } from './audit-record.js';
import { canonicalText, plain, sha256 } from './canonical-form.js';
import { merkleRoot } from './merkle-tree.js';
import { fingerprint } from './signing-key.js';

/** The end of one customer's chain. */
export interface CustomerHead extends ChainHead {
  readonly referenceNo: string;
}

/** What is signed. Its digest and its signature are taken over its canonical JSON. */
export interface CheckpointBody {
  readonly format: 'audit-checkpoint/1';
  /** 1, 2, 3 … */
  readonly number: number;
  readonly at: string;
  /** Digest of the checkpoint before; 64 zeros before the first. */
  readonly previous: string;
  /** How many chains went on since then; the checkpoint lists their heads, by ascending reference number. */
  readonly changed: number;
  /** Root of the hash tree over the listed heads. */
  readonly headsRoot: string;
  /** How many chains there are. */
  readonly customers: number;
  /** SHA-256 over the lines of all heads, changed or not; so none can be left out of the lists unnoticed. */
  readonly allHeads: string;
  /** Fingerprint of the key that signed it. */
  readonly keyId: string;
}

export interface SignedCheckpoint {
  readonly body: CheckpointBody;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** A checkpoint with the heads that it lists. */
export interface Checkpoint extends SignedCheckpoint {
  readonly heads: readonly CustomerHead[];
}

/** Takes a head; returns its line: canonical JSON, so that no reference number can be taken for another part of it. */
export function headLine({ referenceNo, sequence, hash }: CustomerHead): string {
  return canonicalText([referenceNo, sequence, hash]);
}

/** Takes the heads that a checkpoint lists; returns their root. */
export function headsRoot(heads: readonly CustomerHead[]): string {
  return merkleRoot(heads.map(headLine));
}

/** Reference numbers are ordered by their UTF-8 bytes, as MongoDB has them. */
export function inOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Returns the digest over all heads, to be fed with them by ascending reference number. */
export function allHeadsDigest(): { add(head: CustomerHead): void; count(): number; digest(): string } {
  const hash = createHash('sha256');
  let count = 0;
  return {
    add: (head) => {
      hash.update(`${headLine(head)}\n`);
      count += 1;
    },
    count: () => count,
    digest: () => hash.digest('hex'),
  };
}

/** Takes a checkpoint's body; returns the digest by which the next one names it. */
export function checkpointDigest(body: CheckpointBody): string {
  return sha256(canonicalText(plain(body)));
}

/** Takes what is to be attested and the private key; returns the signed checkpoint. */
export function signCheckpoint(body: Omit<CheckpointBody, 'keyId'>, key: KeyObject): SignedCheckpoint {
  const whole: CheckpointBody = { ...body, keyId: fingerprint(key) };
  return { body: whole, signature: sign(null, Buffer.from(canonicalText(whole)), key).toString('base64') };
}

/** Takes a checkpoint and the public key that it names; returns true when that key signed it as it stands. */
export function isSignedBy({ body, signature }: SignedCheckpoint, key: KeyObject): boolean {
  return verify(null, Buffer.from(canonicalText(plain(body))), key, Buffer.from(signature, 'base64'));
}
