import { ownValue } from './own-value.js';

/** One call that the simulator has received, whatever became of it. */
export interface CallRecord {
  atMs: number;
  endpoint: string;
  journeyId: string | null;
  /** What was answered; null: nothing (never answered, or the connection was reset). */
  status: number | null;
  durationMs: number;
  fault: string | null;
}

const keptCalls = 5000;

/** The record of calls, over lists that are part of the persisted state. */
export class Calls {
  constructor(
    private readonly list: CallRecord[],
    private readonly counts: Record<string, Record<string, number>>,
  ) {}

  /** Counts a call as soon as it is received, so that one which is never answered counts too. */
  received(endpoint: string, journeyId: string | null): CallRecord {
    const record = { atMs: Date.now(), endpoint, journeyId, status: null, durationMs: 0, fault: null };
    this.list.push(record);
    if (this.list.length > keptCalls) this.list.splice(0, this.list.length - keptCalls);
    const ofJourney = ownValue(this.counts, journeyId ?? '') ?? {};
    ofJourney[endpoint] = (ofJourney[endpoint] ?? 0) + 1;
    this.counts[journeyId ?? ''] = ofJourney;
    return record;
  }

  answered(record: CallRecord, status: number): void {
    record.status = status;
    record.durationMs = Date.now() - record.atMs;
  }

  /** @returns counts by journey id (empty string: calls that name none) and endpoint, and the latest calls */
  report(filter: { journeyId?: string | undefined; endpoint?: string | undefined }) {
    return {
      counts: filter.journeyId
        ? { [filter.journeyId]: ownValue(this.counts, filter.journeyId) ?? {} }
        : this.counts,
      calls: this.list.filter(
        (call) =>
          (filter.journeyId === undefined || call.journeyId === filter.journeyId) &&
          (filter.endpoint === undefined || call.endpoint === filter.endpoint),
      ),
    };
  }
}
