import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createIdwiseClient } from '../../src/idwise/client.js';
import { createLook, type Look } from '../../src/idwise/look.js';
import { openAnswer } from '../../src/idwise/stored-answers.js';
import { createVault } from '../../src/personal-data/vault.js';
import type { Store } from '../../src/store/store.js';
import { openOwnDatabase } from '../builders/own-database.js';
import { type HttpEdge, idwiseConfig, json, startHttpEdge } from './http-edge.js';
import { amlMatch, finishedJourney } from './journey-answers.js';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';
const referenceNo = 'abc-123-FE13';
const vault = createVault(randomBytes(32));
let edge: HttpEdge;
let store: Store;
let drop: () => Promise<void>;
let journeyId: string;
let look: Look;

beforeAll(async () => {
  edge = await startHttpEdge();
  ({ store, drop } = await openOwnDatabase());
});
afterAll(async () => {
  await drop();
  await edge.close();
});
beforeEach(() => {
  journeyId = randomUUID();
  const client = createIdwiseClient(idwiseConfig(edge.url), { timeLimitMs: 2_000 });
  look = createLook({ client, vault, store, customStepId: '99' });
});

const journey = (changes: Record<string, unknown> = {}) =>
  json(finishedJourney({ journey_id: journeyId, reference_number: referenceNo, ...changes }));

describe('a look', () => {
  test('stores the full answer sealed, opens only for its customer, and returns the snapshot', async () => {
    edge.answer(journey({ reference_number: `  ${referenceNo} `, future_member: { kept: true } }));
    const outcome = await look.look({ referenceNo, journeyId, at: AT });
    if (outcome.kind !== 'journey') throw new Error(outcome.kind);
    expect(outcome.fetchId).toBe(`${journeyId}:${outcome.snapshot.answerDigest}`);
    const row = await store.journeyAnswers.findOne({ _id: outcome.fetchId });
    expect(row).toMatchObject({ referenceNo, journeyId, fetchedAt: new Date(AT) });
    expect(JSON.stringify(row)).not.toContain('Testperson');

    const shelf = { store, vault };
    const opened = await openAnswer(shelf, referenceNo, outcome.fetchId);
    expect(opened).toMatchObject({ kind: 'answer', answer: { raw: { future_member: { kept: true } } } });
    expect(await openAnswer(shelf, 'another', outcome.fetchId)).toEqual({ kind: 'missing' });
  });

  test('at an unchanged journey stores nothing new, also when two looks run at once', async () => {
    edge.answer(journey());
    const looks = await Promise.all([AT, AT, LATER].map((at) => look.look({ referenceNo, journeyId, at })));
    expect(new Set(looks.map((one) => one.kind === 'journey' && one.fetchId)).size).toBe(1);
    expect(await store.journeyAnswers.countDocuments({ journeyId })).toBe(1);
    edge.answer(journey({ system_decision: 'Refer' }));
    await look.look({ referenceNo, journeyId, at: LATER });
    expect(await store.journeyAnswers.countDocuments({ journeyId })).toBe(2);
  });

  test.each([['another-reference'], ['ABC-123-FE13'], [null], ['']])(
    'at a journey that bears the reference number %j is not ours and stores nothing',
    async (other) => {
      edge.answer(journey({ reference_number: other }));
      expect(await look.look({ referenceNo, journeyId, at: AT })).toEqual({ kind: 'not_ours' });
      expect(await store.journeyAnswers.countDocuments({ journeyId })).toBe(0);
    },
  );

  test('never takes the answer about another journey', async () => {
    edge.answer(journey({ journey_id: 'other' }));
    expect(await look.look({ referenceNo, journeyId, at: AT })).toEqual({
      kind: 'unreadable',
      code: 'another_journey',
    });
  });

  test.each([
    [404, { kind: 'unknown_journey' }],
    [401, { kind: 'refused', code: 'http_401' }],
    [429, { kind: 'unavailable', code: 'http_429', retryAfterMs: 3_000 }],
    [503, { kind: 'unavailable', code: 'http_503', retryAfterMs: 3_000 }],
    [422, { kind: 'unreadable', code: 'http_422' }],
  ])('answered with %d is %j', async (status, expected) => {
    edge.answer(json({}, status, { 'retry-after': '3' }));
    expect(await look.look({ referenceNo, journeyId, at: AT })).toEqual(expected);
    expect(await look.findOwner({ journeyId })).toEqual(expected);
  });

  test('for the owner tells reference number and flow and stores nothing', async () => {
    edge.answer(journey());
    expect(await look.findOwner({ journeyId })).toEqual({ kind: 'owner', referenceNo, flowId: 'flow-1' });
    edge.answer(journey({ reference_number: null, flow_id: null, journey_definintion_id: null }));
    expect(await look.findOwner({ journeyId })).toEqual({ kind: 'owner', referenceNo: null, flowId: null });
    expect(await store.journeyAnswers.countDocuments({ journeyId })).toBe(0);
  });
});

