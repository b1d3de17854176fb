import { z } from 'zod';
import { ACCESS_LEVELS, IMAGE_KINDS, STATUSES } from '../domain/policy.js';

/** What goes over the API, as zod schemas: requests are checked against them, the OpenAPI document is made from them. */

const instant = z.iso.datetime().describe('RFC 3339, UTC');

/** What is too long is refused before anything looks at its characters. */
const atMost = (characters: number) => ({
  abort: true,
  error: `must have at most ${characters} characters`,
});

/** Contract §3.3: letters, digits and `- _ / \ , . + @`; spaces around it are removed. */
export const referenceNo = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200, atMost(200))
  .regex(/^[A-Za-z0-9\-_/\\,.+@]+$/, 'may hold letters, digits and - _ / \\ , . + @ only')
  .refine((text) => !/^\.{1,2}$/.test(text), 'must not be a dot segment')
  .describe("The company's own opaque id of one customer's verification; never personal data");

/** An opaque id of IDWise; the characters are those that can stand in a path and in a header. */
export const journeyId = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(128, atMost(128))
  .regex(/^[A-Za-z0-9._:~-]+$/, 'holds characters that no journey id has')
  .refine((text) => !/^\.+$/.test(text), 'holds characters that no journey id has')
  .describe("IDWise's id of one journey");

export const registration = z.strictObject({
  customerId: z
    .string('must be text')
    .trim()
    .min(1, 'must not be empty')
    .max(200, atMost(200))
    // MongoDB stores each half of a surrogate pair as the same character, so two customers would be one.
    .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must be text without control characters')
    .describe("The company's id of its customer; the sub of the customer's tokens"),
  referenceNo: referenceNo.optional(),
});

export const journeyStart = z.strictObject({ journeyId });

export const completionRequest = z.strictObject({
  reason: z
    .string('must be text')
    .trim()
    .min(1, 'must not be empty')
    .max(500, 'must have at most 500 characters'),
});

export const deviceRegistration = z.strictObject({
  channel: z.literal('webpush', 'must be "webpush"'),
  subscription: z
    .object({
      endpoint: z.url('must be a URL').max(2_000, 'must have at most 2000 characters'),
      expirationTime: z.number().nullable().optional(),
      keys: z.object({
        p256dh: z.string('must be text').regex(/^[A-Za-z0-9_-]{87}=?$/, 'must be 65 bytes in base64url'),
        auth: z.string('must be text').regex(/^[A-Za-z0-9_-]{22}(==)?$/, 'must be 16 bytes in base64url'),
      }),
    })
    .describe("The browser's PushSubscription, as its toJSON() gives it"),
});

export const deviceRegistered = z.strictObject({ deviceId: z.string() });

const access = z.enum(ACCESS_LEVELS);
const status = z.enum(STATUSES);
const customerText = z.object({ code: z.string(), text: z.string() });

export const profileView = z
  .object({
    referenceNo: z.string(),
    status,
    access,
    functions: z.array(z.string()).describe("Names of the app's functions that are open"),
    reason: customerText.nullable(),
    nextSteps: z.array(
      z.object({
        action: z.enum(['start_verification', 'continue_verification', 'redo_step', 'renew_step']),
        journeyId: z.string().nullable(),
        stepId: z.string().nullable(),
        reason: customerText.nullable(),
        triesLeft: z
          .int()
          .nullable()
          .describe('Of a step to redo: how many tries are left, this one among them'),
      }),
    ),
    dueAt: instant.nullable(),
    journeys: z.array(
      z.object({
        journeyId: z.string(),
        state: z.enum(['open', 'submitted', 'finished', 'cancelled']),
        startedAt: instant,
      }),
    ),
    version: z.int().min(1).describe('Grows by one with each change of the view'),
    updatedAt: instant,
  })
  .describe('What the customer may know of the verification');

export const registered = profileView.extend({
  sdk: z.object({ flowId: z.string(), clientKey: z.string().nullable() }).describe("What IDWise's SDK needs"),
});

const faceMatch = z.object({ matched: z.boolean().nullable(), score: z.number().nullable() });

export const details = z
  .object({
    referenceNo: z.string(),
    status,
    access,
    version: z.int(),
    journeyId: z.string(),
    decision: z.object({ system: z.string(), manual: z.string().nullable(), final: z.string() }),
    startedAt: instant,
    finishedAt: instant.nullable(),
    applicant: z.record(z.string(), z.unknown()),
    documents: z.array(
      z.object({
        stepId: z.string(),
        type: z.string().nullable(),
        issuingCountry: z.string().nullable(),
        issuingCountryCode: z.string().nullable(),
        number: z.string().nullable(),
        expiryDate: z.string().nullable(),
        fields: z.record(z.string(), z.string()),
        faceMatch: faceMatch.nullable(),
      }),
    ),
    selfie: z.object({ live: z.boolean().nullable() }).nullable(),
    faceMatch: faceMatch.nullable(),
    governmentFace: faceMatch.nullable(),
  })
  .describe("The verified data for the company's customer record");

export const images = z.object({
  images: z
    .array(
      z.object({
        imageId: z.string().describe('Opaque'),
        kind: z.enum(IMAGE_KINDS),
        journeyId: z.string(),
        stepId: z.string().nullable().describe("The document's step; null for what belongs to no document"),
        contentType: z.enum(['image/jpeg', 'image/png', 'image/webp']),
        bytes: z.int(),
        storedAt: instant,
      }),
    )
    .describe('An image that the journey shows in two places is listed for each, under the same id'),
});

export const accepted = z.strictObject({ accepted: z.literal(true) });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('Stable; see the runbook'),
    errors: z.array(z.object({ at: z.string(), problem: z.string() })).optional(),
  })
  .describe('Problem document, RFC 9457');
