import type { CustomerFacts } from './customer.js';
import type { Effect, ParkedLookReason } from './effects.js';

/** What one new thing makes of the facts, before they are judged. */
export interface Change {
  readonly facts: CustomerFacts;
  readonly effects: readonly Effect[];
  readonly processed: readonly string[];
  readonly parked: { readonly causes: readonly string[]; readonly reason: ParkedLookReason } | null;
}

/** Takes facts and effects; returns the change that is nothing but them. */
export function only(facts: CustomerFacts, effects: readonly Effect[]): Change {
  return { facts, effects, processed: [], parked: null };
}
