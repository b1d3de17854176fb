import { z } from 'zod';
import { ACCESS_LEVELS, STATUSES } from '../domain/policy.js';
import { INBOX_SOURCES, INBOX_STATES, PARK_REASONS } from '../store/inbox-records.js';
import { CUSTOMER_REQUEST_KINDS } from '../temporal/names.js';
import { eventCursor } from './event-cursor.js';
import { journeyId, referenceNo } from './schemas.js';

/** What goes over the operators' part of the API; nothing of it is personal, as long as reasons are not. */

export const instant = z.iso.datetime().describe('RFC 3339, UTC');
const inboxId = z
  .string('must be text')
  .min(1, 'must not be empty')
  .max(400, 'must have at most 400 characters')
  .describe('Id in the inbox, such as idwise:<eventId>; of a replay with #<n> at its end');

/** Why somebody does something; stands in the record beside their name. */
export const reason = z
  .string('must be text')
  .trim()
  .min(1, 'must not be empty')
  .max(500, 'must have at most 500 characters')
  .describe('Why; kept in the record with the name of the credential. No personal data');

const time = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-03-01T02:00:00Z' })
  .transform((text) => new Date(text));

const filterMembers = {
  state: z.enum(INBOX_STATES, `must be one of ${INBOX_STATES.join(', ')}`).optional(),
  parkReason: z.enum(PARK_REASONS, `must be one of ${PARK_REASONS.join(', ')}`).optional(),
  kind: z.string('must be text').max(100, 'must have at most 100 characters').optional(),
  referenceNo: referenceNo.optional(),
  journeyId: journeyId.optional(),
  id: inboxId.describe('Beginning of the id, with or without idwise: before it').optional(),
  from: time.describe('Received at this time or later').optional(),
  to: time.describe('Received before this time').optional(),
};

const MOST_LISTED = 200;

export const eventQuery = z.strictObject({
  ...filterMembers,
  limit: z
    .string(`must be a number between 1 and ${MOST_LISTED}`)
    .regex(/^\d{1,3}$/, `must be a number between 1 and ${MOST_LISTED}`)
    .transform(Number)
    .refine((n) => n >= 1 && n <= MOST_LISTED, `must be a number between 1 and ${MOST_LISTED}`)
    .optional(),
  cursor: eventCursor.optional(),
});

const MOST_IDS = 100;

export const replayRequest = z
  .strictObject({
    ids: z
      .array(inboxId, 'must be a list of ids')
      .min(1, 'must not be empty')
      .max(MOST_IDS, `must have at most ${MOST_IDS} entries`)
      .optional(),
    filter: z
      .strictObject(filterMembers)
      .refine((filter) => Object.keys(filter).length > 0, 'must not be empty')
      .optional(),
    cursor: eventCursor.optional(),
    reason,
    dryRun: z
      .boolean('must be true or false')
      .describe('true: says what would be replayed, and changes nothing'),
  })
  .refine(({ ids, filter }) => (ids === undefined) !== (filter === undefined), {
    error: 'must have either ids or filter',
  });

export const eventSummary = z.object({
  id: inboxId,
  source: z.enum(INBOX_SOURCES),
  kind: z.string(),
  state: z.enum(INBOX_STATES),
  parkReason: z.enum(PARK_REASONS).nullable(),
  referenceNo: z.string().nullable(),
  journeyId: z.string().nullable(),
  receivedAt: instant,
  replay: z
    .object({
      of: inboxId,
      number: z.int(),
      actor: z.string(),
      reason: z.string(),
      firstReceivedAt: instant,
    })
    .nullable()
    .describe('Of a replay: what of, who wanted it and why'),
});

export const eventPage = z.object({
  events: z.array(eventSummary).describe('The newest first'),
  next: z.string().nullable().describe('Cursor of the next page; null: this is the last one'),
});

const auditEntry = z.object({
  sequence: z.int(),
  at: instant,
  cause: z.object({ kind: z.string(), id: z.string(), because: z.array(z.string()).optional() }),
  actor: z.string(),
  effect: z.string(),
  journeyId: z.string().nullable(),
  from: z.unknown(),
  to: z.unknown(),
});

export const eventTrail = eventSummary.extend({
  body: z.string().nullable().describe('The body as it came; null for what was no webhook'),
  owner: z.string().nullable().describe('Whose event it is, as far as our records tell'),
  workflowId: z.string().nullable(),
  delivery: z.object({
    failedAttempts: z.int(),
    signalledAt: instant.nullable(),
    processedAt: instant.nullable(),
    outcome: z.string().nullable(),
  }),
  effects: z.array(auditEntry).describe('Audit records that name it as a cause'),
  replays: z.array(eventSummary).describe('Other rows of the same original'),
  waitsFor: z
    .object({
      what: z.enum(['temporal', 'identification', 'worker', 'idwise', 'operator']),
      trouble: z.string().nullable(),
      attempts: z.int(),
      nextAttemptAt: instant.nullable(),
      giveUpAt: instant.nullable(),
    })
    .nullable(),
});

export const replays = z.object({
  dryRun: z.boolean(),
  events: z.array(
    z.object({
      id: inboxId,
      outcome: z.enum([
        'replayed',
        'would_replay',
        'still_not_understood',
        'under_way',
        'replayed_before',
        'measure_of_case',
        'not_found',
      ]),
      replayId: inboxId.nullable(),
      kind: z.string().nullable(),
      parkReason: z.enum(PARK_REASONS).nullable(),
    }),
  ),
  next: z.string().nullable().describe('Of a filter that matches more: the cursor to go on with'),
});

export const customerRequest = z
  .strictObject({
    kind: z.enum(CUSTOMER_REQUEST_KINDS, `must be one of ${CUSTOMER_REQUEST_KINDS.join(', ')}`),
    journeyId: journeyId.optional(),
    reason,
  })
  .refine(({ kind, journeyId: journey }) => (kind === 'complete') === (journey !== undefined), {
    error: 'is needed with complete, and with nothing else',
    path: ['journeyId'],
  });

export const customerStanding = z.object({
  referenceNo: z.string(),
  status: z.enum(STATUSES),
  access: z.enum(ACCESS_LEVELS),
  ground: z.string().nullable(),
  attention: z.string().nullable(),
  version: z.int(),
  updatedAt: instant,
  createdAt: instant,
  nextCheckAt: instant.nullable(),
  closedAt: instant.nullable(),
  holds: z.array(z.string()),
  approval: z.object({ journeyId: z.string(), at: instant, by: z.string() }).nullable(),
  workflowId: z.string(),
  agenda: z.array(
    z.object({
      what: z.string(),
      journeyId: z.string().nullable(),
      nextAttemptAt: instant,
      giveUpAt: instant.nullable(),
    }),
  ),
  journeys: z.array(
    z.object({
      journeyId: z.string(),
      firstSeenAt: instant,
      systemDecision: z.string().nullable(),
      manualDecision: z.string().nullable(),
      fetchedAt: instant.nullable(),
      owedLook: z
        .object({
          since: instant,
          attempts: z.int(),
          trouble: z.string().nullable(),
          because: z.array(z.string()),
        })
        .nullable(),
      amlVersions: z.object({ heard: z.int(), stored: z.int() }),
      customStep: z.object({ face: z.string(), trouble: z.string().nullable() }).nullable(),
      completion: z.object({ state: z.string(), actor: z.string() }).nullable(),
    }),
  ),
  events: z.array(eventSummary).describe('The latest, newest first'),
  history: z.array(auditEntry).describe('The latest audit records, newest first'),
});
