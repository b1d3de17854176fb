import { createHash } from 'node:crypto';

/**
 * What the audit trail's digests are taken over. Records of many years rest on this file: what it gives for a value may
 * never change, and a test holds it to the examples of RFC 8785.
 */

/** The hash before a customer's first record. */
export const GENESIS_HASH = '0'.repeat(64);

/** Takes bytes or text (taken as UTF-8); returns SHA-256 as 64 lower-case hex digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Takes what has gone through `plain`; returns its canonical JSON after RFC 8785: members sorted by UTF-16 code units,
 * no white space, numbers and strings as ECMAScript writes them.
 */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`;
}

/**
 * Takes any value; returns it as it is read back from MongoDB and from JSON alike: times as RFC 3339 text in UTC,
 * members that are undefined left out, lone surrogates replaced, which MongoDB cannot keep.
 */
export function plain<T>(value: T): unknown {
  const text = JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'string' ? Buffer.from(member).toString() : member,
  );
  return text === undefined ? null : JSON.parse(text);
}
