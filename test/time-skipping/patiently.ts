import { eventually } from '../end-to-end/product.js';
import type { SkippedWorld } from './skipped-world.js';

/** Real time that a step may take on a busy machine; the workflows' own clock stands still meanwhile. */
const PATIENCE_MS = 100_000;

/** Polls until the condition gives something, or fails with what was waited for. */
export function patiently<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  return eventually(what, look, PATIENCE_MS);
}

/** Waits until the customer's view shows the status. */
export async function statusBecomes(world: SkippedWorld, referenceNo: string, status: string): Promise<void> {
  await patiently(`${referenceNo} is ${status}`, async () =>
    (await world.profile(referenceNo)).view.status === status ? true : undefined,
  );
}
