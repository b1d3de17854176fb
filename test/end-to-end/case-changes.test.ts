import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import type { AmlDifference } from '../../src/domain/cases/aml-difference.js';
import { type CaseKind, openMatches } from '../../src/domain/cases/case.js';
import { upgradeCase } from '../../src/domain/cases/upgrade-case.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { CaseRow } from '../../src/store/case-records.js';
import { openDifference } from '../../src/usecases/cases/case-differences.js';
import { createStartReconciliation } from '../../src/usecases/start-reconciliation.js';
import { eventually } from '../eventually.js';
import { approvedCustomer, becomes, finishes, type OneCustomer, starts } from './customers.js';
import { type Mailbox, startMailbox } from './mailbox.js';
import { type Product, startProduct } from './product.js';

const OPERATOR_KEY = 'key-of-the-engineer-on-call-0123456789';
const PEP = 'Politically Exposed Person';

/** What is one change to a case, and what is none, on real servers, whatever becomes of the webhooks. */
describe('a compliance case', () => {
  let product: Product;
  let mailbox: Mailbox;
  let client: Client;

  beforeAll(async () => {
    mailbox = await startMailbox();
    product = await startProduct({
      environment: { SMTP_URL: mailbox.smtpUrl, OPERATOR_KEYS: `on-call:${OPERATOR_KEY}` },
    });
    const connection = await Connection.connect({ address: product.environment['TEMPORAL_ADDRESS'] ?? '' });
    client = new Client({ connection });
  });
  afterAll(async () => {
    await client.connection.close();
    await product.stop();
    await mailbox.close();
  });

  const changes = ({ journeyId }: OneCustomer, change: Record<string, unknown>) =>
    product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, { systemDecision: 'Refer', ...change });
  const adds = (customer: OneCustomer, name: string, dataset = PEP) =>
    changes(customer, { added: [{ name, resourceId: `id of ${name}`, datasets: [dataset] }] });
  const fault = async (of: Record<string, unknown>) =>
    String((await product.sim('POST', '/sim/faults', of))['faultId']);
  const heals = (faultId: string) => product.sim('DELETE', `/sim/faults/${faultId}`);
  const reports = ({ referenceNo, journeyId }: OneCustomer, version: number) =>
    product.sim('POST', '/sim/events', {
      event: 'AML Monitor Update',
      body: { eventId: randomUUID(), referenceNo, journeyId, updatedAMLVersionNumber: version },
    });

  const findCase = ({ referenceNo }: OneCustomer, kind: CaseKind) =>
    product.store.cases.findOne({ referenceNo, 'case.kind': kind });
  /** The customer's case of that kind, once it has so many versions. */
  const caseOf = (customer: OneCustomer, versions = 1, kind: CaseKind = 'aml') =>
    eventually(`the case of ${customer.referenceNo} has ${versions} versions`, async () => {
      const row = await findCase(customer, kind);
      return row !== null && row.case.versions.length >= versions ? row : undefined;
    });

  /** Whatever was set off is over: every event done with, nothing owed to IDWise, every mail sent. */
  async function rests({ referenceNo }: OneCustomer): Promise<void> {
    await eventually(`nothing is under way about ${referenceNo}`, async () => {
      const events = await product.store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } });
      const mails = await product.store.outbox.countDocuments({ referenceNo, state: 'pending' });
      const profile = await product.store.profiles.findOne({ _id: referenceNo });
      const owed = Object.values(profile?.facts.journeys ?? {}).some(
        ({ owedLook, aml }) => owedLook !== null || aml.owed !== null,
      );
      return events + mails === 0 && !owed ? true : undefined;
    });
  }

  /** Names of the matches that a version of the case added and removed. */
  async function names(row: CaseRow, version: number) {
    const vault = createVault(Buffer.from(product.environment['PII_KEY'] ?? '', 'base64'));
    const opened = await openDifference(vault, row.referenceNo, row.differences[version] ?? '');
    const of = (matches: AmlDifference['added'] = []) => matches.map(({ match }) => match['name']).sort();
    return { added: of(opened?.added), removed: of(opened?.removed) };
  }

  const mailsOf = async (caseId: string) =>
    (await mailbox.mails()).filter(({ text }) => text.includes(caseId));
  const caseEffects = ({ referenceNo }: OneCustomer) =>
    product.store.audit.countDocuments({ referenceNo, effect: /^case:/ });

  test('has one version, and one mail to each recipient, of a change that comes as two events, twice each, in reverse', async () => {
    const customer = await approvedCustomer(product);
    const { referenceNo } = customer;
    const faults = [
      await fault({ kind: 'duplicate', copies: 2, referenceNo }),
      await fault({ kind: 'reorder', hold: 2, referenceNo }),
    ];
    await adds(customer, 'Somebody Alike');
    const opened = await caseOf(customer);
    await eventually('all four webhooks have been answered', async () => {
      const { deliveries } = await product.sim('GET', `/sim/deliveries?referenceNo=${referenceNo}`);
      const ofAml = (deliveries as { event: string; state: string }[]).filter(
        ({ event }) => event === 'AML Monitor Update' || event === 'Updated Journey',
      );
      return ofAml.length === 4 && ofAml.every(({ state }) => state === 'delivered') ? true : undefined;
    });
    await rests(customer);
    for (const each of faults) await heals(each);

    expect(await product.store.cases.countDocuments({ referenceNo })).toBe(1);
    expect((await findCase(customer, 'aml'))?.case.versions).toHaveLength(1);
    expect((await mailsOf(opened._id)).map(({ to }) => to)).toEqual(['first.officer@company.example']);
  });

  test('tells of what a version brought whose webhook was lost, also of a match that came and went in it', async () => {
    const customer = await approvedCustomer(product);
    const lost = await fault({ kind: 'lose', referenceNo: customer.referenceNo });
    await adds(customer, 'Came And Stayed');
    await adds(customer, 'Came And Went', 'Sanctions');
    await heals(lost);
    await changes(customer, {
      removed: ['id of Came And Went'],
      added: [{ name: 'Came Last', datasets: [PEP] }],
    });
    await caseOf(customer);
    await rests(customer);
    // In one version or two: the journey is fetched at once, and the history read right after it, or with it.
    const row = await caseOf(customer);
    const told = await Promise.all(row.case.versions.map(({ number }) => names(row, number)));
    expect(told.flatMap(({ added }) => added).sort()).toEqual([
      'Came And Stayed',
      'Came And Went',
      'Came Last',
    ]);
    expect(told.flatMap(({ removed }) => removed)).toEqual(['Came And Went']);
    expect(row.case.versions[0]?.because).toMatchObject({ fromVersion: 0, toVersion: 3 });
    expect(row.case).toMatchObject({ severity: 'critical', hold: 'held' });
    expect(await product.store.amlVersions.countDocuments({ journeyId: customer.journeyId })).toBe(3);
  });

  test('is told of every one of the changes that come right after one another, while those before are still being read', async () => {
    const customer = await approvedCustomer(product);
    const came = ['Came First', 'Came Second', 'Came Third'];
    for (const name of came) await adds(customer, name);
    await eventually('all three are told of', async () => {
      const row = await findCase(customer, 'aml');
      const told = row && (await Promise.all(row.case.versions.map(({ number }) => names(row, number))));
      return JSON.stringify(told?.flatMap(({ added }) => added).sort()) === JSON.stringify(came)
        ? true
        : undefined;
    });
    await rests(customer);
    const row = await caseOf(customer);
    expect(openMatches(upgradeCase(row.case))).toHaveLength(came.length);
    expect(await mailsOf(row._id)).toHaveLength(row.case.versions.length);
  });

  test('is opened by a version that the journey does not show yet, and tells what it is when the journey shows it', async () => {
    const customer = await approvedCustomer(product);
    await reports(customer, 1);
    const unclear = await caseOf(customer);
    expect(unclear.case).toMatchObject({ severity: 'medium', hold: 'none' });
    expect(await names(unclear, 1)).toEqual({ added: [], removed: [] });
    const lost = await fault({ kind: 'lose', referenceNo: customer.referenceNo });
    await adds(customer, 'Shown Late', 'Sanctions');
    await heals(lost);
    await reports(customer, 1);
    const row = await caseOf(customer, 2);
    expect(await names(row, 2)).toEqual({ added: ['Shown Late'], removed: [] });
    expect(row.case).toMatchObject({ severity: 'critical', hold: 'held' });
    await becomes(product, customer, 'suspended');
    await rests(customer);
    expect((await findCase(customer, 'aml'))?.case.versions).toHaveLength(2);
    expect(await mailsOf(row._id)).toHaveLength(2);
  });

  test('hears nothing of a replay of its event, nor of a sweep that finds everything as it was', async () => {
    const customer = await approvedCustomer(product);
    await adds(customer, 'Somebody Alike');
    const { _id } = await caseOf(customer);
    await rests(customer);
    const seen = async () => {
      const row = await findCase(customer, 'aml');
      return [row?.revision, row?.case, await caseEffects(customer), (await mailsOf(_id)).length];
    };
    const before = await seen();

    const { referenceNo } = customer;
    const event = await product.store.inbox.findOne({ referenceNo, kind: 'aml_monitor_update' });
    const answer = await fetch(`${product.apiUrl}/v1/operator/replays`, {
      method: 'POST',
      headers: { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ids: [event?._id], reason: 'to see', dryRun: false }),
    });
    expect(await answer.json()).toMatchObject({ events: [{ outcome: 'replayed' }] });
    await eventually('the replay is processed', async () => {
      const replay = await product.store.inbox.findOne({ 'replay.of': event?._id });
      return replay?.state === 'processed' ? true : undefined;
    });
    await rests(customer);
    expect(await seen()).toEqual(before);

    const started = await createStartReconciliation({
      store: product.store,
      client,
      taskQueue: product.environment['TEMPORAL_TASK_QUEUE'] ?? '',
    })({ which: 'all' }, { actor: 'on-call', reason: 'to see' }, new Date());
    if (started.kind !== 'started') throw new Error(`The run was not started: ${started.kind}`);
    expect(await client.workflow.getHandle(started.workflowId).result()).toMatchObject({
      outcome: 'completed',
      counts: { repairs: 0 },
    });
    await rests(customer);
    expect(await seen()).toEqual(before);
  });

  test('is opened by matches in the first result, beside the review, which the manual decision closes', async () => {
    const customer = await starts(product, { amlMatches: [{ name: 'Somebody Alike', datasets: [PEP] }] });
    await finishes(product, customer);
    await becomes(product, customer, 'under_review');
    const [aml, review] = [await caseOf(customer), await caseOf(customer, 1, 'review')];
    expect(aml.case).toMatchObject({ severity: 'high', state: 'open' });
    expect(await names(aml, 1)).toEqual({ added: ['Somebody Alike'], removed: [] });
    expect(review.case).toMatchObject({ severity: 'medium', state: 'open' });
    await rests(customer);
    for (const { _id } of [aml, review]) expect(await mailsOf(_id)).toHaveLength(1);

    await product.sim('POST', `/sim/studio/journeys/${customer.journeyId}/review`, { decision: 'Approved' });
    await becomes(product, customer, 'approved');
    expect((await findCase(customer, 'review'))?.case).toMatchObject({
      state: 'closed',
      conclusions: [{ kind: 'decided', ground: 'manual_decision' }],
    });
    expect((await findCase(customer, 'aml'))?.case).toMatchObject({ state: 'open' });
    await rests(customer);
    expect(await mailsOf(review._id)).toHaveLength(1);
  });

  test('leaves the view as it is to the byte, when the approved customer’s journey turns to Refer by a politically exposed match', async () => {
    const customer = await approvedCustomer(product);
    await rests(customer);
    const bytes = async () => {
      const answer = await fetch(`${product.apiUrl}/v1/verifications/${customer.referenceNo}`, {
        headers: { authorization: `Bearer ${product.apiKey}` },
      });
      return [answer.status, answer.headers.get('etag'), await answer.text()];
    };
    const before = await bytes();
    const toldBefore = await product.store.outbox.countDocuments({
      referenceNo: customer.referenceNo,
      'message.channel': { $ne: 'compliance_mail' },
    });
    await adds(customer, 'Somebody Alike');
    const { _id } = await caseOf(customer);
    await rests(customer);
    const profile = await product.store.profiles.findOne({ _id: customer.referenceNo });
    expect(profile?.facts.journeys[customer.journeyId]?.snapshot?.systemDecision).toBe('Refer');
    expect(await mailsOf(_id)).toHaveLength(1);
    expect(await bytes()).toEqual(before);
    expect(
      await product.store.outbox.countDocuments({
        referenceNo: customer.referenceNo,
        'message.channel': { $ne: 'compliance_mail' },
      }),
    ).toBe(toldBefore);
  });
});
