import { type AuditRecord, type ChainHead, recordHash } from './audit-record.js';
import { GENESIS_HASH } from './canonical-form.js';
import type { Finding, FindingKind } from './finding.js';

/** A head that a checkpoint attests. */
export interface AttestedHead extends ChainHead {
  /** Number of the checkpoint. */
  readonly checkpoint: number;
}

export interface ChainToVerify {
  readonly referenceNo: string;
  /** Every record of the customer that there is, by ascending sequence. */
  readonly records: readonly AuditRecord[];
  /** As the profile has it; `hash` is null where a release before the chain wrote it last; null: there is no profile. */
  readonly head: { readonly sequence: number; readonly hash: string | null } | null;
  /** By ascending checkpoint; empty where none attests this customer. */
  readonly attested: readonly AttestedHead[];
}

/** Takes one customer's chain; returns everything that is wrong with it, each with its place; none where it is whole. */
export function verifyChain(chain: ChainToVerify): readonly Finding[] {
  const { referenceNo, records, head, attested } = chain;
  const findings: Finding[] = [];
  const found = (kind: FindingKind, sequence: number, text: string) =>
    findings.push({ kind, referenceNo, sequence, text });

  /** Hash of each record, that which the next one must name. */
  const hashes = new Map<number, string>();
  let last = 0;
  let hash: string | null = GENESIS_HASH;
  let isChained = false;
  for (const record of records) {
    const { sequence } = record;
    // Whoever can edit a record can make anything of its number.
    if (!Number.isInteger(sequence) || sequence < Math.max(last, 1)) {
      found('edited', last + 1, 'a record that should be here bears no number that can be');
      continue;
    }
    if (sequence === last) {
      found('duplicate', sequence, `there is more than one record ${sequence}; one was inserted`);
    } else if (sequence !== last + 1) {
      found('missing', last + 1, `${span(last + 1, sequence - 1)} missing`);
      hash = null;
    }
    if (record.hash === undefined) {
      // One of a release before the chain, which may run beside this one for a while, has none of these members.
      const isStripped = isChained && 'policyVersion' in record;
      if (isStripped) found('unchained', sequence, 'its hash was removed');
      hash = recordHash(record, hash ?? GENESIS_HASH);
    } else {
      const named = typeof record.previousHash === 'string' ? record.previousHash : '';
      if (recordHash(record, named) !== record.hash) {
        found('edited', sequence, 'its content is not what its hash was taken over');
      }
      if (hash !== null && named !== hash && sequence !== last) {
        found('broken_link', sequence, brokenLink(sequence, isChained));
      }
      isChained = true;
      hash = typeof record.hash === 'string' ? record.hash : null;
    }
    if (hash !== null) hashes.set(sequence, hash);
    last = Math.max(last, sequence);
  }

  const promised = promisedEnd(chain);
  if (promised !== null && promised.sequence > last) {
    found(
      'cut',
      last + 1,
      `${span(last + 1, promised.sequence)} missing at the end, which ${promised.by} shows`,
    );
  }
  if (head === null && records.length > 0) found('no_profile', last, 'the customer has no profile any more');
  if (head !== null && last > head.sequence) {
    found(
      'beyond_head',
      head.sequence + 1,
      `the profile ends at record ${head.sequence}; what follows was inserted`,
    );
  }
  if (head !== null && head.sequence === last && head.hash !== null && head.hash !== (hash ?? GENESIS_HASH)) {
    found('head_differs', last, 'the last record is not the one that the profile names by its hash');
  }
  const rewritten = firstRewritten(attested, hashes);
  if (rewritten !== null) found('rewritten', rewritten.from, rewritten.text);
  return findings;
}

function span(from: number, to: number): string {
  return from === to ? `record ${from} is` : `records ${from} to ${to} are`;
}

function brokenLink(sequence: number, isChained: boolean): string {
  if (sequence === 1) return 'it names a record before it, though it is the first';
  return isChained
    ? `it was written after another record ${sequence - 1} than the one that stands there`
    : `it was written after other records 1 to ${sequence - 1}, which bear no hashes of their own, than those that stand there`;
}

/** The furthest end that anything promises, and what does. */
function promisedEnd({ head, attested }: ChainToVerify): { sequence: number; by: string } | null {
  const ends = [
    ...(head === null ? [] : [{ sequence: head.sequence, by: 'the profile' }]),
    ...attested.map(({ sequence, checkpoint }) => ({ sequence, by: `checkpoint ${checkpoint}` })),
  ];
  // Of equal ends the checkpoint counts, because nobody could have changed it.
  return ends.reduce<(typeof ends)[number] | null>(
    (furthest, end) => (furthest === null || end.sequence >= furthest.sequence ? end : furthest),
    null,
  );
}

/** The first record that may differ from what stood there at a checkpoint. */
function firstRewritten(
  attested: readonly AttestedHead[],
  hashes: ReadonlyMap<number, string>,
): { from: number; text: string } | null {
  let from = 1;
  for (const { sequence, hash, checkpoint } of attested) {
    const stands = hashes.get(sequence);
    if (stands !== undefined && stands !== hash) {
      const which = from >= sequence ? `record ${sequence} is` : `of records ${from} to ${sequence} some are`;
      return {
        from: Math.min(from, sequence),
        text: `${which} not what stood there at checkpoint ${checkpoint}`,
      };
    }
    if (stands !== undefined) from = Math.max(from, sequence + 1);
  }
  return null;
}
