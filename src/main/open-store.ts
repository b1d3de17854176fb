import { openStore, type Store } from '../store/store.js';

const GAP_MS = 500;

/**
 * Takes the URI and how long to try in milliseconds; returns the open store, or null where MongoDB does not answer:
 * servers that are started together with the service are given the time to come up.
 */
export async function openStoreWithin(mongodbUri: string, timeoutMs: number): Promise<Store | null> {
  const endsAtMs = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await openStore(mongodbUri);
    } catch {
      if (performance.now() + GAP_MS > endsAtMs) return null;
      await new Promise((resolve) => setTimeout(resolve, GAP_MS));
    }
  }
}
