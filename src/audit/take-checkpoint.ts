import { type KeyObject, randomUUID } from 'node:crypto';
import { insertOnce } from '../store/insert-once.js';
import type { Store } from '../store/store.js';
import { GENESIS_HASH } from './canonical-form.js';
import { compareHeads } from './chain-heads.js';
import {
  allHeadsDigest,
  type CustomerHead,
  checkpointDigest,
  headsRoot,
  signCheckpoint,
} from './checkpoint.js';
import { contradictedFile } from './checkpoint-files.js';
import { type AuditCheckpointRow, latestCheckpoint, wholeCheckpoint } from './stored-checkpoints.js';

export type TakeCheckpoint =
  | {
      readonly kind: 'taken';
      readonly checkpoint: AuditCheckpointRow;
      /** Customers whose chain ends before, or beside, what an earlier checkpoint attests; that stays attested. */
      readonly broken: readonly string[];
    }
  /** Another process took the checkpoint of this number at the same time. */
  | { readonly kind: 'overtaken'; readonly number: number }
  /**
   * The checkpoint of this number was written to a file, and the database has it no more as it was: nothing is signed,
   * because that would attest the history of whoever set the database back.
   */
  | { readonly kind: 'contradicted'; readonly number: number };

export interface TakingCheckpoint {
  readonly store: Store;
  readonly signingKey: KeyObject;
  /** The folder with the files of earlier checkpoints; null where there is none. */
  readonly files: string | null;
  readonly now: Date;
  /** Called now and then while heads are read, so that a long run is not taken for dead. */
  readonly onProgress?: () => void;
}

const HEADS_PER_ROW = 1_000;
const PROGRESS_EVERY = 1_000;

/**
 * Takes the store, the private key, the folder of files and the time; writes the next checkpoint: a signed statement of
 * where every customer's chain ends. It lists the chains that went on since the one before, so that a day's checkpoint is as
 * large as what happened on that day. Safe to repeat, and at the same time elsewhere.
 */
export async function takeCheckpoint(taking: TakingCheckpoint): Promise<TakeCheckpoint> {
  const { store, signingKey, files, now, onProgress } = taking;
  const contradicted = files === null ? null : await contradictedFile(store, files);
  if (contradicted !== null) return { kind: 'contradicted', number: contradicted };
  const previous = await latestCheckpoint(store);
  if (previous !== null) await completeHeads(store, previous);

  const number = (previous?._id ?? 0) + 1;
  const all = allHeadsDigest();
  const changed: CustomerHead[] = [];
  const broken: string[] = [];
  for await (const { referenceNo, now: present, attested } of compareHeads(store)) {
    const isBroken = attested !== null && (present === null || !goesOnFrom(attested, present));
    if (isBroken) broken.push(referenceNo);
    const head = isBroken ? attested : present;
    if (head === null || head.sequence === 0) continue;
    all.add(head);
    if (attested?.sequence !== head.sequence) changed.push(head);
    if (all.count() % PROGRESS_EVERY === 0) onProgress?.();
  }
  const signed = signCheckpoint(
    {
      format: 'audit-checkpoint/1',
      number,
      at: now.toISOString(),
      previous: previous === null ? GENESIS_HASH : checkpointDigest(previous.body),
      changed: changed.length,
      headsRoot: headsRoot(changed),
      customers: all.count(),
      allHeads: all.digest(),
    },
    signingKey,
  );

  const row: AuditCheckpointRow = { _id: number, ...signed, headsId: randomUUID() };
  for (const [part, heads] of inParts(changed)) {
    await store.auditCheckpointHeads.insertOne({
      _id: `${row.headsId}:${part}`,
      headsId: row.headsId,
      part,
      heads,
    });
    onProgress?.();
  }
  const inserted = await insertOnce(() => store.auditCheckpoints.insertOne(row));
  if (inserted === 'already_there') return { kind: 'overtaken', number };
  await rememberHeads(store, number, changed, onProgress);
  return { kind: 'taken', checkpoint: row, broken };
}

/** A chain only grows; at the same length it must end in the same record. */
function goesOnFrom(attested: CustomerHead, present: CustomerHead): boolean {
  return (
    present.sequence > attested.sequence ||
    (present.sequence === attested.sequence && present.hash === attested.hash)
  );
}

/** A process may have died after it had written the checkpoint and before it had remembered its heads. */
async function completeHeads(store: Store, latest: AuditCheckpointRow): Promise<void> {
  const known = await store.auditHeads.countDocuments({ checkpoint: latest._id });
  if (known === latest.body.changed) return;
  const { heads } = await wholeCheckpoint(store, latest);
  await rememberHeads(store, latest._id, heads);
}

async function rememberHeads(
  store: Pick<Store, 'auditHeads'>,
  checkpoint: number,
  heads: readonly CustomerHead[],
  onProgress?: () => void,
): Promise<void> {
  for (const [, part] of inParts(heads)) {
    await store.auditHeads.bulkWrite(
      part.map(({ referenceNo, sequence, hash }) => ({
        replaceOne: {
          filter: { _id: referenceNo },
          replacement: { sequence, hash, checkpoint },
          upsert: true,
        },
      })),
      { ordered: false },
    );
    onProgress?.();
  }
}

function* inParts(heads: readonly CustomerHead[]): Generator<readonly [number, readonly CustomerHead[]]> {
  for (let part = 0; part * HEADS_PER_ROW < heads.length; part += 1) {
    yield [part, heads.slice(part * HEADS_PER_ROW, (part + 1) * HEADS_PER_ROW)];
  }
}
