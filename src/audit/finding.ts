/** What can be wrong with the audit trail; each is explained in docs/audit.md. */
export type FindingKind =
  | 'edited'
  | 'missing'
  | 'duplicate'
  | 'broken_link'
  | 'unchained'
  | 'cut'
  | 'beyond_head'
  | 'head_differs'
  | 'no_profile'
  | 'rewritten'
  | 'policy_missing'
  | 'policy_differs'
  | 'checkpoint_forged'
  | 'checkpoint_unknown_key'
  | 'checkpoint_missing'
  | 'checkpoint_differs'
  | 'checkpoint_broken_link'
  | 'checkpoint_heads_differ'
  | 'no_key';

/** Something that is wrong, and where. */
export interface Finding {
  readonly kind: FindingKind;
  /** The customer; null where a checkpoint is wrong. */
  readonly referenceNo: string | null;
  /** Number of the first record that it is about, or of the checkpoint where there is no customer. */
  readonly sequence: number | null;
  /** A sentence for a person. */
  readonly text: string;
}

/** Takes a finding; returns it as one line. */
export function findingLine({ kind, referenceNo, sequence, text }: Finding): string {
  const where =
    referenceNo === null
      ? sequence === null
        ? 'the checkpoints'
        : `checkpoint ${sequence}`
      : `customer ${referenceNo}${sequence === null ? '' : `, record ${sequence}`}`;
  return `${kind}: ${where}: ${text}`;
}

/** Takes a number and what is counted; returns both as text: `1 record`, `2 records`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
