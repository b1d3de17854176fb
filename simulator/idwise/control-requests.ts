import { z } from 'zod';
import { RENEWAL_TRIGGER } from './renewals.js';
import { reviewDecisions } from './studio.js';
import { payloadGenerations } from './webhook-payloads.js';

const person = z
  .strictObject({
    firstName: z.string(),
    lastName: z.string(),
    sex: z.enum(['male', 'female']),
    birthDate: z.iso.date(),
    birthPlace: z.string(),
    personalNumber: z.string(),
    documentType: z.enum(['Passport', 'Identity Card']),
    documentNumber: z.string(),
    issueDate: z.iso.date(),
    expiryDate: z.iso.date(),
    nationality: z.string(),
    nationalityCode: z.string(),
    issuingCountry: z.string(),
    issuingCountryCode: z.string(),
    applicantId: z.string(),
  })
  .partial();

const amlMatch = z
  .strictObject({
    name: z.string(),
    score: z.number(),
    datasets: z.array(z.string()),
    countries: z.array(z.string()),
    datesOfBirth: z.array(z.union([z.string(), z.number()])),
    sex: z.string(),
    isWhitelisted: z.boolean(),
    matchStatus: z.string(),
    resourceId: z.string(),
  })
  .partial();

const milliseconds = z.number().int().nonnegative();
const steps = z.array(z.strictObject({ stepId: z.string(), reasonCode: z.string().optional() }));

/** `POST /sim/sdk/journeys`: the SDK's Start Journey, and what shall become of it. */
export const startRequest = z.strictObject({
  referenceNo: z.string().nullable().default(null),
  clientKey: z.string().optional(),
  flowId: z.string().optional(),
  foreignTenant: z.boolean().optional(),
  outcome: z.string().optional(),
  person: z.union([z.string(), person]).optional(),
  steps: z
    .array(
      z.strictObject({
        stepId: z.string(),
        stepType: z.enum(['Document', 'Selfie']),
        title: z.string().optional(),
      }),
    )
    .min(1)
    .optional(),
  customStep: z.union([z.boolean(), z.strictObject({ stepId: z.string(), stepType: z.string() })]).optional(),
  faceMatched: z.boolean().optional(),
  failedRules: z.array(z.string()).optional(),
  systemDecision: z.string().optional(),
  aml: z.boolean().optional(),
  amlMatches: z.array(amlMatch).optional(),
  amlReadyAfterMs: milliseconds.optional(),
  ageMs: milliseconds.optional(),
  amlReadyAfterFetches: z.number().int().nonnegative().optional(),
});

/** Optional body of the SDK's steps, resume and finish: what the journey shall come to from now on. */
export const changeOfOutcome = z
  .strictObject({
    outcome: z.string(),
    failedRules: z.array(z.string()),
    systemDecision: z.string().nullable(),
    faceMatched: z.boolean(),
    person,
  })
  .partial();

export const reviewRequest = z.strictObject({
  decision: z.enum(reviewDecisions),
  reasonCode: z.string().optional(),
  comment: z.string().optional(),
  steps: steps.optional(),
  finishedJourney: z.boolean().optional(),
});

export const amlChangeRequest = z.strictObject({
  added: z.array(amlMatch).optional(),
  removed: z.array(z.string()).optional(),
  changed: z.array(amlMatch.extend({ resourceId: z.string() })).optional(),
  systemDecision: z.string().optional(),
});

export const renewalRequest = z.strictObject({
  steps: steps.optional(),
  trigger: z.string().default(RENEWAL_TRIGGER),
  graceMs: milliseconds.nullable().default(null),
});

export const deadlineRequest = z.strictObject({
  steps: z.array(z.strictObject({ stepId: z.string(), renewalDeadline: z.string() })).optional(),
  renewalDeadline: z.string().optional(),
});

export const spotCheckRequest = z.strictObject({
  referenceNo: z.string().nullable(),
  systemDecision: z.string().default('Complete'),
  /** The journey of the enrolment; only the older event names it. */
  journeyId: z.string().optional(),
});

/** `POST /sim/events`: an envelope as it is, whatever it holds; `credentials` makes a forged one. */
export const rawEventRequest = z.union([
  z.strictObject({
    event: z.string(),
    body: z.unknown(),
    credentials: z.enum(['configured', 'none', 'wrong']).optional(),
  }),
  z.strictObject({
    envelope: z.unknown(),
    credentials: z.enum(['configured', 'none', 'wrong']).optional(),
  }),
]);

export const subscriptionsRequest = z.strictObject({
  events: z.array(z.string()),
  generation: z.enum(payloadGenerations).default('modern'),
});

export const settingsRequest = z
  .strictObject({
    amlMatches: z.enum(['array', 'object']),
    imageNames: z.enum(['sample', 'field-list']),
    imageAnswer: z.enum(['bytes', 'base64-json']),
    imageBytes: z
      .number()
      .int()
      .min(10_000)
      .max(64 * 1024 * 1024)
      .nullable(),
    summaryLimit: z.boolean(),
  })
  .partial();

export const webhookRequest = z.strictObject({
  url: z.string().nullable(),
  auth: z.string().nullable().optional(),
  secret: z.string().optional(),
});

export const governmentFaceRequest = z.strictObject({ personalNumber: z.string(), present: z.boolean() });
