import mongoose from 'mongoose';
import type {
  AuditCheckpointHeadsRow,
  AuditCheckpointRow,
  AuditHeadRow,
} from '../audit/stored-checkpoints.js';
import type { CaseRow, DeskPersonRow, KnownMatchesRow } from './case-records.js';
import { withDeadlines, within } from './deadlines.js';
import { fencedTransaction } from './fenced-transaction.js';
import type { InboxRow } from './inbox-records.js';
import type { OutboxRow } from './outbox-records.js';
import type {
  AmlVersionRow,
  AuditPolicyRow,
  AuditRow,
  DeviceRow,
  IdwiseCallRow,
  ImageChunkRow,
  ImageRow,
  JourneyAnswerRow,
  ProfileRow,
  ReconciliationRow,
  RequestRow,
  SessionRow,
} from './records.js';

type Session = mongoose.mongo.ClientSession;
type Collection<Row extends mongoose.mongo.Document> = mongoose.mongo.Collection<Row>;

/** The service's MongoDB: typed collections and the one way to run a transaction. */
export interface Store {
  readonly connection: mongoose.Connection;
  readonly inbox: Collection<InboxRow>;
  readonly profiles: Collection<ProfileRow>;
  /** Append-only; written through `audit-chain.ts` alone. */
  readonly audit: Collection<AuditRow>;
  readonly auditPolicies: Collection<AuditPolicyRow>;
  readonly auditCheckpoints: Collection<AuditCheckpointRow>;
  readonly auditCheckpointHeads: Collection<AuditCheckpointHeadsRow>;
  readonly auditHeads: Collection<AuditHeadRow>;
  readonly outbox: Collection<OutboxRow>;
  readonly devices: Collection<DeviceRow>;
  readonly journeyAnswers: Collection<JourneyAnswerRow>;
  readonly amlVersions: Collection<AmlVersionRow>;
  readonly idwiseCalls: Collection<IdwiseCallRow>;
  readonly requests: Collection<RequestRow>;
  readonly sessions: Collection<SessionRow>;
  readonly cases: Collection<CaseRow>;
  readonly knownMatches: Collection<KnownMatchesRow>;
  readonly deskPeople: Collection<DeskPersonRow>;
  readonly images: Collection<ImageRow>;
  readonly imageChunks: Collection<ImageChunkRow>;
  readonly reconciliations: Collection<ReconciliationRow>;
  /**
   * Runs the work in one transaction with majority write concern; the work may run again after a transient conflict.
   * `about` names what it is about: of two transactions about the same thing the later one ends the earlier, so that
   * one which a dead process left open keeps nobody waiting.
   */
  transaction<T>(about: string, work: (session: Session) => Promise<T>): Promise<T>;
  /** Resolves when MongoDB answers within the time limit in milliseconds; rejects otherwise. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * No operation may hang: a frozen server keeps its sockets open, so only a deadline on every operation tells it from a
 * slow one (`deadlines.ts`). The driver's own timeouts stand behind it, for what it sends by itself: commits, aborts,
 * heartbeats. The pool is small because group commit needs few connections.
 */
const OPERATION_MS = 2_000;
const TRANSACTION_MS = 8_000;
const OPTIONS: mongoose.ConnectOptions = {
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 2_500,
  waitQueueTimeoutMS: 2_000,
  heartbeatFrequencyMS: 1_000,
  maxPoolSize: 20,
  writeConcern: { w: 'majority' },
  readConcern: { level: 'majority' },
  bufferCommands: false,
  autoIndex: false,
  autoCreate: false,
};

/**
 * Takes the MongoDB URI, and for work that may take minutes (building indexes) how long an answer may take in
 * milliseconds, 0 for any time, and a database where it is not that of the URI; returns the open store.
 * @throws when the server does not answer within 2 s; the caller decides whether to try again.
 */
export async function openStore(
  mongodbUri: string,
  answerTimeoutMs?: number,
  database?: string,
): Promise<Store> {
  const connection = await mongoose
    .createConnection(mongodbUri, {
      ...OPTIONS,
      ...(answerTimeoutMs === undefined ? {} : { socketTimeoutMS: answerTimeoutMs }),
      ...(database === undefined ? {} : { dbName: database }),
    })
    .asPromise();
  const client = connection.getClient();
  const isPatient = answerTimeoutMs !== undefined;
  const collection = <Row extends mongoose.mongo.Document>(name: string): Collection<Row> => {
    const plain = client.db(connection.name).collection<Row>(name);
    return isPatient ? plain : withDeadlines(plain, OPERATION_MS);
  };
  return {
    connection,
    inbox: collection<InboxRow>('inbox'),
    profiles: collection<ProfileRow>('profiles'),
    audit: collection<AuditRow>('audit'),
    auditPolicies: collection<AuditPolicyRow>('auditPolicies'),
    auditCheckpoints: collection<AuditCheckpointRow>('auditCheckpoints'),
    auditCheckpointHeads: collection<AuditCheckpointHeadsRow>('auditCheckpointHeads'),
    auditHeads: collection<AuditHeadRow>('auditHeads'),
    outbox: collection<OutboxRow>('outbox'),
    devices: collection<DeviceRow>('devices'),
    journeyAnswers: collection<JourneyAnswerRow>('journeyAnswers'),
    amlVersions: collection<AmlVersionRow>('amlVersions'),
    idwiseCalls: collection<IdwiseCallRow>('idwiseCalls'),
    requests: collection<RequestRow>('requests'),
    sessions: collection<SessionRow>('sessions'),
    cases: collection<CaseRow>('cases'),
    knownMatches: collection<KnownMatchesRow>('knownMatches'),
    deskPeople: collection<DeskPersonRow>('deskPeople'),
    images: collection<ImageRow>('images'),
    imageChunks: collection<ImageChunkRow>('imageChunks'),
    reconciliations: collection<ReconciliationRow>('reconciliations'),
    transaction: (about, work) =>
      within(TRANSACTION_MS, fencedTransaction(client, about, work, TRANSACTION_MS)),
    ping: async (timeoutMs) => {
      await client.db(connection.name).command({ ping: 1 }, { signal: AbortSignal.timeout(timeoutMs) });
    },
    close: () => connection.close(),
  };
}

/**
 * Takes the inbox; returns since when its oldest event waits to be accepted by Temporal, or null where none waits. Read
 * from the index alone, so that it costs little also with a long backlog.
 */
export async function oldestUndelivered(inbox: Store['inbox']): Promise<Date | null> {
  const [found] = await inbox
    .aggregate<{ since: Date }>(
      [{ $match: { state: 'received' } }, { $group: { _id: null, since: { $min: '$receivedAt' } } }],
      { hint: 'due' },
    )
    .toArray();
  return found?.since ?? null;
}

/** Creates every index; safe to repeat. Unique keys are what "once" rests on (design §4.4). */
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
