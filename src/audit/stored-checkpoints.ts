import type { Store } from '../store/store.js';
import type { Checkpoint, CheckpointBody, CustomerHead } from './checkpoint.js';

/** A signed checkpoint. Collection `auditCheckpoints`; append-only. */
export interface AuditCheckpointRow {
  /** Its number, so that of two that are made at once one is refused. */
  readonly _id: number;
  readonly body: CheckpointBody;
  readonly signature: string;
  /** Under which the heads that it lists are stored; those of one that was never finished are named by nobody. */
  readonly headsId: string;
}

/** Some of the heads that a checkpoint lists. Collection `auditCheckpointHeads`; append-only. */
export interface AuditCheckpointHeadsRow {
  /** `<headsId>:<part>`. */
  readonly _id: string;
  readonly headsId: string;
  readonly part: number;
  readonly heads: readonly CustomerHead[];
}

/** The head of one chain as the latest checkpoint attests it. Collection `auditHeads`; can be made anew from those. */
export interface AuditHeadRow {
  /** The reference number. */
  readonly _id: string;
  readonly sequence: number;
  readonly hash: string;
  /** Number of the checkpoint that listed it last. */
  readonly checkpoint: number;
}

type Checkpoints = Pick<Store, 'auditCheckpoints' | 'auditCheckpointHeads'>;

/** Takes the store; returns the latest checkpoint without its heads, null where there is none. */
export async function latestCheckpoint(
  store: Pick<Store, 'auditCheckpoints'>,
): Promise<AuditCheckpointRow | null> {
  return await store.auditCheckpoints.find().sort({ _id: -1 }).limit(1).next();
}

/** Takes the store and a checkpoint's row; returns the checkpoint with its heads. */
export async function wholeCheckpoint(
  store: Pick<Store, 'auditCheckpointHeads'>,
  { body, signature, headsId }: AuditCheckpointRow,
): Promise<Checkpoint> {
  const parts = await store.auditCheckpointHeads.find({ headsId }).sort({ part: 1 }).toArray();
  return { body, signature, heads: parts.flatMap((part) => part.heads) };
}

/** Takes the store; returns every checkpoint by ascending number. */
export async function storedCheckpoints(store: Checkpoints): Promise<readonly Checkpoint[]> {
  const rows = await store.auditCheckpoints.find().sort({ _id: 1 }).toArray();
  const checkpoints: Checkpoint[] = [];
  for (const row of rows) checkpoints.push(await wholeCheckpoint(store, row));
  return checkpoints;
}
