import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/store.js';
import { canonicalText } from './canonical-form.js';
import { type Checkpoint, type CustomerHead, headLine, type SignedCheckpoint } from './checkpoint.js';
import { wholeCheckpoint } from './stored-checkpoints.js';

/** Checkpoints as files, which survive the database: the first line is what was signed, then one line for each head. */

const NAME = /^checkpoint-(\d+)\.jsonl$/;

/** Takes a checkpoint; returns its file's text. */
export function checkpointText({ body, signature, heads }: Checkpoint): string {
  return [canonicalText({ body, signature }), ...heads.map(headLine)].map((line) => `${line}\n`).join('');
}

/** Takes a checkpoint's number; returns its file's name. */
export function checkpointFileName(number: number): string {
  return `checkpoint-${String(number).padStart(6, '0')}.jsonl`;
}

/**
 * Takes the store and a folder; writes the file of every checkpoint that has none there yet, so that what one run could
 * not write the next one does. Existing files are never touched. Returns how many it wrote.
 * @throws the file system's errors.
 */
export async function exportCheckpoints(
  store: Pick<Store, 'auditCheckpoints' | 'auditCheckpointHeads'>,
  folder: string,
): Promise<number> {
  await mkdir(folder, { recursive: true });
  let written = 0;
  for (const row of await store.auditCheckpoints.find().sort({ _id: 1 }).toArray()) {
    const path = join(folder, checkpointFileName(row._id));
    if (existsSync(path)) continue;
    const draft = `${path}.${process.pid}.draft`;
    await writeFile(draft, checkpointText(await wholeCheckpoint(store, row)), { mode: 0o640 });
    await rename(draft, path);
    written += 1;
  }
  return written;
}

/**
 * Takes the store and a folder; returns the number of the newest checkpoint there if the database has not, or has not any
 * more, the one that was written; null where it has, or where nothing was written.
 */
export async function contradictedFile(
  store: Pick<Store, 'auditCheckpoints' | 'auditCheckpointHeads'>,
  folder: string,
): Promise<number | null> {
  const names = await readdir(folder).catch(() => []);
  const newest = Math.max(0, ...names.map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
  if (newest === 0) return null;
  const row = await store.auditCheckpoints.findOne({ _id: newest });
  if (row === null) return newest;
  const written = await readFile(join(folder, checkpointFileName(newest)), 'utf8');
  return written === checkpointText(await wholeCheckpoint(store, row)) ? null : newest;
}

export type ReadCheckpointFiles =
  | { readonly kind: 'checkpoints'; readonly checkpoints: readonly Checkpoint[] }
  /** A file, or the folder, cannot be read as what it should be. */
  | { readonly kind: 'unreadable'; readonly path: string };

/** Takes a folder; returns the checkpoints in it, by ascending number. */
export async function readCheckpointFiles(folder: string): Promise<ReadCheckpointFiles> {
  const names = await readdir(folder).catch(() => null);
  if (names === null) return { kind: 'unreadable', path: folder };
  const checkpoints: Checkpoint[] = [];
  for (const name of names.filter((each) => NAME.test(each))) {
    const path = join(folder, name);
    const checkpoint = parse(await readFile(path, 'utf8').catch(() => ''));
    if (checkpoint === null || checkpointFileName(checkpoint.body.number) !== name) {
      return { kind: 'unreadable', path };
    }
    checkpoints.push(checkpoint);
  }
  return { kind: 'checkpoints', checkpoints: checkpoints.sort((a, b) => a.body.number - b.body.number) };
}

function parse(text: string): Checkpoint | null {
  try {
    const [first = '', ...lines] = text.split('\n').filter((line) => line !== '');
    const { body, signature } = JSON.parse(first) as SignedCheckpoint;
    const heads = lines.map((line): CustomerHead => {
      const [referenceNo, sequence, hash] = JSON.parse(line) as [string, number, string];
      return { referenceNo, sequence, hash };
    });
    const isCheckpoint = typeof body === 'object' && typeof body.number === 'number';
    return isCheckpoint && typeof signature === 'string' ? { body, signature, heads } : null;
  } catch {
    return null;
  }
}
