import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type OperatorSession, openOperatorSession } from '../../src/cli/operator-session.js';
import { listRuns, reconcileNow } from '../../src/cli/reconcile-commands.js';
import { until } from '../eventually.js';
import { API_KEY, OPERATOR_KEY, startApi } from '../http/api-under-test.js';
import { startUnheardIdwise, type UnheardIdwise } from '../http/unheard-idwise.js';

/** `reconcile one|all|runs` against a real API, worker and Temporal, where no webhook ever comes. */

let world: UnheardIdwise;
let printed: string[];
let said: string[];
beforeAll(async () => {
  world = await startUnheardIdwise();
});
afterAll(() => world.stop());
beforeEach(() => {
  printed = [];
  said = [];
});

const streams = { print: (text: string) => printed.push(text), say: (text: string) => said.push(text) };
function session(env: Readonly<Record<string, string>> = {}): OperatorSession {
  const data = join(tmpdir(), 'no-demo-is-here');
  const opened = openOperatorSession(
    { SERVICE_URL: world.api.url, OPERATOR_KEY, DATA_DIR: data, ...env },
    streams,
  );
  if (opened === null) throw new Error(said.join('\n'));
  return opened;
}
const out = () => printed.join('\n');
const err = () => said.join('\n');

test('before the first run it is said that there was none', async () => {
  expect(await listRuns(session(), {})).toBe(0);
  expect(out()).toBe('No run yet.');
});

test('one customer is compared and repaired, and what was found is printed when the run is over', async () => {
  const { referenceNo } = await world.decidedUnheard();
  expect(await reconcileNow(session(), { referenceNo, reason: 'they say they have finished' })).toBe(0);
  expect(err()).toMatch(/^The run rec_\S+ has begun \(workflow reconcile:rec_\S+\)/);
  expect(out()).toMatch(/^Done: 1 customer, 1 journey, \d+ calls? to IDWise\.$/m);
  expect(out()).toMatch(/^ {2}different, and looked at now: 1$/m);
  expect(out()).toMatch(/^ {4}[a-z ]+: 1$/m);
  await until(async () => (await world.statusOf(referenceNo)) === 'approved');

  printed = [];
  expect(await listRuns(session(), {})).toBe(0);
  const [heads, latest] = out().split('\n');
  expect(heads).toMatch(/^STARTED +WHOM +BY +OUTCOME +CUSTOMERS +CALLS +REPAIRED +FAILED$/);
  expect(latest).toMatch(new RegExp(`Z +${referenceNo} +night-shift +completed +1 +\\d+ +1 +0$`));
});

test('everybody is compared, and the list as JSON is what the API says', async () => {
  await world.registered();
  await world.decidedUnheard();
  expect(await reconcileNow(session(), { which: 'all', reason: 'webhooks were lost' })).toBe(0);
  // Whoever has begun no journey has nothing to compare.
  const customers = await world.api.store.profiles.countDocuments({ 'view.journeys': { $ne: [] } });
  expect(customers).toBe(2);
  expect(out()).toContain('Done: 2 customers, 2 journeys, ');
  expect(out()).toContain('could not be compared: 0');
  printed = [];
  expect(await listRuns(session(), { json: true })).toBe(0);
  const { json } = await world.api.call('GET', '/v1/operator/reconciliations', {
    authorization: `Bearer ${OPERATOR_KEY}`,
  });
  expect(JSON.parse(out())).toEqual(json);
});

test('an unknown customer is said to be unknown, with exit code 1, and no run begins', async () => {
  const before = await world.api.store.reconciliations.countDocuments();
  expect(await reconcileNow(session(), { referenceNo: 'nobody', reason: 'r' })).toBe(1);
  expect(err()).toContain('There is no customer nobody');
  expect(out()).toBe('');
  expect(await world.api.store.reconciliations.countDocuments()).toBe(before);
});

test('a key of another kind is refused, with exit code 2', async () => {
  const withApiKey = session({ OPERATOR_KEY: API_KEY });
  expect(await reconcileNow(withApiKey, { which: 'all', reason: 'r' })).toBe(2);
  expect(await listRuns(withApiKey, {})).toBe(2);
  expect(err()).toContain('This is one of API_KEYS');
});

test('while Temporal is away it is said that nothing was begun for sure, with exit code 1', async () => {
  const cut = await startApi({ sweeps: false, temporalAddress: '127.0.0.1:9' });
  try {
    const there = session({ SERVICE_URL: cut.url });
    expect(await reconcileNow(there, { which: 'all', reason: 'r' })).toBe(1);
    expect(err()).toContain('workflow_unavailable');
    expect(await listRuns(there, {})).toBe(0);
    expect(out()).toMatch(/night-shift +not_started +0/);
  } finally {
    await cut.close();
  }
});
