import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

/**
 * Takes an activity; returns it with failures that tell their kind and nothing else. An error's text may quote what
 * stands in a document, and Temporal keeps failures in plain text for years (design §4.7).
 */
export function withoutDetails<Args extends unknown[], Result>(
  activity: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await activity(...args);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      const code =
        typeof error === 'object' && error !== null && 'code' in error ? ` (${String(error.code)})` : '';
      // The worker's logger keeps the places in the code and drops the text.
      log.warn('An activity failed', { error });
      throw ApplicationFailure.retryable(`${name}${code}; the worker's log says where`, name);
    }
  };
}
