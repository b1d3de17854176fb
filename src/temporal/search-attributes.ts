import type { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from './names.js';

/** Temporal's `IndexedValueType` for the types that `SEARCH_ATTRIBUTES` names. */
const INDEXED_VALUE_TYPE = { KEYWORD: 2, DATETIME: 6 } as const;
const DEADLINE_MS = 10_000;

export type RegisterSearchAttributes =
  | { readonly kind: 'registered'; readonly added: readonly string[] }
  /** Attributes of these names exist with another type; Temporal cannot change that. */
  | { readonly kind: 'conflict'; readonly names: readonly string[] };

/** Returns every search attribute of ours with its type, as Temporal's operator service wants it. */
export function wantedSearchAttributes(): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]),
  );
}

/**
 * Takes a connection and a namespace; registers our search attributes where they are missing. Safe to repeat.
 * @throws ServiceError when Temporal does not answer, or refuses.
 */
export async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<RegisterSearchAttributes> {
  return await connection.withDeadline(Date.now() + DEADLINE_MS, async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const wanted = Object.entries(wantedSearchAttributes());
    const conflicts = wanted.filter(([name, type]) => {
      const present = customAttributes?.[name];
      return present !== undefined && present !== type;
    });
    if (conflicts.length > 0) return { kind: 'conflict', names: conflicts.map(([name]) => name) };
    const missing = wanted.filter(([name]) => customAttributes?.[name] === undefined);
    if (missing.length > 0) {
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing),
      });
    }
    return { kind: 'registered', added: missing.map(([name]) => name) };
  });
}
