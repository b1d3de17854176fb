import { Context } from '@temporalio/activity';

/** Four signs before Temporal takes a worker for dead (`DEAD_AFTER`), so that one late sign kills nothing. */
const GAP_MS = 2_000;

/**
 * Takes an activity; returns it with signs of life while it runs. Temporal hears from a worker that was killed nothing
 * more, and gives its work to another after `DEAD_AFTER` instead of after the time that the work itself may take.
 */
export function withSignsOfLife<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    const context = Context.current();
    const signs = setInterval(() => context.heartbeat(), GAP_MS);
    try {
      return await activity(...args);
    } finally {
      clearInterval(signs);
    }
  };
}
