import { describe, expect, test } from '@jest/globals';
import type { NumberedLine } from './import-file.js';
import { readImportFile } from './import-file.js';
import { misfitsCsv } from './import-report.js';
import { type ImportPace, type ImportProgress, runImport } from './import-run.js';
import type { Asked, OperatorClient } from './operator-client.js';

const PACE: ImportPace = { linesPerSecond: 10, mostUnderWay: 20, patienceMs: 60_000, pollEveryMs: 1_000 };

interface Answers {
  /** What is answered in place of the usual, for the n-th request; null: the usual. */
  readonly instead?: (request: number) => Exclude<Asked<never>, { kind: 'answer' }> | null;
  /** State of a journey at a time in milliseconds. */
  readonly stateOf?: (journeyId: string, nowMs: number) => Readonly<Record<string, unknown>>;
}

const SETTLED = { state: 'settled', status: 'approved', access: 'full', openMatches: 0 };
const UNDER_WAY = { state: 'under_way', status: 'created', access: 'none' };

/** A service that answers from memory, on a clock that only pauses move. */
function service({ instead = () => null, stateOf = () => SETTLED }: Answers = {}) {
  let nowMs = 0;
  let requests = 0;
  const taken = new Map<string, { readonly atMs: number; readonly times: number }>();
  const pauses: number[] = [];
  const idOf = (journeyId: string) => `import:${Buffer.from(journeyId).toString('hex').padStart(40, '0')}`;
  const journeyOf = (id: string) => Buffer.from(id.slice(7), 'hex').toString().replaceAll('\0', '');
  let mostUnderWay = 0;
  const client: OperatorClient = {
    serviceUrl: 'http://service',
    ask: async (path, schema, body) => {
      requests += 1;
      const other = instead(requests);
      if (other !== null) return other;
      if (body !== undefined) {
        const lines = (body as { lines: NumberedLine[] }).lines.map(({ journeyId }) => {
          const before = taken.get(journeyId);
          taken.set(journeyId, { atMs: before?.atMs ?? nowMs, times: (before?.times ?? 0) + 1 });
          const outcome = before === undefined ? 'imported' : 'known';
          return { outcome, importId: idOf(journeyId), problems: [] };
        });
        const open = [...taken.keys()].filter((journeyId) => stateOf(journeyId, nowMs) === UNDER_WAY);
        mostUnderWay = Math.max(mostUnderWay, open.length);
        return { kind: 'answer', value: schema.parse({ lines }) };
      }
      const ids = new URL(path, 'http://service').searchParams.get('ids')?.split(',') ?? [];
      const none = { eventId: 'import:e', parkReason: null, trouble: null, openMatches: null };
      const imports = ids.map((importId) => ({
        importId,
        ...none,
        ...stateOf(journeyOf(importId), nowMs),
      }));
      return { kind: 'answer', value: schema.parse({ imports }) };
    },
  };
  const clock = {
    nowMs: () => nowMs,
    pause: async (ms: number) => {
      pauses.push(ms);
      nowMs += ms;
    },
  };
  return {
    client,
    clock,
    taken,
    pauses,
    now: () => nowMs,
    requests: () => requests,
    mostUnderWay: () => mostUnderWay,
  };
}

const lines = (count: number): NumberedLine[] =>
  Array.from({ length: count }, (_, index) => ({
    line: index + 1,
    customerId: `c${index}`,
    referenceNo: `r${index}`,
    journeyId: `j${index}`,
  }));
const BUSY = { kind: 'problem', status: 503, code: 'storage_unavailable', text: 'busy' } as const;

