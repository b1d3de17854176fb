import { randomUUID } from 'node:crypto';
import { buildMissingIndexes } from '../../src/store/indexes.js';
import type { Store } from '../../src/store/store.js';
import { openPatientStore } from './patient-store.js';

/** Returns a store on a database of its own on the test run's MongoDB, indexes included, and how to drop it. */
export async function openOwnDatabase(): Promise<{ store: Store; drop: () => Promise<void> }> {
  const address = process.env['TEST_MONGODB_URI'];
  if (address === undefined) throw new Error('TEST_MONGODB_URI is set by the global setup of the suite');
  const uri = new URL(address);
  uri.pathname = `/idwise-${randomUUID().slice(0, 8)}`;
  await buildMissingIndexes(uri.href);
  const store = await openPatientStore(uri.href);
  return {
    store,
    drop: async () => {
      await store.connection.dropDatabase();
      await store.close();
    },
  };
}
