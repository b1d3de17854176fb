import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { customerWorkflowId } from '../../src/temporal/names.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { eventually, PATIENCE_MS } from '../eventually.js';
import { approvedCustomer, becomes, finishes, type OneCustomer, rests, starts } from './customers.js';
import { kill9, type Product, startProduct } from './product.js';

/** The operators' commands as an engineer on call uses them: processes of their own, against the running product. */

const KEY = 'key-of-the-engineer-on-call-0123456789';

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let product: Product;
const folder = mkdtempSync(join(tmpdir(), 'operators-'));
beforeAll(async () => {
  const policyFile = join(folder, 'policy.json');
  // As a night goes by in a test: IDWise is asked for a second or two instead of a day.
  writeFileSync(policyFile, JSON.stringify({ look: { unknownJourneyGiveUp: '1s' } }));
  product = await startProduct({
    environment: { OPERATOR_KEYS: `on-call:${KEY}`, POLICY_FILE: policyFile },
  });
});
afterAll(async () => {
  await product.stop();
  rmSync(folder, { recursive: true });
});

async function cli(...args: readonly string[]): Promise<Ran> {
  const ran = await cliOnce(...args);
  // What it tells its user, who would type it again.
  return /\((not_stored|storage_unavailable|workflow_unavailable)\)/.test(ran.err) ? await cli(...args) : ran;
}