describe('an AML version', () => {
  const read = (at = AT) => look.readAmlVersion({ referenceNo, journeyId, version: 2, at });
  const stored = async () => {
    const row = await store.amlVersions.findOne({ _id: `${journeyId}:2` });
    return { row, opened: row && (await vault.open(referenceNo, row.matches)) };
  };

  test('is stored sealed, and what was first seen of it stays', async () => {
    edge.answer(json({ reference_number: referenceNo, aml_matches: [amlMatch()] }));
    expect(await read()).toEqual({ kind: 'recorded', matches: 1, empty: false });
    edge.answer(json({ aml_matches: { a: amlMatch({ score: 1 }), b: amlMatch() } }));
    expect(await read(LATER)).toEqual({ kind: 'recorded', matches: 2, empty: false });
    const { row, opened } = await stored();
    expect(row).toMatchObject({ referenceNo, version: 2, fetchedAt: new Date(AT) });
    expect(JSON.stringify(row)).not.toContain('Testperson');
    expect(opened).toEqual({ kind: 'json', value: { matches: [amlMatch()] } });
  });

  test('that was empty at first is filled by a later reading', async () => {
    edge.answer(json({ aml_matches: {} }));
    expect(await read()).toEqual({ kind: 'recorded', matches: 0, empty: true });
    edge.answer(json({ aml_matches: [amlMatch()] }));
    await read(LATER);
    edge.answer(json({ aml_matches: null }));
    await read(LATER);
    expect((await stored()).opened).toEqual({ kind: 'json', value: { matches: [amlMatch()] } });
  });

  test.each([
    [{ reference_number: 'another', aml_matches: [] }, 200, { kind: 'not_ours' }],
    [{}, 404, { kind: 'no_such_version' }],
    [{}, 400, { kind: 'unreadable', code: 'http_400' }],
    [{}, 403, { kind: 'refused', code: 'http_403' }],
    [{}, 500, { kind: 'unavailable', code: 'http_500', retryAfterMs: null }],
    [{ aml_matches: 'none' }, 200, { kind: 'unreadable', code: 'bad_aml_matches' }],
  ])('answered with %j, %d is %j and stores nothing', async (body, status, expected) => {
    edge.answer(json(body, status));
    expect(await read()).toEqual(expected);
    expect((await stored()).row).toBeNull();
  });
});

describe('a summary', () => {
  const step = (id: unknown, type: string, concluded: boolean) => ({
    definition: { step_id: id, step_type: type },
    result: { is_concluded: concluded },
  });
  const conclude = async (...steps: unknown[]) => {
    edge.answer(json({ journey_id: journeyId, is_completed: false, step_summaries: steps }));
    // Each case has a look of its own, so that none waits for the other's two seconds.
    const client = createIdwiseClient(idwiseConfig(edge.url));
    const own = createLook({ client, vault, store, customStepId: '99' });
    const summary = await own.summarise({ journeyId });
    return summary.kind === 'summary' && summary.allUserStepsConcluded;
  };

  test('tells whether every step of the user is concluded; our own custom step is none', async () => {
    const done = [step(0, 'Document', true), step('1', 'Selfie', true)];
    expect(await conclude(...done)).toBe(true);
    expect(await conclude(...done, step('99', 'Document', false))).toBe(true);
    expect(await conclude(...done, step('7', 'GovernmentFace', false))).toBe(true);
    expect(await conclude(...done, step('2', 'Document', false))).toBe(false);
    expect(await conclude()).toBe(false);
  });

  test('of one journey never waits for those of others', async () => {
    edge.answer(json({ is_completed: true, step_summaries: [] }));
    const startedAtMs = performance.now();
    const summaries = await Promise.all(
      Array.from({ length: 20 }, () => look.summarise({ journeyId: randomUUID() })),
    );
    expect(summaries.map((summary) => summary.kind)).toEqual(summaries.map(() => 'summary'));
    // One after the other they would take 38 s.
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });

  test('is asked for at most every two seconds: one waits, the others come back later', async () => {
    const times: number[] = [];
    edge.answer((request, response) => {
      times.push(Date.now());
      json({ is_completed: true, step_summaries: [] })(request, response);
    });
    const summaries = await Promise.all([1, 2, 3].map(() => look.summarise({ journeyId })));
    expect(summaries.map((summary) => summary.kind)).toEqual(['summary', 'summary', 'unavailable']);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(1_900);
    const [, , refused] = summaries;
    expect(refused?.kind === 'unavailable' && refused.retryAfterMs).toBeGreaterThan(2_000);
  });
});
