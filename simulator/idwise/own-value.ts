/**
 * Looks a key up that came from outside.
 *
 * @returns the record's own value, never something inherited (`constructor`, `__proto__`)
 */
export function ownValue<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
