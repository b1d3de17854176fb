import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type RunningIdentityProvider,
  startIdentityProvider,
} from '../../tools/identity-provider/identity-provider.js';
import { freePort } from '../../tools/servers/ports.js';
import { eventually } from '../eventually.js';
import { DeskSession } from './desk-session.js';
import { type Mailbox, startMailbox } from './mailbox.js';
import { type Product, startProduct } from './product.js';

const CLIENT = { clientId: 'desk', clientSecret: 'a-secret-of-the-test' };
let product: Product;
let mailbox: Mailbox;
let provider: RunningIdentityProvider;
let olivia: DeskSession;
let anna: DeskSession;

beforeAll(async () => {
  mailbox = await startMailbox();
  const port = await freePort();
  product = await startProduct({
    environment: { SMTP_URL: mailbox.smtpUrl, IDP_ISSUER_PORT: String(port) },
  });
  provider = await startIdentityProvider({ port, ...CLIENT, publicUrls: [product.apiUrl] });
  const environment = {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.clientId,
    OIDC_CLIENT_SECRET: CLIENT.clientSecret,
  };
  await product.processes.apis[0]?.stop(10_000);
  await product.startApi(0, environment);
  olivia = await DeskSession.signIn(product.apiUrl, 'olivia');
  anna = await DeskSession.signIn(product.apiUrl, 'anna');
});
afterAll(async () => {
  await product.stop();
  await provider.close();
  await mailbox.close();
});

const view = async (referenceNo: string) =>
  (await product.call('GET', `/v1/verifications/${referenceNo}`)).body;

/** A customer whom the system approved. */
async function approved(): Promise<{ referenceNo: string; journeyId: string }> {
  const referenceNo = `ref-${randomUUID()}`;
  await product.call('POST', '/v1/verifications', { customerId: randomUUID(), referenceNo });
  const { journeyId } = await product.sim('POST', '/sim/sdk/journeys', { referenceNo, outcome: 'complete' });
  await product.call('POST', `/v1/verifications/${referenceNo}/journeys`, { journeyId });
  await product.sim('POST', `/sim/sdk/journeys/${String(journeyId)}/finish`);
  await eventually('the customer is approved', async () =>
    (await view(referenceNo))['status'] === 'approved' ? true : undefined,
  );
  return { referenceNo, journeyId: String(journeyId) };
}

const isListed = (journeyId: string, datasets: readonly string[], systemDecision = 'Refer') =>
  product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
    added: [{ name: 'Somebody Alike', datasets }],
    systemDecision,
  });

const caseOf = (referenceNo: string) =>
  eventually('there is a case', async () => (await olivia.casesOf(referenceNo))[0]);

describe('a customer who turns up on a list of politically exposed persons', () => {
  test('has a case, a named person is mailed, and the customer sees no change; two people conclude, and IDWise is told', async () => {
    const { referenceNo, journeyId } = await approved();
    const before = await view(referenceNo);
    await isListed(journeyId, ['Politically Exposed Person']);

    const found = await caseOf(referenceNo);
    expect(found).toMatchObject({
      severity: 'high',
      state: 'open',
      about: '1 match added (politically exposed)',
    });
    const mail = await eventually('the mail', async () =>
      (await mailbox.mails()).find(({ text }) => text.includes(found.caseId)),
    );
    expect(mail.to).toBe('first.officer@company.example');
    expect(mail.text).not.toMatch(/Somebody|Alike/);
    expect(mail.text).toContain(`${product.apiUrl}/desk/cases/${found.caseId}`);
    expect(await view(referenceNo)).toEqual(before);

    expect((await olivia.act(found.caseId, { action: 'acknowledge' })).status).toBe(200);
    const person = await olivia.person(found.caseId);
    expect(person.differences[0]?.added[0]?.name).toBe('Somebody Alike');
    const refs = person.openMatches.map(({ ref }) => ref);
    const proposed = await olivia.act(found.caseId, {
      action: 'propose',
      version: 1,
      outcome: 'false_positive',
      matches: refs,
      text: 'Born in another year.',
    });
    expect(proposed.body).toMatchObject({ state: 'pending_approval', proposal: { number: 1, matches: 1 } });

    const own = await olivia.act(found.caseId, { action: 'approve', proposal: 1, text: 'I am sure.' });
    expect([own.status, own.body]).toMatchObject([
      409,
      { code: 'case_refused', errors: [{ at: 'own_proposal' }] },
    ]);
    const other = await anna.act(found.caseId, { action: 'approve', proposal: 1, text: 'Agreed.' });
    expect(other.body).toMatchObject({ state: 'closed' });

    await eventually('IDWise has whitelisted the match', async () => {
      const journey = await product.sim('GET', `/sim/journeys/${journeyId}`);
      return JSON.stringify(journey).includes('"isWhitelisted":true') ? true : undefined;
    });
    expect(await view(referenceNo)).toEqual(before);
    expect(await olivia.casesOf(referenceNo)).toEqual([]);
  });
});

describe('a customer who turns up on a sanctions list', () => {
  test('is suspended at once, with a neutral reason; no decision of IDWise lifts it, two people do', async () => {
    const { referenceNo, journeyId } = await approved();
    await isListed(journeyId, ['Sanctions']);
    const found = await caseOf(referenceNo);
    expect(found.severity).toBe('critical');
    const held = await eventually('the customer is suspended', async () => {
      const seen = await view(referenceNo);
      return seen['status'] === 'suspended' ? seen : undefined;
    });
    expect(held).toMatchObject({ access: 'none', reason: { code: 'account_limited' }, nextSteps: [] });

    await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision: 'Approved' });
    await eventually('the review is on record', async () => {
      const profile = await product.store.profiles.findOne({ _id: referenceNo });
      const journey = Object.values(profile?.facts.journeys ?? {})[0];
      return journey?.snapshot?.manualDecision === 'Approved' ? true : undefined;
    });
    expect(await view(referenceNo)).toMatchObject({ status: 'suspended', access: 'none' });

    await olivia.act(found.caseId, { action: 'acknowledge' });
    await olivia.act(found.caseId, { action: 'propose', version: 1, outcome: 'monitor', text: 'Delisted.' });
    expect(await view(referenceNo)).toMatchObject({ status: 'suspended' });
    expect((await anna.act(found.caseId, { action: 'approve', proposal: 1, text: 'Seen.' })).status).toBe(
      200,
    );
    await eventually('the customer is released', async () =>
      (await view(referenceNo))['status'] === 'approved' ? true : undefined,
    );
  });
});

describe('one change', () => {
  test('that comes as two events, twice each, is one case with one version and one mail to each recipient', async () => {
    const { referenceNo, journeyId } = await approved();
    await product.sim('POST', '/sim/faults', { kind: 'duplicate', referenceNo });
    await isListed(journeyId, ['Adverse Media']);
    const found = await caseOf(referenceNo);
    await eventually('every webhook has arrived and is done with', async () => {
      const open = await product.store.inbox.countDocuments({ referenceNo, state: { $ne: 'processed' } });
      return open === 0 ? true : undefined;
    });
    expect((await olivia.read(found.caseId)).versions).toHaveLength(1);
    await eventually('every mail that is owed has been sent', async () => {
      const owed = await product.store.outbox.countDocuments({ referenceNo, state: 'pending' });
      return owed === 0 ? true : undefined;
    });
    const mails = (await mailbox.mails()).filter(({ text }) => text.includes(found.caseId));
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
    expect(await product.store.cases.countDocuments({ referenceNo, 'case.kind': 'aml' })).toBe(1);
  });
});
