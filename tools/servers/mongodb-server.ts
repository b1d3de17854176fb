// How a local `mongod` is run: a replica set of one, because transactions and change streams need one.

import mongoose from 'mongoose';

export const REPLICA_SET = 'rs0';
const ALREADY_INITIALIZED = 23;

/** The arguments for a `mongod` on loopback; `extra` for tests. Sizes are small: it shares a laptop with the rest. */
export function mongodArguments(dbPath: string, port: number, extra: readonly string[] = []): string[] {
  return [
    ...['--replSet', REPLICA_SET, '--dbpath', dbPath, '--port', String(port), '--bind_ip', '127.0.0.1'],
    // CVE-2025-14847 of older servers sits in message compression.
    ...['--networkMessageCompressors', 'disabled', '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '64'],
    ...['--nounixsocket', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
    ...extra,
  ];
}

/** The address of a database on a local server. */
export function localMongodbUri(port: number, database: string): string {
  return `mongodb://127.0.0.1:${port}/${database}?directConnection=true`;
}

/** What a MongoDB says of itself. Throws when it does not answer within `timeoutMs`. */
export async function mongodbHello(
  uri: string,
  timeoutMs: number,
): Promise<{ isWritablePrimary: boolean; setName: string | null; isRouter: boolean }> {
  return await withClient(uri, timeoutMs, async (client) => {
    const hello = await client.db('admin').command({ hello: 1 });
    const setName: unknown = hello.setName;
    return {
      isWritablePrimary: hello.isWritablePrimary === true,
      setName: typeof setName === 'string' ? setName : null,
      // What a mongos, the door to a sharded cluster, says.
      isRouter: hello.msg === 'isdbgrid',
    };
  });
}

/** Whether a collection holds nothing. Throws when the server does not answer. */
export async function holdsNone(uri: string, collection: string): Promise<boolean> {
  return await withClient(
    uri,
    5_000,
    async (client) => (await client.db().collection(collection).findOne({})) === null,
  );
}

/** Makes a fresh local server a replica set of one; on one that is one already it does nothing. */
export async function initiateReplicaSet(port: number): Promise<void> {
  const config = { _id: REPLICA_SET, members: [{ _id: 0, host: `127.0.0.1:${port}` }] };
  await withClient(localMongodbUri(port, 'admin'), 2_000, async (client) => {
    try {
      await client.db('admin').command({ replSetInitiate: config });
    } catch (error) {
      const code = error instanceof mongoose.mongo.MongoServerError ? error.code : undefined;
      if (code !== ALREADY_INITIALIZED) throw error;
      await adoptPort(client, port);
    }
  });
}

// The data of an earlier start may have been made under another port, under which nobody answers now: then the
// replica set would wait for itself for ever.
async function adoptPort(client: mongoose.mongo.MongoClient, port: number): Promise<void> {
  const admin = client.db('admin');
  const config = (await client.db('local').collection('system.replset').findOne({})) as {
    version: number;
    members: { host: string }[];
  } | null;
  const member = config?.members[0];
  if (config === null || member === undefined || member.host === `127.0.0.1:${port}`) return;
  const members = [{ ...member, host: `127.0.0.1:${port}` }];
  await admin.command({
    replSetReconfig: { ...config, version: config.version + 1, members },
    force: true,
  });
}

async function withClient<T>(
  uri: string,
  timeoutMs: number,
  work: (client: mongoose.mongo.MongoClient) => Promise<T>,
): Promise<T> {
  const client = new mongoose.mongo.MongoClient(uri, {
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: Math.max(timeoutMs, 5_000),
    maxPoolSize: 1,
  });
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.close();
  }
}

/** Whether a local server, freshly started, takes writes; makes it a replica set first if it is none. */
export async function bringUpReplicaSet(port: number): Promise<boolean> {
  const hello = await mongodbHello(localMongodbUri(port, 'admin'), 1_000);
  if (hello.isWritablePrimary) return true;
  await initiateReplicaSet(port);
  return false;
}
