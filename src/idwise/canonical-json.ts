import { createHmac } from 'node:crypto';

/** Real answers are about eight levels deep; what is far deeper is an attack on whoever walks through it. */
const MAX_DEPTH = 64;

/** Takes any parsed JSON; returns true when it is nested deeper than we are ready to walk. Does not recurse itself. */
export function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

type ArrayOrder = 'kept' | 'ignored';

/**
 * Takes parsed JSON and whether the order of arrays means anything; returns its one canonical text: members sorted,
 * no white space, `undefined` and (where order is ignored) null members left out, so that equal meaning is equal text.
 */
export function canonicalJson(value: unknown, arrayOrder: ArrayOrder = 'kept'): string {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonicalJson(item, arrayOrder));
    return `[${(arrayOrder === 'ignored' ? items.sort() : items).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined && (arrayOrder === 'kept' || member !== null))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member, arrayOrder)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

/**
 * Takes a customer's digest key, the purpose of the digest and a text; returns HMAC-SHA256 as 16 hex digits. Keyed,
 * because a bare hash of a birth date or a document number can be guessed back by whoever sees it in Temporal.
 */
export function keyedDigest(key: Uint8Array, purpose: string, text: string): string {
  return createHmac('sha256', key).update(`${purpose}\0${text}`).digest('hex').slice(0, 16);
}
