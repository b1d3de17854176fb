import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type RunningIdentityProvider,
  startIdentityProvider,
} from '../../tools/identity-provider/identity-provider.js';
import { freePort } from '../../tools/servers/ports.js';
import { WORDS_NOT_FOR_CUSTOMERS } from '../builders/words-not-for-customers.js';
import { eventually } from '../eventually.js';
import { CustomerEyes, LANGUAGES, type Outputs } from './customer-eyes.js';
import { DeskSession } from './desk-session.js';
import { type Product, startProduct } from './product.js';

/**
 * The customer never learns of AML, nor of its absence: over everything that reaches them or the company's customer
 * channel, on the whole product. What differs from customer to customer by nature (ids, times) is replaced by its name;
 * everything else is compared byte by byte.
 */

const CLIENT = { clientId: 'desk', clientSecret: 'a-secret-of-the-test' };
/** Long enough for each step of a journey to be seen before the next one, also on a busy machine. */
const PROCESSING_MS = 5_000;

let product: Product;
let provider: RunningIdentityProvider;
const eyes: CustomerEyes[] = [];

beforeAll(async () => {
  product = await startProduct({ simulator: { processingMs: PROCESSING_MS } });
  provider = await startIdentityProvider({ port: await freePort(), ...CLIENT, publicUrls: [product.apiUrl] });
  await product.processes.apis[0]?.stop(10_000);
  await product.startApi(0, {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.clientId,
    OIDC_CLIENT_SECRET: CLIENT.clientSecret,
  });
});
afterAll(async () => {
  for (const each of eyes) each.close();
  await product.stop();
  await provider.close();
});

async function customer(): Promise<CustomerEyes> {
  const one = await CustomerEyes.registers(product);
  eyes.push(one);
  return one;
}

const PEP = [{ name: 'Somebody Alike', datasets: ['Politically Exposed Person'] }];
const SANCTIONS = [{ name: 'Somebody Alike', datasets: ['Sanctions'] }];

/** Monitoring finds matches; resolves when compliance has its case, and nothing of the customer's is on its way. */
async function isListed(of: CustomerEyes, added: typeof PEP, status: string): Promise<void> {
  await product.sim('POST', `/sim/aml/journeys/${of.journeyId}/changes`, { added, systemDecision: 'Refer' });
  await knownToCompliance(of);
  await of.comesToRest(status);
}

const knownToCompliance = ({ referenceNo }: CustomerEyes) =>
  eventually('compliance has a case', async () => {
    const row = await product.store.cases.findOne({ referenceNo, 'case.kind': 'aml' });
    return row ?? undefined;
  });

/** Expects that no word of AML, compliance or fraud is in any of it, nor why the service decided as it did. */
function tellNothing(outputs: Outputs): void {
  for (const language of LANGUAGES) {
    expect(outputs.views[language]).not.toMatch(WORDS_NOT_FOR_CUSTOMERS[language] ?? /./);
  }
  const { streamed, events, pushes, images, registration } = outputs;
  const english = WORDS_NOT_FOR_CUSTOMERS['en'] ?? /./;
  for (const text of [...streamed, ...events, ...pushes, images, registration])
    expect(text).not.toMatch(english);
  // Of the details the comparison of faces is a part; of persons with lists it is none.
  expect(outputs.details.replaceAll('faceMatch', '').replaceAll('"matched"', '')).not.toMatch(english);
  expect(JSON.stringify(outputs)).not.toMatch(/ground|attention|Somebody|Alike|case_|hold/i);
}

const versionOf = async (of: CustomerEyes) => Number((await of.view())['version']);

describe('an approved customer who is found on a list of politically exposed persons', () => {
  test('sees byte by byte what they saw before, and what somebody sees who never had any AML', async () => {
    const [listed, twin] = await Promise.all([customer(), customer()]);
    await Promise.all([listed.verifies({}, 'approved'), twin.verifies({ aml: false }, 'approved')]);
    const before = await listed.outputs();
    await isListed(listed, PEP, 'approved');
    expect(await listed.outputs()).toEqual(before);

    // The next change of theirs has the version that the other's has: there was none in between, on no channel.
    const version = await versionOf(listed);
    for (const each of [listed, twin]) {
      await each.starts();
      await eventually('the next journey is seen', async () =>
        (await versionOf(each)) > version ? true : undefined,
      );
      await each.comesToRest('approved');
    }
    const [seen, plain] = [await listed.outputs(), await twin.outputs()];
    const next = seen.streamed.slice(before.streamed.length).map((text) => JSON.parse(text).version);
    expect(next.every((streamed) => streamed > version)).toBe(true);
    expect(listed.anonymous(seen)).toEqual(twin.anonymous(plain));
    tellNothing(seen);
    tellNothing(plain);
  });
});

