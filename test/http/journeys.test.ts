import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newJourney } from '../../src/domain/customer.js';
import { journeySnapshot } from '../builders/journey-snapshot.js';
import { until } from '../eventually.js';
import { type ApiUnderTest, type Called, startApi } from './api-under-test.js';
import { startWorker } from './worker-under-test.js';

let api: ApiUnderTest;
let stopWorker: () => Promise<void>;
beforeAll(async () => {
  api = await startApi();
  stopWorker = await startWorker(api.config);
});
afterAll(async () => {
  await stopWorker();
  await api.close();
});

async function registered(on = api): Promise<string> {
  const referenceNo = `ref/${randomUUID()}`;
  await on.call('POST', '/v1/verifications', { body: { customerId: randomUUID(), referenceNo } });
  return referenceNo;
}

const post = (referenceNo: string, rest: string, body?: unknown, on = api): Promise<Called> =>
  on.call('POST', `/v1/verifications/${encodeURIComponent(referenceNo)}/journeys${rest}`, {
    ...(body === undefined ? {} : { body }),
  });

/** What is added to the time that a caller is promised, because other tests keep the machine busy. */
const MACHINE_MS = 3_000;

describe("the app's reports", () => {
  test('show their effect in the very answer: started, completed, cancelled', async () => {
    const idle = async () => {
      const referenceNo = await registered();
      await until(async () => (await api.store.profiles.findOne({ _id: referenceNo }))?.lastTurn !== null);
      return referenceNo;
    };
    const begun = async () => {
      const referenceNo = await idle();
      await post(referenceNo, '', { journeyId: 'j-1' });
      await until(async () => {
        const profile = await api.store.profiles.findOne({ _id: referenceNo });
        return profile?.view.status === 'in_progress';
      });
      return referenceNo;
    };
    /** A busy machine may need longer than the service waits with its answer: then another customer's shows it. */
    const inTheAnswer = (
      to: () => Promise<string>,
      rest: string,
      body: unknown,
      effect: Readonly<Record<string, unknown>>,
    ) =>
      until(async () => {
        const { json } = await post(await to(), rest, body);
        return Object.entries(effect).every(([member, value]) => json[member] === value) && json;
      });

    const started = await inTheAnswer(
      idle,
      '',
      { journeyId: 'j-1' },
      { status: 'in_progress', access: 'none' },
    );
    expect(started['journeys']).toEqual([expect.objectContaining({ journeyId: 'j-1', state: 'open' })]);

    const pending = { status: 'pending_verification', access: 'limited' };
    const completed = await inTheAnswer(begun, '/j-1/completed', undefined, pending);
    expect(completed['functions']).toEqual(['view_account', 'edit_profile']);

    const without = { status: 'in_progress', version: 3 };
    const cancelled = await inTheAnswer(begun, '/j-1/cancelled', undefined, without);
    expect(cancelled['journeys']).toEqual([expect.objectContaining({ state: 'cancelled' })]);
  });

  test('are refused for a journey that a fetch has shown under another reference number', async () => {
    const [one, other] = [await registered(), await registered()];
    const journeyId = randomUUID();
    const at = new Date().toISOString();
    const journey = { ...newJourney(journeyId, at), snapshot: journeySnapshot({ journeyId }) };
    await api.store.profiles.updateOne(
      { _id: one },
      {
        $set: {
          'view.journeys': [{ journeyId, state: 'finished', startedAt: at }],
          [`facts.journeys.${journeyId}`]: journey,
        },
      },
    );
    for (const [rest, body] of [
      ['', { journeyId }],
      [`/${journeyId}/completed`, undefined],
      [`/${journeyId}/cancelled`, undefined],
    ] as const) {
      const answer = await post(other, rest, body);
      expect([answer.status, answer.json['code']]).toEqual([409, 'journey_bound']);
    }
  });

  test('are taken for a journey that somebody else only named: that must not shut its owner out', async () => {
    const [one, other] = [await registered(), await registered()];
    const journeyId = randomUUID();
    await post(one, '', { journeyId });
    await until(async () => {
      const profile = await api.store.profiles.findOne({ _id: one });
      return (profile?.view.journeys.length ?? 0) > 0;
    });
    expect((await post(other, '', { journeyId })).status).toBe(200);
  });

  test('are limited for each verification: a loop or made-up journeys cost others nothing', async () => {
    const referenceNo = await registered();
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post(referenceNo, '', { journeyId: randomUUID() })),
    );
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect([refused[0]?.json['code'], refused[0]?.headers.get('retry-after')]).toEqual([
      'too_many_reports',
      '30',
    ]);
    expect((await post(await registered(), '', { journeyId: randomUUID() })).status).toBe(200);
  });

  test('may name at most 20 journeys that IDWise has not shown, and always one that is known', async () => {
    const referenceNo = await registered();
    const at = new Date().toISOString();
    const ids = Array.from({ length: 20 }, () => randomUUID());
    await until(async () => (await api.store.profiles.findOne({ _id: referenceNo }))?.lastTurn !== null);
    await api.store.profiles.updateOne(
      { _id: referenceNo },
      { $set: { 'facts.journeys': Object.fromEntries(ids.map((id) => [id, newJourney(id, at)])) } },
    );
    const another = await post(referenceNo, '', { journeyId: randomUUID() });
    expect([another.status, another.json['code']]).toEqual([429, 'too_many_reports']);
    expect((await post(referenceNo, `/${ids[0]}/completed`)).status).toBe(200);
  });

  test.each(['', '..', 'a b', 'a/b', 'x'.repeat(129)])(
    'are refused for what is no journey id: %p',
    async (journeyId) => {
      const referenceNo = await registered();
      const answer = await post(referenceNo, '', { journeyId });
      expect([answer.status, answer.json['code']]).toEqual([400, 'invalid_request']);
    },
  );

  test('are 404 for a reference number that nobody has', async () => {
    expect((await post('nobody', '', { journeyId: 'j' })).status).toBe(404);
    expect((await post('nobody', '/j/completed')).status).toBe(404);
  });

  test('survive an outage of Temporal: stored, answered with the present view within two seconds, applied later', async () => {
    const cut = await startApi({ temporalAddress: '127.0.0.1:9' });
    try {
      const referenceNo = await registered(cut);
      const startedAtMs = performance.now();
      const answer = await post(referenceNo, '', { journeyId: 'j-9' }, cut);
      expect([answer.status, answer.json['status']]).toEqual([200, 'created']);
      expect(performance.now() - startedAtMs).toBeLessThan(2_000 + MACHINE_MS);
      expect(await cut.store.inbox.findOne({ kind: 'journey_started' })).toMatchObject({
        source: 'app',
        referenceNo,
        journeyId: 'j-9',
        state: 'received',
      });
    } finally {
      await cut.close();
    }
  });
});

