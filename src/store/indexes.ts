import mongoose from 'mongoose';
import { ANY_TIME_MS, type Collection, openStore, type Store } from './store.js';

/**
 * Takes the MongoDB URI; makes the indexes that are missing, over a connection that waits as long as MongoDB builds: a
 * store's own operations end after seconds, and an index that is given up so is begun anew by each process that starts.
 */
export async function buildMissingIndexes(mongodbUri: string): Promise<void> {
  const store = await openStore(mongodbUri, ANY_TIME_MS);
  try {
    await createIndexes(store);
  } finally {
    await store.close();
  }
}

/**
 * Takes a store that waits long enough (`ANY_TIME_MS`); creates every index; safe to repeat. Unique keys are what "once"
 * rests on (design §4.4).
 */
export async function createIndexes(store: Store): Promise<void> {
  // Intake pays for each of these at every event, so most hold only the few rows that somebody looks for.
  const received = { partialFilterExpression: { state: 'received' } };
  const parked = { partialFilterExpression: { state: 'parked' } };
  await store.inbox.createIndexes([
    { name: 'due', key: { state: 1, notBefore: 1, receivedAt: 1 }, ...received },
    { name: 'parked_by_journey', key: { journeyId: 1 }, ...parked },
    { name: 'parked_by_age', key: { receivedAt: 1 }, ...parked },
    {
      name: 'same_body',
      key: { bodyHash: 1, receivedAt: -1 },
      partialFilterExpression: { bodyHash: { $gt: '' } },
    },
    { name: 'by_reference', key: { referenceNo: 1 } },
    {
      name: 'handed_over',
      key: { signalledAt: 1 },
      partialFilterExpression: { state: 'signalled', outcome: null },
    },
    // For operators. The one by age grows at its end only, which costs an event next to nothing.
    { name: 'by_age', key: { receivedAt: 1, _id: 1 } },
    { name: 'by_journey', key: { journeyId: 1 }, partialFilterExpression: { journeyId: { $gt: '' } } },
  ]);
  await store.profiles.createIndexes([
    { key: { customerId: 1 }, unique: true, partialFilterExpression: { customerId: { $exists: true } } },
    { key: { 'view.journeys.journeyId': 1 } },
    { key: { 'view.status': 1, updatedAt: 1 } },
    { name: 'to_be_compared', key: { settled: 1, nextCheckAt: 1, _id: 1 } },
    { name: 'to_be_woken', key: { wakeAt: 1 }, partialFilterExpression: { wakeAt: { $type: 'date' } } },
  ]);
  await createMissing(store.audit, [
    { key: { referenceNo: 1, sequence: 1 }, unique: true },
    { key: { referenceNo: 1, 'cause.id': 1, effect: 1 }, unique: true },
    { name: 'by_time', key: { at: 1 } },
  ]);
  await createMissing(store.auditCheckpointHeads, [{ key: { headsId: 1, part: 1 }, unique: true }]);
  await store.auditHeads.createIndexes([{ key: { checkpoint: 1 } }]);
  await store.outbox.createIndexes([{ key: { state: 1, createdAt: 1 } }, { key: { referenceNo: 1 } }]);
  await store.devices.createIndexes([{ key: { referenceNo: 1, endpointDigest: 1 }, unique: true }]);
  await store.journeyAnswers.createIndexes([{ key: { referenceNo: 1, journeyId: 1 } }]);
  await store.cases.createIndexes([
    { name: 'by_due', key: { isOpen: 1, dueAt: 1, _id: 1 } },
    { name: 'by_owner', key: { owner: 1, isOpen: 1, dueAt: 1 } },
    { key: { referenceNo: 1 } },
    { name: 'untold', key: { untoldSince: 1 }, partialFilterExpression: { untoldSince: { $type: 'date' } } },
    { name: 'by_wake', key: { wakeAt: 1 }, partialFilterExpression: { isOpen: true } },
  ]);
  await store.sessions.createIndexes([{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }]);
  await store.reconciliations.createIndexes([{ key: { startedAt: -1 } }]);
  await store.requests.createIndexes([
    { key: { referenceNo: 1, at: 1 } },
    { name: 'untaken', key: { sentAt: 1, at: 1 }, partialFilterExpression: { state: 'accepted' } },
  ]);
  await store.images.createIndexes([{ key: { referenceNo: 1, storedAt: 1 } }]);
  await store.imageChunks.createIndexes([{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }]);
  await store.amlVersions.createIndexes([{ key: { referenceNo: 1, version: 1 } }]);
}

/**
 * On what is append-only the service may have no right to make indexes (`service-role.ts`): an index can expire records.
 * Then setup has made them, and there is nothing left to do.
 */
async function createMissing<Row extends mongoose.mongo.Document>(
  collection: Collection<Row>,
  wanted: mongoose.mongo.IndexDescription[],
): Promise<void> {
  const present = await collection.listIndexes().toArray().catch(noneWithoutCollection);
  const keys = new Set(present.map((index) => JSON.stringify(index.key)));
  const missing = wanted.filter(({ key }) => !keys.has(JSON.stringify(key)));
  if (missing.length > 0) await collection.createIndexes(missing);
}

const NAMESPACE_NOT_FOUND = 26;

function noneWithoutCollection(error: unknown): { key: unknown }[] {
  if (error instanceof mongoose.mongo.MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
  throw error;
}