describe('an import', () => {
  test('sends each line once, no faster than the rate, and ends when every journey is settled', async () => {
    const { client, clock, taken, now } = service();
    const progress: ImportProgress[] = [];
    const result = await runImport(client, lines(55), PACE, clock, (each) => progress.push(each));
    expect(result).toMatchObject({ imported: 55, known: 0, settled: 55, misfits: [], stopped: null });
    expect([...result.statuses]).toEqual([['approved', 55]]);
    expect([...taken.values()].every(({ times }) => times === 1)).toBe(true);
    expect(now()).toBeGreaterThanOrEqual(5_500);
    expect(progress.at(-1)).toMatchObject({ sent: 55, settled: 55 });
  });

  test('counts each customer with open matches once, however many of their journeys have some', async () => {
    const stateOf = (journeyId: string) => ({ ...SETTLED, openMatches: journeyId === 'j0' ? 0 : 2 });
    const { client, clock } = service({ stateOf });
    const ofThree = lines(4).map((line) => (line.line === 4 ? { ...line, referenceNo: 'r2' } : line));
    expect(await runImport(client, ofThree, PACE, clock, () => {})).toMatchObject({ settled: 4, matched: 2 });
  });

  test('goes over what is known already without the pauses of the rate', async () => {
    const { client, clock, now } = service();
    await runImport(client, lines(100), PACE, clock, () => {});
    const beganMs = now();
    const again = await runImport(client, lines(100), PACE, clock, () => {});
    expect(again).toMatchObject({ imported: 0, known: 100, settled: 100 });
    expect(now() - beganMs).toBeLessThan(1_000);
  });

  test('sends no more than may be under way at once, however fast it may', async () => {
    const stateOf = (journeyId: string, nowMs: number) =>
      nowMs > Number(journeyId.slice(1)) * 500 ? SETTLED : UNDER_WAY;
    const { client, clock, mostUnderWay } = service({ stateOf });
    const pace = { ...PACE, linesPerSecond: 1_000, mostUnderWay: 20 };
    const short = lines(90).map((line) => ({ ...line, customerId: 'x'.repeat(4_000) }));
    const result = await runImport(client, short, pace, clock, () => {});
    expect(result.settled).toBe(90);
    // One batch may be on its way when the limit is met.
    expect(mostUnderWay()).toBeLessThanOrEqual(20 + 8);
  });

  test('pauses ever longer while the service is busy or away, and then goes on', async () => {
    const away = { kind: 'unreachable', text: 'no answer' } as const;
    const instead = (request: number) =>
      request === 1 || request === 2 ? BUSY : request === 4 || request === 5 ? away : null;
    const { client, clock, pauses } = service({ instead });
    const result = await runImport(client, lines(20), PACE, clock, () => {});
    expect(result).toMatchObject({ imported: 20, settled: 20, stopped: null });
    expect(pauses.slice(0, 2)).toEqual([1_000, 2_000]);
  });

  test('stops when nothing has gone on for as long as patience lasts, and says how each line stands', async () => {
    const busy = service({ instead: (request) => (request > 1 ? BUSY : null) });
    const ofBusy = await runImport(busy.client, lines(30), PACE, busy.clock, () => {});
    expect(ofBusy.stopped).toEqual(BUSY);
    expect(ofBusy.misfits.map(({ reason }) => reason)).toEqual(Array(10).fill('not_settled'));
    expect(busy.now()).toBeLessThan(3 * PACE.patienceMs);

    const stuck = service({ stateOf: () => UNDER_WAY });
    const ofStuck = await runImport(stuck.client, lines(3), PACE, stuck.clock, () => {});
    expect(ofStuck.stopped).toMatchObject({ text: expect.stringContaining('Do workers run') });
    expect(ofStuck.misfits.map(({ line, reason }) => [line, reason])).toEqual([
      [1, 'not_settled'],
      [2, 'not_settled'],
      [3, 'not_settled'],
    ]);
  });

  test('stops at once where the service is not there, or refuses the key', async () => {
    const refusal = { kind: 'problem', status: 401, code: 'unauthenticated', text: 'no' } as const;
    for (const answer of [{ kind: 'unreachable', text: 'gone' } as const, refusal]) {
      const { client, clock, requests } = service({ instead: () => answer });
      const result = await runImport(client, lines(3), PACE, clock, () => {});
      expect(result.stopped).toEqual(answer);
      expect(requests()).toBe(1);
    }
  });

  test('does not wait for what IDWise does not know so far, and names it', async () => {
    const stateOf = (journeyId: string) =>
      journeyId === 'j1' ? { ...UNDER_WAY, trouble: 'unknown_journey' } : SETTLED;
    const { client, clock, now } = service({ stateOf });
    const result = await runImport(client, lines(3), PACE, clock, () => {});
    expect(result).toMatchObject({ settled: 2, stopped: null });
    expect(result.misfits).toMatchObject([{ line: 2, reason: 'unknown_journey' }]);
    expect(now()).toBeLessThan(PACE.patienceMs);
  });

  test('reports what did not fit as a list that can be imported again', async () => {
    const stateOf = (journeyId: string) =>
      journeyId === 'j0'
        ? SETTLED
        : { state: 'parked', parkReason: 'journey_not_ours', status: null, access: null };
    const { client, clock } = service({ stateOf });
    const odd = lines(2).map((line) => ({ ...line, customerId: `"${line.customerId}", Inc.` }));
    const { misfits } = await runImport(client, odd, PACE, clock, () => {});
    const again = readImportFile(Buffer.from(misfitsCsv(misfits)));
    expect(again).toMatchObject({ malformed: [], lines: [{ ...odd[1], line: 2 }] });
  });
});