describe('closing a journey', () => {
  test("puts the wish on the workflow's list, with who asked and why", async () => {
    const referenceNo = await registered();
    const journeyId = randomUUID();
    await post(referenceNo, '', { journeyId });
    const answer = await until(async () => {
      const called = await post(referenceNo, `/${journeyId}/complete`, { reason: 'The shop closes.' });
      return called.status === 202 && called;
    });
    expect(answer.json).toEqual({ accepted: true });
    const profile = await until(async () => {
      const row = await api.store.profiles.findOne({ _id: referenceNo });
      return row !== null && row.facts.journeys[journeyId]?.completion != null && row;
    });
    expect(profile.facts.journeys[journeyId]?.completion).toMatchObject({
      reason: 'The shop closes.',
      actor: expect.stringMatching(/^api-key-[0-9a-f]{8}$/),
    });
  });

  test("is refused with the workflow's own reason", async () => {
    const referenceNo = await registered();
    // Before its first turn the workflow does not know yet which journeys there are.
    const unknown = await until(async () => {
      const called = await post(referenceNo, '/unheard-of/complete', { reason: 'x' });
      return called.status === 409 && called;
    });
    expect(unknown.json['code']).toBe('journey_unknown');
    const blank = await post(referenceNo, '/unheard-of/complete', { reason: '  ' });
    expect([blank.status, blank.json['code']]).toEqual([400, 'invalid_request']);
  });

  test('is 503 with Retry-After within fifteen seconds while Temporal or every worker is away', async () => {
    const cut = await startApi({ temporalAddress: '127.0.0.1:9', comesAgain: false });
    const unattended = await startApi({ comesAgain: false });
    try {
      const refuses = async (away: typeof cut) => {
        const referenceNo = await registered(away);
        const startedAtMs = performance.now();
        const answer = await post(referenceNo, '/j/complete', { reason: 'x' }, away);
        expect([answer.status, answer.json['code'], answer.headers.get('retry-after')]).toEqual([
          503,
          'workflow_unavailable',
          '5',
        ]);
        expect(performance.now() - startedAtMs).toBeLessThan(12_000 + MACHINE_MS);
      };
      await Promise.all([cut, unattended].map(refuses));
    } finally {
      await Promise.all([cut.close(), unattended.close()]);
    }
  });
});
