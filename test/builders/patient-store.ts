import { openStore, type Store } from '../../src/store/store.js';

const ANSWER_TIMEOUT_MS = 20_000;

/**
 * Takes a MongoDB URI; returns a store for the looks of a test, which waits longer than the product's: a machine that runs
 * other tests beside may keep one waiting, and that the product does not wait is tested where it matters.
 */
export function openPatientStore(mongodbUri: string): Promise<Store> {
  return openStore(mongodbUri, ANSWER_TIMEOUT_MS);
}
