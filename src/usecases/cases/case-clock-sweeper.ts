import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../../observability/logger.js';
import type { Store } from '../../store/store.js';
import type { TellCaseClock } from '../../temporal/case-clock-starter.js';

/** Tells the clocks of cases, at once where it can, and by and by where Temporal or this process was away. */
export interface CaseClocks {
  /** A case changed. Never rejects, and keeps nobody waiting. */
  onChanged(caseId: string): void;
  /** Sweeps every so many milliseconds until it is stopped. */
  run(gapMs: number): { stop(): Promise<void> };
}

const MOST_PER_SWEEP = 200;

/** Takes the cases, the way to tell a clock, and a log; returns the telling. Any number of processes may sweep. */
export function createCaseClocks(options: {
  readonly cases: Store['cases'];
  readonly tell: TellCaseClock;
  readonly log: Pick<Logger, 'warn' | 'debug'>;
}): CaseClocks {
  const { cases, tell, log } = options;

  async function sweep(): Promise<void> {
    // A clock that heard of a revision has written so; an open case whose clock has not is told again.
    const untold = await cases
      .find(
        { $expr: { $lt: ['$toldRevision', '$revision'] } },
        { projection: { _id: 1 }, limit: MOST_PER_SWEEP },
      )
      .toArray();
    for (const { _id } of untold) await tell(_id);
  }

  return {
    onChanged(caseId) {
      void tell(caseId).catch((error: unknown) =>
        log.debug('A case clock will be told by the sweep', { error }),
      );
    },
    run(gapMs) {
      const stopping = new AbortController();
      const running = (async () => {
        while (!stopping.signal.aborted) {
          await sweep().catch((error: unknown) => log.warn('The sweep over case clocks failed', { error }));
          await pause(gapMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        }
      })();
      return {
        stop: async () => {
          stopping.abort();
          await running;
        },
      };
    },
  };
}