function cliOnce(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectRoot, 'dist', 'src', 'main', 'cli.js'), ...args], {
      cwd: folder,
      env: { ...product.environment, SERVICE_URL: product.apiUrl, OPERATOR_KEY: KEY },
      timeout: PATIENCE_MS,
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** Waits until an inbox row is in the state; returns it. */
async function rowIs(id: string, state: string) {
  return await eventually(`${id} is ${state}`, async () => {
    const row = await product.store.inbox.findOne({ _id: id });
    return row?.state === state ? row : undefined;
  });
}

/** The inbox id of the customer's `Finished Journey`, once it is there. */
async function finishedJourneyOf({ referenceNo }: OneCustomer): Promise<string> {
  return await eventually('Finished Journey is received', async () => {
    const row = await product.store.inbox.findOne({ referenceNo, kind: 'finished_journey' });
    return row?._id;
  });
}

const viewOf = async ({ referenceNo }: OneCustomer) =>
  (await product.call('GET', `/v1/verifications/${referenceNo}`)).body;
const auditOf = (referenceNo: string) =>
  product.store.audit.find({ referenceNo }, { sort: { sequence: 1 } }).toArray();

test('at 3 a.m. a poison event is found, understood, mended and replayed in four commands', async () => {
  // IDWise says that it does not know a journey whose events it sends, until it is asked no more.
  const referenceNo = `ref-${Date.now()}`;
  const fault = await product.sim('POST', '/sim/faults', { kind: 'status', status: 404, referenceNo });
  const { body } = await product.call('POST', '/v1/verifications', {
    customerId: `customer-${referenceNo}`,
    referenceNo,
  });
  expect(body['status']).toBe('created');
  const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
  const customer = { referenceNo, journeyId: String(journeyId) };
  await finishes(product, customer);
  const id = await finishedJourneyOf(customer);
  // The other events of the journey fare alike.
  await eventually('all of them are parked', async () => {
    const rows = await product.store.inbox.find({ referenceNo, source: 'idwise' }).toArray();
    return rows.every(({ state }) => state === 'parked') ? true : undefined;
  });

  // Found.
  const list = await cli('events', 'list', '--parked', '--since', '1h', '--kind', 'finished_journey');
  expect(list).toMatchObject({ code: 0, err: '' });
  const line = list.out.split('\n').find((each) => each.includes(referenceNo));
  expect(line).toMatch(/parked +unknown_journey +finished_journey/);
  const found = line?.trim().split(/\s+/).at(-1) ?? '';
  expect(found).toBe(id);

  // Understood.
  const show = await cli('events', 'show', found);
  expect(show.code).toBe(0);
  expect(show.out).toContain(`${id} is parked: unknown_journey`);
  expect(show.out).toContain('IDWise did not know the journey');
  expect(show.out).toContain('npm run cli -- idwise check');
  expect(show.out).toContain('alarm:unknown_journey');
  expect(show.out).toContain('"event": "Finished Journey"');

  // Mended: IDWise knows the journey again, and the check says so.
  await product.sim('DELETE', `/sim/faults/${String(fault['faultId'])}`);
  const check = await cli('idwise', 'check', customer.journeyId);
  expect(check).toMatchObject({ code: 0 });
  expect(check.out).toContain('No problem found.');

  // Replayed, with all the others of its journey that had to wait for the same.
  const reason = 'IDWise knows the journey again';
  const all = ['--parked', '--journey', customer.journeyId];
  const replay = await cli('events', 'replay', ...all, '--reason', reason, '--yes');
  expect(replay).toMatchObject({ code: 0, err: '' });
  expect(replay.out).toMatch(new RegExp(`^replayed +finished_journey +${id} +${id}#1$`, 'm'));
  await becomes(product, customer, 'approved');
  expect(await viewOf(customer)).toMatchObject({ status: 'approved', access: 'full' });

  // And it is on record who did it, why, and what came of it.
  const replayed = await rowIs(`${id}#1`, 'processed');
  expect(replayed.replay).toMatchObject({ of: id, number: 1, actor: 'on-call' });
  expect((await rowIs(id, 'replayed')).parkReason).toBe('unknown_journey');
  const audit = await auditOf(referenceNo);
  const because = audit.filter(({ cause }) => cause.because?.includes(`${id}#1`));
  expect(because).toContainEqual(
    expect.objectContaining({
      effect: expect.stringMatching(/^event_replayed/),
      actor: 'on-call',
      to: { inboxId: `${id}#1`, of: id, actor: 'on-call', reason },
    }),
  );
  // The journey's events were replayed together: the approval is that of whichever came first, and names it.
  const approval = audit.find(({ effect }) => effect === 'status_changed:approved');
  const cause = approval?.cause.because?.find((each) => each.endsWith('#1')) ?? '';
  expect((await rowIs(cause, 'processed')).replay).toMatchObject({ actor: 'on-call' });
  await eventually('nothing of the customer waits any more', async () => {
    const waiting = { referenceNo, state: { $in: ['received', 'signalled', 'parked'] as const } };
    return (await product.store.inbox.countDocuments(waiting)) === 0 ? true : undefined;
  });
  const after = await cli('events', 'show', cause);
  expect(after.out).toContain('status_changed:approved');
});

test('the replay of an event that has been processed changes nothing, and is on record as a cause of its own', async () => {
  const customer = await approvedCustomer(product);
  const id = await finishedJourneyOf(customer);
  const original = await rowIs(id, 'processed');
  const view = await viewOf(customer);
  const facts = async () =>
    (await product.store.profiles.findOne({ _id: customer.referenceNo }))?.facts.journeys[customer.journeyId];
  const before = await facts();
  const records = await auditOf(customer.referenceNo);

  const tried = await cli('events', 'replay', id, '--reason', 'to see');
  expect(tried).toMatchObject({ code: 0 });
  expect(tried.out).toContain('add --yes to do it');
  expect(await product.store.inbox.countDocuments({ 'replay.of': id })).toBe(0);

  for (const number of [1, 2]) {
    const done = await cli('events', 'replay', id, '--reason', `time ${number}`, '--yes', '--json');
    expect(JSON.parse(done.out)).toMatchObject({
      events: [{ outcome: 'replayed', replayId: `${id}#${number}` }],
    });
    await rowIs(`${id}#${number}`, 'processed');
  }
  expect(await viewOf(customer)).toEqual(view);
  expect(await product.store.inbox.findOne({ _id: id })).toEqual(original);
  const after = await facts();
  const times = { snapshotAt: null, lastLookAt: null, resultTakenUpAt: null };
  expect({ ...after, ...times }).toEqual({ ...before, ...times });
  const added = (await auditOf(customer.referenceNo)).slice(records.length);
  expect(added.map(({ effect, actor, cause }) => [effect, actor, cause.because])).toEqual([
    ['event_replayed', 'on-call', [`${id}#1`]],
    ['event_replayed', 'on-call', [`${id}#2`]],
  ]);
});

test('a customer is looked at, closed and taken back from the command line, each with actor and reason', async () => {
  const customer = await approvedCustomer(product);
  const { referenceNo } = customer;
  const shown = await cli('customers', 'show', referenceNo);
  expect(shown.code).toBe(0);
  expect(shown.out).toContain(`${referenceNo} is approved, access full`);
  expect(shown.out).toContain(`customer:${referenceNo}`);

  expect(await cli('customers', 'close', referenceNo, '--reason', 'contract ended')).toMatchObject({
    code: 0,
  });
  await becomes(product, customer, 'closed');
  await rests(product, customer);
  const again = await cli('customers', 'reprocess', referenceNo, '--reason', 'r');
  expect(again.code).toBe(1);
  expect(again.err).toContain('customer_closed');
  expect(await cli('customers', 'reopen', referenceNo, '--reason', 'came back')).toMatchObject({ code: 0 });
  await becomes(product, customer, 'approved');
  await rests(product, customer);
  expect(await cli('customers', 'reprocess', referenceNo, '--reason', 'a doubt')).toMatchObject({ code: 0 });
  const told = await eventually('all three are on record', async () => {
    const rows = (await auditOf(referenceNo)).filter(({ actor }) => actor === 'on-call');
    return rows.some(({ effect }) => effect === 'reprocess_requested') ? rows : undefined;
  });
  expect(told.map(({ effect, cause }) => [effect, cause.kind])).toEqual([
    ['closed', 'person'],
    ['status_changed:closed', 'person'],
    ['reopened', 'person'],
    ['status_changed:approved', 'person'],
    ['reprocess_requested', 'person'],
  ]);
  expect(told.filter(({ effect }) => !effect.startsWith('status')).map(({ to }) => to)).toEqual([
    { actor: 'on-call', reason: 'contract ended' },
    { actor: 'on-call', reason: 'came back' },
    { actor: 'on-call', reason: 'a doubt' },
  ]);
});

test('a journey is completed from the command line, and a finished one is not', async () => {
  const customer = await starts(product);
  const { referenceNo, journeyId } = customer;
  await eventually('the journey is linked', async () => {
    const profile = await product.store.profiles.findOne({ _id: referenceNo });
    return profile?.facts.journeys[journeyId]?.snapshot ? true : undefined;
  });
  await rests(product, customer);
  const done = await cli('customers', 'complete', referenceNo, journeyId, '--reason', 'user has left');
  expect(done).toMatchObject({ code: 0 });
  await eventually('IDWise has closed it', async () => {
    const rows = await auditOf(referenceNo);
    return rows.some(({ effect }) => effect === 'completion:done') ? true : undefined;
  });
  await rests(product, customer);
  const again = await cli('customers', 'complete', referenceNo, journeyId, '--reason', 'r');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('journey_finished')]);
});

test('a run that was terminated with events on their way to it: one command starts the next one, which takes them all', async () => {
  const customer = await approvedCustomer(product);
  const { referenceNo } = customer;
  await kill9(product.processes.workers.at(-1));
  const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo });
  await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
  await eventually('the report is handed to Temporal, and is on no record', async () => {
    const handedOver = { referenceNo, source: 'app', state: 'signalled', outcome: null } as const;
    return (await product.store.inbox.countDocuments(handedOver)) > 0 ? true : undefined;
  });
  const connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
  await new Client({ connection }).workflow.getHandle(customerWorkflowId(referenceNo)).terminate('by hand');
  await connection.close();

  await product.startWorker();
  const asked = await cli('customers', 'reprocess', referenceNo, '--reason', 'its run was terminated');
  expect(asked.err).toBe('');
  expect(asked.code).toBe(0);
  await eventually('every event is processed', async () => {
    const open = await product.store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } });
    return open === 0 ? true : undefined;
  });
  const { journeys } = await viewOf(customer);
  expect(journeys).toMatchObject([{ journeyId: customer.journeyId }, { journeyId, state: 'open' }]);
});
