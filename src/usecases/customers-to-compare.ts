import type { mongo } from 'mongoose';
import { journeysToCompare } from '../domain/comparison.js';
import type { Instant } from '../domain/instant.js';
import type { Sweep } from '../domain/reconciliation.js';
import { upgradeFacts } from '../domain/upgrade-facts.js';
import type { ProfileRow } from '../store/records.js';
import type { Store } from '../store/store.js';

/** Whom a run compares: a sweep's customers, or one. */
export type ReconciliationScope = { readonly which: Sweep } | { readonly referenceNo: string };

/** Where a run stands in the list of its customers: the last one that a page held. */
export interface PagePosition {
  readonly referenceNo: string;
  /** When that one was due; null in a run over everybody, which goes by the reference number. */
  readonly dueAt: Instant | null;
}

export interface PageRequest {
  readonly scope: ReconciliationScope;
  readonly startedAt: Instant;
  readonly after: PagePosition | null;
}

export interface CustomersPage {
  readonly customers: readonly { readonly referenceNo: string; readonly journeyIds: readonly string[] }[];
  /** Null where nobody is left. */
  readonly next: PagePosition | null;
}

const MOST_CUSTOMERS_PER_PAGE = 20;

/**
 * Makes the use case that gives the next customers of a run. It goes by an index, and reads only what it gives out, so
 * that the millionth page costs what the first one does.
 */
export function createCustomersToCompare(profiles: Store['profiles']) {
  return async (request: PageRequest): Promise<CustomersPage> => {
    const { filter, sort } = queryOf(request);
    const rows = await profiles
      .find(filter, { projection: { facts: 1, nextCheckAt: 1, 'view.status': 1 } })
      .sort(sort)
      .limit(MOST_CUSTOMERS_PER_PAGE)
      .toArray();
    const last = rows.at(-1);
    return {
      customers: rows
        .map((row) => ({
          referenceNo: row._id,
          journeyIds: journeysToCompare(upgradeFacts(row.facts), row.view.status, request.startedAt),
        }))
        .filter(({ journeyIds }) => journeyIds.length > 0),
      next:
        rows.length < MOST_CUSTOMERS_PER_PAGE || last === undefined
          ? null
          : { referenceNo: last._id, dueAt: sort === BY_DUE_TIME ? dueAtOf(last) : null },
    };
  };
}

type Sort = Readonly<Record<string, 1>>;
const BY_REFERENCE: Sort = { _id: 1 };
const BY_DUE_TIME: Sort = { nextCheckAt: 1, _id: 1 };

function queryOf({ scope, startedAt, after }: PageRequest): { filter: mongo.Filter<ProfileRow>; sort: Sort } {
  if ('referenceNo' in scope) return { filter: { _id: scope.referenceNo }, sort: BY_REFERENCE };
  const began = new Date(startedAt);
  if (scope.which === 'all') {
    return {
      filter: {
        ...(after === null ? {} : { _id: { $gt: after.referenceNo } }),
        'view.status': { $ne: 'closed' },
        'view.journeys': { $ne: [] },
        // Whom another run has compared meanwhile is not asked for twice.
        $or: [{ comparedAt: { $exists: false } }, { comparedAt: { $lt: began } }],
      },
      sort: BY_REFERENCE,
    };
  }
  const isDue = { settled: scope.which === 'settled', nextCheckAt: { $lte: began } };
  if (after === null || after.dueAt === null) return { filter: isDue, sort: BY_DUE_TIME };
  const dueAt = new Date(after.dueAt);
  return {
    filter: {
      ...isDue,
      $or: [
        { nextCheckAt: { $gt: dueAt, $lte: began } },
        { nextCheckAt: dueAt, _id: { $gt: after.referenceNo } },
      ],
    },
    sort: BY_DUE_TIME,
  };
}

function dueAtOf({ nextCheckAt }: Pick<ProfileRow, 'nextCheckAt'>): Instant | null {
  return nextCheckAt?.toISOString() ?? null;
}
