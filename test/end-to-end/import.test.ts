import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ImportLine } from '../../src/usecases/import-customers.js';
import { projectRoot } from '../../tools/servers/project-root.js';
import { eventually } from '../eventually.js';
import { becomes } from './customers.js';
import { installedBase, lineOfCsv } from './installed-base.js';
import { type Product, startProduct } from './product.js';

/** A company brings its customers along: the command as a process of its own, which dies on the way. */

const KEY = 'key-of-whoever-brings-the-customers-01';
const CUSTOMERS = 200;
/** Workflow ids are known on the whole server, which outlives the test. */
const PREFIX = `base-${randomUUID()}`;
const OF_BASE = new RegExp(`^${PREFIX}-`);

let product: Product;
const folder = mkdtempSync(join(tmpdir(), 'import-'));
const file = join(folder, 'customers.csv');
beforeAll(async () => {
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify({ look: { unknownJourneyGiveUp: '1s' } }));
  product = await startProduct({
    environment: {
      OPERATOR_KEYS: `bringer:${KEY}`,
      POLICY_FILE: policyFile,
      IDWISE_CALLS_PER_SECOND: '200',
    },
  });
});
afterAll(async () => {
  await product?.stop();
  rmSync(folder, { recursive: true });
});

function startImport(): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const args = [join(projectRoot, 'dist', 'src', 'main', 'cli.js'), 'import', file, '--rate', '50'];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...product.environment, SERVICE_URL: product.apiUrl, OPERATOR_KEY: KEY },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Monitoring lists somebody on that list, and a human approves the customer nevertheless; nobody tells us. */
async function isListedAndApproved({ journeyId }: ImportLine): Promise<void> {
  await product.sim('PUT', '/sim/subscriptions', { events: [] });
  await product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
    added: [{ datasets: ['Sanctions'] }],
  });
  await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision: 'Approved' });
  await product.sim('PUT', '/sim/subscriptions', { events: ['Manually Reviewed', 'AML Monitor Update'] });
}

/** Starts the import and kills it (-9) once so many customers are there. */
async function importKilledAt(customers: number): Promise<void> {
  const { child, ended } = startImport();
  await eventually(`${customers} customers are there`, async () =>
    (await product.store.profiles.countDocuments({})) >= customers ? true : undefined,
  );
  child.kill('SIGKILL');
  expect((await ended).signal).toBe('SIGKILL');
  expect(await product.store.profiles.countDocuments({})).toBeLessThan(CUSTOMERS);
}

test('an import that is killed twice ends with none missing and none twice, and says what did not fit', async () => {
  const base = await installedBase(product, CUSTOMERS, PREFIX);
  const [first, second, third, listed] = base;
  if (first === undefined || second === undefined || third === undefined || listed === undefined)
    throw new Error('No base');
  await isListedAndApproved(listed);
  // One of them has gone through IDWise twice.
  const { journeyId: another } = await product.sim('POST', '/sim/sdk/journeys', {
    referenceNo: third.referenceNo,
  });
  writeFileSync(
    file,
    [
      'customerId,referenceNo,journeyId',
      '# exported on the last day',
      ...base.map(lineOfCsv),
      lineOfCsv({ ...third, journeyId: String(another) }),
      lineOfCsv(first),
      '',
      lineOfCsv({
        customerId: 'c-unknown',
        referenceNo: `unknown-${PREFIX}`,
        journeyId: 'ffffffffffffffffffffffff',
      }),
      lineOfCsv({ customerId: 'c-other', referenceNo: `other-${PREFIX}`, journeyId: second.journeyId }),
      lineOfCsv({ ...first, referenceNo: 'another-reference' }),
      lineOfCsv({ ...first, customerId: 'another-customer' }),
      'c-odd,reference with spaces,j-1',
      'c-short,r-short',
      '',
    ].join('\r\n'),
  );

  await importKilledAt(40);
  await importKilledAt(120);
  const { code, out, err } = await startImport().ended;
  expect({ code, err }).toEqual({ code: 1, err: '' });

  // None missing: each customer is there, bound, and stands as IDWise says.
  const profiles = await product.store.profiles
    .find({ customerId: new RegExp(`^customer-of-${PREFIX}-`) })
    .toArray();
  expect(profiles.length).toBe(CUSTOMERS);
  const byReference = new Map(profiles.map((profile) => [profile._id, profile]));
  for (const [index, line] of base.entries()) {
    const profile = byReference.get(line.referenceNo);
    expect(profile?.customerId).toBe(line.customerId);
    expect(profile?.facts.journeys[line.journeyId]?.snapshot).not.toBeNull();
    expect(profile?.view.status).toBe(index % 10 === 0 ? 'rejected' : 'approved');
  }
  expect(Object.keys(byReference.get(third.referenceNo)?.facts.journeys ?? {}).sort()).toEqual(
    [third.journeyId, String(another)].sort(),
  );

  // None twice: one registration, one inbox row and one link for each, by the name of the key.
  const registrations = { effect: 'customer_registered', referenceNo: OF_BASE };
  expect(await product.store.audit.countDocuments(registrations)).toBe(CUSTOMERS);
  expect(await product.store.audit.distinct('actor', registrations)).toEqual(['bringer']);
  const rows = { kind: 'imported_journey', referenceNo: OF_BASE };
  expect(await product.store.inbox.countDocuments(rows)).toBe(CUSTOMERS + 1);
  expect(await product.store.inbox.countDocuments({ referenceNo: OF_BASE })).toBe(CUSTOMERS + 1);
  expect(await product.store.audit.countDocuments({ effect: /^journey_linked/ })).toBe(CUSTOMERS + 1);

  // Nobody was told of what they know.
  expect(await product.store.outbox.countDocuments({})).toBe(0);
  expect(await product.store.cases.countDocuments({})).toBe(0);
  const known = await product.store.audit.find({ effect: /^matches_known/ }).toArray();
  expect(known.map(({ referenceNo }) => referenceNo)).toEqual([listed.referenceNo]);
  expect(out).toContain('Of these customers, 1 with open matches on watch lists.');

  const report = readFileSync(join(folder, 'customers.not-imported.csv'), 'utf8').trim().split('\r\n');
  const found = report.slice(1).map((row) => row.split(',').slice(0, 5).join(','));
  const at = (behind: number) => 2 + CUSTOMERS + behind;
  expect(found).toEqual([
    `c-unknown,unknown-${PREFIX},ffffffffffffffffffffffff,${at(4)},unknown_journey`,
    `c-other,other-${PREFIX},${second.journeyId},${at(5)},journey_not_ours`,
    `${first.customerId},another-reference,${first.journeyId},${at(6)},customer_bound`,
    `another-customer,${first.referenceNo},${first.journeyId},${at(7)},reference_bound`,
    `c-odd,"reference with spaces",j-1,${at(8)},invalid`,
    `c-short,r-short,,${at(9)},invalid`,
  ]);
  expect(out).toContain('1 line said what an earlier one says.');
  expect(out).toContain('6 lines did not fit:');

  // The import does not wait for what IDWise does not know; giving that up is on record as well.
  await eventually('nothing of it is under way', async () => {
    const underWay = { kind: 'imported_journey', state: { $nin: ['processed', 'parked'] } } as const;
    return (await product.store.inbox.countDocuments(underWay)) === 0 ? true : undefined;
  });
  // Once more from the beginning: nothing is done, and it says the same.
  const before = await product.store.audit.countDocuments({});
  const again = await startImport().ended;
  expect(again.out).toContain('0 imported now');
  expect(again.out).toContain('6 lines did not fit:');
  expect(await product.store.audit.countDocuments({})).toBe(before);
});

