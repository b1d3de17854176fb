import type { z } from 'zod';
import { importAnswer, importStates, MOST_LINES } from '../http/import-schemas.js';
import type { NumberedLine } from './import-file.js';
import { type Misfit, malformed, notFound, notSettled, refused } from './import-report.js';
import type { Asked, OperatorClient } from './operator-client.js';

/** How gently, and how patiently, an import goes. */
export interface ImportPace {
  /** Lines that are new to the service, per second. */
  readonly linesPerSecond: number;
  /** So many journeys are on their way at once; the next lines wait until IDWise has shown some of them. */
  readonly mostUnderWay: number;
  /** So long nothing may go on, be it that the service does not answer or that no journey is settled. */
  readonly patienceMs: number;
  /** Between two questions how far the journeys are. */
  readonly pollEveryMs: number;
}

/** Time, so that a test need not wait. */
export interface Clock {
  nowMs(): number;
  pause(ms: number): Promise<void>;
}

/** How far an import is. */
export interface ImportProgress {
  readonly sent: number;
  readonly settled: number;
  readonly misfits: number;
  /** What it waits for, where it waits. */
  readonly note: string;
}

export interface ImportResult {
  readonly imported: number;
  /** Lines that an earlier run, or somebody else, has sent. */
  readonly known: number;
  readonly settled: number;
  readonly misfits: readonly Misfit[];
  /** How the customers of the settled lines stand, by status. */
  readonly statuses: ReadonlyMap<string, number>;
  /** How many of these customers have matches on watch lists that count. */
  readonly matched: number;
  /** Why it ended before its time; null where it did not. */
  readonly stopped: Exclude<Asked<never>, { kind: 'answer' }> | null;
}

type State = z.output<typeof importStates>['imports'][number];

interface UnderWay {
  readonly line: NumberedLine;
  readonly trouble: string | null;
}

/** A body may have 64 kB; half of it leaves room for what JSON adds. */
const MOST_BATCH_BYTES = 32_000;
const LONGEST_BACK_OFF_MS = 30_000;
const FIRST_BACK_OFF_MS = 1_000;

/**
 * Takes the client, the lines, the pace and the clock; sends the lines, waits until each journey has been looked at, and
 * returns what became of them. It keeps nothing: whoever starts it again with the same lines finds what is done already.
 */
