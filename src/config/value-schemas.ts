import { isIP } from 'node:net';
import { z } from 'zod';
import { readPublicKey, readSigningKey } from '../audit/signing-key.js';
import { LOG_LEVELS } from '../observability/logger.js';

/**
 * What the values of environment variables may look like, and what becomes of them. An error's text goes on from the
 * variable's name, and never repeats the value, because it may be a secret.
 */

const PII_KEY_BYTES = 32;

export const text = z.string().trim();

/** Takes the lowest and the highest that is allowed; returns the schema of a whole number. */
export function wholeNumber(lowest: number, highest: number): z.ZodType<number, string> {
  return text
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .transform(Number)
    .refine((n) => n >= lowest && n <= highest, `is not between ${lowest} and ${highest}`);
}

/** Takes protocols such as `https`; returns the schema of a URL that begins with one of them. */
export function url(...protocols: readonly string[]): z.ZodType<string, string> {
  const allowed = protocols.map((protocol) => `${protocol}://`).join(' or ');
  return text.refine(
    (value) =>
      URL.canParse(value) && protocols.some((protocol) => new URL(value).protocol === `${protocol}:`),
    `is not a URL that begins with ${allowed}`,
  );
}

/** Takes the most entries and the schema of one; returns that of a comma-separated list, whose empty entries are dropped. */
export function list(most: number, entry: z.ZodType<string, string> = text): z.ZodType<string[], string> {
  return text
    .transform((value) => value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()])))
    .pipe(z.array(entry).min(1, 'is empty').max(most, `has more than ${most} entries`));
}

const email = text.regex(/^[^\s@<>,]+@[^\s@<>,]+$/, 'has an entry that is not an e-mail address');

/**
 * Takes the most entries; returns the schema of a list of addresses in which each stands once, as it is spelt first.
 * Capitals do not tell one mailbox from another, in practice not before the @ either.
 */
export function differentEmails(most: number): z.ZodType<string[], string> {
  return list(most, email).transform((addresses) => {
    const plain = addresses.map((address) => address.toLowerCase());
    return addresses.filter((_, place) => plain.indexOf(plain[place] ?? '') === place);
  });
}

export const piiKey = text.transform((value, context) => {
  const bytes = Buffer.from(value, 'base64');
  if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(value) && bytes.length === PII_KEY_BYTES) return new Uint8Array(bytes);
  context.addIssue(`is not ${PII_KEY_BYTES} bytes in base64`);
  return z.NEVER;
});

export const signingKey = text.transform((value, context) => {
  const key = readSigningKey(value);
  if (key !== null) return key;
  context.addIssue('is not an Ed25519 private key as PEM or as base64 of its PKCS #8 form');
  return z.NEVER;
});

export const publicKeys = text.transform((value, context) => {
  const keys = value.split(',').map(readPublicKey);
  if (keys.every((key) => key !== null)) return keys;
  context.addIssue('is not a comma-separated list of Ed25519 public keys, each as PEM or its base64');
  return z.NEVER;
});

export const webhookAuth = text.transform((value, context) => {
  const header = /^header:([A-Za-z0-9!#$%&'*+.^_`|~-]+)$/i.exec(value);
  if (/^basic$/i.test(value)) return { kind: 'basic' as const };
  if (/^bearer$/i.test(value)) return { kind: 'bearer' as const };
  if (header?.[1] !== undefined) return { kind: 'header' as const, name: header[1].toLowerCase() };
  context.addIssue('is neither "basic" nor "bearer" nor "header:<Name>"');
  return z.NEVER;
});

export const addressOrRange = text.refine((entry) => {
  const [address = '', prefix, ...rest] = entry.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}, 'has an entry that is neither an IP address nor a range such as 203.0.113.0/24');

export const standardWebhooksSecret = text.refine((entry) => {
  const bytes = Buffer.from(entry.replace(/^whsec_/, ''), 'base64').length;
  return entry.startsWith('whsec_') && bytes >= 24 && bytes <= 64;
}, 'has an entry that is not whsec_ followed by 24 to 64 bytes in base64');

export const host = text
  .toLowerCase()
  .regex(
    /^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:]+\](:\d{1,5})?$/,
    'has an entry that is not a host or host:port',
  );

/** One operator's credential. */
export interface OperatorKey {
  /** Stands as the actor in every record of what the operator does. */
  readonly name: string;
  readonly key: string;
}

/** Actors of the service's own records, which no operator may go by. */
const OWN_ACTORS = /^(system|policy|reconciliation|api-key-.*)$/;
const MOST_OPERATOR_KEYS = 100;

/** `name:key` pairs. One name may have two keys, so that a key can be rotated; no two names have the same key. */
export const operatorKeys = list(
  MOST_OPERATOR_KEYS,
  text
    .regex(
      /^[a-z0-9][a-z0-9._@-]{0,63}:[\x21-\x7e]+$/,
      'has an entry that is not name:key, with a name of a-z 0-9 . _ @ - and a key of printable ASCII without spaces',
    )
    .refine((entry) => !OWN_ACTORS.test(entry.slice(0, entry.indexOf(':'))), {
      error: 'has an entry with a name that stands for the service itself in its records',
    }),
)
  .transform((entries): OperatorKey[] =>
    entries.map((entry) => {
      const colon = entry.indexOf(':');
      return { name: entry.slice(0, colon), key: entry.slice(colon + 1) };
    }),
  )
  .refine((keys) => new Set(keys.map(({ key }) => key)).size === keys.length, 'has the same key twice');

/** Text of which nothing is known but that there is some. */
export const someText = text.min(1, 'is empty');

export const numberAboveZero = text
  .regex(/^\d{1,6}(\.\d{1,3})?$/, 'is not a number')
  .transform(Number)
  .refine((n) => n > 0, 'is not above 0')
  .refine((n) => n <= 10_000, 'is above 10000');

export const logLevel = text.toLowerCase().pipe(z.enum(LOG_LEVELS, 'is no level'));
