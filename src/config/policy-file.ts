import { z } from 'zod';
import {
  ACCESS_LEVELS,
  CLOSING_CALLS,
  DEFAULT_POLICY,
  IMAGE_KINDS,
  type Policy,
  STATUSES,
} from '../domain/policy.js';
import { canonicalTag } from '../domain/texts/catalogue.js';
import { TEXT_CODES, type TextOverrides } from '../domain/texts/codes.js';
import { parseDuration } from './duration.js';

/**
 * The policy file: JSON, every member optional, unknown members refused, because a misspelt rule that is silently
 * ignored is worse than no start. Durations are text there and milliseconds in `Policy`, hence the `Ms` that the
 * file's names lack.
 */

const access = z.enum(ACCESS_LEVELS, 'must be "none", "limited" or "full"').optional();
const duration = z
  .string('must be a duration such as "30s", "15m", "72h" or "7d"')
  .transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null && ms > 0) return ms;
    context.addIssue('must be a duration above zero such as "30s", "15m", "72h" or "7d"');
    return z.NEVER;
  })
  .optional();
const flag = z.boolean('must be true or false').optional();
const count = z
  .int('must be a whole number')
  .min(0, 'must be a whole number, 0 or above')
  .max(1_000, 'must be 1000 at most')
  .optional();
const names = z.array(z.string().min(1), 'must be a list of names');

const LONGEST_TEXT = 300;
const customerText = z
  .string('must be text')
  .trim()
  .min(1, 'must not be empty')
  .max(LONGEST_TEXT, `must have at most ${LONGEST_TEXT} characters`)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must be text without control characters')
  .optional();
const textsOfOneLanguage = z.strictObject(
  Object.fromEntries(TEXT_CODES.map((code) => [code, customerText])),
  'must be an object of texts by code',
);
/** Under a wrong tag nobody would ever be told these texts, so it is refused like a wrong member. */
const texts = z
  .record(z.string(), textsOfOneLanguage, 'must be an object of languages')
  .transform((languages, context): TextOverrides => {
    const byTag = new Map<string, TextOverrides[string]>();
    for (const [written, ofLanguage] of Object.entries(languages)) {
      const tag = canonicalTag(written);
      if (tag !== null && !byTag.has(tag)) {
        byTag.set(tag, present(ofLanguage));
        continue;
      }
      const message =
        tag === null
          ? 'must be a language tag such as "de" or "pt-BR" (BCP 47)'
          : `must stand here once: it is the same language as another member (${tag})`;
      context.issues.push({ code: 'custom', message, path: [written], input: ofLanguage });
    }
    return Object.fromEntries(byTag);
  })
  .optional();

const policyFile = z.strictObject({
  access: z.strictObject(Object.fromEntries(STATUSES.map((status) => [status, access]))).optional(),
  functions: z
    .strictObject({ none: names.optional(), limited: names.optional(), full: names.optional() })
    .optional(),
  requiredChecks: z
    .strictObject({
      documents: flag,
      selfie: flag,
      rules: z.union([z.literal('all'), names], 'must be "all" or a list of rule names').optional(),
      governmentFace: z.enum(['when_configured', 'always', 'never']).optional(),
    })
    .optional(),
  captureRules: names.optional(),
  systemRejected: z.enum(['rejected', 'under_review']).optional(),
  approveAfterManualRejection: flag,
  amlNotReadyTimeout: duration,
  look: z
    .strictObject({ unknownJourneyGiveUp: duration, giveUp: duration, resultOverdueAfter: duration })
    .optional(),
  redo: z.strictObject({ mostRounds: count, dueAfter: duration.nullable() }).optional(),
  reminders: z.strictObject({ firstAfter: duration, every: duration, most: count }).optional(),
  expiry: z.strictObject({ after: duration.nullable(), completesJourney: flag }).optional(),
  renewal: z
    .strictObject({
      gracePeriod: duration,
      remindBefore: z.array(duration.unwrap(), 'must be a list of durations').optional(),
      suspendsWhenDue: flag,
      documentExpiryNotice: duration.nullable(),
    })
    .optional(),
  reconciliation: z.strictObject({ unsettledEvery: duration, settledEvery: duration }).optional(),
  customStep: z.strictObject({ userStepsTimeout: duration, faceTimeout: duration }).optional(),
  completeJourney: z
    .strictObject({
      afterSilence: duration.nullable(),
      call: z.enum(CLOSING_CALLS).optional(),
      giveUp: duration,
    })
    .optional(),
  images: z
    .strictObject({
      store: z
        .union(
          [z.literal('none'), z.array(z.enum(IMAGE_KINDS)).transform((kinds) => [...new Set(kinds)])],
          `must be "none" or a list of ${IMAGE_KINDS.join(', ')}`,
        )
        .optional(),
      mostBytes: z
        .int('must be a whole number of bytes')
        .min(1_024, 'must be 1024 bytes or above')
        .max(50 * 1024 * 1024, 'must be 52428800 bytes (50 MB) at most')
        .optional(),
    })
    .optional(),
  deliveries: z
    .strictObject({ companyWebhookGiveUp: duration, mailGiveUp: duration, pushGiveUp: duration })
    .optional(),
  texts,
});