export async function runImport(
  client: OperatorClient,
  lines: readonly NumberedLine[],
  pace: ImportPace,
  clock: Clock,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportResult> {
  const underWay = new Map<string, UnderWay>();
  const misfits: Misfit[] = [];
  const statuses = new Map<string, number>();
  const matched = new Set<string>();
  const counts = { imported: 0, known: 0, settled: 0, sent: 0 };
  let hasAnswered = false;
  let lastProgressMs = clock.nowMs();

  const told = (note: string) =>
    onProgress({ sent: counts.sent, settled: counts.settled, misfits: misfits.length, note });
  const isStuck = () => clock.nowMs() - lastProgressMs > pace.patienceMs;
  /** What IDWise does not know so far is waited for by the service, not by us. */
  const waiting = () => [...underWay.values()].filter(({ trouble }) => trouble !== 'unknown_journey').length;

  async function ask<Value>(path: string, schema: z.ZodType<Value>, body?: unknown): Promise<Asked<Value>> {
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(2 * backOffMs, LONGEST_BACK_OFF_MS)) {
      const asked = await client.ask(path, schema, body);
      if (asked.kind === 'answer') {
        hasAnswered = true;
        return asked;
      }
      const mayPass = asked.kind === 'unreachable' ? hasAnswered : [429, 503].includes(asked.status);
      if (!mayPass || isStuck()) return asked;
      told('the service asks for a pause');
      await clock.pause(backOffMs);
    }
  }

  async function send(batch: readonly NumberedLine[]): Promise<Asked<number>> {
    const body = { lines: batch.map(({ line: _line, ...rest }) => rest) };
    const asked = await ask('/imports', importAnswer, body);
    if (asked.kind !== 'answer') return asked;
    let imported = 0;
    for (const [index, line] of batch.entries()) {
      const of = asked.value.lines[index];
      if (of === undefined) continue;
      if (of.outcome === 'invalid') {
        const problem = of.problems.map(({ at, problem: what }) => `${at} ${what}`).join('; ');
        misfits.push(malformed({ ...line, problem }));
      } else if (of.importId === null) {
        if (of.outcome !== 'imported' && of.outcome !== 'known') misfits.push(refused(line, of.outcome));
      } else {
        underWay.set(of.importId, { line, trouble: null });
        if (of.outcome === 'imported') imported += 1;
        counts[of.outcome === 'imported' ? 'imported' : 'known'] += 1;
      }
    }
    counts.sent += batch.length;
    lastProgressMs = clock.nowMs();
    return { kind: 'answer', value: imported };
  }

  async function poll(): Promise<Asked<true>> {
    const ids = [...underWay.keys()];
    for (let from = 0; from < ids.length; from += MOST_LINES) {
      const page = ids.slice(from, from + MOST_LINES).join(',');
      const asked = await ask(`/imports?ids=${encodeURIComponent(page)}`, importStates);
      if (asked.kind !== 'answer') return asked;
      for (const state of asked.value.imports) take(state);
    }
    return { kind: 'answer', value: true };
  }

  function take({ importId, state, status, openMatches, parkReason, eventId, trouble }: State): void {
    const found = underWay.get(importId);
    if (found === undefined) return;
    const before = waiting();
    if (state === 'under_way') {
      underWay.set(importId, { ...found, trouble });
      if (waiting() !== before) lastProgressMs = clock.nowMs();
      return;
    }
    underWay.delete(importId);
    lastProgressMs = clock.nowMs();
    if (state === 'settled') {
      counts.settled += 1;
      if ((openMatches ?? 0) > 0) matched.add(found.line.referenceNo);
      if (status !== null) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    } else {
      misfits.push(notFound(found.line, parkReason ?? 'look_gave_up', eventId));
    }
  }

  /** Waits until no more than so many journeys are on their way, or until nothing goes on any more. */
  async function settleTo(most: number): Promise<ImportResult['stopped']> {
    while (waiting() > most) {
      const asked = await poll();
      if (asked.kind !== 'answer') return asked;
      told(`${waiting()} under way`);
      if (waiting() <= most) break;
      if (isStuck()) return { kind: 'unreachable', text: nothingGoesOn(pace.patienceMs) };
      await clock.pause(pace.pollEveryMs);
    }
    return null;
  }

  async function sendAll(): Promise<ImportResult['stopped']> {
    for (const batch of batches(lines, Math.min(MOST_LINES, Math.max(1, Math.round(pace.linesPerSecond))))) {
      const stopped = waiting() < pace.mostUnderWay ? null : await settleTo(pace.mostUnderWay / 2);
      if (stopped !== null) return stopped;
      const beganMs = clock.nowMs();
      const asked = await send(batch);
      if (asked.kind !== 'answer') return asked;
      told(`${waiting()} under way`);
      const owedMs = (asked.value / pace.linesPerSecond) * 1_000 - (clock.nowMs() - beganMs);
      if (owedMs > 0) await clock.pause(owedMs);
    }
    return null;
  }

  const stopped = (await sendAll()) ?? (await settleTo(0));
  for (const { line, trouble } of underWay.values()) {
    misfits.push(
      trouble === 'unknown_journey' ? notFound(line, 'unknown_journey', null) : notSettled(line, trouble),
    );
  }
  const { imported, known, settled } = counts;
  return { imported, known, settled, misfits, statuses, matched: matched.size, stopped };
}

function nothingGoesOn(patienceMs: number): string {
  return `No journey has been settled for ${Math.round(patienceMs / 1_000)} s. Do workers run, and does IDWise answer?`;
}

/** Takes the lines and how many go together; gives them in such parts, none too large for a request. */
function* batches(lines: readonly NumberedLine[], most: number): Generator<readonly NumberedLine[]> {
  let batch: NumberedLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(JSON.stringify(line));
    if (batch.length === most || (batch.length > 0 && bytes + size > MOST_BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
