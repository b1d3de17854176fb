import { eventually } from '../eventually.js';
import type { SkippedWorld } from './skipped-world.js';

/** Waits until the customer's view shows the status, in real time; the workflows' own clock stands still meanwhile. */
export async function statusBecomes(world: SkippedWorld, referenceNo: string, status: string): Promise<void> {
  await eventually(`${referenceNo} is ${status}`, async () =>
    (await world.profile(referenceNo)).view.status === status ? true : undefined,
  );
}
