import type { Logger } from '../../observability/logger.js';
import type { Store } from '../../store/store.js';
import type { TellCaseClock } from '../../temporal/case-clock-starter.js';
import { type RepeatedSweep, repeatSweep } from '../repeated-sweep.js';

/** Tells the clocks of cases, at once where it can, and by and by where Temporal or this process was away. */
export interface CaseClocks {
  /** A case changed. Never rejects, and keeps nobody waiting. */
  onChanged(caseId: string): void;
  /** Sweeps every so many milliseconds until it is stopped. */
  run(gapMs: number): RepeatedSweep;
}

const MOST_PER_SWEEP = 200;
/** A clock acts within seconds of its time; one that is so late has been lost, with Temporal's own database perhaps. */
const LATE_AFTER_MS = 60_000;

/** Takes the cases, the way to tell a clock, and a log; returns the telling. Any number of processes may sweep. */
export function createCaseClocks(options: {
  readonly cases: Store['cases'];
  readonly tell: TellCaseClock;
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}): CaseClocks {
  const { cases, tell, log } = options;

  async function sweep(now: Date, stopping: AbortSignal): Promise<void> {
    const only = { projection: { _id: 1 }, limit: MOST_PER_SWEEP } as const;
    // A clock that looked at a change has written so. Oldest first, so that none waits for ever.
    const untold = await cases
      .find({ untoldSince: { $type: 'date' } }, only)
      .sort({ untoldSince: 1 })
      .toArray();
    const lateAt = new Date(now.getTime() - LATE_AFTER_MS);
    const late = await cases
      .find({ isOpen: true, wakeAt: { $lt: lateAt } }, only)
      .sort({ wakeAt: 1 })
      .toArray();
    for (const caseId of new Set([...untold, ...late].map(({ _id }) => _id))) {
      if (stopping.aborted) return;
      await tell(caseId).catch((error: unknown) =>
        log.warn('The clock of a case could not be told', { caseId, error }),
      );
    }
  }

  return {
    onChanged(caseId) {
      void tell(caseId).catch((error: unknown) =>
        log.debug('A case clock will be told by the sweep', { error }),
      );
    },
    run: (gapMs) =>
      repeatSweep(sweep, gapMs, (error) => log.warn('The sweep over case clocks failed', { error })),
  };
}
