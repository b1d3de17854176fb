import { isDeadline } from './deadlines.js';

/**
 * MongoDB's answers that say that what was to be written is at fault: 2 bad value, 9 failed to parse, 14 type mismatch,
 * 52 dollar-prefixed name, 57 dotted name, 121 document validation, 10334 and 17419 too large, 11000 duplicate key.
 */
const FAULTS_OF_THE_WRITE: ReadonlySet<unknown> = new Set([2, 9, 14, 52, 57, 121, 10_334, 11_000, 17_419]);

/**
 * Takes anything thrown by work on the record; returns true for a defect, which stays however often the work is tried
 * again, and false where MongoDB is away or busy, which passes.
 */
export function isDefect(error: unknown): boolean {
  if (isDeadline(error)) return false;
  if (!(error instanceof Error) || !error.name.startsWith('Mongo')) return true;
  return 'code' in error && FAULTS_OF_THE_WRITE.has(error.code);
}
