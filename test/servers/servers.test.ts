import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import mongoose from 'mongoose';

describe('the MongoDB of the test run', () => {
  const client = new mongoose.mongo.MongoClient(process.env.TEST_MONGODB_URI ?? '');
  const database = client.db(`test-${randomUUID()}`);

  beforeAll(async () => {
    await client.connect();
  });
  afterAll(async () => {
    await database.dropDatabase();
    await client.close();
  });

  test('has transactions', async () => {
    const rows = database.collection('rows');
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await rows.insertOne({ name: 'a' }, { session });
        await rows.insertOne({ name: 'b' }, { session });
      }),
    );
    expect(await rows.countDocuments()).toBe(2);
  });
});

test('the Temporal of the test run serves the namespace "default"', async () => {
  const connection = await Connection.connect({ address: process.env.TEST_TEMPORAL_ADDRESS ?? '' });
  try {
    const answer = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(answer.namespaceInfo?.name).toBe('default');
  } finally {
    await connection.close();
  }
});

const path = process.env.TEST_TIME_SKIPPING_SERVER ?? '';
(path === '' ? test.skip : test)('the time-skipping server skips 30 days in a moment', async () => {
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  try {
    const before = await environment.currentTimeMs();
    await environment.sleep('30 days');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 24 * 3_600_000);
  } finally {
    await environment.teardown();
  }
});
