import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import mongoose from 'mongoose';
import { newSigningKey, readSigningKey } from '../../src/audit/signing-key.js';
import { takeCheckpoint } from '../../src/audit/take-checkpoint.js';
import { DEFAULT_POLICY } from '../../src/domain/policy.js';
import { createIndexes } from '../../src/store/indexes.js';
import { createServiceRole, RIGHTS } from '../../src/store/service-role.js';
import { openStore, type Store } from '../../src/store/store.js';
import { auditScheduleId } from '../../src/temporal/audit-schedule.js';
import { createRegisterCustomer } from '../../src/usecases/register-customer.js';
import { runCommand } from '../../tools/servers/command.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { PATIENCE_MS } from '../eventually.js';
import { type OwnMongod, startOwnMongod } from '../intake/own-mongod.js';

const UNAUTHORIZED = { code: 13 };
const temporalAddress = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const taskQueue = `t-${randomUUID()}`;
let mongod: OwnMongod;
let setupUri: string;
let serviceUri: string;
let store: Store;

beforeAll(async () => {
  mongod = await startOwnMongod(true);
  const admin = new mongoose.mongo.MongoClient(mongod.uri);
  // The first user of a server that has none may be made from the same machine.
  const roles = ['userAdminAnyDatabase', 'dbAdminAnyDatabase'].map((role) => ({ role, db: 'admin' }));
  await admin.db('admin').command({ createUser: 'setup', pwd: 'setup-password', roles });
  await admin.close();
  setupUri = uriOf('setup', 'setup-password', 'admin');
  serviceUri = uriOf('service', 'service-password', 'verification');
  const setup = await runCommand(process.execPath, [join(projectRoot, 'dist', 'src', 'main', 'setup.js')], {
    env: {
      MONGODB_URI: serviceUri,
      MONGODB_SETUP_URI: setupUri,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_TASK_QUEUE: taskQueue,
    },
    timeoutMs: PATIENCE_MS,
  });
  expect(setup).toMatchObject({
    outcome: 'done',
    output: expect.stringContaining('made the user service, who has the role verification.idwiseService'),
  });
  store = await openStore(serviceUri);
});
afterAll(async () => {
  const connection = await Connection.connect({ address: temporalAddress });
  await new Client({ connection }).schedule.getHandle(auditScheduleId(taskQueue)).delete();
  await connection.close();
  await store?.close();
  await mongod?.remove();
});

function uriOf(user: string, password: string, database: string): string {
  const uri = new URL(mongod.uri);
  uri.username = user;
  uri.password = password;
  uri.pathname = `/${database}`;
  uri.searchParams.set('authSource', database);
  return uri.href;
}

describe('with the role that setup gives it the service', () => {
  test('makes its indexes, registers customers and takes checkpoints', async () => {
    await createIndexes(store);
    const register = createRegisterCustomer({ store, policy: DEFAULT_POLICY });
    const outcome = await register({ customerId: 'c-1', referenceNo: 'ref-1', actor: 'test' });
    expect(outcome.kind).toBe('registered');
    const signingKey = readSigningKey(newSigningKey());
    if (signingKey === null) throw new Error('no key');
    expect((await takeCheckpoint({ store, signingKey, files: null, now: new Date() })).kind).toBe('taken');
    expect(await store.audit.countDocuments()).toBe(1);
  });

  test('can watch profiles, and change and remove what is no record', async () => {
    const stream = store.profiles.watch();
    await stream.tryNext();
    await stream.close();
    await store.inbox.updateMany({}, { $set: { attempts: 1 } });
    await store.requests.deleteMany({});
  });

  test.each(['audit', 'auditPolicies', 'auditCheckpoints', 'auditCheckpointHeads'] as const)(
    'can neither change nor remove anything in %s, nor drop it',
    async (name) => {
      const collection = store.connection.getClient().db('verification').collection(name);
      await expect(collection.updateOne({}, { $set: { actor: 'nobody' } })).rejects.toMatchObject(
        UNAUTHORIZED,
      );
      await expect(collection.updateMany({}, { $unset: { hash: '' } })).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.replaceOne({}, { a: 1 })).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.findOneAndUpdate({}, { $set: { a: 1 } })).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.deleteOne({})).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.deleteMany({})).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.drop()).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.rename('elsewhere')).rejects.toMatchObject(UNAUTHORIZED);
      await expect(collection.aggregate([{ $out: name }]).toArray()).rejects.toMatchObject(UNAUTHORIZED);
      const database = store.connection.getClient().db('verification');
      await expect(database.command({ dropIndexes: name, index: '*' })).rejects.toMatchObject(UNAUTHORIZED);
      const expiring = collection.createIndex({ at: 1, a: 1 }, { expireAfterSeconds: 1 });
      await expect(expiring).rejects.toMatchObject(UNAUTHORIZED);
      await expect(database.command({ collMod: name, hidden: true })).rejects.toMatchObject(UNAUTHORIZED);
    },
  );

  test('cannot give itself more', async () => {
    const grant = { grantRolesToUser: 'service', roles: [{ role: 'dbOwner', db: 'verification' }] };
    await expect(store.connection.getClient().db('verification').command(grant)).rejects.toMatchObject(
      UNAUTHORIZED,
    );
    await expect(store.connection.dropDatabase()).rejects.toMatchObject(UNAUTHORIZED);
  });
});

describe('setup', () => {
  test('can be repeated, and names what else the user may do', async () => {
    const admin = new mongoose.mongo.MongoClient(setupUri);
    await admin
      .db('verification')
      .command({ grantRolesToUser: 'service', roles: [{ role: 'readWrite', db: 'verification' }] });
    expect(await createServiceRole(setupUri, serviceUri)).toEqual({
      kind: 'granted',
      role: 'verification.idwiseService',
      database: 'verification',
      user: 'service',
      isNewUser: false,
      otherRoles: ['readWrite@verification'],
    });
    await admin
      .db('verification')
      .command({ revokeRolesFromUser: 'service', roles: [{ role: 'readWrite', db: 'verification' }] });
    await admin.close();
  });

  test('says so when the service’s URI names no user', async () => {
    expect(await createServiceRole(setupUri, mongod.uri)).toEqual({ kind: 'no_user' });
  });

  test('names the collections of the store, each by the name that it has', () => {
    const names = Object.values(store).flatMap((member: unknown) =>
      typeof member === 'object' && member !== null && 'collectionName' in member
        ? [member.collectionName]
        : [],
    );
    expect(Object.keys(RIGHTS).sort()).toEqual(names.sort());
  });
});
