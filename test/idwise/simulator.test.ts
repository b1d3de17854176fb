import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { SimulatorControl } from '../../simulator/control-client.js';
import { type RunningSimulator, startSimulator } from '../../simulator/simulator.js';
import type { JourneySnapshot } from '../../src/domain/journey.js';
import { createGovernmentFaceProvider } from '../../src/government-face/provider.js';
import { createIdwiseClient } from '../../src/idwise/client.js';
import { createLook, type Look } from '../../src/idwise/look.js';
import { createSendOnce, type SendOnce } from '../../src/idwise/send-once.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { until } from '../eventually.js';
import { idwiseConfig } from './http-edge.js';

let simulator: RunningSimulator;
let control: SimulatorControl;
let store: Store;
let drop: () => Promise<void>;
let look: Look;
let sendOnce: SendOnce;
let referenceNo: string;

beforeAll(async () => {
  ({ store, drop } = await openOwnDatabase());
});
afterAll(() => drop());
beforeEach(async () => {
  referenceNo = `ref-${randomUUID()}`;
  simulator = await startSimulator({
    apiKey: 'key',
    apiSecret: 'secret',
    flowId: 'flow-1',
    customStepId: '99',
    customStepType: 'GovernmentFace',
    processingMs: 1,
    summaryLimit: false,
  });
  control = new SimulatorControl(simulator.url);
  const client = createIdwiseClient(idwiseConfig(simulator.url), { timeLimitMs: 5_000 });
  const vault = createVault(randomBytes(32));
  look = createLook({ client, vault, store, customStepId: '99' });
  const provider = createGovernmentFaceProvider(`${simulator.url}/government-face`);
  sendOnce = createSendOnce({ client, store, vault, provider });
});
afterEach(() => simulator.stop());

async function snapshotOf(journeyId: string): Promise<JourneySnapshot> {
  const outcome = await look.look({ referenceNo, journeyId, at: new Date().toISOString() });
  if (outcome.kind !== 'journey') throw new Error(JSON.stringify(outcome));
  return outcome.snapshot;
}
const userStepsDone = (journeyId: string) =>
  until(async () => {
    const outcome = await snapshotOf(journeyId);
    return outcome.documents.length > 0 && outcome.documents.every((document) => document.completed);
  });
const decided = (journeyId: string) =>
  until(async () => (await snapshotOf(journeyId)).systemDecision !== 'Incomplete');

test('a whole verification: user steps, government face, completion, AML update', async () => {
  const journeyId = await control.startJourney({ referenceNo, customStep: true });
  expect((await snapshotOf(journeyId)).systemDecision).toBe('Incomplete');
  await control.finish(journeyId);
  await userStepsDone(journeyId);
  await until(async () => {
    const summary = await look.summarise({ journeyId });
    return summary.kind === 'summary' && summary.allUserStepsConcluded && !summary.completed;
  });

  const about = { referenceNo, journeyId, confirmedNotDone: false };
  expect(await sendOnce.sendGovernmentFace(about)).toEqual({ kind: 'done' });
  expect(await sendOnce.close({ ...about, operation: 'complete-custom-step' })).toEqual({ kind: 'done' });
  await decided(journeyId);
  const approved = await snapshotOf(journeyId);
  expect(approved).toMatchObject({
    flowId: 'flow-1',
    systemDecision: 'Complete',
    governmentFaceMatched: true,
    documents: [{ completed: true, passed: true }],
  });

  const version = await control.changeAml(journeyId, { added: [{ name: 'Somebody Listed' }] });
  const hit = await snapshotOf(journeyId);
  expect(hit.aml?.openMatches).toBe(1);
  expect(hit.aml?.digest).not.toBe(approved.aml?.digest);
  expect(hit.stepsDigest).toBe(approved.stepsDigest);
  const at = new Date().toISOString();
  expect(await look.readAmlVersion({ referenceNo, journeyId, version, at })).toMatchObject({
    kind: 'recorded',
    empty: false,
  });
  expect(await look.readAmlVersion({ referenceNo, journeyId, version: version + 1, at })).toEqual({
    kind: 'no_such_version',
  });
});

test('a call that took effect but whose answer never came is found done by reading, not by sending again', async () => {
  const journeyId = await control.startJourney({ referenceNo, customStep: true });
  await control.finish(journeyId);
  await userStepsDone(journeyId);
  await control.addFault({ kind: 'timeout-after-effect', endpoint: 'complete-custom-step', times: 1 });
  const call = { referenceNo, journeyId, operation: 'complete-custom-step' } as const;
  expect(await sendOnce.close({ ...call, confirmedNotDone: false })).toEqual({ kind: 'uncertain' });
  expect(await sendOnce.close({ ...call, confirmedNotDone: false })).toEqual({ kind: 'uncertain' });
  await decided(journeyId);
  expect(await control.callCount(journeyId, 'complete-custom-step')).toBe(1);
  // Had the caller read too early, IDWise refuses the second call, and that is the end of it.
  expect((await sendOnce.close({ ...call, confirmedNotDone: true })).kind).toBe('rejected');
});

test.each([
  [{ kind: 'status', status: 401 }, { kind: 'refused' }],
  [{ kind: 'status', status: 404 }, { kind: 'unknown_journey' }],
  [
    { kind: 'status', status: 429, retryAfterSeconds: 7 },
    { kind: 'unavailable', retryAfterMs: 7_000 },
  ],
  [
    { kind: 'status', status: 500 },
    { kind: 'unavailable', code: 'http_500' },
  ],
  [
    { kind: 'slow', ms: 8_000 },
    { kind: 'unavailable', code: 'timeout' },
  ],
  [{ kind: 'reset' }, { kind: 'unavailable' }],
])('the fault %j is %j and leaves nothing behind', async (fault, expected) => {
  const journeyId = await control.startJourney({ referenceNo });
  await control.addFault({ ...fault, journeyId, times: 1 });
  expect(await look.look({ referenceNo, journeyId, at: new Date().toISOString() })).toMatchObject(expected);
  expect(await store.journeyAnswers.countDocuments({ journeyId })).toBe(0);
  expect((await snapshotOf(journeyId)).journeyId).toBe(journeyId);
});

test('a truncated answer is a failed look and stores nothing', async () => {
  const journeyId = await control.startJourney({ referenceNo });
  await control.addFault({ kind: 'truncated', journeyId, times: 1 });
  const outcome = await look.look({ referenceNo, journeyId, at: new Date().toISOString() });
  expect(['unreadable', 'unavailable']).toContain(outcome.kind);
  expect(await store.journeyAnswers.countDocuments({ journeyId })).toBe(0);
});
