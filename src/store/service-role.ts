import mongoose from 'mongoose';
import type { Store } from './store.js';

type CollectionName = {
  [Name in keyof Store]: Store[Name] extends { readonly collectionName: string } ? Name : never;
}[keyof Store];

/** What the service may do in each collection; one that is not named here does not compile. */
export const RIGHTS: Readonly<Record<CollectionName, 'add' | 'write'>> = {
  audit: 'add',
  auditPolicies: 'add',
  auditCheckpoints: 'add',
  auditCheckpointHeads: 'add',
  auditHeads: 'write',
  inbox: 'write',
  profiles: 'write',
  outbox: 'write',
  devices: 'write',
  journeyAnswers: 'write',
  amlVersions: 'write',
  idwiseCalls: 'write',
  requests: 'write',
  images: 'write',
  imageChunks: 'write',
  reconciliations: 'write',
};

/** No index may be made on what is append-only, because an index can have the server expire documents. */
const ADD = ['find', 'insert', 'listIndexes'];
const ACTIONS = {
  add: ADD,
  write: [...ADD, 'createCollection', 'createIndex', 'update', 'remove', 'changeStream'],
};

const ROLE = 'idwiseService';
/** A server that starts beside us is waited for. */
const SERVER_WAIT_MS = 30_000;

export type CreateServiceRole =
  | {
      readonly kind: 'granted';
      /** `<database>.<role>`. */
      readonly role: string;
      readonly user: string;
      /** The user was not there and was made, with the password of the service's URI. */
      readonly isNewUser: boolean;
      /** The service's database, in which setup makes the indexes that the service may not. */
      readonly database: string;
      /** What else the user may do, as `<role>@<database>`; it may be more than the role allows. */
      readonly otherRoles: readonly string[];
    }
  /** The service's URI names no user. */
  | { readonly kind: 'no_user' };

/**
 * Takes MongoDB's URI as a user who may manage users and roles, and the URI of the service; makes the service's role,
 * or brings it up to date, and gives it to the service's user. With it the service can neither change nor remove audit
 * records and checkpoints, nor drop a collection. Other roles of the user are left alone and named. Safe to repeat.
 * @throws MongoDB's errors, such as those of a right that is missing.
 */
export async function createServiceRole(setupUri: string, serviceUri: string): Promise<CreateServiceRole> {
  const { credentials, dbName: database } = new mongoose.mongo.MongoClient(serviceUri).options;
  if (credentials === undefined || !credentials.username) return { kind: 'no_user' };
  const { username, password, source } = credentials;

  const client = new mongoose.mongo.MongoClient(setupUri, { serverSelectionTimeoutMS: SERVER_WAIT_MS });
  try {
    await client.connect();
    const own = client.db(database);
    const privileges = Object.entries(RIGHTS).map(([collection, right]) => ({
      resource: { db: database, collection },
      actions: ACTIONS[right],
    }));
    const known = await own.command({ rolesInfo: ROLE });
    const isKnown = Array.isArray(known['roles']) && known['roles'].length > 0;
    await own.command({ [isKnown ? 'updateRole' : 'createRole']: ROLE, privileges, roles: [] });

    const users = client.db(source);
    const grant = [{ role: ROLE, db: database }];
    const found = await users.command({ usersInfo: username });
    const [user] = (found['users'] ?? []) as { roles: { role: string; db: string }[] }[];
    if (user === undefined) await users.command({ createUser: username, pwd: password, roles: grant });
    else await users.command({ grantRolesToUser: username, roles: grant });
    return {
      kind: 'granted',
      role: `${database}.${ROLE}`,
      database,
      user: username,
      isNewUser: user === undefined,
      otherRoles: (user?.roles ?? [])
        .filter(({ role, db }) => role !== ROLE || db !== database)
        .map(({ role, db }) => `${role}@${db}`),
    };
  } finally {
    await client.close();
  }
}