describe('a customer whose first result has matches', () => {
  test('cannot be told from one whose document is doubtful', async () => {
    const [listed, doubtful] = await Promise.all([customer(), customer()]);
    await Promise.all([
      listed.verifies({ amlMatches: PEP }, 'under_review'),
      doubtful.verifies({ failedRules: ['document_validation'] }, 'under_review'),
    ]);
    await knownToCompliance(listed);
    await listed.comesToRest('under_review');
    const [seen, plain] = [await listed.outputs(), await doubtful.outputs()];
    expect(listed.anonymous(seen)).toEqual(doubtful.anonymous(plain));
    tellNothing(seen);
    tellNothing(plain);

    // Nor when it is decided: by hand, in both cases.
    for (const each of [listed, doubtful]) {
      await product.sim('POST', `/sim/studio/journeys/${each.journeyId}/review`, { decision: 'Approved' });
      await each.comesToRest('approved');
    }
    const [after, alike] = [await listed.outputs(), await doubtful.outputs()];
    expect(listed.anonymous(after)).toEqual(doubtful.anonymous(alike));
    tellNothing(after);
  });
});

describe('a customer without matches', () => {
  test('does not learn whether anybody looked for any', async () => {
    const [looked, never] = await Promise.all([customer(), customer()]);
    await Promise.all([looked.verifies({}, 'approved'), never.verifies({ aml: false }, 'approved')]);
    const [seen, plain] = [await looked.outputs(), await never.outputs()];
    expect(looked.anonymous(seen)).toEqual(never.anonymous(plain));
    tellNothing(seen);
  });
});

describe('a customer who is held for sanctions and released by two people', () => {
  test('is told of a limited account and of its end in neutral words, and of nothing else', async () => {
    const held = await customer();
    await held.verifies({}, 'approved');
    const before = { view: await held.view(), outputs: await held.outputs() };
    await isListed(held, SANCTIONS, 'suspended');
    const during = await held.outputs();
    expect(await held.view()).toEqual({
      ...before.view,
      status: 'suspended',
      access: 'none',
      functions: [],
      reason: { code: 'account_limited', text: expect.any(String) },
      version: Number(before.view['version']) + 1,
      updatedAt: expect.any(String),
    });
    tellNothing(during);

    const olivia = await DeskSession.signIn(product.apiUrl, 'olivia');
    const anna = await DeskSession.signIn(product.apiUrl, 'anna');
    const [found] = await olivia.casesOf(held.referenceNo);
    if (found === undefined) throw new Error('There is no case.');
    await olivia.act(found.caseId, { action: 'acknowledge' });
    await olivia.act(found.caseId, {
      action: 'propose',
      version: 1,
      outcome: 'monitor',
      text: 'Delisted.',
    });
    await anna.act(found.caseId, { action: 'approve', proposal: 1, text: 'Seen.' });
    await held.comesToRest('approved');

    const after = await held.outputs();
    const released = await held.view();
    expect(released).toEqual({
      ...before.view,
      version: Number(before.view['version']) + 2,
      updatedAt: released['updatedAt'],
    });
    tellNothing(after);
    expect(after.events.slice(before.outputs.events.length).map((text) => JSON.parse(text).data)).toEqual([
      expect.objectContaining({ status: 'suspended', access: 'none' }),
      expect.objectContaining({ status: 'approved', access: 'full' }),
    ]);
    const { version: _then, ...details } = JSON.parse(before.outputs.details) as Record<string, unknown>;
    expect(JSON.parse(after.details)).toEqual({ ...details, version: released['version'] });
    expect([after.images, after.pushes.length]).toEqual([
      before.outputs.images,
      before.outputs.pushes.length + 2,
    ]);
  });
});
