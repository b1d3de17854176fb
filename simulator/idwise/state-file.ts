import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { emptyState, type Settings, type SimulatorState } from './state.js';

const debounceMs = 150;

/**
 * Keeps the state in one JSON file: written whole to a neighbour and renamed over the old one, so that a
 * reader or a crash never sees half of it; at most 150 ms after a change.
 */
export class StateFile {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly read: () => SimulatorState,
  ) {}

  /** Notes that something changed; the write follows within 150 ms. */
  changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.write().catch((error: unknown) => {
        console.error(`simulator: ${this.path} could not be written: ${String(error)}`);
      });
    }, debounceMs);
  }

  /** Writes what has changed, now. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.write();
  }

  private write(): Promise<void> {
    this.writing = this.writing
      .catch(() => undefined)
      .then(async () => {
        const unfinished = `${this.path}.${process.pid}.tmp`;
        // The file holds the private keys of simulated push devices, hence the mode.
        await writeFile(unfinished, JSON.stringify(this.read()), { mode: 0o600 });
        await rename(unfinished, this.path);
      });
    return this.writing;
  }
}

/**
 * Reads the state that an earlier run has left.
 *
 * @param path the file; its folder is made if it is missing
 * @param settings settings of this start, which win over those in the file
 * @returns the state, or an empty one when there is no file
 * @throws when the file is not a state of this version (it is never overwritten unread)
 */
export async function loadState(path: string, settings: Partial<Settings>): Promise<SimulatorState> {
  await mkdir(dirname(path), { recursive: true });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return emptyState(settings);
    throw error;
  }
  const stored = JSON.parse(text) as Partial<SimulatorState>;
  if (stored.formatVersion !== 1) {
    throw new Error(`${path} is not the data of this simulator; move it away to start empty`);
  }
  const empty = emptyState(settings);
  return { ...empty, ...stored, settings: { ...empty.settings, ...stored.settings, ...settings } };
}
