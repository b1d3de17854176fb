import { z } from 'zod';
import { ACCESS_LEVELS, STATUSES } from '../domain/policy.js';
import { PARK_REASONS } from '../store/inbox-records.js';
import { journeyId, referenceNo, registration } from './schemas.js';

/** What goes over the API when a company brings its customers along. */

/** One line; the command checks each by this before it sends any. */
export const importLine = z.strictObject({
  customerId: registration.shape.customerId,
  referenceNo,
  journeyId,
});

/** So many lines one request takes: each is a transaction of its own. */
export const MOST_LINES = 100;

export const importRequest = z.strictObject({
  lines: z
    .array(z.unknown(), 'must be a list of lines')
    .min(1, 'must not be empty')
    .max(MOST_LINES, `must have at most ${MOST_LINES} entries`)
    .describe(
      'Each {customerId, referenceNo, journeyId}; one that does not fit keeps none of the others out',
    ),
});

export const importAnswer = z.object({
  lines: z
    .array(
      z.object({
        outcome: z.enum([
          'imported',
          'known',
          'customer_bound',
          'reference_bound',
          'customer_closed',
          'invalid',
        ]),
        importId: z
          .string()
          .nullable()
          .describe('By which the state is asked for; null where nothing was taken'),
        problems: z
          .array(z.object({ at: z.string(), problem: z.string() }))
          .describe('Of an invalid line: what is wrong with which member'),
      }),
    )
    .describe('One for each line, in their order'),
});

const importId = z.string().regex(/^import:[0-9a-f]{40}$/, 'is no id of an import');

export const importStatesQuery = z.strictObject({
  ids: z
    .string('must be ids, separated by commas')
    .max(6_000, `must have at most ${MOST_LINES} entries`)
    .transform((text) => text.split(','))
    .pipe(z.array(importId).max(MOST_LINES, `must have at most ${MOST_LINES} entries`))
    .describe('Ids that the import answered, separated by commas'),
});

export const importStates = z.object({
  imports: z.array(
    z.object({
      importId: z.string(),
      state: z.enum(['under_way', 'settled', 'parked', 'not_found']),
      eventId: z.string().nullable().describe('Inbox row in which it stands now, for /v1/operator/events'),
      parkReason: z.enum(PARK_REASONS).nullable(),
      trouble: z.string().nullable().describe('Of one that is under way: why the last look brought nothing'),
      status: z.enum(STATUSES).nullable().describe('How the customer stands now'),
      access: z.enum(ACCESS_LEVELS).nullable(),
      openMatches: z
        .int()
        .nullable()
        .describe(
          'Of one that is settled: how many matches on watch lists count, as the journey was last seen',
        ),
    }),
  ),
});
