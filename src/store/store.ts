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
export type Collection<Row extends mongoose.mongo.Document> = mongoose.mongo.Collection<Row>;

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

/** For the answer to work that takes minutes: an index over what years have left, a trail that is read in one go. */
export const ANY_TIME_MS = 0;

/** For such work, which had better end late than not at all. */
const PATIENT: mongoose.ConnectOptions = {
  serverSelectionTimeoutMS: 10_000,
  connectTimeoutMS: 10_000,
  waitQueueTimeoutMS: 10_000,
};

/**
 * Takes the MongoDB URI, and for work that may take minutes how long an answer may take in milliseconds, or
 * `ANY_TIME_MS`, and a database where it is not that of the URI; returns the open store.
 * @throws when the server does not answer within 2 s, or 10 s where there is time; the caller decides whether to try again.
 */
export async function openStore(
  mongodbUri: string,
  answerTimeoutMs?: number,
  database?: string,
): Promise<Store> {
  const connection = await mongoose
    .createConnection(mongodbUri, {
      ...OPTIONS,
      ...(answerTimeoutMs === undefined ? {} : { ...PATIENT, socketTimeoutMS: answerTimeoutMs }),
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
