import type { KeyObject } from 'node:crypto';
import type { Alarm } from '../observability/alarm.js';
import type { Logger } from '../observability/logger.js';
import type { Store } from '../store/store.js';
import { checkpointDigest } from './checkpoint.js';
import { exportCheckpoints } from './checkpoint-files.js';
import { takeCheckpoint } from './take-checkpoint.js';

/** How the audit trail is attested; see `AUDIT_SIGNING_KEY` and `AUDIT_CHECKPOINT_DIR`. */
export interface CheckpointConfig {
  /** null: there are no checkpoints. */
  readonly signingKey: KeyObject | null;
  /** null: checkpoints stay in the database and in the log. */
  readonly checkpointDir: string | null;
}

export type DailyCheckpoint =
  | { readonly kind: 'off' }
  | { readonly kind: 'overtaken'; readonly number: number }
  /** The database was set back behind this checkpoint, which a file has: nothing was signed. */
  | { readonly kind: 'contradicted'; readonly number: number }
  | {
      readonly kind: 'taken';
      readonly number: number;
      readonly changed: number;
      readonly customers: number;
      /** How many chains do not go on from what an earlier checkpoint attests. */
      readonly broken: number;
    };

interface Dependencies {
  readonly store: Store;
  readonly config: CheckpointConfig;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  readonly alarm: Alarm;
}

/** So many broken chains are named in the log; `audit verify` names all. */
const MOST_NAMED = 20;

/**
 * Makes the use case that takes a checkpoint, writes its digest and signature to the log (which is kept elsewhere than
 * the database), and its file to the folder where one is configured. Without a key it does nothing, and says so.
 */
export function createDailyCheckpoint({ store, config, logger, alarm }: Dependencies) {
  return async (now: Date, onProgress?: () => void): Promise<DailyCheckpoint> => {
    const { signingKey, checkpointDir } = config;
    if (signingKey === null) return { kind: 'off' };
    const taken = await takeCheckpoint({
      store,
      signingKey,
      files: checkpointDir,
      now,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    if (taken.kind === 'contradicted') {
      alarm('audit_checkpoints_set_back', { checkpoint: String(taken.number) });
      return taken;
    }
    if (checkpointDir !== null) {
      await exportCheckpoints(store, checkpointDir).catch((error: unknown) =>
        alarm('audit_checkpoint_not_exported', { error }),
      );
    }
    if (taken.kind === 'overtaken') return taken;
    const { body, signature } = taken.checkpoint;
    logger.info('The audit trail has a new checkpoint', {
      checkpoint: `${body.number} ${checkpointDigest(body)} ${signature}`,
      count: body.changed,
    });
    for (const referenceNo of taken.broken.slice(0, MOST_NAMED)) alarm('audit_trail_broken', { referenceNo });
    const { number, changed, customers } = body;
    return { kind: 'taken', number, changed, customers, broken: taken.broken.length };
  };
}