export type ReadPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  /** Each problem names the member by its path. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Takes the policy file's text; returns the whole policy (defaults where the file is silent), or what is wrong. */
export function readPolicy(text: string): ReadPolicy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: 'invalid', problems: ['is not JSON'] };
  }
  const read = policyFile.safeParse(json);
  if (!read.success) return { kind: 'invalid', problems: read.error.issues.flatMap(issueLines) };
  const file = read.data;
  const defaults = DEFAULT_POLICY;
  return {
    kind: 'policy',
    policy: {
      access: { ...defaults.access, ...present(file.access ?? {}) },
      functions: { ...defaults.functions, ...present(file.functions ?? {}) },
      requiredChecks: { ...defaults.requiredChecks, ...present(file.requiredChecks ?? {}) },
      captureRules: file.captureRules ?? defaults.captureRules,
      systemRejected: file.systemRejected ?? defaults.systemRejected,
      approveAfterManualRejection: file.approveAfterManualRejection ?? defaults.approveAfterManualRejection,
      amlNotReadyTimeoutMs: file.amlNotReadyTimeout ?? defaults.amlNotReadyTimeoutMs,
      look: {
        unknownJourneyGiveUpMs: file.look?.unknownJourneyGiveUp ?? defaults.look.unknownJourneyGiveUpMs,
        giveUpMs: file.look?.giveUp ?? defaults.look.giveUpMs,
        resultOverdueAfterMs: file.look?.resultOverdueAfter ?? defaults.look.resultOverdueAfterMs,
      },
      redo: {
        mostRounds: file.redo?.mostRounds ?? defaults.redo.mostRounds,
        dueAfterMs: orNull(file.redo?.dueAfter, defaults.redo.dueAfterMs),
      },
      reminders: {
        firstAfterMs: file.reminders?.firstAfter ?? defaults.reminders.firstAfterMs,
        everyMs: file.reminders?.every ?? defaults.reminders.everyMs,
        most: file.reminders?.most ?? defaults.reminders.most,
      },
      expiry: {
        afterMs: orNull(file.expiry?.after, defaults.expiry.afterMs),
        completesJourney: file.expiry?.completesJourney ?? defaults.expiry.completesJourney,
      },
      renewal: {
        gracePeriodMs: file.renewal?.gracePeriod ?? defaults.renewal.gracePeriodMs,
        remindBeforeMs: file.renewal?.remindBefore ?? defaults.renewal.remindBeforeMs,
        suspendsWhenDue: file.renewal?.suspendsWhenDue ?? defaults.renewal.suspendsWhenDue,
        documentExpiryNoticeMs: orNull(
          file.renewal?.documentExpiryNotice,
          defaults.renewal.documentExpiryNoticeMs,
        ),
      },
      reconciliation: {
        unsettledEveryMs: file.reconciliation?.unsettledEvery ?? defaults.reconciliation.unsettledEveryMs,
        settledEveryMs: file.reconciliation?.settledEvery ?? defaults.reconciliation.settledEveryMs,
      },
      customStep: {
        userStepsTimeoutMs: file.customStep?.userStepsTimeout ?? defaults.customStep.userStepsTimeoutMs,
        faceTimeoutMs: file.customStep?.faceTimeout ?? defaults.customStep.faceTimeoutMs,
      },
      completeJourney: {
        afterSilenceMs: orNull(file.completeJourney?.afterSilence, defaults.completeJourney.afterSilenceMs),
        call: file.completeJourney?.call ?? defaults.completeJourney.call,
        giveUpMs: file.completeJourney?.giveUp ?? defaults.completeJourney.giveUpMs,
      },
      images: {
        store: file.images?.store ?? defaults.images.store,
        mostBytes: file.images?.mostBytes ?? defaults.images.mostBytes,
      },
      deliveries: {
        companyWebhookGiveUpMs:
          file.deliveries?.companyWebhookGiveUp ?? defaults.deliveries.companyWebhookGiveUpMs,
        mailGiveUpMs: file.deliveries?.mailGiveUp ?? defaults.deliveries.mailGiveUpMs,
        pushGiveUpMs: file.deliveries?.pushGiveUp ?? defaults.deliveries.pushGiveUpMs,
      },
      texts: file.texts ?? defaults.texts,
    },
  };
}

/** `null` in the file turns something off; only where the file is silent the default holds. */
function orNull<T>(value: T | null | undefined, byDefault: T | null): T | null {
  return value === undefined ? byDefault : value;
}

type Present<Of> = { [Member in keyof Of]?: Exclude<Of[Member], undefined> };

/** Drops members that are undefined, so that they do not wipe out a default. */
function present<Of extends object>(of: Of): Present<Of> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as Present<Of>;
}

function issueLines(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `has the unknown member ${[...issue.path, key].join('.')}`);
  }
  const message = issue.message.startsWith('must') ? issue.message : `is wrong (${issue.message})`;
  return [path === '' ? 'must be a JSON object' : `member ${path} ${message}`];
}