test('an AML event of an imported customer finds them, and what changes from then on is told', async () => {
  const line = await product.store.profiles.findOne({ _id: `${PREFIX}-5` });
  const journeyId = Object.keys(line?.facts.journeys ?? {})[0] ?? '';
  await product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
    added: [{ datasets: ['Politically Exposed Person'] }],
  });
  const row = await eventually('the AML event is processed', async () => {
    const event = await product.store.inbox.findOne({ kind: 'aml_monitor_update', journeyId });
    return event?.state === 'processed' ? event : undefined;
  });
  expect(row.referenceNo).toBe(`${PREFIX}-5`);
  await eventually('compliance is owed a mail', async () => {
    const mail = { referenceNo: `${PREFIX}-5`, 'message.channel': 'compliance_mail' } as const;
    return (await product.store.outbox.countDocuments(mail)) === 1 ? true : undefined;
  });

  await product.sim('POST', `/sim/studio/journeys/${journeyId}/review`, { decision: 'Rejected' });
  await becomes(product, { referenceNo: `${PREFIX}-5` }, 'rejected');
  const told = await product.store.outbox
    .find({ referenceNo: `${PREFIX}-5`, 'message.channel': 'company_webhook' })
    .toArray();
  expect(
    told.map(({ message }) => (message.channel === 'company_webhook' ? message.event.data.status : '')),
  ).toEqual(['rejected']);
});

test('a match of an imported customer that was there opens no case and holds nobody; one that comes later is the only one its case adds', async () => {
  const referenceNo = `${PREFIX}-3`;
  const profile = await product.store.profiles.findOne({ _id: referenceNo });
  const [journeyId] = Object.keys(profile?.facts.journeys ?? {});
  expect(profile).toMatchObject({ view: { status: 'approved', access: 'full' }, facts: { holds: [] } });
  expect(await product.store.cases.countDocuments({ referenceNo })).toBe(0);
  expect(await product.store.outbox.countDocuments({ referenceNo })).toBe(0);

  await product.sim('POST', `/sim/aml/journeys/${journeyId}/changes`, {
    added: [{ datasets: ['Politically Exposed Person'] }],
  });
  const row = await eventually(
    'there is a case',
    async () => (await product.store.cases.findOne({ referenceNo, 'case.kind': 'aml' })) ?? undefined,
  );
  expect(row.case).toMatchObject({
    severity: 'high',
    hold: 'none',
    versions: [
      {
        number: 1,
        because: {
          fromVersion: 1,
          toVersion: 2,
          summary: {
            added: { matches: 1, kinds: { sanctions: 0, pep: 1 } },
            removed: { matches: 0 },
            changed: { matches: 0 },
            open: [expect.any(String), expect.any(String)],
          },
        },
      },
    ],
  });
  const after = await product.store.profiles.findOne({ _id: referenceNo });
  expect(after?.view.status).toBe('approved');
});
